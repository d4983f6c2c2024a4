import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRates, type Rate } from './rate.ts';
import { RateLedger } from './rate-ledger.ts';

const START = Date.UTC(2026, 10, 22, 13);

/** Calls of one caller, with pauses between, under rates that all hold. */
const sessions = fc.record({
  rates: fc.uniqueArray(
    fc.record({
      limit: fc.integer({ min: 0, max: 6 }),
      windowMs: fc.constantFrom(1000, 10_000, 60_000),
    }),
    { selector: ({ windowMs }) => windowMs, minLength: 1, maxLength: 3 },
  ),
  pauses: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1200 }), fc.constantFrom(1000, 9999, 10_000)), {
    maxLength: 60,
  }),
  speed: fc.constantFrom(1, 60, 0.5),
});

interface Call {
  readonly at: number;
  readonly admitted: boolean;
}

describe('the ledger of rates', () => {
  it('never admits one call more than a limit, never one less, and tells remaining and reset to match', () => {
    fc.assert(
      fc.property(sessions, ({ rates, pauses, speed }) => {
        let now = START;
        const ledger = new RateLedger(
          () => now,
          (at) => START + (at - START) / speed,
        );
        const accounts = rates.map((rate) => ({ key: 'someone', rate }));
        const calls: Call[] = [];
        const windows = new Map<Rate, { began: number; reset: number }>();
        for (const pause of pauses) {
          now += pause;
          const before = accounts.map((account) => ledger.standing(account));
          const admitted = ledger.take(accounts);
          calls.push({ at: now, admitted });
          // Admitted if, and only if, every window had room.
          expect(admitted).toBe(before.every(({ remaining }) => remaining > 0));
          for (const [n, account] of accounts.entries()) {
            const { rate } = account;
            const after = ledger.standing(account);
            const known = windows.get(rate);
            if (known === undefined || now >= known.began + rate.windowMs) {
              windows.set(rate, { began: now, reset: after.resetAt });
            }
            const { began, reset } = windows.get(rate) ?? { began: Number.NaN, reset: Number.NaN };
            const used = calls.filter((call) => call.admitted && call.at >= began && call.at < began + rate.windowMs);
            expect(used.length).toBeLessThanOrEqual(rate.limit);
            expect(after).toEqual({ limit: rate.limit, remaining: rate.limit - used.length, resetAt: reset });
            expect(before[n]?.remaining).toBe(after.remaining + (admitted ? 1 : 0));
            // A client that waits until then by its own clock finds the window over.
            expect(reset * 1000).toBeGreaterThanOrEqual(START + (began + rate.windowMs - START) / speed);
            expect(reset * 1000).toBeLessThan(START + (began + rate.windowMs - START) / speed + 1000);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('gives back all at once, at the very end of the window', () => {
    let now = START;
    const ledger = new RateLedger(
      () => now,
      (at) => at,
    );
    const account = { key: 'k', rate: { limit: 3, windowMs: 900_000 } };
    expect([1, 2, 3, 4].map(() => ledger.take([account]))).toEqual([true, true, true, false]);
    now += 899_999;
    expect(ledger.take([account])).toBe(false);
    now += 1;
    expect(ledger.standing(account)).toMatchObject({ limit: 3, remaining: 3 });
    expect(ledger.take([account])).toBe(true);
    expect(ledger.standing(account)).toEqual({ limit: 3, remaining: 2, resetAt: START / 1000 + 1800 });
  });

  it('counts a refused call nowhere', () => {
    const ledger = new RateLedger(
      () => START,
      (at) => at,
    );
    const second = { key: 'k', rate: { limit: 1, windowMs: 1000 } };
    const quarter = { key: 'k', rate: { limit: 300, windowMs: 900_000 } };
    expect([1, 2, 3].map(() => ledger.take([quarter, second]))).toEqual([true, false, false]);
    expect(ledger.standing(quarter).remaining).toBe(299);
  });
});

describe('rates', () => {
  it('are read from text', () => {
    expect(parseRates('300 1/s')).toEqual([
      { limit: 300, windowMs: 900_000 },
      { limit: 1, windowMs: 1000 },
    ]);
    expect(parseRates('500/24h')).toEqual([{ limit: 500, windowMs: 86_400_000 }]);
    expect(parseRates('')).toEqual([]);
    expect([parseRates('many'), parseRates('5/h'), parseRates('-1'), parseRates('1.5')]).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
  });
});
