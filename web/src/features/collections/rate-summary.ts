/** A rate chart in words, and the window that it shows. */
import type { RatePoint } from '../../api/types.ts';
import { formatRate } from '../../format.ts';

/** What is kept, and what is shown at least: a young line shall not stick to the edge. */
const LONGEST_MS = 600_000;
const SHORTEST_MS = 120_000;

/** How far back the chart goes from `now`: as far as there are points, between two and ten minutes. */
export function windowMs(points: readonly RatePoint[], now: number): number {
  const first = points[0]?.at ?? now;
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, now - first));
}

/** What the chart shows, for whoever doesn't see it. */
export function summariseRates(name: string, points: readonly RatePoint[]): string {
  const known = points.map(({ postsPerSecond }) => postsPerSecond).filter((rate) => rate !== null);
  const last = known.at(-1);
  if (last === undefined) return `Posts per second of ${name}: nothing measured yet.`;
  const mean = known.reduce((sum, rate) => sum + rate, 0) / known.length;
  const minutes = Math.round(windowMs(points, points.at(-1)?.at ?? 0) / 60_000);
  return (
    `Posts per second of ${name} over the last ${minutes} minutes: now ${formatRate(last)}, ` +
    `lowest ${formatRate(Math.min(...known))}, highest ${formatRate(Math.max(...known))}, mean ${formatRate(mean)}.`
  );
}
