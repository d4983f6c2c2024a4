/** The worker's part in the text index: what was loaded is indexed behind the loader, by one job at a time in all. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import type { Database } from '../store/db.ts';
import { indexBesideLoader } from '../store/search/give-way.ts';
import { hasBacklog, type KnownMonths } from '../store/search/index-backlog.ts';
import type { JobQueue } from './queue.ts';

export type SearchWork = { db: Database; clock: Clock; signal: AbortSignal; log: Log };

/** A job goes on for so long while there is something to do: then the list of jobs says how far it came. */
const LONGEST_MS = 60_000;
/** New posts are waited for so long between two looks, so that a stream's are indexed within seconds by one job a minute. */
const LOOK_EVERY_MS = 1_000;

/** Begins to take jobs from the queue. What the end of the worker cuts short is in the backlog still. */
export async function workOnSearch(work: SearchWork, queue: JobQueue): Promise<void> {
  const known: KnownMonths = new Set();
  await queue.work('search', async (_, signal) => {
    const indexed = await indexForAWhile({ ...work, signal: AbortSignal.any([work.signal, signal]) }, known);
    if (indexed.posts > 0) work.log.info(indexed, 'search.indexed');
  });
}

/** Puts a job in line when something waits to be indexed. */
export async function queueSearch({ db, clock }: SearchWork, queue: JobQueue): Promise<void> {
  if (await hasBacklog(db)) await queue.enqueue('search', [{ at: new Date(clock.now()).toISOString() }]);
}

async function indexForAWhile(
  { db, clock, signal }: SearchWork,
  known: KnownMonths,
): Promise<{ observations: number; posts: number }> {
  const total = { observations: 0, posts: 0 };
  const endMs = clock.now() + LONGEST_MS;
  for (let idle = 0; !signal.aborted && clock.now() < endMs && idle < 3; ) {
    const indexed = await indexBesideLoader(db, known, signal);
    if (indexed === undefined) {
      idle++;
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {}); // aborted: the loop ends
      continue;
    }
    idle = 0;
    total.observations += indexed.observations;
    total.posts += indexed.posts;
  }
  return total;
}
