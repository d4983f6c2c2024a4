/** How many posts platforms said that they held back from a collection's streams. */
import type { Queryable } from '../db.ts';

/**
 * A column of a query over `collections c`: `held_back`, at least so many posts fitted a stream of the collection while it was on it and were
 * not delivered, by the platform's own count. Others may share the stream: which of these posts were whose nobody knows.
 */
export const HELD_BACK_COLUMN = `(select coalesce(sum(growth.posts), 0)::bigint
      from collection_plans p cross join lateral (
        select n.hour, n.held_back - coalesce(lag(n.held_back) over (partition by n.session order by n.hour), 0) as posts
          from limit_notices n where n.plan = p.plan) growth
      where p.collection_id = c.collection_id and growth.hour + interval '1 hour' > p.from_at and growth.hour < p.to_at) as held_back`;

/** Of these collections, those from which anything was held back, over all their time. */
export async function heldBackFrom(
  db: Queryable,
  collectionIds: readonly number[],
): Promise<{ collection: string; posts: number }[]> {
  const rows = await db.query<{ name: string; held_back: string }>(
    `select * from (select c.name, ${HELD_BACK_COLUMN} from collections c where c.collection_id = any($1)) found
      where held_back > 0 order by name`,
    [collectionIds],
  );
  return rows.map(({ name, held_back }) => ({ collection: name, posts: Number(held_back) }));
}
