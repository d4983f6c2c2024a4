import { describe, expect, it } from 'vitest';
import { RATE_STEP_MS, RateHistory } from './rate-history.ts';

const START = Date.parse('2026-11-22T13:00:00.000Z');
const demo = (captured: number) => [{ name: 'demo', captured }];

describe('posts per second over the last minutes', () => {
  it('are the mean of each step, however often one looks', () => {
    const history = new RateHistory();
    for (let second = 0; second <= 10; second += 1) history.observe(START + second * 1_000, demo(second * 50));
    expect(history.all().get('demo')).toEqual([
      { at: START + 5_000, postsPerSecond: 50 },
      { at: START + 10_000, postsPerSecond: 50 },
    ]);
    expect(history.latest('demo')).toBe(50);
  });

  it('are told once, when their step is complete', () => {
    const history = new RateHistory();
    expect(history.observe(START, demo(0)).size).toBe(0);
    expect(history.observe(START + 4_000, demo(40)).size).toBe(0);
    expect(history.observe(START + 5_000, demo(55)).get('demo')).toEqual([{ at: START + 5_000, postsPerSecond: 11 }]);
    expect(history.observe(START + 6_000, demo(60)).size).toBe(0);
  });

  it('are the mean of the whole stretch where nobody looked for long', () => {
    const history = new RateHistory();
    history.observe(START, demo(0));
    expect(history.observe(START + 60_000, demo(600)).get('demo')).toEqual([
      { at: START + RATE_STEP_MS, postsPerSecond: 10 },
      { at: START + 60_000, postsPerSecond: 10 },
    ]);
  });

  it('are unknown where the count was begun anew, and known again after', () => {
    const history = new RateHistory();
    history.observe(START, demo(1_000));
    history.observe(START + 5_000, demo(10));
    expect(history.latest('demo')).toBeUndefined();
    history.observe(START + 10_000, demo(60));
    expect(history.latest('demo')).toBe(10);
  });

  it('go on when the clock was set back', () => {
    const history = new RateHistory();
    history.observe(START, demo(0));
    history.observe(START - 3_600_000, demo(0));
    history.observe(START - 3_595_000, demo(25));
    expect(history.latest('demo')).toBe(5);
  });

  it('are kept for ten minutes, and not for collections that are gone', () => {
    const history = new RateHistory();
    for (let step = 0; step <= 500; step += 1) history.observe(START + step * RATE_STEP_MS, demo(step));
    expect(history.all().get('demo')).toHaveLength(120);
    history.observe(START + 501 * RATE_STEP_MS, []);
    expect(history.all().size).toBe(0);
  });
});
