/** When a link is tried again that did not come to an end: over days, for what a server or a network cannot do today. */
import type { FollowedLink } from './follow-link.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** After the first try, after the second, and so on; after the last there is none. */
const PAUSES_MS = [HOUR_MS, DAY_MS, 3 * DAY_MS, 7 * DAY_MS];
/** A server that wants longer is asked then all the same. */
const LONGEST_WISH_MS = 7 * DAY_MS;

/**
 * When to try again, in milliseconds since 1970; undefined when what came is final. `tries` counts this one. Again: no answer, 429, and 5xx but for 501 and 505,
 * which no time mends. `Retry-After` can only lengthen the pause.
 */
export function nextTryMs(followed: FollowedLink, tries: number, nowMs: number): number | undefined {
  const pauseMs = PAUSES_MS[tries - 1];
  if (pauseMs === undefined || followed.outcome === 'refused') return undefined;
  if (followed.outcome === 'unreachable') return nowMs + pauseMs;
  const { finalStatus, finalHeaders } = followed;
  const passes = finalStatus === 429 || (finalStatus >= 500 && finalStatus !== 501 && finalStatus !== 505);
  if (!passes) return undefined;
  const wishMs = retryAfterMs([finalHeaders['retry-after']].flat()[0], nowMs);
  return nowMs + Math.max(pauseMs, Math.min(wishMs, LONGEST_WISH_MS));
}

/** Seconds, or an HTTP date; 0 for anything else. */
function retryAfterMs(text: string | undefined, nowMs: number): number {
  if (text === undefined) return 0;
  if (/^\s*\d{1,9}\s*$/.test(text)) return Number(text) * 1000;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? 0 : Math.max(0, ms - nowMs);
}
