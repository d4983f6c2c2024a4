/** The index follows those who remove observations and posts, in their transaction: whoever asks later finds neither posts that are gone nor collections. */
import type { Queryable } from '../db.ts';
import { MARKS } from './search-tokens.ts';
import { SEARCH_AT } from './index-backlog.ts';

/** A post as the tables key it; `id_at` as text, for it may be `-infinity`. */
type PostKey = { platform: string; post_id: string; id_at: string };

/**
 * To be called behind the removal of observations, and before that of posts, with the keys of the posts that lost some; the caller holds the loaders.
 * Rows of posts without any observation go; the others keep the collections that still have one.
 */
export async function refreshSearched(tx: Queryable, keys: readonly PostKey[]): Promise<void> {
  await refreshSearchedOf(
    tx,
    '(select distinct * from unnest($1::text[], $2::text[], $3::timestamptz[]) as k (platform, post_id, id_at))',
    [keys.map(({ platform }) => platform), keys.map(({ post_id }) => post_id), keys.map(({ id_at }) => id_at)],
  );
}

/** The same for keys that a relation holds: a table's name, or a query in parentheses with `values`. */
export async function refreshSearchedOf(tx: Queryable, relation: string, values: unknown[] = []): Promise<void> {
  await tx.query(
    `with left_over as materialized (
        select p.platform, p.post_id, ${SEARCH_AT('p')} as at,
          array(select distinct o.collection_id from observations o where o.post_id = k.post_id and o.platform = k.platform order by 1) as ids
        from ${relation} k join posts p on p.platform = k.platform and p.post_id = k.post_id and p.id_at = k.id_at),
      gone as (
        delete from post_search s using left_over l
          where s.at = l.at and s.post_id = l.post_id and s.platform = l.platform and l.ids = '{}')
      update post_search s set collection_ids = l.ids,
          tokens = ts_delete(s.tokens, array(select '${MARKS.collection}' || id from unnest(s.collection_ids) as id))
            || array_to_tsvector(array(select '${MARKS.collection}' || id from unnest(l.ids) as id))
        from left_over l
        where s.at = l.at and s.post_id = l.post_id and s.platform = l.platform and l.ids <> '{}' and not l.ids @> s.collection_ids`,
    values,
  );
}

/** Of a month of posts that is dropped as a whole. */
export async function forgetSearchedMonth(tx: Queryable, from: string, to: string): Promise<void> {
  await tx.query(
    `delete from post_search s using posts p
      where p.id_at >= $1 and p.id_at < $2 and s.at = p.id_at and s.post_id = p.post_id and s.platform = p.platform`,
    [from, to],
  );
}
