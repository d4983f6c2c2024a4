import type { Queryable } from './db.ts';

/**
 * Sets a collection's ledger back to the beginning and removes its quarantine; its observations are for the caller to remove. Loaders that run
 * notice: their next transaction finds the ledger elsewhere and writes nothing, and they look at the plan's segments anew.
 * `withShared`: also that of the streams that a filter collection shared, for which the caller must remove what all others have of them, too;
 * else these stay as they are. Returns how many segments the ledger knows.
 */
export async function forgetLoaded(
  tx: Queryable,
  collectionId: number,
  { withShared = false }: { withShared?: boolean } = {},
): Promise<number> {
  const ours = `select plan from ${withShared ? 'collection_plans' : 'plans'} where collection_id = $1`;
  // The ledger first: from here on a loader's transaction waits.
  const segments = await tx.query(
    `update segments set loaded_offset = 0, loaded = 0, quarantined = 0, control = 0, damage = null, loaded_at = null,
        state = case when state = 'loaded' then 'sealed' else state end
      where plan in (${ours}) returning segment_id`,
    [collectionId],
  );
  await tx.query(`delete from load_totals where plan in (${ours})`, [collectionId]);
  await tx.query(`delete from filter_totals where collection_id = $1 or plan in (${ours})`, [collectionId]);
  await tx.query(`delete from limit_notices where plan in (${ours})`, [collectionId]);
  await tx.query(
    `delete from quarantined_frames using segments
      where segments.segment_id = quarantined_frames.segment_id and segments.plan in (${ours})`,
    [collectionId],
  );
  await tx.query(`update plans set rebuilds = rebuilds + 1 where plan in (${ours})`, [collectionId]);
  return segments.length;
}
