/** Posts per second of each collection over the last minutes, made of its count of captured posts. No clock, no timers. */

/** One point: the mean rate of the step that ended at `at` (ms since 1970); null where the count says nothing. */
export type RatePoint = { at: number; postsPerSecond: number | null };

export const RATE_STEP_MS = 5_000;
const KEPT_POINTS = 120;
/** Observations come a little early or late; a step may be this much shorter. */
const SLACK_MS = 300;

type Track = { observedAt: number; captured: number; points: RatePoint[] };

export class RateHistory {
  readonly #tracks = new Map<string, Track>();

  /**
   * Takes what was captured by `now`. Returns the points that this completed, by collection; empty between steps.
   * Collections that are not listed any more are forgotten.
   */
  observe(now: number, collections: Iterable<{ name: string; captured: number }>): Map<string, RatePoint[]> {
    const completed = new Map<string, RatePoint[]>();
    const listed = new Set<string>();
    for (const { name, captured } of collections) {
      listed.add(name);
      const track = this.#tracks.get(name);
      if (track === undefined) {
        this.#tracks.set(name, { observedAt: now, captured, points: [] });
        continue;
      }
      // A clock set back would wait for hours for its next step: begin anew from here.
      if (now < track.observedAt) Object.assign(track, { observedAt: now, captured });
      if (now - track.observedAt < RATE_STEP_MS - SLACK_MS) continue;
      const points = pointsBetween(track, now, captured);
      track.points = [...track.points, ...points].slice(-KEPT_POINTS);
      Object.assign(track, { observedAt: now, captured });
      completed.set(name, points);
    }
    for (const name of this.#tracks.keys()) if (!listed.has(name)) this.#tracks.delete(name);
    return completed;
  }

  /** All points kept of each collection, oldest first: at most ten minutes. */
  all(): Map<string, RatePoint[]> {
    return new Map([...this.#tracks].map(([name, { points }]) => [name, points]));
  }

  /** The newest rate of a collection; undefined until one is known. */
  latest(name: string): number | undefined {
    return this.#tracks.get(name)?.points.at(-1)?.postsPerSecond ?? undefined;
  }
}

/** One point, or two when nobody looked for longer than a step: the mean holds for the whole stretch, drawn flat. */
function pointsBetween(track: Track, now: number, captured: number): RatePoint[] {
  const elapsed = now - track.observedAt;
  // Counts only grow; one that shrank was begun anew (a rebuild, another database).
  const postsPerSecond =
    captured < track.captured ? null : Math.round(((captured - track.captured) * 10_000) / elapsed) / 10;
  const end = { at: now, postsPerSecond };
  return elapsed > 2 * RATE_STEP_MS ? [{ at: track.observedAt + RATE_STEP_MS, postsPerSecond }, end] : [end];
}
