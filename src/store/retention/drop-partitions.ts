/**
 * Drops whole partitions. A day of observations is detached first, under another name, so that loaders may make it anew; then the posts go that
 * only it held; then the table. Whatever a crash leaves of that is found by its name and finished by the next run.
 */
import type { Database, Queryable } from '../db.ts';
import { lockPartitions, monthBounds } from '../load/partitions.ts';
import { partitionsOf } from './observation-days.ts';
import { forgetSearchedMonth } from '../search/forget-posts.ts';
import { exists, holdLoaders, partitionOfDay, type PostKey, type Removed, removeLeftPosts } from './remove-rows.ts';

const BATCH_ROWS = 5000;
const RETIRED = 'retired_';

/**
 * Detaches a day unless it holds rows of other collections or segments than these; returns whether it did. Waits at most 10 s for those who read
 * the table; PostgreSQL's error then, and nothing is changed.
 */
export async function detachDay(
  db: Database,
  { day, collectionIds, segmentIds }: { day: string; collectionIds: number[]; segmentIds: string[] },
): Promise<boolean> {
  const table = partitionOfDay(day);
  return await db.transaction(async (tx) => {
    await tx.query("set local lock_timeout = '10s'");
    await lockPartitions(tx);
    await holdLoaders(tx);
    if (!(await partitionsOf(tx, 'observations')).includes(table) || (await exists(tx, `${RETIRED}${table}`)))
      return false;
    const [other] = await tx.query(
      `select from ${table} where collection_id <> all($1::integer[]) or segment_id <> all($2::bigint[]) limit 1`,
      [collectionIds, segmentIds],
    );
    if (other !== undefined) return false;
    await tx.query(`alter table observations detach partition ${table}`);
    await tx.query(`alter table ${table} rename to ${RETIRED}${table}`);
    return true;
  });
}

/**
 * Drops the months of posts that no observation is left of, as long as no day up to their end is kept: else it would be in vain to look. Returns
 * how many posts and partitions went.
 */
export async function dropMonths(db: Database): Promise<{ posts: number; partitions: number }> {
  const dropped = { posts: 0, partitions: 0 };
  const [oldestDay] = await partitionsOf(db, 'observations');
  for (const table of await partitionsOf(db, 'posts')) {
    const month = table.slice('posts_'.length);
    const { from, to } = monthBounds(month);
    if (oldestDay === undefined || partitionOfDay(to.slice(0, 10)) > oldestDay) break;
    const posts = await db.transaction(async (tx) => {
      await tx.query("set local lock_timeout = '10s'");
      await lockPartitions(tx);
      await holdLoaders(tx);
      if (!(await exists(tx, table))) return undefined; // another node was here
      const [kept] = await tx.query('select from observations where id_at >= $1 and id_at < $2 limit 1', [from, to]);
      if (kept !== undefined) return undefined;
      const [counted] = await tx.query<{ count: string }>(`select count(*) from ${table}`);
      await forgetSearchedMonth(tx, from, to);
      await tx.query(`alter table posts detach partition ${table}`);
      await tx.query(`drop table ${table}`);
      return Number(counted?.count ?? 0);
    });
    if (posts === undefined) continue;
    dropped.posts += posts;
    dropped.partitions++;
  }
  return dropped;
}

/** What went of detached days; `byCollection`: observations of each collection. */
export type Dropped = Removed & { partitions: number; byCollection: Map<number, number> };

/** Finishes all detached days: removes the posts that nobody else holds, then the table. Two nodes may do it at once. */
export async function dropRetired(db: Database, signal: AbortSignal): Promise<Dropped> {
  const removed: Dropped = { observations: 0, posts: 0, partitions: 0, byCollection: new Map() };
  const tables = await db.query<{ name: string }>(
    `select relname::text as name from pg_class
      where relkind = 'r' and relname ~ $1 and pg_table_is_visible(oid) order by 1`,
    [`^${RETIRED}observations_\\d{4}_\\d\\d_\\d\\d$`],
  );
  for (const { name } of tables) {
    for (let after: string[] | undefined, more = true; more; ) {
      signal.throwIfAborted();
      const batch = await db.transaction((tx) => clearBatch(tx, name, after));
      removed.posts += batch.posts;
      after = batch.last;
      more = after !== undefined;
    }
    if (!(await exists(db, name))) continue; // another node was here
    const counted = await db.query<{ collection_id: number; count: string }>(
      `select collection_id, count(*) from ${name} group by collection_id`,
    );
    await db.query(`drop table if exists ${name}`);
    for (const { collection_id: id, count } of counted) {
      removed.observations += Number(count);
      removed.byCollection.set(id, (removed.byCollection.get(id) ?? 0) + Number(count));
    }
    removed.partitions++;
  }
  return removed;
}

/** Removes the left posts of the next rows in order of the key; `last` is the key it ended at, undefined at the end. */
async function clearBatch(
  tx: Queryable,
  table: string,
  after: string[] | undefined,
): Promise<{ posts: number; last: string[] | undefined }> {
  await holdLoaders(tx);
  if (!(await exists(tx, table))) return { posts: 0, last: undefined };
  const rows = await tx.query<PostKey & { key: string[] }>(
    `select platform, post_id, id_at::text,
        array[collection_id::text, captured_at::text, segment_id::text, content_offset::text] as key from ${table}
      where $1::text[] is null or (collection_id, captured_at, segment_id, content_offset)
        > (($1::text[])[1]::integer, ($1::text[])[2]::timestamptz, ($1::text[])[3]::bigint, ($1::text[])[4]::bigint)
      order by collection_id, captured_at, segment_id, content_offset limit ${BATCH_ROWS}`,
    [after ?? null],
  );
  return { posts: await removeLeftPosts(tx, rows), last: rows.at(-1)?.key };
}
