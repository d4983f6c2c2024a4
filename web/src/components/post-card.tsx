import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { formatCount } from '../format.ts';
import { Instant } from './instant.tsx';
import classes from './post-card.module.css';
import { PostText } from './post-text.tsx';
import { safeAddress } from './post-words.ts';
import type { components } from '../api/openapi.d.ts';

export type PostSummary = components['schemas']['PostSummary'];

/** One post of a list: who, when, what, its counts when captured. `aside`: what the list has to say of it, below. */
export function PostCard({ post, aside }: { post: PostSummary; aside?: ReactNode }) {
  const params = { platform: post.platform, postId: post.postId };
  return (
    <article className={classes.card} aria-label={`Post by ${post.handle ?? post.accountId ?? 'an unknown account'}`}>
      <header className={classes.head}>
        <Author post={post} />
        <Link to="/posts/$platform/$postId" params={params} className={classes.when}>
          <Instant iso={post.at} />
        </Link>
      </header>
      <Kind post={post} />
      {post.text === null || post.text === '' ? (
        <p className={classes.quiet}>Without text.</p>
      ) : (
        <PostText text={post.text} links={post.links} />
      )}
      <Media addresses={post.media} sensitive={post.sensitive === true} />
      {post.withheld !== null && (
        <p className={classes.withheld}>
          The platform withholds this {post.withheld.of} in {countriesOf(post.withheld.countries)}.
        </p>
      )}
      <footer className={classes.foot}>
        <Counts counts={post.counts} />
        {post.place !== null && <span dir="auto">{post.place}</span>}
        {post.lang !== null && post.lang !== 'und' && <span>{languageName(post.lang)}</span>}
        {aside}
      </footer>
    </article>
  );
}

/** The author by name and handle; the id where the payload had no profile. */
function Author({ post: { platform, accountId, handle, name } }: { post: PostSummary }) {
  if (accountId === null) return <span className={classes.quiet}>Unknown account</span>;
  return (
    <Link to="/accounts/$platform/$accountId" params={{ platform, accountId }} className={classes.author}>
      {name !== null && name !== '' && <bdi className={classes.name}>{name}</bdi>}{' '}
      <span className={classes.handle}>{handle === null ? `account ${accountId}` : `@${handle}`}</span>
    </Link>
  );
}

function Kind({ post: { kind, references, platform } }: { post: PostSummary }) {
  if (kind === 'original') return null;
  const other = references.find(({ type }) => REFERENCE[kind].test(type))?.postId;
  return (
    <p className={classes.kind}>
      {WORDS[kind]}{' '}
      {other !== undefined && (
        <Link to="/posts/$platform/$postId" params={{ platform, postId: other }} className={classes.plain}>
          post {other}
        </Link>
      )}
    </p>
  );
}

const WORDS = { reply: 'Reply to', repost: 'Repost of', quote: 'Quotes' } as const;
const REFERENCE = { reply: /repl/, repost: /^(retweeted|reposted)$/, quote: /quot/ } as const;

/** Pictures are named, not loaded: whoever opens one tells the platform, so that is left to the reader. */
function Media({ addresses, sensitive }: { addresses: readonly string[]; sensitive: boolean }) {
  if (addresses.length === 0) return null;
  return (
    <ul className={classes.media}>
      {addresses.map((address, index) => {
        const href = safeAddress(address);
        const label = `${sensitive ? 'Sensitive media' : 'Media'} ${index + 1}`;
        return (
          <li key={address}>
            {href === undefined ? (
              <span>{label}</span>
            ) : (
              <Anchor href={href} rel="noopener noreferrer nofollow" target="_blank" inherit>
                {label} <span className={classes.host}>{new URL(href).host}</span>
              </Anchor>
            )}
          </li>
        );
      })}
    </ul>
  );
}

const COUNTS = [
  ['replies', 'reply', 'replies'],
  ['reposts', 'repost', 'reposts'],
  ['quotes', 'quote', 'quotes'],
  ['likes', 'like', 'likes'],
  ['impressions', 'view', 'views'],
] as const;

function Counts({ counts }: { counts: PostSummary['counts'] }) {
  const said = COUNTS.flatMap(([key, one, many]) => {
    const count = counts[key];
    return count === null || count === 0 ? [] : [`${formatCount(count)} ${count === 1 ? one : many}`];
  });
  return said.length === 0 ? null : <span title="When it was captured">{said.join(' · ')}</span>;
}

function countriesOf(countries: readonly string[]): string {
  if (countries.length === 0 || countries.includes('XX') || countries.includes('XY')) return 'all countries';
  return countries.join(', ');
}

const languages = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'code' });

/** `Japanese` of `ja`; the code itself where it is none. */
export function languageName(code: string): string {
  if (code === 'und') return 'No language';
  try {
    return languages.of(code) ?? code;
  } catch {
    return code; // platforms have codes of their own, such as qme
  }
}
