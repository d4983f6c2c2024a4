import { describe, expect, it } from 'vitest';
import { summariseRates, windowMs } from './rate-summary.ts';

describe('a rate chart in words', () => {
  it('says now, lowest, highest and mean of what is known', () => {
    const points = [40, null, 60, 50].map((postsPerSecond, index) => ({ at: index * 5_000, postsPerSecond }));
    expect(summariseRates('demo', points)).toBe(
      'Posts per second of demo over the last 2 minutes: now 50.0, lowest 40.0, highest 60.0, mean 50.0.',
    );
  });

  it('goes back as far as there is something to show, within bounds', () => {
    const since = (at: number) => [{ at, postsPerSecond: 1 }];
    expect(windowMs([], 1_000_000)).toBe(120_000);
    expect(windowMs(since(990_000), 1_000_000)).toBe(120_000);
    expect(windowMs(since(700_000), 1_000_000)).toBe(300_000);
    expect(windowMs(since(0), 1_000_000)).toBe(600_000);
  });

  it('claims nothing where nothing was measured', () => {
    expect(summariseRates('demo', [{ at: 0, postsPerSecond: null }])).toContain('nothing measured yet');
  });
});
