import { MistnetError } from '../../core/errors.ts';
import type { Database } from '../db.ts';
import { keptOfCollection } from './kept-files.ts';
import { findCollection } from './find-collection.ts';
import { setKeep } from './set-keep.ts';
import { setWanted } from './set-wanted.ts';

/** `gone`: nothing was ever collected, and nothing is left of it. `emptied`: it stays listed, stopped, with files only. */
export type Removal = 'gone' | 'emptied';

/** A node that said nothing for so long does not capture it any more. */
const SILENT = `interval '10 seconds'`;

/**
 * Gives a collection up. One that never had anything disappears, and its name is free. Of any other the posts that no other collection has leave the
 * database with the next retention, which first sees that they are whole in files; files are never removed here, and it stays listed so
 * that nobody wonders whose they are. Throws `collection.unknown`, and `collection.invalid` while a node still captures it.
 */
export async function removeCollection(db: Database, name: string): Promise<Removal> {
  return await db.transaction(async (tx) => {
    const { collectionId } = await findCollection(tx, name);
    const running = await tx.query(
      `select from plan_status s join plans p using (plan) where p.collection_id = $1 and s.stored_at > now() - ${SILENT}
        and s.status->>'state' not in ('stopped', 'failed', 'paused')`,
      [collectionId],
    );
    if (running.length > 0)
      throw new MistnetError(
        'collection.invalid',
        `Collection "${name}" still collects. Stop it first, and wait until it says that it is stopped.`,
      );
    await setWanted(tx, name, 'stopped');
    const { observations, segments, datasets } = await keptOfCollection(tx, collectionId);
    if (observations + segments + datasets > 0) {
      await setKeep(tx, name, 'files');
      return 'emptied';
    }
    for (const table of ['timelines', 'timeline_runs', 'collection_seeds', 'datasets'])
      await tx.query(`delete from ${table} where collection_id = $1`, [collectionId]);
    await tx.query('delete from load_totals where plan in (select plan from plans where collection_id = $1)', [
      collectionId,
    ]);
    await tx.query('delete from plans where collection_id = $1', [collectionId]);
    await tx.query('delete from collections where collection_id = $1', [collectionId]);
    return 'gone';
  });
}
