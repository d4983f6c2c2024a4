import { Anchor } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { ApiError } from '../../../api/client.ts';
import { Instant } from '../../../components/instant.tsx';
import { Notice } from '../../../components/notice.tsx';
import { Page } from '../../../components/page.tsx';
import { PostCard } from '../../../components/post-card.tsx';
import { safeAddress } from '../../../components/post-words.ts';
import { QueryState } from '../../../components/query-state.tsx';
import { Section } from '../../../components/section.tsx';
import { formatQuantity } from '../../../format.ts';
import { type PostDetail, usePost } from '../api/use-posts.ts';
import { FollowedLinks } from '../components/followed-links.tsx';
import { Meetings } from '../components/meetings.tsx';
import { PostVersions } from '../components/post-versions.tsx';
import { RawJson } from '../components/raw-json.tsx';
import classes from './post-page.module.css';

/** One post: as shown, as received, each meeting, what the platform said of it later. */
export function PostPage() {
  const { platform = '', postId = '' } = useParams({ strict: false });
  const query = usePost(platform, postId);
  const isUnknown = query.error instanceof ApiError && query.error.status < 500;
  return (
    <Page title="Post" intro={`${platform === 'x' ? 'X' : platform}, id ${postId}`}>
      {isUnknown ? (
        <Notice tone="plain" title="This post is not here">
          No collection that you may see has caught it, or its rows have gone with their time.{' '}
          <Link to="/posts">Search the posts that are here</Link>.
        </Notice>
      ) : (
        <QueryState query={query} what="the post">
          {(detail) => <Detail detail={detail} />}
        </QueryState>
      )}
    </Page>
  );
}

function Detail({ detail }: { detail: PostDetail }) {
  const { post, payload, collections, met, meetings, related, versions, altered, takenBack, followedLinks } = detail;
  const address = post?.address ?? null;
  const safe = address === null ? undefined : safeAddress(address);
  return (
    <>
      <TakenBack takenBack={takenBack} />
      {post !== null && versions.length > 1 && <Newer post={post} versions={versions} />}
      {post !== null && <PostCard post={post} />}
      <p className={classes.facts}>
        <span>
          Met {formatQuantity(met, 'time')} by{' '}
          {collections.map((name, index) => (
            <span key={name}>
              {index > 0 && ', '}
              <Link to="/collections/$name" params={{ name }}>
                {name}
              </Link>
            </span>
          ))}
        </span>
        {post !== null && (
          <span>
            Captured <Instant iso={post.capturedAt} />
          </span>
        )}
        {safe !== undefined && (
          <Anchor href={safe} rel="noopener noreferrer nofollow" target="_blank" inherit>
            On the platform
          </Anchor>
        )}
      </p>
      {altered.length > 0 && (
        <p className={classes.quiet}>
          The database cannot hold some of its letters exactly ({altered.join(', ')}); the segment that it came in can.
        </p>
      )}
      {post !== null && versions.length > 1 && (
        <Section title="Versions" aside="Its author edited it">
          <PostVersions versions={versions} shown={post.postId} />
        </Section>
      )}
      {post !== null && post.references.length > 0 && (
        <Section title="What it points at">
          <div className={classes.related}>
            {related.map((each) => (
              <PostCard key={each.postId} post={each} />
            ))}
            {post.references
              .filter(({ postId }) => !related.some((each) => each.postId === postId))
              .map(({ type, postId }) => (
                <p key={`${type} ${postId}`} className={classes.quiet}>
                  {type.replaceAll('_', ' ')} post {postId}, which is not here.
                </p>
              ))}
          </div>
        </Section>
      )}
      {post !== null && post.links.length + followedLinks.length > 0 && (
        <Section title="Where its links lead">
          <FollowedLinks links={followedLinks} />
        </Section>
      )}
      <Section title="Counts over time">
        <Meetings met={met} meetings={meetings} />
      </Section>
      <Section title="As received">
        {payload === null ? (
          <p className={classes.quiet}>
            It is not shown, because{' '}
            {post === null ? 'the platform took the post back' : 'its author took back where it was written'}.
          </p>
        ) : (
          <RawJson payload={payload} />
        )}
      </Section>
    </>
  );
}

/** Who looks at an old version shall know it. */
function Newer({ post, versions }: { post: NonNullable<PostDetail['post']>; versions: PostDetail['versions'] }) {
  const newest = versions.findLast((version) => version.post !== null);
  if (newest === undefined || versions.at(-1)?.postId === post.postId || newest.postId === post.postId) return null;
  return (
    <div className={classes.notice}>
      <Notice tone="plain" title="Its author edited this post later">
        <Link to="/posts/$platform/$postId" params={{ platform: post.platform, postId: newest.postId }}>
          Show the newest version
        </Link>
      </Notice>
    </div>
  );
}

const WHAT: Record<PostDetail['takenBack'][number]['kind'], string> = {
  deleted: 'was deleted',
  not_found: 'was not found any more',
  protected: 'is protected',
  suspended: 'was suspended',
  withheld: 'is withheld',
};

/** What the platform said later, the present first. */
function TakenBack({ takenBack }: { takenBack: PostDetail['takenBack'] }) {
  if (takenBack.length === 0) return null;
  const isNow = takenBack.some(({ liftedAt, kind }) => liftedAt === null && kind !== 'withheld');
  return (
    <div className={classes.notice}>
      <Notice tone="busy" title={isNow ? 'The platform took this post back' : 'What the platform said of it'}>
        {isNow && (
          <p className={classes.first}>
            So neither its text nor its payload is shown. It is left out of searches and exports.
          </p>
        )}
        <ul className={classes.said}>
          {takenBack.map(({ of, kind, notedAt, liftedAt, countries }) => (
            <li key={`${of} ${kind}`}>
              The {of} {WHAT[kind]}
              {countries.length > 0 && ` in ${countries.join(', ')}`}, <Instant iso={notedAt} />
              {liftedAt !== null && (
                <>
                  ; no more since <Instant iso={liftedAt} />
                </>
              )}
              .
            </li>
          ))}
        </ul>
      </Notice>
    </div>
  );
}
