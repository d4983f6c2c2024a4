import type { StreamAdapter } from '../platforms/adapter.ts';

/** A platform may take so long to begin with what was asked for. */
const BACKFILL_SLACK_MS = 120_000;
/** Whoever was connected for so long and got no post has been sent all that there was: a backfill comes at once. */
const SILENT_MS = 30_000;

/** As much of an adapter as tells how far a backfill has come. */
export type BackfillFacts = Pick<StreamAdapter, 'postedAtMs' | 'maxBackfillMinutes'>;

/**
 * Until when a stream was heard, given when its last post came and which that was, and nothing of the connection that brought it. A backfill is
 * sent oldest first: if it broke off there, all after that post is still missing although bytes came until a moment ago. A live post is
 * seconds late, so this may be seconds too early; asking for those once more costs less than losing them. Older posts than a backfill can hold
 * (a replay of last year's) say nothing.
 */
export function heardUntil(
  lastAtMs: number,
  lastId: string | undefined,
  { postedAtMs, maxBackfillMinutes }: BackfillFacts,
): number {
  const postedMs = lastId === undefined || maxBackfillMinutes === 0 ? undefined : postedAtMs(lastId);
  if (postedMs === undefined) return lastAtMs;
  const lateMs = lastAtMs - postedMs;
  return lateMs > 0 && lateMs <= maxBackfillMinutes * 60_000 + BACKFILL_SLACK_MS ? postedMs : lastAtMs;
}

/** One connection that was asked to send again what was missed since `missingSinceMs`. `lastId`: of the last post that it brought. */
export type BackfilledConnection = {
  openedAtMs: number;
  missingSinceMs: number;
  lastByteAtMs: number;
  lastId: string | undefined;
};

/**
 * Until when such a connection was heard when it broke: to its last byte once it had brought a post made after it was opened (then the backfill
 * was through), else to the post it had come to; without a post not at all, so that the silence before it goes on.
 */
export function heardOf(
  { openedAtMs, missingSinceMs, lastByteAtMs, lastId }: BackfilledConnection,
  facts: BackfillFacts,
): number {
  if (lastId === undefined) return lastByteAtMs - openedAtMs >= SILENT_MS ? lastByteAtMs : missingSinceMs;
  const postedMs = facts.postedAtMs(lastId);
  if (postedMs === undefined || postedMs >= openedAtMs) return lastByteAtMs;
  return Math.max(missingSinceMs, heardUntil(lastByteAtMs, lastId, facts));
}
