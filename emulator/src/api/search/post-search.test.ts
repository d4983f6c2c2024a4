import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Buckets, type Granularity } from './count-buckets.ts';
import { countPosts, type Effort, EXACTLY } from './count-posts.ts';
import { PostSearch } from './post-search.ts';
import { queryablePost } from '../queryable-post.ts';
import { compileQuery } from '../../query/compile-query.ts';
import { parseQuery } from '../../query/parse-query.ts';
import { queryOptions } from '../../query/query-options.ts';
import { postId } from '../../world/ids.ts';
import { type Post, type PostTime, startOf } from '../../world/model.ts';
import { SeededWorld } from '../../world/seeded-world.ts';

const HOUR_MS = 3_600_000;
const startAt = Date.UTC(2026, 10, 22, 13);
const world = new SeededWorld({ seed: 11, startAt, density: 2, accounts: 2000 });
const later = startAt + HOUR_MS / 10;
const after = startOf(startAt - 3 * 24 * HOUR_MS);
const runs = { seed: 22, numRuns: 15 };
const options = queryOptions('search');
/** The better part of all posts. */
const BROAD = '(min_likes:0 -is:retweet) OR (min_likes:0 lang:en)';

/** All that is in sight, newest first. */
const all = (at: number, range = { after, before: startOf(at) }): Post[] => [...world.posts(range, 'newest-first', at)];
const posts = all(later);

/** The plain way: every post is looked at, by the query alone. */
function naive(source: string, at: number, candidates: readonly Post[], changes = options): string[] {
  const matches = compileQuery(parseQuery(source, 'search'), changes);
  return candidates
    .filter((post) => !world.isSuperseded(post, at) && matches(queryablePost(world, post, at)))
    .map(({ id }) => id);
}

function search(source: string, at: number, changes = options): PostSearch {
  return new PostSearch(world, parseQuery(source, 'search'), changes, at, () => false);
}

/** Queries that something in the world answers: made of what a post of it is. */
const queries: fc.Arbitrary<string> = fc
  .tuple(
    fc.integer({ min: 0, max: posts.length - 1 }),
    fc.integer({ min: 0, max: posts.length - 1 }),
    fc.integer({ min: 0, max: 21 }),
  )
  .map(([n, m, kind]) => {
    const [post, other] = [posts[n], posts[m]];
    if (post === undefined || other === undefined) throw new Error('an index beyond the posts');
    const handle = world.handleAt(post.author, later);
    const about = post.about ?? post;
    const word = queryablePost(world, post, later).text.match(/[\p{Script=Latin}]{3,}/u)?.[0] ?? 'die';
    const otherWord = queryablePost(world, other, later).text.match(/[\p{L}]{2,}/u)?.[0] ?? 'de';
    return [
      `from:${handle}`,
      `from:${world.account(post.author).id} -is:retweet`,
      `conversation_id:${postId(post.thread)}`,
      `in_reply_to_tweet_id:${postId(about)}`,
      `quotes_of_tweet_id:${postId(about)}`,
      `retweets_of_tweet_id:${postId(about)}`,
      `(from:${handle} OR from:${world.handleAt(other.author, later)} OR conversation_id:${postId(other.thread)}) -is:reply`,
      `from:${handle} conversation_id:${postId(post.thread)}`,
      `from:${handle} OR "${word}"`,
      `"${word}" lang:${post.language}`,
      `"${word}" OR context:1.2`,
      `("${word}" OR #music) -from:${handle}`,
      `from:nobody_at_all "${word}"`,
      `to:${handle} has:links`,
      `to:${handle} OR to:${world.account(other.author).id} OR retweets_of:nobody_at_all`,
      `@${handle} -"${word}"`,
      `${word} ${otherWord}`,
      `#${queryablePost(world, post, later).hashtags[0] ?? 'amor'} OR (lang:${other.language} is:quote min_likes:0)`,
      `(${word} OR ${otherWord}) is:reply lang:${post.language}`,
      `min_likes:0 lang:${post.language} has:links -is:retweet -is:reply`,
      `"${word} ${otherWord}" OR edit OR nobodywritesthis`,
      `min_likes:0 (is:quote OR is:retweet) -lang:${post.language} has:images`,
    ][kind] as string;
  });

describe('searching', () => {
  it('finds what a plain walk finds, each post once, under any page size, while new posts are made', async () => {
    await fc.assert(
      fc.asyncProperty(
        queries,
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom(0, 20_000),
        async (source, size, step) => {
          const first = startAt + HOUR_MS / 20;
          let at = first;
          let before: PostTime = startOf(first);
          const found: string[] = [];
          for (;;) {
            const page = await search(source, at).page({ after, before }, size);
            expect(page.posts.length).toBeLessThanOrEqual(size);
            found.push(...page.posts.map(({ id }) => id));
            if (page.next === undefined) break;
            before = page.next;
            at += step;
          }
          expect(new Set(found).size).toBe(found.length);
          // What was deleted or edited meanwhile may be there or not.
          const stays = new Set(naive(source, at, all(at, { after, before: startOf(first) })));
          const began = naive(source, first, all(first));
          expect(found.filter((id) => stays.has(id))).toEqual(began.filter((id) => stays.has(id)));
          expect(found.every((id) => stays.has(id) || began.includes(id))).toBe(true);
        },
      ),
      runs,
    );
  });

  it('finds words in reposts only when told to', async () => {
    const wordOf = (post: Post) => queryablePost(world, post, later).repostOf?.text.match(/\b[a-z]{6,}\b/)?.[0];
    const repost = posts.find((post) => post.language === 'en' && wordOf(post) !== undefined);
    if (repost === undefined) throw new Error('a world without reposts');
    const word = wordOf(repost);
    const range = { after, before: startOf(later) };
    const old = queryOptions('search', { keywordsMatchReposts: true });
    const found = await search(`"${word}"`, later).page(range, 10_000);
    const foundOld = await search(`"${word}"`, later, old).page(range, 10_000);
    expect(found.posts.some(({ kind }) => kind === 'repost')).toBe(false);
    expect(foundOld.posts.map(({ id }) => id)).toEqual(naive(`"${word}"`, later, posts, old));
    expect(foundOld.posts.map(({ id }) => id)).toContain(repost.id);
  });

  it('gives short and empty pages instead of looking on for ever, and goes on where it stopped', async () => {
    const tag = posts.flatMap((post) => (post.kind === 'repost' ? [] : queryablePost(world, post, later).hashtags))[0];
    const source = `#${tag} OR min_likes:100000000`;
    const walk = search(source, later);
    const found: string[] = [];
    const sizes: number[] = [];
    for (let before: PostTime | undefined = startOf(later); before !== undefined; ) {
      const page = await walk.page({ after, before }, 10, 400);
      found.push(...page.posts.map(({ id }) => id));
      sizes.push(page.posts.length);
      before = page.next;
    }
    expect(sizes).toContain(0);
    expect(found).toEqual(naive(source, later, posts));
    expect(found.length).toBeGreaterThan(0);
  });

  it('fills a page with a rare word, and says at once when nothing can hold a word', async () => {
    // A world of four million accounts, and a month of it.
    const big = new SeededWorld({ seed: 4, startAt, density: 2 });
    const range = { after: startOf(startAt - 30 * 24 * HOUR_MS), before: startOf(later) };
    const walk = (source: string) => new PostSearch(big, parseQuery(source, 'search'), options, later, () => false);
    const rare = await walk('łódź is:quote').page(range, 10);
    expect(rare.posts).toHaveLength(10);
    expect(rare.next).toBeDefined();
    for (const post of rare.posts) expect(queryablePost(big, post, later).text.toLowerCase()).toContain('łódź');
    expect(await walk('nobodywritesthis').page(range, 10)).toEqual({ posts: [], next: undefined });
    // Its letters are there, but never so.
    const never = await walk('"łódź coffee" lang:pl').page(range, 10, 20_000);
    expect(never.posts).toEqual([]);
  });

  it('stops when nobody waits any more', async () => {
    const walk = new PostSearch(world, parseQuery(BROAD, 'search'), options, later, () => true);
    await expect(walk.page({ after, before: startOf(later) }, 10_000)).rejects.toThrow('the client has gone');
  });
});

describe('counting', () => {
  it('agrees with searching, bucket by bucket', async () => {
    const granularities = fc.constantFrom<Granularity>('minute', 'hour', 'day');
    const instants = fc.integer({ min: after.at, max: later });
    await fc.assert(
      fc.asyncProperty(queries, granularities, instants, instants, async (source, granularity, one, other) => {
        const [start, end] = [Math.min(one, other), Math.max(one, other) + 1];
        const range = { after: startOf(start), before: startOf(end) };
        const buckets = new Buckets(start, end, granularity);
        await countPosts(search(source, later), range, buckets);
        const { posts: found } = await search(source, later).page(range, 100_000);
        for (const bucket of buckets.list) {
          const inside = found.filter(({ at }) => at >= bucket.start && at < bucket.end);
          expect(bucket.count).toBe(inside.length);
        }
        expect(buckets.total).toBe(found.length);
        expect(buckets.list.at(0)?.start).toBe(start);
        expect(buckets.list.at(-1)?.end).toBe(end);
      }),
      runs,
    );
  });

  it('estimates long ranges, within a tenth of the truth, and counts them exactly when told to', async () => {
    const few: Effort = { counted: 100, samples: 100, postsASample: 8 };
    const count = async (effort: Effort): Promise<number> => {
      const buckets = new Buckets(startAt, later, 'minute');
      await countPosts(search(BROAD, later), { after: startOf(startAt), before: startOf(later) }, buckets, effort);
      expect(buckets.list.every((bucket) => Number.isInteger(bucket.count))).toBe(true);
      return buckets.total;
    };
    const [estimate, again, truth] = [await count(few), await count(few), await count(EXACTLY)];
    expect(estimate).toBe(again);
    expect(estimate).not.toBe(truth);
    expect(Math.abs(estimate - truth)).toBeLessThan(truth / 10);
  });
});
