import { hasQueue } from '../alerts/measure-facts.ts';
import type { Queryable } from '../db.ts';

/** Keys of a queue's jobs that wait for another try after a failure, or failed for good since the instant (ISO 8601). */
export async function troubledKeys(db: Queryable, queue: string, failedSince: string): Promise<Set<string>> {
  if (!(await hasQueue(db))) return new Set();
  const rows = await db.query<{ key: string }>(
    `select distinct singleton_key as key from pgboss.job
      where name = $1 and (state = 'retry' or state = 'failed' and completed_on > $2) and singleton_key is not null`,
    [queue, failedSince],
  );
  return new Set(rows.map(({ key }) => key));
}
