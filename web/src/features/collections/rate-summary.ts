/** A rate chart in words, and the window that it shows. */
import type { RatePoint } from '../../api/types.ts';
import { formatRate } from '../../format.ts';

export const WINDOW_MS = 600_000;

/** What the chart shows, for whoever doesn't see it. */
export function summariseRates(name: string, points: readonly RatePoint[]): string {
  const known = points.map(({ postsPerSecond }) => postsPerSecond).filter((rate) => rate !== null);
  const last = known.at(-1);
  if (last === undefined) return `Posts per second of ${name}: nothing measured yet.`;
  const mean = known.reduce((sum, rate) => sum + rate, 0) / known.length;
  return (
    `Posts per second of ${name} over the last ten minutes: now ${formatRate(last)}, ` +
    `lowest ${formatRate(Math.min(...known))}, highest ${formatRate(Math.max(...known))}, mean ${formatRate(mean)}.`
  );
}
