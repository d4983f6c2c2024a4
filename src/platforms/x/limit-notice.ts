/** Notices of v1.1 streams that more posts fitted than are delivered: `{"limit":{"track":1234,"timestamp_ms":"…"}}`. */

/** Most control lines are something else, and need not be parsed once more. */
const MAYBE = /^\s*\{\s*"limit"/;

/**
 * How many posts the connection has held back since it was opened, as a limit notice says; undefined of any other line. The platform counts
 * for each connection anew, and with several counters on one: the highest is the least that is missing.
 */
export function heldBackOf(line: string): number | undefined {
  if (!MAYBE.test(line)) return undefined;
  const { limit } = JSON.parse(line) as { limit?: { track?: unknown } | null };
  const track = typeof limit?.track === 'string' && /^\d{1,15}$/.test(limit.track) ? Number(limit.track) : limit?.track;
  return Number.isSafeInteger(track) && (track as number) >= 0 ? (track as number) : undefined;
}
