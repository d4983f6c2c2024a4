import { describe, expect, it } from 'vitest';
import { chartOf, summariseBuckets } from './time-chart-shape.ts';

const data = {
  ...{ bucket: 'hour' as const, from: '2026-11-22T00:00:00.000Z', to: '2026-11-22T04:00:00.000Z' },
  counts: [10, 0, 40, 20].map((posts, hour) => ({ start: `2026-11-22T0${hour}:00:00.000Z`, posts })),
  gaps: [
    { from: '2026-11-22T01:00:00.000Z', to: '2026-11-22T02:00:00.000Z', cause: 'cut', uncoveredMs: 3_600_000 },
    { from: '2026-11-21T22:00:00.000Z', to: '2026-11-22T00:00:01.000Z', cause: 'stall', uncoveredMs: 7_201_000 },
  ],
};

describe('posts over time, drawn', () => {
  it('gives each bucket its place and the highest the whole height', () => {
    const { bars, most } = chartOf(data, { width: 400, height: 104 });
    expect(most).toBe(40);
    expect(bars.map(({ x, height }) => [x, height])).toEqual([
      [0, 25],
      [100, 0],
      [200, 100],
      [300, 50],
    ]);
  });

  it('shades gaps where they were, wide enough to be seen and never outside', () => {
    const { shades } = chartOf(data, { width: 400, height: 104 });
    expect(shades.map(({ x, width }) => [x, width])).toEqual([
      [100, 100],
      [0, 3],
    ]);
  });

  it('is told in words', () => {
    expect(summariseBuckets('birds', data)).toBe(
      '70 posts of birds over 4 hours, most in the hour of 2026-11-22T02:00 (40); 3 h missing in 2 gaps.',
    );
    const one = [{ start: '2026-11-22T00:00:00.000Z', posts: 1 }];
    expect(summariseBuckets('birds', { ...data, counts: one, gaps: [] })).toMatch(/^1 post of birds over 1 hour, /);
  });
});
