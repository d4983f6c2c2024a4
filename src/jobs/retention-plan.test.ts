import { describe, expect, it } from 'vitest';
import { dayOf, expiredDays, isRetentionDue } from './retention-plan.ts';

const DAY_MS = 86_400_000;
const at = (text: string) => Date.parse(text);
const collections = [
  { collectionId: 1, keep: 'all' },
  { collectionId: 2, keep: 'days:7' },
  { collectionId: 3, keep: 'days:30' },
  { collectionId: 4, keep: 'files' },
];

describe('the plan of retention', () => {
  it('keeps today and the N days before it', () => {
    const days = ['2026-11-14', '2026-11-15', '2026-11-21', '2026-11-22'].map((day) => ({ day, collectionIds: [2] }));
    expect(expiredDays({ nowMs: at('2026-11-22T00:00:00Z'), collections, days }).map(({ day }) => day)).toEqual([
      '2026-11-14',
    ]);
    expect(expiredDays({ nowMs: at('2026-11-22T23:59:59.999Z'), collections, days }).map(({ day }) => day)).toEqual([
      '2026-11-14',
    ]);
  });

  it('drops a day whole only when nobody keeps any of it', () => {
    const nowMs = at('2026-11-22T12:00:00Z');
    const plan = (day: string, collectionIds: number[]) =>
      expiredDays({ nowMs, collections, days: [{ day, collectionIds }] });
    expect(plan('2026-11-01', [2])).toEqual([{ day: '2026-11-01', collectionIds: [2], whole: true }]);
    expect(plan('2026-11-01', [2, 3])).toEqual([{ day: '2026-11-01', collectionIds: [2], whole: false }]);
    expect(plan('2026-10-01', [2, 3])).toEqual([{ day: '2026-10-01', collectionIds: [2, 3], whole: true }]);
    expect(plan('2020-01-01', [1, 2, 3])).toEqual([{ day: '2020-01-01', collectionIds: [2, 3], whole: false }]);
    expect(plan('2020-01-01', [1])).toEqual([]);
    expect(plan('2026-11-22', [4])).toEqual([{ day: '2026-11-22', collectionIds: [4], whole: true }]);
    expect(plan('2026-11-22', [2, 4])).toEqual([{ day: '2026-11-22', collectionIds: [4], whole: false }]);
  });

  it('drops empty days that are over, and not those made ahead', () => {
    const days = ['2026-11-21', '2026-11-22', '2026-11-24'].map((day) => ({ day, collectionIds: [] }));
    expect(expiredDays({ nowMs: at('2026-11-22T12:00:00Z'), collections, days })).toEqual([
      { day: '2026-11-21', collectionIds: [], whole: true },
    ]);
  });

  it('leaves rows of a collection that nobody knows', () => {
    expect(
      expiredDays({
        nowMs: at('2026-11-22T12:00:00Z'),
        collections,
        days: [{ day: '2020-01-01', collectionIds: [9] }],
      }),
    ).toEqual([]);
  });

  it('over ten simulated weeks keeps exactly what each collection wants, though the program is away for days', () => {
    const kept = new Map<string, Set<number>>();
    let lastDay: string | undefined;
    let runs = 0;
    const start = at('2028-01-20T00:00:00Z'); // over a leap day
    for (let hour = 0; hour < 70 * 24; hour++) {
      const nowMs = start + hour * 3_600_000 + 17 * 60_000;
      const today = dayOf(nowMs);
      const rows = kept.get(today) ?? new Set();
      kept.set(today, rows);
      for (const id of [1, 2, 3]) rows.add(id);
      const isAway = hour % (11 * 24) < 50;
      if (isAway || !isRetentionDue(nowMs, lastDay)) continue;
      const days = [...kept].map(([day, ids]) => ({ day, collectionIds: [...ids] }));
      for (const { day, collectionIds, whole } of expiredDays({ nowMs, collections, days })) {
        for (const id of collectionIds) kept.get(day)?.delete(id);
        if (whole) kept.delete(day);
      }
      lastDay = today;
      runs++;
      const daysOf = (id: number) => [...kept].filter(([, ids]) => ids.has(id)).length;
      const since = Math.floor(hour / 24) + 1;
      expect([daysOf(1), daysOf(2), daysOf(3)]).toEqual([since, Math.min(since, 8), Math.min(since, 31)]);
    }
    expect(runs).toBeGreaterThan(50);
    expect(runs).toBeLessThanOrEqual(70);
    expect(isRetentionDue(start - DAY_MS, lastDay)).toBe(false);
  });
});
