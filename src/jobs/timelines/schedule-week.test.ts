/** Weeks of one timeline, as a value: the schedule, the sweep and an author who posts by a seed. No clock, no network, no database. */
import { describe, expect, it } from 'vitest';
import { nextDue, type TimelineSchedule } from './schedule.ts';
import { afterPage, finishSweep, type Sweep, type TimelineState } from './sweep.ts';

const START = Date.parse('2026-03-02T00:00:00Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const HORIZON = 3200;

/** Ids of posts in order: `perDay` in the mean, at instants chosen by the seed. */
function postsOf(perDay: (ms: number) => number, seed: number, days: number): { id: string; ms: number }[] {
  const posts: { id: string; ms: number }[] = [];
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 1) / 2 ** 32;
  };
  for (let ms = START - 7 * DAY_MS; ms < START + days * DAY_MS; ) {
    ms += (-Math.log(random()) * DAY_MS) / perDay(ms);
    posts.push({ id: String(BigInt(Math.floor(ms) - 1_288_834_974_657) << 22n), ms });
  }
  return posts;
}

type Week = { readings: number[]; stored: Set<string>; waits: number[]; gaps: { fromMs: number; toMs: number }[] };

/** Reads the timeline whenever it is due; every reading takes a second a page. */
function live(schedule: TimelineSchedule, posts: { id: string; ms: number }[], days: number): Week {
  const week: Week = { readings: [], stored: new Set(), waits: [], gaps: [] };
  let state: TimelineState = {};
  let read = 0;
  for (let now = START; now < START + days * DAY_MS; ) {
    week.readings.push(now);
    const since = state.newestId;
    expect(since, 'asked from where it had read to').toBe(posts[read - 1]?.id);
    let end = read;
    while (end < posts.length && (posts[end]?.ms ?? 0) <= now) end++;
    const newestFirst = posts.slice(read, end).toReversed().slice(0, HORIZON);
    read = end;
    let sweep: Sweep = {
      ...{ run: 'run', position: {}, pages: 0, posts: 0, startedAt: new Date(now).toISOString() },
      ...(since === undefined ? {} : { sinceId: since }),
    };
    for (let from = 0; from === 0 || from < newestFirst.length; from += 100) {
      const page = newestFirst.slice(from, from + 100);
      for (const { id, ms } of page) {
        expect(week.stored.has(id), 'a post that is had twice').toBe(false);
        week.stored.add(id);
        if (ms > START) week.waits.push(now - ms);
      }
      const next = from + 100 < newestFirst.length ? { token: String(from + 100) } : undefined;
      sweep = afterPage(sweep, { postIds: page.map(({ id }) => id) }, next);
    }
    const finished = finishSweep(state, sweep, { nowMs: now + sweep.pages * 1000, horizon: HORIZON, known: {} });
    state = finished.state;
    if (finished.unreachable !== undefined) week.gaps.push(finished.unreachable);
    now = Math.max(nextDue(schedule, now, state.dailyRate), now + sweep.pages * 1000);
  }
  return week;
}

/** All that was written before the last reading, but for what the gaps hold, and these hold nothing that is there. */
function expectAllStored({ stored, readings, gaps }: Week, posts: { id: string; ms: number }[]): void {
  const last = readings.at(-1) ?? 0;
  const isMissing = (ms: number) => gaps.some(({ fromMs, toMs }) => ms >= fromMs && ms < Math.floor(toMs));
  expect(posts.filter(({ id, ms }) => ms <= last && stored.has(id) === isMissing(ms))).toEqual([]);
}

describe('a timeline over a simulated week', () => {
  it.each([
    [0.2, 1],
    [5, 2],
    [40, 3],
    [300, 4],
    [2000, 5],
  ])(
    'read adaptively, of %d posts a day: all of them, in few calls, none waiting longer than a day',
    (perDay, seed) => {
      const posts = postsOf(() => perDay, seed, 7);
      const week = live({ kind: 'adaptive' }, posts, 7);
      expectAllStored(week, posts);
      // A minute for the reading itself.
      expect(Math.max(0, ...week.waits)).toBeLessThanOrEqual(DAY_MS + 60_000);
      const ideal = Math.max(7, Math.min((perDay * 7) / 50, (7 * DAY_MS) / (15 * 60_000)));
      expect(week.readings.length).toBeLessThanOrEqual(ideal * 1.5 + 3);
      expect(week.readings.length).toBeGreaterThanOrEqual(ideal * 0.7);
    },
  );

  it('of an author who begins to post a hundred times as much is read as often as that within two readings', () => {
    const posts = postsOf((ms) => (ms < START + 2 * DAY_MS ? 10 : 1000), 6, 7);
    const { readings } = live({ kind: 'adaptive' }, posts, 7);
    const after = readings.filter((ms) => ms > START + 2 * DAY_MS);
    const gaps = after.slice(1).map((ms, at) => ms - (after[at] ?? 0));
    expect(gaps.slice(2).every((ms) => ms <= 4 * HOUR_MS)).toBe(true);
  });

  it('read at fixed hours of a zone: at each of them, in its own time also where the clocks change', () => {
    const schedule = { kind: 'cron', expression: '5 */8 * * *', zone: 'Europe/Vienna' } as const;
    const posts = postsOf(() => 30, 7, 7);
    const week = live(schedule, posts, 7);
    expectAllStored(week, posts);
    // Clocks in Vienna go forward on 29 March 2026.
    const turn = Date.parse('2026-03-28T12:00:00Z');
    const times: string[] = [];
    for (let ms = turn; times.length < 5; ) {
      ms = nextDue(schedule, ms, undefined);
      times.push(new Date(ms).toISOString().slice(5, 16));
    }
    expect(times).toEqual(['03-28T15:05', '03-28T23:05', '03-29T06:05', '03-29T14:05', '03-29T22:05']);
    const hours = week.readings.slice(1).map((ms) => new Date(ms).toISOString().slice(11, 16));
    expect(hours.length).toBeGreaterThanOrEqual(20);
    expect(new Set(hours)).toEqual(new Set(['07:05', '15:05', '23:05']));
  });

  it('read every six hours: 28 times', () => {
    const posts = postsOf(() => 20, 8, 7);
    const week = live({ kind: 'every', ms: 6 * HOUR_MS }, posts, 7);
    expectAllStored(week, posts);
    expect(week.readings.length).toBe(28);
  });
});
