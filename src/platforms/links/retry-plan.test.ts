import { describe, expect, it } from 'vitest';
import type { FollowedLink } from './follow-link.ts';
import { nextTryMs } from './retry-plan.ts';

const NOW = Date.parse('2026-11-22T13:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const base = { history: [], finalUrl: 'https://example.org/', durationMs: 1, checkedAt: '' };
const answered = (finalStatus: number, finalHeaders = {}): FollowedLink => ({
  ...base,
  ...{ outcome: 'answered', finalStatus, finalHeaders },
});
const silent: FollowedLink = { ...base, outcome: 'unreachable', cause: '', isHostGone: true };
const pause = (followed: FollowedLink, tries: number) => {
  const at = nextTryMs(followed, tries, NOW);
  return at === undefined ? undefined : at - NOW;
};

describe('a link is tried again', () => {
  it('after an hour, a day, three days, a week, and then no more', () => {
    for (const each of [silent, answered(429), answered(500), answered(503)])
      expect([1, 2, 3, 4, 5, 6].map((tries) => pause(each, tries))).toEqual([
        HOUR,
        DAY,
        3 * DAY,
        7 * DAY,
        undefined,
        undefined,
      ]);
  });

  it('not after an answer, nor when it is not to be followed', () => {
    for (const status of [200, 301, 400, 403, 404, 410, 451, 501, 505])
      expect(pause(answered(status), 1)).toBeUndefined();
    expect(pause({ ...base, outcome: 'refused', why: '' }, 1)).toBeUndefined();
  });

  it('later when the server wishes so, within a week', () => {
    const wish = (value: string) => pause(answered(503, { 'retry-after': value }), 1);
    expect(wish('7200')).toBe(2 * HOUR);
    expect(wish('5')).toBe(HOUR);
    expect(wish('999999999')).toBe(7 * DAY);
    expect(wish('Sun, 22 Nov 2026 16:00:00 GMT')).toBe(3 * HOUR);
    expect(wish('Sat, 21 Nov 2026 16:00:00 GMT')).toBe(HOUR);
    expect(wish('soon')).toBe(HOUR);
  });
});
