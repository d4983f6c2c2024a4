/** What looks find due again and again is put in line again and again; what fails must not fail anew at each look. */
import type { Clock } from '../core/time.ts';
import type { Database } from '../store/db.ts';
import { troubledKeys } from '../store/queries/troubled-jobs.ts';
import { JOB_KINDS, type JobData, type JobKind, queueName } from './job-kinds.ts';
import type { JobQueue } from './queue.ts';

/** What failed for good is tried again by itself after this time; a person may retry it before. */
const REST_MS = 3_600_000;

/** As the queue's `enqueue`, but without what waits for its next try there, and without what failed for good within the last hour. */
export async function enqueueDue<Kind extends JobKind>(
  { db, queue, node, clock }: { db: Database; queue: JobQueue; node: string; clock: Clock },
  kind: Kind,
  jobs: readonly JobData[Kind][],
): Promise<void> {
  if (jobs.length === 0) return;
  const { keyOf } = JOB_KINDS[kind];
  const since = new Date(clock.now() - REST_MS).toISOString();
  const troubled = await troubledKeys(db, queueName(kind, node), since);
  await queue.enqueue(
    kind,
    jobs.filter((job) => !troubled.has(keyOf(job))),
  );
}
