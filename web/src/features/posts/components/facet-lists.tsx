import { VisuallyHidden } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { languageName } from '../../../components/post-card.tsx';
import { formatCount } from '../../../format.ts';
import type { PostFacets } from '../api/use-posts.ts';
import { changed, kindWords, type SearchWords } from '../search-words.ts';
import classes from './facet-lists.module.css';

type Chip = { key: string; label: string; count: number; change: Parameters<typeof changed>[1]; isOn: boolean };

/** What the matches have in common; each is a link to the search narrowed to it, or widened again. */
export function FacetLists({ facets, search }: { facets: PostFacets; search: SearchWords }) {
  const { total, collections, kinds, langs, hashtags, authors } = facets;
  const lists: { title: string; chips: Chip[] }[] = [
    {
      title: 'Hashtags',
      chips: hashtags.map(({ value, count }) => chip('hashtag', value, `#${value}`, count, search)),
    },
    {
      title: 'Authors',
      chips: authors.map(({ accountId, handle, count }) =>
        chip('author', accountId, handle === null ? `account ${accountId}` : `@${handle}`, count, search),
      ),
    },
    {
      title: 'Languages',
      chips: langs.map(({ value, count }) => chip('lang', value, languageName(value), count, search)),
    },
    { title: 'Kinds', chips: kinds.map(({ value, count }) => chip('kind', value, kindWords(value), count, search)) },
    {
      title: 'Collections',
      chips: collections.map(({ value, count }) => chip('collection', value, value, count, search)),
    },
  ];
  return (
    <div className={classes.lists}>
      {lists
        .filter(({ chips }) => chips.length > 0)
        .map(({ title, chips }) => (
          <section key={title} aria-label={title}>
            <h2 className={classes.title}>{title}</h2>
            <ul className={classes.chips}>
              {chips.map(({ key, label, count, change, isOn }) => (
                <li key={key}>
                  <Link to="/posts" search={changed(search, change)} className={classes.chip} data-on={isOn}>
                    <bdi>{label}</bdi>{' '}
                    <span className={classes.count}>
                      {total.exact ? '' : '≈ '}
                      {formatCount(count)}
                    </span>{' '}
                    <VisuallyHidden>
                      {count === 1 ? 'post' : 'posts'}
                      {isOn && ', chosen; show all again'}
                    </VisuallyHidden>
                  </Link>
                </li>
              ))}
            </ul>
          </section>
        ))}
    </div>
  );
}

function chip(
  key: 'hashtag' | 'author' | 'lang' | 'kind' | 'collection',
  value: string,
  label: string,
  count: number,
  search: SearchWords,
): Chip {
  const isOn = search[key] === value;
  return { key: value, label, count, change: { [key]: isOn ? undefined : value }, isOn };
}
