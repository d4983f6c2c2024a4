/**
 * One reading of one timeline, as a value: newest first, page by page, from what was read before up to the present. No clock, no network, no
 * database: what to remember after each page, what is missing for good, and when to come back.
 */
import { compareIds } from '../../core/ids.ts';
import { snowflakeToMs } from '../../core/snowflake.ts';
import type { Position } from '../../platforms/read-adapter.ts';

/** A reading under way. `run`: who reads; `sinceId`: everything up to here was read before; `oldestSeen` and counts are of this reading. */
export type Sweep = {
  run: string;
  sinceId?: string;
  position: Position;
  pages: number;
  posts: number;
  startedAt: string;
  /** How many posts the profile said there were when its first page came. */
  hadPosts?: number;
  /** What was not read yet when the account went out of sight in the middle, and is told as a gap until it is. */
  unread?: { fromMs: number; toMs: number };
};

/** What is known of a timeline between two readings. `dailyRate`: posts a day, as the last readings saw it. */
export type TimelineState = { newestId?: string; dailyRate?: number; sweptAt?: string };

/** A stretch of time of which posts can no longer be had, ms since 1970. */
export type Unreachable = { fromMs: number; toMs: number; evidence: string };

/** Where X's first account began, for accounts whose own beginning is not known. */
const FIRST_POST_MS = Date.parse('2006-03-21T00:00:00Z');
/** Reposts of posts that are gone, and the like, are counted by the platform and never shown. */
const HORIZON_TOLERANCE = 200;
const DAY_MS = 24 * 3_600_000;

/** After a page: further, and never back. `next`: the position after it, undefined with the last page. */
export function afterPage(sweep: Sweep, page: { postIds: readonly string[] }, next: Position | undefined): Sweep {
  let { oldestId, newestId } = sweep.position;
  for (const id of page.postIds) {
    if (oldestId === undefined || compareIds(id, oldestId) < 0) oldestId = id;
    if (newestId === undefined || compareIds(id, newestId) > 0) newestId = id;
  }
  const seen = { ...(oldestId === undefined ? {} : { oldestId }), ...(newestId === undefined ? {} : { newestId }) };
  return {
    ...sweep,
    position: { ...next, ...seen },
    pages: sweep.pages + 1,
    posts: sweep.posts + page.postIds.length,
  };
}

/**
 * The timeline after a reading that came to its end, and what it could not reach: the platform shows the newest `horizon` posts only. `known`: what
 * the profile says, as far as it was seen: when the account was made, and how many posts it has.
 */
export function finishSweep(
  state: TimelineState,
  sweep: Sweep,
  { nowMs, horizon, known }: { nowMs: number; horizon: number; known: { createdAtMs?: number; posts?: number } },
): { state: TimelineState; unreachable?: Unreachable } {
  const { newestId } = sweep.position;
  const newest = later(state.newestId, newestId);
  const dailyRate = rateOf(state, sweep, nowMs);
  const finished: TimelineState = {
    ...(newest === undefined ? {} : { newestId: newest }),
    ...(dailyRate === undefined ? {} : { dailyRate }),
    sweptAt: new Date(nowMs).toISOString(),
  };
  // One that stood for weeks is cut by what came meanwhile, too, which was not its to read.
  const { hadPosts } = sweep;
  const cameMeanwhile = hadPosts === undefined || known.posts === undefined ? 0 : Math.max(0, known.posts - hadPosts);
  const shown = sweep.posts + cameMeanwhile;
  const isCut = shown >= horizon - HORIZON_TOLERANCE && (known.posts === undefined || known.posts > shown);
  const below = isCut ? stretchBelow(sweep, known.createdAtMs) : undefined;
  if (below === undefined) return { state: finished };
  const counted = known.posts === undefined ? '' : ` of ${known.posts}`;
  const evidence = `the platform shows the newest ${horizon} posts only; ${sweep.posts}${counted} could be read`;
  return { state: finished, unreachable: { ...below, evidence } };
}

/** From what was read before (or the account's beginning, where it is known) up to the oldest post of this reading; undefined when nothing lies there. */
export function stretchBelow(
  { sinceId, position: { oldestId } }: Sweep,
  createdAtMs: number | undefined,
): { fromMs: number; toMs: number } | undefined {
  const toMs = oldestId === undefined ? undefined : snowflakeToMs(oldestId);
  const sinceMs = sinceId === undefined ? undefined : snowflakeToMs(sinceId);
  const fromMs = sinceMs ?? createdAtMs ?? FIRST_POST_MS;
  return toMs === undefined || fromMs >= toMs ? undefined : { fromMs, toMs };
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareIds(a, b) >= 0 ? a : b;
}

/** Posts a day: of the time since the last reading; at first of the span of what was read. Half of it is memory. */
function rateOf({ sweptAt, dailyRate }: TimelineState, sweep: Sweep, nowMs: number): number | undefined {
  const { oldestId } = sweep.position;
  const sinceMs =
    sweptAt === undefined ? (oldestId === undefined ? undefined : snowflakeToMs(oldestId)) : Date.parse(sweptAt);
  if (sinceMs === undefined || nowMs <= sinceMs) return dailyRate;
  const rate = (sweep.posts * DAY_MS) / Math.max(nowMs - sinceMs, 60_000);
  return dailyRate === undefined || sweptAt === undefined ? rate : (rate + dailyRate) / 2;
}
