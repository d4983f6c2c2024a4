import type { Queryable } from '../db.ts';

/** `hour`: its begin, ISO 8601 with Z. `posts`: captured in it, repeated ones included. */
export type HourCount = { collection: string; hour: string; posts: number };

/**
 * Posts captured by collection and UTC hour, oldest first, `from` inclusive, `to` exclusive; hours without any are left out. Those of a plan of its own
 * are counted from the ledger of segments, one row a minute and node, whatever the number of posts; those of filters, which share streams, by their
 * rows, from the primary key alone. What was not loaded yet (a minute or two) is missing.
 */
export async function postsByHour(
  db: Queryable,
  { from, to, only }: { from: string; to: string; only?: number },
): Promise<HourCount[]> {
  const rows = await db.query<{ name: string; hour: string; posts: string }>(
    `select c.name, s.hour,
        coalesce(sum(case when c.keep = 'files' then coalesce(s.posts, s.frames) else s.loaded + s.quarantined end), 0)::bigint as posts
      from collections c join plans p using (collection_id) join segments s using (plan)
      where c.kind <> 'filter' and s.hour >= $1 and s.hour < $2 and ($3::integer is null or c.collection_id = $3)
      group by c.name, s.hour
    union all
    select c.name, o.hour, o.posts from collections c cross join lateral (
        select date_trunc('hour', captured_at, 'UTC') as hour, count(*) as posts from observations
          where collection_id = c.collection_id and captured_at >= $1 and captured_at < $2 group by 1) o
      where c.kind = 'filter' and ($3::integer is null or c.collection_id = $3)
    order by hour, name`,
    [from, to, only ?? null],
  );
  return rows
    .map(({ name, hour, posts }) => ({ collection: name, hour, posts: Number(posts) }))
    .filter(({ posts }) => posts > 0);
}
