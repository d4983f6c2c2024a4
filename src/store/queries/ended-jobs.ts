/** Jobs that ended lately: for people who look whether work goes on. */
import { hasQueue } from '../alerts/measure-facts.ts';
import type { Queryable } from '../db.ts';

/** `hour`: its first instant, ISO 8601 with Z. `subject`: what the job's `collection` or `name` begins with, up to a slash; null without. */
export type EndedJobs = {
  queue: string;
  hour: string;
  state: 'completed' | 'failed';
  subject: string | null;
  jobs: number;
};

/** By UTC hour, of those that the queue still knows: it forgets each kind after a time of its own. */
export async function endedJobs(db: Queryable, since: string): Promise<EndedJobs[]> {
  if (!(await hasQueue(db))) return [];
  return await db.query<EndedJobs>(
    `select name as queue, date_trunc('hour', completed_on, 'UTC') as hour, state::text,
        split_part(coalesce(data->>'collection', data->>'name'), '/', 1) as subject, count(*)::integer as jobs
      from pgboss.job where completed_on >= $1 and state in ('completed', 'failed') group by 1, 2, 3, 4`,
    [since],
  );
}
