import { Anchor, Button, Skeleton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Instant } from '../../../components/instant.tsx';
import { Notice } from '../../../components/notice.tsx';
import { languageName } from '../../../components/post-card.tsx';
import { PostText } from '../../../components/post-text.tsx';
import { formatQuantity } from '../../../format.ts';
import { KEPT, keyOf, type RecentPost, useRecentPosts } from '../api/use-recent-posts.ts';
import classes from './recent-posts.module.css';

/** The posts that came last, as they come; they hold still while the pointer or the focus is on them, or on request. */
export function RecentPosts({ name, keep }: { name: string; keep: string }) {
  const { posts, waiting, isPaused, pause, read, problem } = useRecentPosts(name);
  if (keep === 'files')
    return (
      <p className={classes.quiet}>
        This collection keeps files only: posts are not in the database and cannot be shown.
      </p>
    );
  if (posts === undefined && problem === undefined)
    return <Skeleton height={160} aria-label="Reading the newest posts" />;
  return (
    <>
      {problem !== undefined && (
        <Notice tone="busy" title="New posts cannot be shown now">
          {problem}
        </Notice>
      )}
      {posts !== undefined && posts.length === 0 && (
        <p className={classes.quiet}>No post yet. The first appears here by itself, some seconds after it came.</p>
      )}
      {posts !== undefined && posts.length > 0 && (
        <>
          <div className={classes.tools}>
            <Button size="xs" variant="default" aria-pressed={isPaused} onClick={() => pause(!isPaused)}>
              {isPaused ? (waiting > 0 ? `Go on, ${atLeast(waiting, 'post')} waiting` : 'Go on') : 'Hold still'}
            </Button>
            {!isPaused && waiting > 0 && (
              <span className={classes.quiet}>{atLeast(waiting, 'new post')} while you read</span>
            )}
          </div>
          <ol
            className={classes.list}
            onPointerEnter={({ pointerType }) => read(pointerType === 'mouse')}
            onPointerLeave={({ currentTarget }) => read(currentTarget.contains(document.activeElement))}
            onFocus={() => read(true)}
            onBlur={({ currentTarget, relatedTarget }) =>
              read(currentTarget.contains(relatedTarget) || currentTarget.matches(':hover'))
            }
          >
            {posts.map((post) => (
              <li key={keyOf(post)}>
                <Post post={post} />
              </li>
            ))}
          </ol>
        </>
      )}
    </>
  );
}

function atLeast(waiting: number, noun: string): string {
  return waiting < KEPT ? formatQuantity(waiting, noun) : `${KEPT} or more ${noun}s`;
}

function Post({ post }: { post: RecentPost }) {
  const { platform, postId, accountId, handle, name, text, lang, postedAt, capturedAt } = post;
  const who = handle === null ? (accountId === null ? 'an unknown account' : `account ${accountId}`) : `@${handle}`;
  return (
    <article className={classes.post} aria-label={`Post by ${who}`}>
      <header className={classes.head}>
        {accountId === null ? (
          <span className={classes.quiet}>{who}</span>
        ) : (
          <Link to="/accounts/$platform/$accountId" params={{ platform, accountId }} className={classes.author}>
            {name !== null && name !== '' && <bdi className={classes.name}>{name}</bdi>} <span>{who}</span>
          </Link>
        )}
        <Link to="/posts/$platform/$postId" params={{ platform, postId }} className={classes.when}>
          <Instant iso={postedAt ?? capturedAt} />
        </Link>
      </header>
      {text === null || text === '' ? <p className={classes.quiet}>Without text.</p> : <PostText text={text} />}
      <footer className={classes.foot}>
        {lang !== null && lang !== 'und' && <span>{languageName(lang)}</span>}
        {platform === 'x' && (
          <Anchor
            href={`https://x.com/i/status/${encodeURIComponent(postId)}`}
            target="_blank"
            rel="noopener noreferrer nofollow"
            inherit
          >
            On the platform
          </Anchor>
        )}
      </footer>
    </article>
  );
}
