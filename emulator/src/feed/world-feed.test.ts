import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cursor, Feed } from './feed.ts';
import { flatOutPace, livePace, worldFeed } from './world-feed.ts';
import { SeededWorld } from '../world/seeded-world.ts';

const startAt = Date.UTC(2026, 10, 22, 13);
const none: ReadonlySet<string> = new Set();
const fields = { tweet: none, user: none, media: none, poll: none, place: none, expansions: none };

function liveFeed(rate: number): { feed: Feed; clock: { ms: number } } {
  const clock = { ms: 0 };
  const world = new SeededWorld({ seed: 1, startAt, density: rate });
  return {
    feed: worldFeed(
      world,
      livePace(rate, () => clock.ms, 15),
    ),
    clock,
  };
}

/** How many posts somebody who listened from the start has been sent by then. */
function deliveredBy(rate: number, ms: number): number {
  const { feed, clock } = liveFeed(rate);
  const listener = feed.open({ fields, backfillMinutes: 0 });
  clock.ms = ms;
  return ms < 0 ? 0 : listener.position + listener.due();
}

function takeUpTo(cursor: Cursor, lines: number): number[] {
  const taken: number[] = [];
  while (taken.length < lines && cursor.due() > 0) {
    const from = cursor.position;
    const chunk = cursor.take(Math.min(lines - taken.length, cursor.due()));
    for (let n = 0; n < chunk.lines; n++) taken.push(from + n);
  }
  return taken;
}

describe('the live world', () => {
  it('delivers posts in order, none before its time, at its rate', () => {
    const { feed, clock } = liveFeed(50);
    const cursor = feed.open({ fields, backfillMinutes: 0 });
    for (clock.ms = 0; clock.ms < 4000; clock.ms += 7) {
      const wait = cursor.msUntilDue();
      expect(wait === 0).toBe(cursor.due() > 0);
      takeUpTo(cursor, 1000);
      expect(Math.abs(cursor.position - (clock.ms / 1000) * 50)).toBeLessThanOrEqual(1);
    }
  });

  it('with backfill begins where the last minutes began and goes on live without a hole or a repeat', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 0, max: 300 })), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        fc.double({ min: 0.02, max: 5, noNaN: true }),
        fc.integer({ min: 0, max: 900_000 }),
        fc.integer({ min: 1, max: 5 }),
        steps,
        (rate, connectAt, minutes, reading) => {
          const { feed, clock } = liveFeed(rate);
          clock.ms = connectAt;
          const cursor = feed.open({ fields, backfillMinutes: minutes });
          const first = cursor.position;
          expect(first).toBe(deliveredBy(rate, connectAt - minutes * 60_000));
          const got: number[] = [];
          for (const [pause, lines] of [...reading, [0, 1e9] as const]) {
            clock.ms += pause;
            got.push(...takeUpTo(cursor, lines));
          }
          expect(got).toEqual(Array.from({ length: deliveredBy(rate, clock.ms) - first }, (_, n) => first + n));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('without backfill begins with what has not been delivered yet', () => {
    const { feed, clock } = liveFeed(50);
    clock.ms = 60_000;
    expect(feed.open({ fields, backfillMinutes: 0 }).position).toBe(deliveredBy(50, 60_000));
  });

  it('gives up a reader that falls behind, but not one that still fetches its backfill', () => {
    const { feed, clock } = liveFeed(1000);
    clock.ms = 300_000;
    const late = feed.open({ fields, backfillMinutes: 5 });
    expect(late.due()).toBeGreaterThan(290_000);
    expect(late.tooFarBehind()).toBe(false);
    const reader = feed.open({ fields, backfillMinutes: 0 });
    takeUpTo(reader, 10);
    clock.ms += 14_000;
    expect(reader.tooFarBehind()).toBe(false);
    clock.ms += 2000;
    expect(reader.tooFarBehind()).toBe(true);
    expect(late.tooFarBehind()).toBe(true);
  });
});

describe('the world flat out', () => {
  const world = new SeededWorld({ seed: 1, startAt, density: 4000 });

  it('lets a new connection begin where the furthest reader has come to', () => {
    const feed = worldFeed(world, flatOutPace(4000));
    const first = feed.open({ fields, backfillMinutes: 0 });
    expect(first.position).toBe(0);
    first.take(500);
    const reached = first.position;
    expect(feed.open({ fields, backfillMinutes: 0 }).position).toBe(reached);
    expect(feed.open({ fields, backfillMinutes: 1 }).position).toBe(0);
  });

  it('counts backfill in minutes of world time', () => {
    const pace = flatOutPace(4000);
    const feed = worldFeed(world, pace);
    pace.passed(1_000_000);
    expect(feed.open({ fields, backfillMinutes: 2 }).position).toBe(1_000_000 - 2 * 60 * 4000);
  });

  it('tells the text of a post by its id, and of nothing else', () => {
    const feed = worldFeed(world, flatOutPace(4000));
    const chunk = feed.open({ fields, backfillMinutes: 0 }).take(20);
    const posts = String(chunk.bytes)
      .trimEnd()
      .split('\r\n')
      .map((line) => (JSON.parse(line) as { data: { id: string; text: string } }).data);
    for (const [n, { id, text }] of posts.entries()) {
      expect(feed.postIdAt(n)).toBe(id);
      expect(feed.textOf(id)).toBe(text);
      expect(feed.textOf(`${BigInt(id) + 1n}`)).toBeUndefined();
    }
    expect(feed.textOf('no id')).toBeUndefined();
  });
});
