import { VisuallyHidden } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Instant } from '../../../components/instant.tsx';
import type { PostDetail } from '../api/use-posts.ts';
import { wordDifferences } from '../word-differences.ts';
import classes from './post-versions.module.css';

type Version = PostDetail['versions'][number];

/** What an author made of a post, the newest version first, each with what changed since the one before it. */
export function PostVersions({ versions, shown }: { versions: readonly Version[]; shown: string }) {
  return (
    <ol className={classes.versions} reversed>
      {versions
        .map((version, at) => ({
          version,
          before: versions.slice(0, at).findLast(({ post }) => post !== null),
          number: at + 1,
        }))
        .toReversed()
        .map(({ version: { postId, post }, before, number }) => (
          <li key={postId} className={classes.version}>
            <p className={classes.head}>
              <strong>{number === 1 ? 'As first posted' : `Edit ${number - 1}`}</strong>
              {post !== null && <Instant iso={post.at} />}
              {postId === shown ? (
                'this one'
              ) : post === null ? (
                `post ${postId}`
              ) : (
                <Link to="/posts/$platform/$postId" params={{ platform: post.platform, postId }}>
                  show it
                </Link>
              )}
            </p>
            {post === null ? (
              <p className={classes.quiet}>This version is not here.</p>
            ) : (
              <Changed before={before?.post?.text ?? undefined} after={post.text ?? ''} />
            )}
          </li>
        ))}
    </ol>
  );
}

/** The text; words that came are underlined, those that went struck through, and both are said to screen readers. */
function Changed({ before, after }: { before: string | undefined; after: string }) {
  const pieces = before === undefined ? undefined : wordDifferences(before, after);
  if (pieces === undefined)
    return (
      <p className={classes.text} dir="auto">
        {after}
      </p>
    );
  if (before === after) return <p className={classes.quiet}>The text is the same; something else was changed.</p>;
  return (
    <p className={classes.text} dir="auto">
      {pieces.map(({ kind, text }, at) => {
        // oxlint-disable-next-line no-array-index-key -- pieces have nothing else, and are never moved
        const key = `${at} ${kind}`;
        if (kind === 'same') return <span key={key}>{text}</span>;
        const Mark = kind === 'added' ? 'ins' : 'del';
        return (
          <Mark key={key} className={classes[kind]}>
            <VisuallyHidden>{kind}: </VisuallyHidden>
            {text}
            <VisuallyHidden>;</VisuallyHidden>
          </Mark>
        );
      })}
    </p>
  );
}
