/** The worker's loop of links: what is due goes into the queue, what comes out of it is followed. */
import type { Log } from '../core/log.ts';
import { dueLinks } from '../store/links/due-links.ts';
import { asOnlyExpander } from '../store/links/expander-lock.ts';
import { followDue, type LinkWork } from './links/follow-due.ts';
import type { JobQueue } from './queue.ts';

/** Links that one job follows; a command that waits for its turn comes in between two. */
const LINKS_A_JOB = 200;

/** Begins to take jobs from the queue. What the end of the worker cuts short is due still. */
export async function workOnLinks(work: LinkWork, queue: JobQueue, log: Log): Promise<void> {
  await queue.work('links', async (_, signal) => {
    const until = AbortSignal.any([work.signal, signal]);
    const ended = await asOnlyExpander(work.db, () => followDue({ ...work, signal: until }, LINKS_A_JOB));
    if (ended !== undefined) log.info(ended.result, 'links.followed');
  });
}

/** Puts a job in line when a link is due. */
export async function queueDueLinks({ db, follower: { clock } }: LinkWork, queue: JobQueue): Promise<void> {
  const [due] = await dueLinks(db, clock.now(), 1);
  if (due !== undefined) await queue.enqueue('links', [{ at: new Date(clock.now()).toISOString() }]);
}
