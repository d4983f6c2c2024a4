import type { Queryable } from '../db.ts';
import type { IdSpan } from './read-selected.ts';
import { type PostSelection, selectionSql } from './selection.ts';
import { reasonSql } from './withdrawn-sql.ts';

/**
 * How many rows a selection has, counted from the other side than `readSelected` reads it: posts that have a meeting, not meetings put
 * together by post. In the same snapshot the two must agree. `span`: of the instants of their ids.
 */
export async function countSelected(
  snapshot: Queryable,
  selection: PostSelection,
): Promise<{ rows: number; span: IdSpan }> {
  const { values, observed, posts, shared } = selectionSql(selection);
  const meets = 'o.platform = p.platform and o.post_id = p.post_id and o.id_at = p.id_at';
  const text =
    selection.observations === 'newest'
      ? `select ${counted('p')} from posts p where ${posts} and ${shared} and exists (select from observations o where ${meets} and ${observed})`
      : `select ${counted('o')} from observations o where ${observed} and exists (select from posts p where ${meets} and ${posts} and ${shared})`;
  const [row] = await snapshot.query<{ rows: string; first: string | null; last: string | null }>(text, values);
  const { rows, first = null, last = null } = row ?? {};
  return { rows: Number(rows), span: first === null || last === null ? undefined : { first, last } };
}

/** To the microsecond: an instant cut to milliseconds would leave the last ids out. */
function counted(table: 'o' | 'p'): string {
  return `count(*) as rows, min(${table}.id_at)::text as first, max(${table}.id_at)::text as last`;
}

/** How many posts of a selection may not be shared any more, by why, whether they are left out or not. */
export async function countWithdrawn(
  snapshot: Queryable,
  selection: PostSelection,
): Promise<{ reason: string; posts: number }[]> {
  const { withdrawals } = selection;
  if (!withdrawals.posts && !withdrawals.accounts) return [];
  const { values, observed, posts } = selectionSql(selection);
  const rows = await snapshot.query<{ reason: string; posts: string }>(
    `select reason, count(*) as posts from posts p cross join lateral (select ${reasonSql(withdrawals)} as reason offset 0) why
      where ${posts} and reason is not null
        and exists (select from observations o where o.platform = p.platform and o.post_id = p.post_id and o.id_at = p.id_at and ${observed})
      group by reason order by reason`,
    values,
  );
  return rows.map(({ reason, posts: count }) => ({ reason, posts: Number(count) }));
}
