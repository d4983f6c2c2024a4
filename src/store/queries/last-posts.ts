import type { Queryable } from '../db.ts';

/** `at`: ISO 8601 with Z; null: none came since. */
export type LastPost = { collection: string; at: string | null };

/**
 * When a post of each collection came last, at `since` or later. By its rows; of one whose streams are its own by what capture says too, which is sooner,
 * and all that there is where no rows are kept.
 */
export async function lastPosts(db: Queryable, since: string): Promise<LastPost[]> {
  return await db.query<LastPost>(
    `select c.name as collection, greatest(row.at, said.at) as at from collections c
      left join lateral (select o.captured_at as at from observations o
        where o.collection_id = c.collection_id and o.captured_at >= $1::timestamptz order by o.captured_at desc limit 1) row on true
      left join lateral (select max((s.status->>'lastPostAt')::timestamptz) as at from plan_status s join plans p using (plan)
        where p.collection_id = c.collection_id and (s.status->>'lastPostAt')::timestamptz >= $1::timestamptz) said on true`,
    [since],
  );
}
