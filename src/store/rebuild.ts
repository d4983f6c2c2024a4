import type { Database } from './db.ts';
import { forgetLoaded } from './forget-loaded.ts';
import { findCollection } from './queries/find-collection.ts';
import { holdLoaders } from './retention/remove-rows.ts';
import { refreshSearchedOf } from './search/forget-posts.ts';

/** What was thrown away: rows that the loader will make anew. */
export type Rebuilt = { observations: number; posts: number; segments: number };

/**
 * Throws away all rows that were made from a collection's segments, so that they are loaded anew: its observations, its
 * quarantined frames, and the posts that no observation of any collection is left for. Accounts stay. A filter collection's segments are those of the stream that it shares, so that the rows
 * of all collections on that stream are made anew with it. Loaders that run notice
 * and begin again; without one, the next start of the worker loads. One transaction: a kill leaves all as it was.
 * Throws `collection.unknown`.
 */
export async function rebuildCollection(db: Database, name: string): Promise<Rebuilt> {
  return db.transaction(async (tx) => {
    const { collectionId } = await findCollection(tx, name);
    const segments = await forgetLoaded(tx, collectionId, { withShared: true });
    await holdLoaders(tx);
    await tx.query(
      'create temporary table left_posts (platform text collate "C", post_id text collate "C", id_at timestamptz) on commit drop',
    );
    const [removed] = await tx.query<{ count: string }>(
      `with removed as (
          delete from observations where collection_id = $1 or segment_id in (
            select segment_id from segments join collection_plans p using (plan) where p.collection_id = $1 and p.is_shared)
          returning platform, post_id, id_at),
          noted as (insert into left_posts select distinct platform, post_id, id_at from removed)
        select count(*) from removed`,
      [collectionId],
    );
    await tx.query('analyze left_posts');
    await refreshSearchedOf(tx, 'left_posts');
    const [posts] = await tx.query<{ count: string }>(
      `with removed as (
          delete from posts p using left_posts l
            where p.platform = l.platform and p.post_id = l.post_id and p.id_at = l.id_at
              and not exists (select from observations o where o.post_id = l.post_id and o.platform = l.platform)
            returning p.post_id)
        select count(*) from removed`,
    );
    return { observations: Number(removed?.count ?? 0), posts: Number(posts?.count ?? 0), segments };
  });
}
