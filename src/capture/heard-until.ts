import type { StreamAdapter } from '../platforms/adapter.ts';

/** Posts come within seconds of their making; one that is later than this came by a backfill. */
const LIVE_WITHIN_MS = 20_000;
/** A platform may take so long to begin with what was asked for. */
const BACKFILL_SLACK_MS = 120_000;

/** As much of an adapter as tells how far a backfill has come. */
export type BackfillFacts = Pick<StreamAdapter, 'postedAtMs' | 'maxBackfillMinutes'>;

/**
 * Until when a stream was heard, given when its last post came and which that was. A backfill is sent oldest first: when it broke off, what
 * came last is minutes old, and all after it is still missing although bytes came until a moment ago. Older posts than a backfill
 * can hold (a replay of last year's) say nothing about that.
 */
export function heardUntil(
  lastAtMs: number,
  lastId: string | undefined,
  { postedAtMs, maxBackfillMinutes }: BackfillFacts,
): number {
  const postedMs = lastId === undefined ? undefined : postedAtMs(lastId);
  if (postedMs === undefined) return lastAtMs;
  const lateMs = lastAtMs - postedMs;
  return lateMs > LIVE_WITHIN_MS && lateMs <= maxBackfillMinutes * 60_000 + BACKFILL_SLACK_MS ? postedMs : lastAtMs;
}
