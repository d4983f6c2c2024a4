/** The real planner in simulated time, against a model of the platform that counts by itself. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded } from '../support/permits/random.ts';
import { type SimulationOptions, simulatePlanner } from '../support/permits/simulate-planner.ts';

const RUNS = Number(process.env.RUNS ?? 150);
const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
const steady = { lostRequest: 0, lostAnswer: 0, missingHeaders: 0, missingDate: 0, lie: 0 };
const usual = { ...steady, latency: (random: () => number) => 150 + 150 * random() };

const worlds: fc.Arbitrary<SimulationOptions> = fc
  .record({
    seed: fc.integer({ min: 1, max: 1e9 }),
    limit: fc.integer({ min: 1, max: 40 }),
    windowMs: fc.integer({ min: 10, max: 300 }).map((seconds) => seconds * 1000),
    windows: fc.constantFrom('first-call' as const, 'fixed' as const),
    skewMs: fc.integer({ min: -5000, max: 5000 }),
    credentials: fc.integer({ min: 1, max: 3 }),
    callers: fc.array(
      fc.record({
        count: fc.integer({ min: 1, max: 6 }),
        pauseMs: fc.constantFrom(0, 100, 3000),
        isUrgent: fc.boolean(),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    slowestMs: fc.constantFrom(1, 50, 400, 4000),
    lost: fc.constantFrom(0, 0.02, 0.2),
    missing: fc.constantFrom(0, 0.1, 1),
    missingDate: fc.constantFrom(0, 0.3, 1),
    lie: fc.constantFrom(0, 0.05),
  })
  .map(({ seed, slowestMs, lost, missing, missingDate, lie, callers, credentials, ...platform }) => ({
    platform,
    credentials,
    callers: callers.map((caller, index) => ({ ...caller, spender: `collection-${index}` })),
    disturbance: {
      latency: (random) => slowestMs * random(),
      lostRequest: lost / 2,
      lostAnswer: lost / 2,
      missingHeaders: missing,
      missingDate,
      lie,
    },
    random: seeded(seed),
    untilMs: platform.windowMs * 8,
  }));

describe('the planner', () => {
  it('never exceeds a window, whatever is slow, skewed, lost, missing or wrong', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { model } = simulatePlanner(world);
        expect(model.refused).toBe(0);
        expect(model.allowed).toBeGreaterThan(0);
      }),
      { numRuns: RUNS },
    );
  });
});
