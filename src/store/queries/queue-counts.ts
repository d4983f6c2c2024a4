/** How many jobs stand in each queue, and how many ended lately. */
import { hasQueue } from '../alerts/measure-facts.ts';
import type { Queryable } from '../db.ts';

/** `state`: by the queue library's names. `subject`: what the job's `collection` or `name` begins with, up to a slash; null without. */
export type QueueCount = {
  queue: string;
  state: 'created' | 'retry' | 'active' | 'completed' | 'failed';
  subject: string | null;
  jobs: number;
};

/** Those that wait and run now, and those that ended since an instant, as far as the queue still knows them. */
export async function queueCounts(db: Queryable, since: string): Promise<QueueCount[]> {
  if (!(await hasQueue(db))) return [];
  return await db.query<QueueCount>(
    `select name as queue, state::text, split_part(coalesce(data->>'collection', data->>'name'), '/', 1) as subject, count(*)::integer as jobs
      from pgboss.job where state in ('created', 'retry', 'active') or (state in ('completed', 'failed') and completed_on >= $1)
      group by 1, 2, 3`,
    [since],
  );
}
