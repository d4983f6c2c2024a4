/** Removes observations, and posts that no observation of any collection is left for. */
import type { Database, Queryable } from '../db.ts';
import { refreshSearched } from '../search/forget-posts.ts';

/** One transaction removes so many observations: loaders wait for it, so it must be short. */
const BATCH_ROWS = 5000;

export type Removed = { observations: number; posts: number };

/** A post as the tables key it; `id_at` as text, for it may be `-infinity`. */
export type PostKey = { platform: string; post_id: string; id_at: string };

/**
 * Keeps loaders from writing until the transaction ends. Without it a post could be taken for left over while a loader that has not
 * committed yet adds an observation of it. Loaders take the same locks in the same order, behind their ledger's row.
 */
export async function holdLoaders(tx: Queryable): Promise<void> {
  await tx.query('lock table only posts, only observations in share row exclusive mode');
}

/** Removes a collection's rows of a day that came from these segments, batch by batch, each with its posts. A kill leaves whole batches. */
export async function removeRows(
  db: Database,
  {
    day,
    collectionId,
    segmentIds,
    signal,
  }: { day: string; collectionId: number; segmentIds: string[]; signal: AbortSignal },
): Promise<Removed> {
  const table = partitionOfDay(day);
  const removed = { observations: 0, posts: 0 };
  for (let rows = BATCH_ROWS; rows === BATCH_ROWS; ) {
    signal.throwIfAborted();
    rows = await db.transaction(async (tx) => {
      await holdLoaders(tx);
      if (!(await exists(tx, table))) return 0; // another node dropped it
      const keys = await tx.query<PostKey>(
        `delete from ${table} where ctid in (
            select ctid from ${table} where collection_id = $1 and segment_id = any($2::bigint[]) limit ${BATCH_ROWS})
          returning platform, post_id, id_at::text`,
        [collectionId, segmentIds],
      );
      removed.posts += await removeLeftPosts(tx, keys);
      removed.observations += keys.length;
      return keys.length;
    });
  }
  return removed;
}

/** Of these posts, removes those without any observation; returns how many. The caller holds the loaders. */
export async function removeLeftPosts(tx: Queryable, keys: PostKey[]): Promise<number> {
  await refreshSearched(tx, keys);
  const [gone] = await tx.query<{ count: string }>(
    `with keys as (select distinct * from unnest($1::text[], $2::text[], $3::timestamptz[]) as k (platform, post_id, id_at)),
        gone as (
          delete from posts p using keys k
            where p.platform = k.platform and p.post_id = k.post_id and p.id_at = k.id_at
              and not exists (select from observations o where o.post_id = k.post_id and o.platform = k.platform)
            returning 1)
      select count(*) from gone`,
    [keys.map(({ platform }) => platform), keys.map(({ post_id }) => post_id), keys.map(({ id_at }) => id_at)],
  );
  return Number(gone?.count ?? 0);
}

/** `observations_2026_11_22`. */
export function partitionOfDay(day: string): string {
  return `observations_${day.replaceAll('-', '_')}`;
}

export async function exists(db: Queryable, table: string): Promise<boolean> {
  const [row] = await db.query<{ oid: string | null }>('select to_regclass($1)::text as oid', [table]);
  return row?.oid != null;
}
