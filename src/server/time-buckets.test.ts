import { describe, expect, it } from 'vitest';
import { countBuckets, DAY_MS, HOUR_MS, usualPerHour } from './time-buckets.ts';

const hours = [
  { hour: '2026-11-21T23:00:00.000Z', posts: 5 },
  { hour: '2026-11-22T00:00:00.000Z', posts: 7 },
  { hour: '2026-11-22T02:00:00.000Z', posts: 1 },
  { hour: '2026-11-22T03:00:00.000Z', posts: 100 },
];

describe('buckets of a chart', () => {
  it('are there for every hour, with nought where nothing came, and nothing from outside', () => {
    const fromMs = Date.parse('2026-11-22T00:00:00Z');
    expect(countBuckets(hours, { fromMs, step: HOUR_MS, count: 3 })).toEqual([
      { start: '2026-11-22T00:00:00.000Z', posts: 7 },
      { start: '2026-11-22T01:00:00.000Z', posts: 0 },
      { start: '2026-11-22T02:00:00.000Z', posts: 1 },
    ]);
  });

  it('add up the hours of a UTC day', () => {
    const fromMs = Date.parse('2026-11-21T00:00:00Z');
    expect(countBuckets(hours, { fromMs, step: DAY_MS, count: 2 }).map(({ posts }) => posts)).toEqual([5, 108]);
  });
});

describe('what is usual in an hour', () => {
  it('is the middle of the hours in which anything came', () => {
    expect(usualPerHour([0, 0, 10, 20, 30, 40, 50, 1_000])).toBe(35);
    expect(usualPerHour([10, 20, 30, 40, 50, 60, 1_000])).toBe(40);
  });

  it('is not known from a few hours', () => {
    expect(usualPerHour([10, 20, 30, 40, 50, 0])).toBeNull();
  });
});
