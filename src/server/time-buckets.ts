/** Counts of hours, as a chart wants them: every bucket, empty ones too. Pure. */

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** A month of hours, two years of days. */
export const LONGEST_HOURS = 744;
export const LONGEST_DAYS = 731;

/** `count` buckets of `step` ms from `fromMs` on, oldest first. Hours outside are left out. */
export function countBuckets(
  hours: Iterable<{ hour: string; posts: number }>,
  { fromMs, step, count }: { fromMs: number; step: number; count: number },
): { start: string; posts: number }[] {
  const counts = Array.from({ length: count }, () => 0);
  for (const { hour, posts } of hours) {
    const at = Math.floor((Date.parse(hour) - fromMs) / step);
    if (at >= 0 && at < count) counts[at] = (counts[at] ?? 0) + posts;
  }
  return counts.map((posts, at) => ({ start: new Date(fromMs + at * step).toISOString(), posts }));
}

/** The middle of the whole hours in which anything came, the running one left out; null for fewer than six: that would be no rule yet. */
export function usualPerHour(hours: readonly number[]): number | null {
  const known = hours.filter((posts) => posts > 0).toSorted((a, b) => a - b);
  if (known.length < 6) return null;
  const half = known.length / 2;
  const [low = 0, high = 0] = [known[Math.ceil(half) - 1], known[Math.floor(half)]];
  return (low + high) / 2;
}
