import { describe, expect, it } from 'vitest';
import { ACCOUNTS } from './accounts.ts';
import { SeededWorld } from './seeded-world.ts';

const startAt = Date.UTC(2026, 10, 22, 13);
const world = new SeededWorld({ seed: 7, startAt, density: 50 });

describe('world', () => {
  it('makes the same post again, whatever was made in between', () => {
    const first = Array.from({ length: 300 }, (_, index) => world.sampled(index));
    const again = first.map((_, index) => world.sampled(299 - index)).toReversed();
    expect(again).toEqual(first);
    expect(new SeededWorld({ seed: 7, startAt, density: 50 }).sampled(123)).toEqual(first[123]);
    expect(new SeededWorld({ seed: 8, startAt, density: 50 }).sampled(123)).not.toEqual(first[123]);
  });

  it('holds originals, replies, reposts and quotes in shares like those of the platform', () => {
    const kinds = new Map<string, number>();
    for (let index = 0; index < 5000; index++) {
      const { kind } = world.sampled(index);
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1 / 5000);
    }
    expect(kinds.get('repost')).toBeCloseTo(0.44, 1);
    expect(kinds.get('reply')).toBeCloseTo(0.22, 1);
    expect(kinds.get('quote')).toBeCloseTo(0.06, 1);
    expect(kinds.get('original')).toBeCloseTo(0.28, 1);
  });

  it('points only at older posts, and at the thread of what is replied to', () => {
    for (let index = 0; index < 3000; index++) {
      const post = world.sampled(index);
      if (post.about === undefined) continue;
      expect(post.about.at, `post ${index}`).toBeLessThanOrEqual(post.at);
      const parent = world.schedule.indexOf(post.about);
      if (post.kind !== 'reply' || parent === undefined) continue;
      const { at, slot } = world.sampled(parent).thread;
      expect(post.thread, `post ${index}`).toMatchObject({ at, slot });
    }
  });

  it('holds many languages, emoji, right-to-left text, newlines, tags, links and ampersands', () => {
    const posts = Array.from({ length: 5000 }, (_, index) => world.sampled(index));
    const languages = new Set(posts.map(({ language }) => language));
    for (const code of ['en', 'ja', 'ar', 'ko', 'th', 'hi', 'fa', 'he', 'und']) expect(languages).toContain(code);
    const pieces = posts.flatMap(({ body }) => body);
    const text = pieces.map((piece) => (piece.kind === 'text' ? piece.text : '')).join('');
    expect(text).toMatch(/\p{Emoji_Presentation}/u);
    expect(text).toMatch(/\p{Script=Arabic}/u);
    expect(text).toMatch(/\n/);
    expect(text).toMatch(/&/);
    expect(new Set(pieces.map(({ kind }) => kind))).toEqual(new Set(['text', 'tag', 'cashtag', 'mention', 'link']));
  });

  it('lets few accounts write most of it', () => {
    const authors = Array.from({ length: 10_000 }, (_, index) => world.sampled(index).author);
    const busiest = authors.filter((author) => author < ACCOUNTS / 100).length / authors.length;
    expect(busiest).toBeGreaterThan(0.1);
    expect(new Set(authors).size).toBeGreaterThan(5000);
  });
});

describe('accounts', () => {
  it('have a handle and an id that no other account has', () => {
    const numbers = Array.from({ length: 50_000 }, (_, n) => (n * 83) % ACCOUNTS);
    const accounts = numbers.map((number) => world.account(number));
    expect(new Set(accounts.map(({ handle }) => handle)).size).toBe(numbers.length);
    expect(new Set(accounts.map(({ id }) => id)).size).toBe(numbers.length);
    for (const { handle } of accounts) expect(handle).toMatch(/^[A-Za-z0-9_]{4,15}$/);
  });

  it('were made before the world began, in the order of their ids', () => {
    const accounts = Array.from({ length: 5000 }, (_, n) => world.account(n * 800));
    const byId = accounts.toSorted((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
    const madeAt = byId.map(({ createdAt }) => createdAt);
    expect(madeAt).toEqual(madeAt.toSorted((a, b) => a - b));
    expect(Math.max(...madeAt)).toBeLessThan(startAt);
  });

  it('keep their profile while their counts grow', () => {
    const account = world.account(42);
    const before = world.countsAt(account.number, startAt);
    const after = world.countsAt(account.number, startAt + 7 * 86_400_000);
    expect(world.account(42)).toEqual(account);
    expect(after.following).toBeGreaterThanOrEqual(before.following);
    for (const count of ['followers', 'posts', 'likes'] as const) {
      expect(after[count]).toBeGreaterThan(before[count]);
    }
  });

  it('are older than a world that begins early, too', () => {
    const early = new SeededWorld({ seed: 1, startAt: Date.UTC(2012, 0, 1), density: 1 });
    for (let n = 0; n < 2000; n++) expect(early.account(n * 2000).createdAt).toBeLessThan(Date.UTC(2012, 0, 1));
  });
});
