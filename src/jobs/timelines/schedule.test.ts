import { describe, expect, it } from 'vitest';
import { nextDue, requireCron, retryDue } from './schedule.ts';

const at = (text: string) => Date.parse(text);
const HOUR = 3_600_000;

describe('nextDue', () => {
  it('comes back as the author posts: soon for many posts, once a day for none, never more often than a quarter of an hour', () => {
    const adaptive = { kind: 'adaptive' } as const;
    const wait = (rate: number | undefined) => (nextDue(adaptive, 0, rate) - 0) / HOUR;
    expect(wait(undefined)).toBe(6);
    expect(wait(0)).toBe(24);
    expect(wait(1)).toBe(24);
    expect(wait(200)).toBe(6);
    expect(wait(1200)).toBe(1);
    expect(wait(1_000_000)).toBe(0.25);
  });

  it('keeps a fixed interval from the beginning of the last reading', () => {
    expect(nextDue({ kind: 'every', ms: 6 * HOUR }, 1000, 5)).toBe(1000 + 6 * HOUR);
  });

  it('follows a cron line in its zone, over the hours that a spring leaves out and an autumn repeats', () => {
    const cron = { kind: 'cron', expression: '30 2 * * *', zone: 'Europe/Vienna' } as const;
    expect(new Date(nextDue(cron, at('2026-11-22T00:00:00Z'), undefined)).toISOString()).toBe(
      '2026-11-22T01:30:00.000Z',
    );
    const spring = nextDue(cron, at('2026-03-28T12:00:00Z'), undefined);
    expect(spring).toBeGreaterThan(at('2026-03-29T00:00:00Z'));
    expect(spring).toBeLessThanOrEqual(at('2026-03-30T00:30:00Z'));
    const autumn = nextDue(cron, at('2026-10-24T12:00:00Z'), undefined);
    expect(autumn).toBe(at('2026-10-25T00:30:00Z'));
    expect(nextDue(cron, autumn, undefined)).toBeGreaterThan(autumn);
  });

  it('runs the times of the shipped schedules: 5 */8 and Sundays at 3:05', () => {
    const utc = (expression: string) => ({ kind: 'cron', expression, zone: 'UTC' }) as const;
    expect(new Date(nextDue(utc('5 */8 * * *'), at('2026-11-22T08:05:00Z'), 1)).toISOString()).toBe(
      '2026-11-22T16:05:00.000Z',
    );
    expect(new Date(nextDue(utc('5 3 * * 0'), at('2026-11-22T03:05:00Z'), 1)).toISOString()).toBe(
      '2026-11-29T03:05:00.000Z',
    );
  });
});

describe('requireCron', () => {
  it('refuses what never comes, and what is none, with an example', () => {
    for (const text of ['', '* * * *', '61 * * * *', 'a b c d e', '0 0 31 2 *', '* * * * * *'])
      expect(() => requireCron(text, 'UTC'), text).toThrow(/Write five fields/);
    expect(() => requireCron('5 */8 * * *', 'Europe/Vienna')).not.toThrow();
  });
});

describe('retryDue', () => {
  it('waits twice as long each time, six hours at most', () => {
    expect([1, 2, 3, 50].map((failures) => retryDue(0, failures) / 60_000)).toEqual([5, 10, 20, 360]);
  });
});
