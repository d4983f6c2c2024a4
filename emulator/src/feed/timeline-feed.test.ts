import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flatOutTimePace, liveTimePace } from './time-pace.ts';
import { Timeline } from './timeline.ts';
import { type TimelineCursor, TimelineFeed } from './timeline-feed.ts';

interface Item {
  readonly at: number;
  readonly id: string;
}

/** `density` items in each second, several in some milliseconds. */
function timeline(density: number, sliceMs: number): Timeline<Item> {
  return new Timeline((from, to) => {
    const items: Item[] = [];
    for (let at = Math.ceil(from / 10) * 10; at < to; at += 10) {
      const count = (at * 7919) % 1000 < density * 10 ? 1 + ((at / 10) % 3) : 0;
      for (let n = 0; n < count; n++) items.push({ at, id: String(at * 10 + n + 1) });
    }
    return items;
  }, sliceMs);
}

const between = (density: number, from: number, to: number): string[] =>
  timeline(density, 1_000_000)
    .slice(0)
    .filter(({ at }) => at >= from && at < to)
    .map(({ id }) => id);

function takeAll(cursor: TimelineCursor<Item>, most = Number.POSITIVE_INFINITY): string[] {
  const from = cursor.position;
  let idle = 0;
  while (cursor.position - from < most && idle < 50) {
    const due = cursor.due();
    if (due === 0) {
      idle++;
      continue;
    }
    idle = 0;
    cursor.take(Math.min(due, most - (cursor.position - from)));
  }
  return Array.from({ length: cursor.position - from }, (_, n) => cursor.postIdAt(from + n) ?? '');
}

const everything = (item: Item) => ({ id: item.id, line: item.id });

describe('a stream along a timeline', () => {
  it('tells each thing once, in order, half a second after it was made, whatever the slices and the reading', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90 }),
        fc.constantFrom(100, 333, 1000, 7000),
        fc.integer({ min: 5000, max: 9000 }),
        fc.integer({ min: 0, max: 4000 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 200 })), { maxLength: 8 }),
        (density, sliceMs, openAt, backfillMs, reading) => {
          let now = openAt;
          const pace = liveTimePace({ now: () => now, speed: 1, maxBehindSec: 15, rate: 50 });
          const feed = new TimelineFeed(timeline(density, sliceMs), pace);
          const cursor = feed.open({ select: everything, backfillMs });
          const got: string[] = [];
          for (const [pause, lines] of [...reading, [0, 1e9] as const]) {
            now += pause;
            got.push(...takeAll(cursor, lines));
          }
          expect(got).toEqual(between(density, openAt - 500 - backfillMs + 1, now - 500 + 1));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('tells just the span of a recovery, and ends', () => {
    const pace = liveTimePace({ now: () => 9000, speed: 1, maxBehindSec: 15, rate: 50 });
    const feed = new TimelineFeed(timeline(40, 1000), pace);
    const cursor = feed.open({ select: everything, span: { from: 1230, to: 4560 } });
    expect(takeAll(cursor)).toEqual(between(40, 1230, 4560));
    expect(cursor.ended).toBe(true);
    const empty = feed.open({ select: () => undefined, span: { from: 0, to: 9000 } });
    expect(takeAll(empty)).toEqual([]);
    expect(empty.ended).toBe(true);
  });

  it('goes on, flat out, where the furthest reader has come to', () => {
    let reached = 0;
    const pace = flatOutTimePace(
      () => reached,
      (at) => {
        reached = Math.max(reached, Math.floor(at / 1000) * 1000);
      },
    );
    const feed = new TimelineFeed(timeline(80, 1000), pace);
    const first = takeAll(feed.open({ select: everything }), 137);
    const second = takeAll(feed.open({ select: everything }), 100);
    expect([...first, ...second]).toEqual(between(80, 1, 1_000_000).slice(0, 237));
  });

  it('selects again what has not been taken when what it goes by changes', () => {
    let wanted = 0;
    let revision = 0;
    const pace = flatOutTimePace(
      () => 0,
      () => undefined,
    );
    const feed = new TimelineFeed(timeline(80, 1000), pace);
    const cursor = feed.open({
      select: (item) => (Number(item.id) % 2 === wanted ? everything(item) : undefined),
      revision: () => revision,
    });
    const before = takeAll(cursor, 5);
    wanted = 1;
    revision++;
    const after = takeAll(cursor, 5);
    const all = between(80, 1, 1_000_000);
    expect(before.every((id) => Number(id) % 2 === 0)).toBe(true);
    const from = all.indexOf(before.at(-1) ?? '') + 1;
    expect(after).toEqual(
      all
        .slice(from)
        .filter((id) => Number(id) % 2 === 1)
        .slice(0, 5),
    );
  });

  it('gives up a reader that falls behind, not one to which nothing has happened', () => {
    let now = 100_000;
    const pace = liveTimePace({ now: () => now, speed: 1, maxBehindSec: 15, rate: 1000 });
    const feed = new TimelineFeed(timeline(80, 1000), pace);
    const reader = feed.open({ select: everything });
    takeAll(reader);
    expect(reader.tooFarBehind()).toBe(false);
    now += 10_000;
    expect(reader.tooFarBehind()).toBe(false);
    now += 6000;
    expect(reader.tooFarBehind()).toBe(true);
    takeAll(reader);
    expect(reader.tooFarBehind()).toBe(false);
    const fetching = feed.open({ select: everything, backfillMs: 60_000 });
    expect(fetching.due()).toBeGreaterThan(0);
    expect(fetching.tooFarBehind()).toBe(false);
  });
});
