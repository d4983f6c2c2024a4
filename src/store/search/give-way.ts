/**
 * The index gives way to a loader that is behind: while many rows wait to be loaded, it takes a tenth of its time, in short transactions, and catches
 * up when that is over. It never stops: a load without an end is indexed too, slowly.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Queryable } from '../db.ts';
import { type Indexed, indexNext, type KnownMonths } from './index-backlog.ts';

/** A loader that keeps up with capture is within a second of it; clocks of two machines may be further apart than that. */
const BEHIND = '2 minutes';
/** What a loader that is behind has written lately: its transactions are shorter than this. */
const LATELY = '15 seconds';
/** So many of the newest notes are looked at: a loader behind writes one for some thousand rows. */
const NOTES = 20;
const ROWS_BESIDE_LOADER = 250;
const PAUSES_PER_BATCH = 9;
const LONGEST_PAUSE_MS = 15_000;
const LOOK_EVERY_MS = 1_000;

/** Whether some loader writes rows that were captured a while ago: then many more wait for it. */
export async function isLoaderBehind(db: Queryable): Promise<boolean> {
  const [found] = await db.query(
    `select from (select captured_to, noted_at from search_backlog where segment_id is not null order by item_id desc limit ${NOTES}) newest
      where noted_at > now() - interval '${LATELY}' and captured_to < noted_at - interval '${BEHIND}' limit 1`,
  );
  return found !== undefined;
}

/**
 * Indexes the next of the backlog like `indexNext`; while a loader is behind, fewer at once, and then waits nine times as long as that took, at most
 * 15 s. An abort cuts the wait short; what was indexed is told all the same.
 */
export async function indexBesideLoader(
  db: Database,
  known: KnownMonths,
  signal: AbortSignal,
): Promise<Indexed | undefined> {
  if (!(await isLoaderBehind(db))) return await indexNext(db, known);
  const beganMs = performance.now();
  const indexed = await indexNext(db, known, ROWS_BESIDE_LOADER);
  const endedMs = performance.now();
  if (indexed !== undefined)
    await giveWay(db, endedMs + Math.min(LONGEST_PAUSE_MS, PAUSES_PER_BATCH * (endedMs - beganMs)), signal);
  return indexed;
}

/** Until an instant of `performance.now`, or until the loader has caught up. */
async function giveWay(db: Queryable, untilMs: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const leftMs = untilMs - performance.now();
    if (leftMs <= 0 || signal.aborted) return;
    await sleep(Math.min(LOOK_EVERY_MS, leftMs), undefined, { signal }).catch(() => {}); // aborted: the loop ends
    if (leftMs > LOOK_EVERY_MS && !signal.aborted && !(await isLoaderBehind(db))) return;
  }
}
