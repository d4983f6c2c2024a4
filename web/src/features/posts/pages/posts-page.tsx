import { Skeleton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useMemo, useRef } from 'react';
import { useLive } from '../../../api/live.ts';
import { Disclosure } from '../../../components/disclosure.tsx';
import { Notice } from '../../../components/notice.tsx';
import { Page } from '../../../components/page.tsx';
import { PostCard } from '../../../components/post-card.tsx';
import { MoreButton } from '../../../components/more-button.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import { SkipLink } from '../../../components/skip-link.tsx';
import { formatCount, formatDuration } from '../../../format.ts';
import { type PostFacets, useFacets, usePlaces, usePosts, useTimeline } from '../api/use-posts.ts';
import { missedRemark } from '../../collections/gap-words.ts';
import { FacetLists } from '../components/facet-lists.tsx';
import { SavedSearches } from '../components/saved-searches.tsx';
import { SearchForm } from '../components/search-form.tsx';
import { TakeAway } from '../components/take-away.tsx';
import { TimeChart } from '../components/time-chart.tsx';
import { changed, filtersOf, readSearch, type SearchWords } from '../search-words.ts';
import classes from './posts-page.module.css';

const PostMap = lazy(async () => ({ default: (await import('../components/post-map.tsx')).PostMap }));

/** Search all posts that one may see. The address holds the whole search. */
export function PostsPage() {
  const raw = useSearch({ strict: false });
  const search = useMemo(() => readSearch(raw), [raw]);
  const navigate = useNavigate();
  const facets = useFacets(search);
  const found = useRef<HTMLDivElement>(null);
  const shown = useRef(search);
  const go = (wanted: SearchWords) => void navigate({ to: '/posts', search: wanted });
  const isWide = useMediaQuery('(min-width: 64rem)', true, { getInitialValueInEffect: false });
  const common = () => (
    <QueryState query={facets} what="what these posts have in common">
      {(data) => <FacetLists facets={data} search={search} />}
    </QueryState>
  );
  useEffect(() => {
    if (shown.current === search) return;
    shown.current = search;
    // What a key chose by may be gone, and other posts are there: the focus goes to how many. A mouse's hand stays where it is.
    const { activeElement } = document;
    if (activeElement === document.body || activeElement?.matches(':focus-visible')) found.current?.focus();
  }, [search]);
  return (
    <Page title="Posts" intro="Everything that the collections you may see have caught, newest first.">
      <SkipLink to="results">Skip to the posts</SkipLink>
      <SearchForm
        // What is typed is forgotten when the address says otherwise.
        key={JSON.stringify(search)}
        search={search}
        langs={facets.data?.langs.map(({ value }) => value) ?? []}
        onSearch={go}
      />
      <div className={classes.tools}>
        <SavedSearches search={search} />
      </div>
      <Filters search={search} />
      <div id="found" className={classes.found} role="group" aria-label="What was found" tabIndex={-1} ref={found}>
        <Summary facets={facets.data} isOld={facets.isPlaceholderData} isLost={facets.isError} />
        {search.collection !== undefined && <Heard collection={search.collection} />}
        <TakeAway search={search} />
      </div>
      <div className={classes.columns}>
        <Chart search={search} onSearch={go} />
        <aside className={classes.aside} aria-label="What these posts have in common">
          <SkipLink to="results">Skip to the posts</SkipLink>
          <Disclosure summary="Map">{() => <Places search={search} onSearch={go} />}</Disclosure>
          {isWide ? common() : <Disclosure summary="Hashtags, authors, languages">{common}</Disclosure>}
          <SkipLink to="found">Back to the export of these posts</SkipLink>
        </aside>
        <Results search={search} />
      </div>
    </Page>
  );
}

function Filters({ search }: { search: SearchWords }) {
  const filters = filtersOf(search);
  if (filters.length === 0) return null;
  return (
    <ul className={classes.filters} aria-label="Filters">
      {filters.map(({ key, label, without }) => (
        <li key={key}>
          <Link to="/posts" search={without} className={classes.filter} aria-label={`${label}: take this filter away`}>
            <bdi>{label}</bdi> <span aria-hidden="true">×</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

type SummaryProps = {
  facets: PostFacets | undefined;
  isOld: boolean;
  /** They could not be counted. */
  isLost: boolean;
};

function Summary({ facets, isOld, isLost }: SummaryProps) {
  const { total, waitingMs } = facets ?? {};
  return (
    <p className={classes.summary} role="status" data-old={isOld}>
      {total === undefined
        ? isLost
          ? 'Not counted'
          : 'Counting …'
        : total.exact
          ? `${formatCount(total.count)} ${total.count === 1 ? 'post' : 'posts'}`
          : `More than 10,000 posts, about ${formatCount(roughly(total.count))}`}
      {waitingMs !== undefined &&
        waitingMs !== null &&
        `. The index is ${formatDuration(waitingMs)} behind: what was loaded since may be missing here.`}
    </p>
  );
}

/** How complete the collection is that the search keeps to. */
function Heard({ collection }: { collection: string }) {
  const { status } = useLive();
  const found = status?.collections.find(({ name }) => name === collection);
  if (found?.heardPercent == null) return null;
  return (
    <p className={classes.heard}>
      <Link to="/collections/$name" params={{ name: collection }}>
        {collection}
      </Link>
      : {missedRemark(found)}
    </p>
  );
}

/** An estimate's two first digits: the others say nothing. */
function roughly(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return Math.round(count / unit) * unit;
}

function Chart({ search, onSearch }: { search: SearchWords; onSearch: (search: SearchWords) => void }) {
  const timeline = useTimeline(search);
  return (
    <section className={classes.chart} aria-label="Posts over time">
      <QueryState query={timeline} what="posts over time">
        {(data) => (
          <TimeChart
            key={`${data.unit} ${data.buckets[0]?.from} ${data.buckets.length}`}
            timeline={data}
            onChoose={(from, to) => onSearch(changed(search, { from, to }))}
          />
        )}
      </QueryState>
    </section>
  );
}

function Places({ search, onSearch }: { search: SearchWords; onSearch: (search: SearchWords) => void }) {
  const places = usePlaces(search);
  return (
    <QueryState query={places} what="the map">
      {(data) => (
        <Suspense fallback={<Skeleton height={160} aria-label="Drawing the map" />}>
          <PostMap places={data} search={search} onSearch={onSearch} />
        </Suspense>
      )}
    </QueryState>
  );
}

function Results({ search }: { search: SearchWords }) {
  const query = usePosts(search);
  return (
    <section
      id="results"
      tabIndex={-1}
      aria-label="Results"
      className={classes.results}
      aria-busy={query.isFetching}
      data-old={query.isPlaceholderData}
    >
      <QueryState query={query} what="the posts">
        {({ pages }) => {
          const found = pages.flatMap(({ posts }) => posts);
          if (found.length === 0) return <NoPosts search={search} />;
          return (
            <>
              {found.map((post) => (
                <PostCard
                  key={`${post.platform} ${post.postId}`}
                  post={post}
                  aside={post.collections.length > 0 && <span>in {post.collections.join(', ')}</span>}
                />
              ))}
              <MoreButton query={query}>Show older posts</MoreButton>
              {!query.hasNextPage && <p className={classes.end}>That is all of them.</p>}
              <SkipLink to="found">Back to the export of these posts</SkipLink>
            </>
          );
        }}
      </QueryState>
    </section>
  );
}

function NoPosts({ search }: { search: SearchWords }) {
  if (Object.keys(search).length === 0)
    return (
      <Notice tone="plain" title="No posts yet">
        Posts appear here a few seconds after a collection that keeps rows has caught them.{' '}
        <Link to="/collections">See the collections</Link>.
      </Notice>
    );
  return (
    <Notice tone="plain" title="Nothing fits this search">
      Take a filter away, write fewer words, or put a * behind the beginning of a word.{' '}
      <Link to="/posts" search={{}}>
        Show all posts
      </Link>
    </Notice>
  );
}
