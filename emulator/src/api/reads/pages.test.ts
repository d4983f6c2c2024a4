import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pageOfFollows } from './follow-page.ts';
import { pageOfPosts, type PostList } from './post-page.ts';
import { PageTokens } from '../page-token.ts';
import type { Follow, FollowRange, Post, PostRange, PostTime } from '../../world/model.ts';
import { SeededWorld } from '../../world/seeded-world.ts';

const HOUR_MS = 3_600_000;
const startAt = Date.UTC(2026, 10, 22, 13);
const world = new SeededWorld({ seed: 11, startAt, density: 1, accounts: 20_000 });
const tokens = new PageTokens(11);
const runs = { seed: 22, numRuns: 20 };

/** Pages to the end while the clock goes on, then back up to the top. */
function walk(account: number, shows: (post: Post) => boolean, horizon: number, size: number, stepMs: number) {
  let at = startAt;
  const list: PostList = {
    between: (range: PostRange) => world.postsOf(account, range, at),
    shows,
    horizon,
    purpose: 'tweets',
  };
  const ask = (token: string | undefined) => {
    const page = pageOfPosts(tokens, list, {}, size, token);
    if (page === undefined) throw new Error('a token of ours was not read');
    expect(page.posts.length).toBeLessThanOrEqual(size);
    return page;
  };
  const down: string[] = [];
  let page = ask(undefined);
  expect(page.previous_token).toBeUndefined();
  for (;;) {
    down.push(...page.posts.map(({ id }) => id));
    if (page.next_token === undefined) break;
    expect(page.posts.length).toBe(size);
    // Not on the way back: a busy account writes faster than small pages go up.
    at += stepMs;
    page = ask(page.next_token);
  }
  const up = page.posts.map(({ id }) => id);
  while (page.previous_token !== undefined) {
    page = ask(page.previous_token);
    up.unshift(...page.posts.map(({ id }) => id));
  }
  return { down, up };
}

describe('paging through posts', () => {
  it('gives each post once, newest first, while new ones are made, and all of them on the way back', () => {
    const accounts = fc.constantFrom(0, 3, 40, 101, 700);
    const steps = fc.constantFrom(0, 7_000, HOUR_MS);
    fc.assert(
      fc.property(
        accounts,
        fc.integer({ min: 3, max: 100 }),
        steps,
        fc.boolean(),
        (account, size, stepMs, withReposts) => {
          const horizon = 60;
          const shows = (post: Post): boolean => withReposts || post.kind !== 'repost';
          const { down, up } = walk(account, shows, horizon, size, stepMs);
          expect(new Set(down).size).toBe(down.length);
          expect(down).toEqual(down.toSorted((a, b) => (BigInt(a) < BigInt(b) ? 1 : -1)));
          const first = newest(account, horizon);
          const wanted = first.filter(shows).map(({ id }) => id);
          // What was deleted or edited on the way is not there any more.
          const later = new Set(
            [...world.postsOf(account, { after: justBefore(first.at(-1)) }, startAt + 100 * HOUR_MS)].map(
              ({ id }) => id,
            ),
          );
          const lasting = (ids: readonly string[]): string[] => ids.filter((id) => later.has(id));
          if (stepMs === 0) expect(down).toEqual(wanted);
          else expect(lasting(down).slice(0, lasting(wanted).length)).toEqual(lasting(wanted));
          // On the way back new ones are met at the top, and none is left out.
          expect(new Set(up).size).toBe(up.length);
          expect(lasting(up).slice(-lasting(down).length)).toEqual(lasting(down));
        },
      ),
      runs,
    );
  });

  it('ends exactly at the horizon, also below an upper bound', () => {
    const all = newest(0, 60);
    const list: PostList = { between: (range) => world.postsOf(0, range, startAt), horizon: 50, purpose: 'tweets' };
    const page = pageOfPosts(tokens, list, { before: all[29] }, 100, undefined);
    expect(page?.posts.map(({ id }) => id)).toEqual(all.slice(30, 50).map(({ id }) => id));
    expect(page?.next_token).toBeUndefined();
  });

  it('keeps the bounds of the question on every page', () => {
    const all = newest(0, 40);
    const list: PostList = { between: (range) => world.postsOf(0, range, startAt), purpose: 'tweets' };
    const range = { after: all[20], before: all[4] };
    const first = pageOfPosts(tokens, list, range, 10, undefined);
    const second = pageOfPosts(tokens, list, range, 10, first?.next_token);
    const ids = [...(first?.posts ?? []), ...(second?.posts ?? [])].map(({ id }) => id);
    expect(ids).toEqual(all.slice(5, 20).map(({ id }) => id));
    expect([second?.next_token, typeof second?.previous_token]).toEqual([undefined, 'string']);
  });
});

describe('paging through follows', () => {
  it('gives each follow once, newest first, while new ones come, and all of them on the way back', () => {
    const steps = fc.constantFrom(0, 60_000, HOUR_MS, 20 * HOUR_MS);
    const kinds = fc.constantFrom('followers' as const, 'following' as const);
    fc.assert(
      fc.property(
        fc.constantFrom(0, 3, 101, 700),
        fc.integer({ min: 1, max: 1000 }),
        steps,
        kinds,
        (account, wish, stepMs, kind) => {
          let at = startAt;
          const list = (range: FollowRange): Iterable<Follow> => world[kind](account, range, at);
          const wanted = [...list({})].map(({ position }) => position);
          const size = Math.max(wish, Math.ceil(wanted.length / 30));
          const down: number[] = [];
          let page = pageOfFollows(list, size, undefined);
          expect(page.previous).toBeUndefined();
          for (;;) {
            down.push(...page.follows.map(({ position }) => position));
            at += stepMs;
            if (page.next === undefined) break;
            expect(page.follows.length).toBe(size);
            page = pageOfFollows(list, size, page.next);
          }
          expect(new Set(down).size).toBe(down.length);
          // Who has left since is not there any more.
          const left = new Set([...list({})].map(({ position }) => position));
          expect(down.filter((position) => left.has(position))).toEqual(
            wanted.filter((position) => left.has(position)),
          );
          const up = page.follows.map(({ position }) => position);
          while (page.previous !== undefined) {
            page = pageOfFollows(list, size, page.previous);
            up.unshift(...page.follows.map(({ position }) => position));
          }
          expect(new Set(up).size).toBe(up.length);
          expect(up.filter((position) => left.has(position))).toEqual([...list({})].map(({ position }) => position));
        },
      ),
      runs,
    );
  });
});

function justBefore(post: Post | undefined): PostTime | undefined {
  return post && { at: post.at, slot: post.slot - 1 };
}

function newest(account: number, count: number): Post[] {
  const posts: Post[] = [];
  for (const post of world.postsOf(account, {}, startAt)) {
    if (posts.length === count) break;
    posts.push(post);
  }
  return posts;
}
