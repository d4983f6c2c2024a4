/** The real planner in simulated time, against a model of the platform that counts by itself. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded } from '../support/permits/random.ts';
import { type SimulationOptions, simulatePlanner } from '../support/permits/simulate-planner.ts';

const RUNS = 120;
const QUARTER_MS = 900_000;
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

  it('uses what is allowed, refuses nothing and reopens quickly, for some windows of 15 minutes', () => {
    for (const [credentials, limit, kind] of [
      [1, 15, 'first-call'],
      [4, 180, 'first-call'],
      [2, 900, 'first-call'],
      [1, 15, 'fixed'],
      [4, 15, 'fixed'],
    ] as const) {
      const windows = 24;
      const { model } = simulatePlanner({
        platform: { limit, windowMs: QUARTER_MS, windows: kind, skewMs: 3210 },
        credentials,
        callers: [{ spender: 'a', count: 2 * credentials }],
        disturbance: usual,
        random: seeded(limit),
        untilMs: windows * QUARTER_MS,
      });
      expect(model.refused).toBe(0);
      expect(model.allowed).toBeGreaterThanOrEqual(0.995 * credentials * limit * windows);
      expect(model.longestReopenMs).toBeLessThanOrEqual(1500);
      // The second to which the platform rounds its resets up cannot be had back.
      expect(model.longestFromEndMs).toBeLessThanOrEqual(1000 + 1500);
    }
  });

  it('gets 1,800 accounts polled in little more than the least time', () => {
    const { endedAtMs, model } = simulatePlanner({
      platform: { limit: 900, windowMs: QUARTER_MS, windows: 'first-call', skewMs: -1234 },
      credentials: 1,
      callers: [{ spender: 'a', count: 8 }],
      disturbance: { ...steady, latency: () => 225 },
      random: seeded(1),
      untilMs: 4 * QUARTER_MS,
      untilAnswered: 1800,
    });
    expect(model.refused).toBe(0);
    expect(endedAtMs).toBeLessThanOrEqual(1.05 * (QUARTER_MS + 113 * 450));
  });

  it('serves collections by their weights, and what is urgent first without starving the rest', () => {
    const { answeredBySpender } = simulatePlanner({
      platform: { limit: 20, windowMs: 60_000, windows: 'fixed', skewMs: 0 },
      credentials: 1,
      callers: [
        { spender: 'busy', count: 40 },
        { spender: 'small', count: 10 },
        { spender: 'heavy', count: 20, weight: 2 },
      ],
      disturbance: usual,
      random: seeded(5),
      untilMs: 60_000 * 40,
    });
    const share = (spender: string) => (answeredBySpender.get(spender) ?? 0) / (20 * 40);
    expect(share('busy')).toBeCloseTo(0.25, 1);
    expect(share('small')).toBeCloseTo(0.25, 1);
    expect(share('heavy')).toBeCloseTo(0.5, 1);
    const urgent = simulatePlanner({
      platform: { limit: 16, windowMs: 60_000, windows: 'fixed', skewMs: 0 },
      credentials: 1,
      callers: [
        { spender: 'calm', count: 8 },
        { spender: 'now', count: 20, isUrgent: true },
      ],
      disturbance: usual,
      random: seeded(6),
      untilMs: 60_000 * 20,
    }).answeredBySpender;
    expect(urgent.get('now') ?? 0).toBeGreaterThan(5 * (urgent.get('calm') ?? 0));
    expect(urgent.get('calm') ?? 0).toBeGreaterThanOrEqual(2 * 19);
  });

  it('lets no call wait for longer than a few windows while each window has calls for all who wait', () => {
    const { longestWaitMs } = simulatePlanner({
      platform: { limit: 30, windowMs: 60_000, windows: 'first-call', skewMs: 900 },
      credentials: 2,
      callers: [
        { spender: 'a', count: 10 },
        { spender: 'b', count: 5 },
      ],
      disturbance: { ...usual, lostAnswer: 0.05, missingHeaders: 0.05, lie: 0.05 },
      random: seeded(9),
      untilMs: 60_000 * 60,
    });
    expect(longestWaitMs).toBeLessThan(3 * 60_000);
  });
});
