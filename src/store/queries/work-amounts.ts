/** What came of work lately, counted in what it is about: for people who look whether it gets anywhere. */
import type { Queryable } from '../db.ts';

/** `subject`: the collection whose posts they are; null of none. */
export type WorkAmount = {
  kind: 'timeline' | 'hour' | 'export' | 'accounts' | 'links';
  subject: string | null;
  unit: 'requests' | 'posts' | 'accounts' | 'links';
  amount: number;
};

/**
 * Since an instant, ISO 8601 with Z. Of timelines what readings that began since then have brought, those under way too; of hours the posts in datasets; of exports those
 * written by what went on since then. Whatever is none is left out.
 */
export async function workAmounts(db: Queryable, since: string): Promise<WorkAmount[]> {
  const rows = await db.query<Omit<WorkAmount, 'amount'> & { amount: string }>(
    `with readings as (
        select c.name, r.pages, r.posts from collections c cross join lateral (
          select sum(pages) as pages, sum(posts) as posts from timeline_runs r where r.collection_id = c.collection_id and r.started_at >= $1) r
        where c.kind = 'timeline')
      select * from (
        select 'timeline' as kind, name as subject, 'requests' as unit, pages as amount from readings
        union all select 'timeline', name, 'posts', posts from readings
        union all select 'hour', c.name, 'posts', sum((d.manifest->'counts'->>'tweets')::bigint)
          from datasets d join collections c using (collection_id) where d.built_at >= $1 group by c.name
        union all select 'export', null, 'posts', sum(rows_done) from exports where progressed_at >= $1
        union all select 'accounts', null, 'accounts', count(*) from followed_accounts where checked_at >= $1
        union all select 'links', null, 'links', count(*) from links where checked_at >= $1) counted
      where amount > 0`,
    [since],
  );
  return rows.map((row) => ({ ...row, amount: Number(row.amount) }));
}
