import { describe, expect, it } from 'vitest';
import {
  type BudgetStanding,
  BudgetReached,
  budgetReached,
  monthOf,
  nextDayMs,
  nextMonthMs,
  reserve,
  scopesOf,
} from './budget.ts';
import { allPaused, pauseAfter, pauseOf } from './pause.ts';
import { KNOWN_PRICES, estimateRun, formatMoney, parseMoney, priceOf } from './price-table.ts';

const now = Date.parse('2026-12-31T23:59:59.900Z');
const standing: BudgetStanding = {
  scope: '',
  budgetMicros: 1000,
  spentMicros: 400,
  reservedByOthersMicros: 0,
  others: 0,
};

describe('money', () => {
  it('is read and written without losing a millionth', () => {
    expect(parseMoney('12.5')).toBe(12_500_000);
    expect(parseMoney('$0.000001')).toBe(1);
    expect([parseMoney('1e3'), parseMoney('-1'), parseMoney('1.2345678'), parseMoney('')]).toEqual(
      Array(4).fill(undefined),
    );
    expect([12_500_000, 5_000, 1_234_000_000, 1].map(formatMoney)).toEqual([
      '$12.50',
      '$0.005',
      '$1,234.00',
      '$0.000001',
    ]);
  });

  it('takes the price of the endpoint, else of the kind, and an own price over the known one', () => {
    const wanted = {
      platform: 'x',
      level: 'pay-per-use',
      resource: 'call',
      endpoint: 'GET /2/tweets/counts/all',
    } as const;
    expect(priceOf(KNOWN_PRICES, wanted)).toBe(10_000);
    expect(priceOf(KNOWN_PRICES, { ...wanted, endpoint: 'GET /2/tweets/counts/recent' })).toBe(5_000);
    const own = { platform: 'x', level: 'pay-per-use', resource: 'post', micros: 7 } as const;
    expect(priceOf([...KNOWN_PRICES, own], { ...wanted, resource: 'post' })).toBe(7);
    expect(priceOf(KNOWN_PRICES, { ...wanted, level: 'enterprise' })).toBe(0);
  });

  it('is estimated before a run', () => {
    const run = { units: 180_050, unitsPerCall: 100, unitMicros: 5_000, callsPerWindow: 900, windowMs: 900_000 };
    expect(estimateRun(run)).toEqual({ calls: 1801, micros: 900_250_000, leastMs: 1_800_000 });
  });

  it('is set aside only while a budget has room, and shared near its end', () => {
    const wish = { wantedMicros: 5000, atLeastMicros: 100 };
    expect(reserve([], wish)).toEqual({ grantedMicros: 5000 });
    expect(reserve([standing], wish)).toEqual({ grantedMicros: 600 });
    expect(reserve([{ ...standing, reservedByOthersMicros: 200, others: 1 }], wish)).toEqual({ grantedMicros: 100 });
    expect(reserve([{ ...standing, reservedByOthersMicros: 550 }], wish)).toEqual({ grantedMicros: 0 });
    const full = { ...standing, spentMicros: 901 };
    expect(reserve([standing, full], wish)).toEqual({ grantedMicros: 0, reached: full });
  });

  it('knows months and days of UTC, and says when it goes on', () => {
    expect([monthOf(now), new Date(nextMonthMs(now)).toISOString(), nextDayMs(now)]).toEqual([
      '2026-12',
      '2027-01-01T00:00:00.000Z',
      Date.parse('2027-01-01T00:00:00Z'),
    ]);
    expect(scopesOf({ collection: 'a', user: 'b' })).toEqual(['', 'collection:a', 'user:b']);
    const reached = budgetReached({ ...standing, scope: 'collection:news' }, now);
    expect(reached.message).toContain('mistnet budget set AMOUNT --collection news');
    expect(reached.resumesAtMs).toBe(nextMonthMs(now));
  });
});

describe('a pause', () => {
  const call = { credential: 'team', endpoint: 'GET /2/tweets', resource: 'post' };

  it('lasts as long as its cause, and keeps the credential from just the calls that it concerns', () => {
    expect(pauseAfter(call, { status: 429, refusal: 'rate-limited' }, now)).toBeUndefined();
    const capped = pauseAfter(call, { status: 429, refusal: 'usage-capped', capPeriod: 'day' }, now);
    expect(capped).toMatchObject({ endpoint: '', resource: 'post', untilMs: nextDayMs(now) });
    const refused = pauseAfter(call, { status: 403, refusal: 'credential-refused' }, now);
    const pauses = [capped, refused].filter((pause) => pause !== undefined);
    expect(pauseOf(pauses, call, now)?.why).toBe('usage-capped');
    expect(pauseOf(pauses, call, nextDayMs(now))?.why).toBe('credential-refused');
    expect(pauseOf(pauses, { ...call, endpoint: 'GET /2/users', resource: 'account' }, now)).toBeUndefined();
    expect(allPaused('GET /2/tweets', pauses)).toBeInstanceOf(BudgetReached);
    expect(allPaused('GET /2/tweets', pauses.slice(1)).code).toBe('credential.unusable');
  });
});
