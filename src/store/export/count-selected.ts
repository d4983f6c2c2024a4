import type { Queryable } from '../db.ts';
import { type PostSelection, selectionSql } from './selection.ts';

/**
 * How many rows a selection has, counted from the other side than `readSelected` reads it: posts that have a meeting, not meetings put
 * together by post. In the same snapshot the two must agree.
 */
export async function countSelected(snapshot: Queryable, selection: PostSelection): Promise<number> {
  const { values, observed, posts } = selectionSql(selection);
  const meets = 'o.platform = p.platform and o.post_id = p.post_id and o.id_at = p.id_at';
  const text =
    selection.observations === 'newest'
      ? `select count(*) as rows from posts p where ${posts} and exists (select from observations o where ${meets} and ${observed})`
      : `select count(*) as rows from observations o where ${observed} and exists (select from posts p where ${meets} and ${posts})`;
  const [row] = await snapshot.query<{ rows: string }>(text, values);
  return Number(row?.rows);
}
