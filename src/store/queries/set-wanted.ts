import { MistnetError } from '../../core/errors.ts';
import type { Database, Queryable } from '../db.ts';
import { COLLECTIONS_CHANNEL } from '../listen.ts';
import { refuseFiltered } from '../filters/credential-use.ts';
import { filterWanted } from '../filters/filter-collections.ts';
import type { Collection, Wanted } from './collection.ts';
import { findCollection } from './find-collection.ts';
import { noteWanted } from './wanted-spans.ts';

/**
 * Notes whether a collection should be captured, and tells who listens. The plans' revision grows only when the wish changes.
 * Throws `collection.unknown`, `collection.invalid` where there is nothing to start or a sample's credential is a filter's, and `filter.refused` where a filter's credential has no room or is used.
 */
export async function setWanted(db: Database, name: string, wanted: Wanted): Promise<Collection> {
  return db.transaction(async (tx) => {
    const collection = await findCollection(tx, name);
    if (collection.kind === 'import' && wanted === 'active')
      throw new MistnetError(
        'collection.invalid',
        `Collection "${name}" collects nothing by itself; mistnet import FILE --collection ${name} brings posts into it.`,
      );
    const changed = await tx.query(
      'update collections set wanted = $2 where collection_id = $1 and wanted <> $2 returning collection_id',
      [collection.collectionId, wanted],
    );
    if (changed.length > 0) {
      if (collection.kind === 'sample' && wanted === 'active') await requireFree(tx, collection);
      await tx.query('update plans set revision = revision + 1 where collection_id = $1', [collection.collectionId]);
      await noteWanted(tx, collection.collectionId, wanted);
      await tx.query('select pg_notify($1, $2)', [COLLECTIONS_CHANNEL, name]);
      if (collection.kind === 'filter') await filterWanted(tx, collection, wanted);
    }
    return { ...collection, wanted };
  });
}

/** The credential that a sample names must not be another stream's. */
async function requireFree(tx: Queryable, { collectionId, api }: Collection): Promise<void> {
  const [row] = await tx.query<{ credential: string | null }>(
    `select body->>'credential' as credential from plans where collection_id = $1`,
    [collectionId],
  );
  if (row?.credential != null) await refuseFiltered(tx, { credential: row.credential, api });
}
