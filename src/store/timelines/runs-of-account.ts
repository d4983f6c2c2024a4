/** The readings of one account's timelines. */
import type { Queryable } from '../db.ts';
import type { RunOutcome } from './timelines.ts';

/** `outcome`: null while it runs. Instants ISO 8601 with Z. */
export type AccountRun = {
  collection: string;
  startedAt: string;
  finishedAt: string | null;
  pages: number;
  posts: number;
  outcome: RunOutcome | null;
  error: string | null;
};

/** The newest first. */
export async function runsOfAccount(
  db: Queryable,
  { platform, accountId }: { platform: string; accountId: string },
  limit: number,
): Promise<AccountRun[]> {
  return await db.query<AccountRun>(
    `select c.name as collection, started_at as "startedAt", finished_at as "finishedAt", pages, posts, outcome, error
      from timeline_runs r join collections c using (collection_id)
      where r.platform = $1 and r.account_id = $2 order by started_at desc limit $3`,
    [platform, accountId, limit],
  );
}
