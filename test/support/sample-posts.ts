/** Stream lines of invented posts for tests of what comes after capture: a seed gives the same lines. */
import { SNOWFLAKE_EPOCH_MS } from '../../src/core/snowflake.ts';

/** A small generator of numbers in [0, 1): mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The id that a post of this instant could have; `sequence` tells posts of one millisecond apart (below 2^22). */
export function snowflakeAt(ms: number, sequence: number): string {
  return ((BigInt(ms - SNOWFLAKE_EPOCH_MS) << 22n) | BigInt(sequence)).toString();
}

export type SamplePost = { id: string; line: string; account: number };

/** `count` posts from `startMs` on, 20 ms apart, by 200 accounts. */
export function samplePosts(seed: number, count: number, startMs: number): SamplePost[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, at) => {
    const account = Math.floor(random() * 200);
    const id = snowflakeAt(startMs + at * 20, Math.floor(random() * 4_000_000));
    return {
      id,
      account,
      line: sampleLine({ id, atMs: startMs + at * 20, account, likes: Math.floor(random() * 100) }),
    };
  });
}

export type LineWish = { id: string; atMs: number; account: number; likes?: number; text?: string; handle?: string };

/** One line as the sample stream sends it. */
export function sampleLine({ id, atMs, account, likes = 0, text = `post ${id} äöü 🐦`, handle }: LineWish): string {
  const author = `${1_000_000 + account}`;
  return JSON.stringify({
    data: {
      id,
      text,
      author_id: author,
      created_at: new Date(atMs).toISOString(),
      lang: 'en',
      conversation_id: id,
      public_metrics: { retweet_count: 1, reply_count: 2, like_count: likes, quote_count: 4 },
    },
    includes: {
      users: [
        {
          id: author,
          username: handle ?? `bird${account}`,
          name: `Bird ${account}`,
          created_at: '2015-03-01T10:00:00.000Z',
          public_metrics: { followers_count: likes, following_count: 1, tweet_count: 5, listed_count: 0 },
        },
      ],
    },
  });
}
