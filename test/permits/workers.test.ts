/** The shared ledger in simulated time: workers that die, clocks that differ, visits and answers that get lost. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded } from '../support/permits/random.ts';
import { type WorkersOptions, simulateWorkers } from '../support/permits/simulate-workers.ts';

const RUNS = 60;

const worlds: fc.Arbitrary<WorkersOptions> = fc
  .record({
    seed: fc.integer({ min: 1, max: 1e9 }),
    limit: fc.integer({ min: 1, max: 60 }),
    windowMs: fc.integer({ min: 10, max: 120 }).map((seconds) => seconds * 1000),
    windows: fc.constantFrom('first-call' as const, 'fixed' as const),
    skewMs: fc.integer({ min: -5000, max: 5000 }),
    credentials: fc.integer({ min: 1, max: 3 }),
    workers: fc.array(
      fc.record({ callers: fc.integer({ min: 1, max: 5 }), skewMs: fc.integer({ min: -5000, max: 5000 }) }),
      { minLength: 1, maxLength: 4 },
    ),
    slowestCallMs: fc.constantFrom(5, 400, 3000),
    slowestVisitMs: fc.constantFrom(1, 20, 500),
    lostAnswer: fc.constantFrom(0, 0.05),
    lostVisit: fc.constantFrom(0, 0.05, 0.3),
    missingHeaders: fc.constantFrom(0, 0.1, 1),
    death: fc.constantFrom(0, 0.01, 0.1),
  })
  .map(({ seed, limit, windowMs, windows, skewMs, slowestCallMs, slowestVisitMs, ...rest }) => ({
    ...rest,
    platform: { limit, windowMs, windows, skewMs },
    callMs: (random) => slowestCallMs * random(),
    visitMs: (random) => 0.5 + slowestVisitMs * random(),
    leaseMs: 30_000,
    random: seeded(seed),
    untilMs: windowMs * 6,
  }));

describe('workers that share a ledger', () => {
  it('never exceed a window together, whoever dies and whatever gets lost', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { model } = simulateWorkers(world);
        expect(model.refused).toBe(0);
        expect(model.allowed).toBeGreaterThan(0);
      }),
      { numRuns: RUNS },
    );
  });

  it('use what is allowed when nothing goes wrong', () => {
    const limit = 300;
    const { model, visits } = simulateWorkers({
      platform: { limit, windowMs: 900_000, windows: 'first-call', skewMs: -2500 },
      credentials: 2,
      workers: [4, 1, 8].map((callers, index) => ({ callers, skewMs: 1500 * index - 2000 })),
      callMs: (random) => 100 + 100 * random(),
      visitMs: (random) => 1 + 4 * random(),
      ...{ lostAnswer: 0, lostVisit: 0, missingHeaders: 0, death: 0, leaseMs: 30_000 },
      random: seeded(3),
      untilMs: 900_000 * 20,
    });
    expect(model.refused).toBe(0);
    expect(model.allowed).toBeGreaterThanOrEqual(limit * 2 * 20 * 0.995);
    expect(model.longestFromEndMs).toBeLessThan(1500);
    expect(visits).toBeLessThan(model.allowed);
  });
});
