/** The worker's loops of accounts and timelines: what is due goes into the queue, what comes out of it is read. */
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import type { Asker } from '../platforms/make-call.ts';
import { dueForCheck } from '../store/accounts/change-followed.ts';
import type { Database } from '../store/db.ts';
import { hydrationsToRun } from '../store/hydrations/hydrations.ts';
import { checkAccounts } from './accounts/check-accounts.ts';
import type { AccountQuestions } from './accounts/look-up.ts';
import { type HydrationWork, hydrateIds } from './hydrations/hydrate-ids.ts';
import type { JobQueue } from './queue.ts';
import type { TimelineDesk } from './timelines/timeline-desk.ts';

export type TimelineWork = {
  db: Database;
  desk: TimelineDesk;
  asker: Asker;
  questions: AccountQuestions;
  hydrations: HydrationWork;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
};

/** Accounts that one job looks at; the rest is due still and comes with the next. */
const ACCOUNTS_A_JOB = 10_000;

/** Begins to take jobs from the queue. Those that the end of the worker cuts short are left to whoever comes next. */
export async function workOnTimelines(work: TimelineWork, queue: JobQueue): Promise<void> {
  await queue.work('timeline', async (job, cancelled) => {
    if (work.signal.aborted) throw work.signal.reason;
    const { outcome, posts, paused } = await work.desk.read(job, cancelled);
    if (paused !== undefined) work.log.warn({ account: job.accountId, paused }, 'timeline.paused');
    else work.log.debug({ account: job.accountId, outcome, posts }, 'timeline.ended');
  });
  await queue.work('hydration', ({ hydrationId }, taken) => hydrateIds(work.hydrations, hydrationId, taken));
  await queue.work('accounts', async (_, signal) => {
    const { db, clock } = work;
    const due = await dueForCheck(db, clock.now(), ACCOUNTS_A_JOB);
    for await (const { news, unsaid } of checkAccounts(
      { ...work, signal: AbortSignal.any([work.signal, signal]) },
      due,
    ))
      work.log.info({ changed: news.length, unsaid: unsaid.length }, 'accounts.checked');
  });
}

/** Puts what is due in line. Call it every few seconds. */
export async function queueDue({ db, desk, clock }: TimelineWork, queue: JobQueue): Promise<void> {
  await queue.enqueue('timeline', await desk.look());
  await queue.enqueue('hydration', await hydrationsToRun(db, clock.now()));
  const [due] = await dueForCheck(db, clock.now(), 1);
  if (due !== undefined) await queue.enqueue('accounts', [{ at: new Date(clock.now()).toISOString() }]);
}
