/** How far work that runs in the background has come, where it keeps count of that. */
import type { Queryable } from '../db.ts';

/** `of`: null where nobody can know how much there is. `unit`: what is counted. */
export type WorkProgress = { done: number; of: number | null; unit: 'posts' | 'ids' };

type Row = { done: string; total: string | null };

function toProgress({ done, total }: Row, unit: WorkProgress['unit']): WorkProgress {
  return { done: Number(done), of: total === null ? null : Number(total), unit };
}

/** Of exports, by their name. */
export async function exportProgress(db: Queryable, names: string[]): Promise<Map<string, WorkProgress>> {
  const rows = await db.query<Row & { name: string }>(
    "select name, rows_done as done, rows_total as total from exports where name = any($1::text[]) and state = 'running'",
    [names],
  );
  return new Map(rows.map((row) => [row.name, toProgress(row, 'posts')]));
}

/** Of lists of ids, by their number. They go through in order, so the first that is due tells how many are done: counting millions would take long. */
export async function hydrationProgress(db: Queryable, ids: number[]): Promise<Map<number, WorkProgress>> {
  const rows = await db.query<Row & { hydration_id: number }>(
    `select h.hydration_id, t.total, coalesce(d.position, t.total) as done
      from hydrations h
        cross join lateral (select max(position) + 1 as total from hydration_ids i where i.hydration_id = h.hydration_id) t
        cross join lateral (select min(position) as position from hydration_ids i
          where i.hydration_id = h.hydration_id and i.outcome is null) d
      where h.hydration_id = any($1::integer[]) and t.total is not null`,
    [ids],
  );
  return new Map(rows.map((row) => [row.hydration_id, toProgress(row, 'ids')]));
}

export type ReadTimeline = { collectionId: number; platform: string; accountId: string };

/** Of readings under way, in the order asked for; undefined where none is. How long a timeline is nobody knows. */
export async function timelineProgress(
  db: Queryable,
  timelines: ReadTimeline[],
): Promise<(WorkProgress | undefined)[]> {
  const rows = await db.query<{ at: number; posts: string }>(
    `select k.at::integer as at, r.posts::bigint as posts
      from unnest($1::integer[], $2::text[], $3::text[]) with ordinality as k (collection_id, platform, account_id, at)
        cross join lateral (select posts, finished_at from timeline_runs r
          where r.platform = k.platform and r.account_id = k.account_id and r.collection_id = k.collection_id
          order by started_at desc limit 1) r
      where r.finished_at is null`,
    [
      timelines.map(({ collectionId }) => collectionId),
      timelines.map(({ platform }) => platform),
      timelines.map(({ accountId }) => accountId),
    ],
  );
  const found = new Map(rows.map(({ at, posts }) => [at, posts]));
  return timelines.map((_, nth) => {
    const posts = found.get(nth + 1);
    return posts === undefined ? undefined : { done: Number(posts), of: null, unit: 'posts' };
  });
}
