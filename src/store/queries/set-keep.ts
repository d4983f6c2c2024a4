import type { Database } from '../db.ts';
import { forgetLoaded } from '../forget-loaded.ts';
import { COLLECTIONS_CHANNEL } from '../listen.ts';
import { requireKeep } from './add-collection.ts';
import { findCollection } from './find-collection.ts';

/**
 * Changes which rows a collection keeps; `isWider`: rows that went before are wanted now, which a rebuild brings back. To `files`: nothing counts
 * as loaded any more, and the next retention removes the rows. From `files`: the loader begins with what lies there; of a filter collection with
 * what comes, for the stream that it shares is loaded for the others.
 * Throws `collection.unknown` and `collection.invalid`.
 */
export async function setKeep(
  db: Pick<Database, 'transaction'>,
  name: string,
  keep: string,
): Promise<{ before: string; isWider: boolean }> {
  requireKeep(keep);
  return await db.transaction(async (tx) => {
    const { collectionId, keep: before, kind } = await findCollection(tx, name);
    if (before === keep) return { before, isWider: false };
    await tx.query('update collections set keep = $2 where collection_id = $1', [collectionId, keep]);
    if (keep === 'files') await forgetLoaded(tx, collectionId);
    // Loaders passed over its segments while nothing was wanted: they look again.
    if (before === 'files')
      await tx.query('update plans set rebuilds = rebuilds + 1 where collection_id = $1', [collectionId]);
    await tx.query('select pg_notify($1, $2)', [COLLECTIONS_CHANNEL, name]);
    const isLoadedAgain = before === 'files' && kind !== 'filter';
    return { before, isWider: !isLoadedAgain && daysOf(keep) > daysOf(before) };
  });
}

function daysOf(keep: string): number {
  if (keep === 'files') return 0;
  return keep === 'all' ? Number.POSITIVE_INFINITY : Number(keep.slice('days:'.length));
}
