/** What a round of torture does, decided by its seed alone: whom it kills after how many posts, and what the platform does meanwhile. */
import { seededRandom } from '../sample-posts.ts';
import type { FaultWish } from './emulator.ts';

export const victims = ['capture', 'worker', 'server', 'postgres', 'supervisor'] as const;
export type Victim = (typeof victims)[number];

/** Kills at once, each `after` so many posts from the step's beginning; the faults are ordered before. */
export type TortureStep = { kills: { victim: Victim; after: number }[]; faults: FaultWish[] };

/** Weights: the parts that hold data die most. A supervisor's death takes its roles along, so it is rarer. */
const VICTIM_WEIGHTS: readonly (readonly [Victim, number])[] = [
  ['capture', 8],
  ['worker', 8],
  ['server', 3],
  ['postgres', 4],
  ['supervisor', 3],
];
const FAULTS = [
  'cut',
  'half-line',
  'stall',
  'disconnect',
  'http-429',
  'http-503',
  'duplicate',
  'malformed',
  'huge-line',
  'out-of-order',
  'drip',
  'half-open',
];
/** The platform believes in a half-open connection a little longer than we do, so that two are there at once. */
const HALF_OPEN_MS = 5000;
/** Of four steps three come with a fault. */
const FAULT_SHARE = 0.75;
const MOST_AFTER = 400;
const MOST_KILLS_IN_A_STEP = 4;

/** Steps with so many kills in all. The same seed gives the same steps. */
export function planTorture(seed: number, kills: number): TortureStep[] {
  const random = seededRandom(seed);
  const steps: TortureStep[] = [];
  for (let planned = 0; planned < kills; ) {
    const count = Math.min(kills - planned, 1 + Math.floor(random() * MOST_KILLS_IN_A_STEP));
    const chosen = new Set<Victim>();
    while (chosen.size < count) chosen.add(pickVictim(random()));
    planned += chosen.size;
    steps.push({
      kills: [...chosen].map((victim) => ({ victim, after: Math.floor(random() * MOST_AFTER) })),
      faults: random() < FAULT_SHARE ? [pickFault(random)] : [],
    });
  }
  return steps;
}

function pickVictim(at: number): Victim {
  let rest = at * VICTIM_WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [victim, weight] of VICTIM_WEIGHTS) {
    rest -= weight;
    if (rest < 0) return victim;
  }
  return 'capture';
}

function pickFault(random: () => number): FaultWish {
  const kind = FAULTS[Math.floor(random() * FAULTS.length)] ?? 'cut';
  const isStorm = kind.startsWith('http-');
  return {
    kind,
    after: isStorm ? 0 : Math.floor(random() * 200),
    count: isStorm || kind === 'duplicate' ? 1 + Math.floor(random() * 3) : 1,
    ...(kind === 'half-open' ? { forMs: HALF_OPEN_MS } : {}),
  };
}
