import type { RunOutcome } from '../timelines/timelines.ts';
import type { Queryable } from '../db.ts';

/** One reading of a timeline. `handle`: as it is known now; null for an account that nobody follows any more. Instants ISO 8601 with Z. */
export type CollectionRun = {
  runId: string;
  platform: string;
  accountId: string;
  handle: string | null;
  node: string;
  startedAt: string;
  finishedAt: string | null;
  pages: number;
  posts: number;
  outcome: RunOutcome | null;
  error: string | null;
};

type Row = {
  run_id: string;
  platform: string;
  account_id: string;
  handle: string | null;
  node: string;
  started_at: string;
  finished_at: string | null;
  pages: number;
  posts: number;
  outcome: RunOutcome | null;
  error: string | null;
};

/** Readings of a collection of timelines, newest first; `before`: those after this one in that order. */
export async function runsOfCollection(
  db: Queryable,
  collectionId: number,
  { onlyErrors, before, limit }: { onlyErrors: boolean; before?: { startedAt: string; runId: string }; limit: number },
): Promise<CollectionRun[]> {
  const rows = await db.query<Row>(
    `select r.run_id, r.platform, r.account_id, f.handle, r.node, r.started_at, r.finished_at, r.pages, r.posts, r.outcome, r.error
      from timeline_runs r left join followed_accounts f using (platform, account_id)
      where r.collection_id = $1 and (not $2 or r.error is not null)
        and ($3::timestamptz is null or (r.started_at, r.run_id) < ($3, $4::uuid))
      order by r.started_at desc, r.run_id desc limit $5`,
    [collectionId, onlyErrors, before?.startedAt ?? null, before?.runId ?? null, limit],
  );
  return rows.map(({ run_id, account_id, started_at, finished_at, ...row }) => ({
    ...row,
    ...{ runId: run_id, accountId: account_id, startedAt: started_at, finishedAt: finished_at },
  }));
}
