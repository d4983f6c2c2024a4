import { describe, expect, it } from 'vitest';
import { summariseRates } from './rate-summary.ts';

describe('a rate chart in words', () => {
  it('says now, lowest, highest and mean of what is known', () => {
    const points = [40, null, 60, 50].map((postsPerSecond, index) => ({ at: index * 5_000, postsPerSecond }));
    expect(summariseRates('demo', points)).toBe(
      'Posts per second of demo over the last ten minutes: now 50.0, lowest 40.0, highest 60.0, mean 50.0.',
    );
  });

  it('claims nothing where nothing was measured', () => {
    expect(summariseRates('demo', [{ at: 0, postsPerSecond: null }])).toContain('nothing measured yet');
  });
});
