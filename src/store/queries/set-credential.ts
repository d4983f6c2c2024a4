import { requireStreamKind } from '../credentials/stream-kinds.ts';
import type { Database } from '../db.ts';
import { COLLECTIONS_CHANNEL } from '../listen.ts';
import { refuseFiltered } from '../filters/credential-use.ts';
import { filterCredentialChanged } from '../filters/filter-collections.ts';
import { findCollection } from './find-collection.ts';

/**
 * Notes which credential a collection's plans are to be asked with; undefined: any that will do. What runs begins anew with it. The label need not
 * exist yet: until it does, the collection is paused and says so. Throws `collection.unknown`, and
 * `collection.invalid` or `filter.refused` where the credential is used by another kind of stream, `credential.unusable` where it is of a kind that no
 * such stream takes.
 */
export async function setCredential(
  db: Pick<Database, 'transaction'>,
  name: string,
  label: string | undefined,
): Promise<void> {
  await db.transaction(async (tx) => {
    const collection = await findCollection(tx, name);
    const { collectionId, kind, wanted, api } = collection;
    if (label !== undefined) {
      if (kind === 'sample' || kind === 'filter') await requireStreamKind(tx, { credential: label, api });
      if (kind === 'sample' && wanted === 'active') await refuseFiltered(tx, { credential: label, api });
    }
    const changed = await tx.query(
      `update plans set revision = revision + 1,
          body = case when $2::text is null then body - 'credential' else body || jsonb_build_object('credential', $2::text) end
        where collection_id = $1 and body->>'credential' is distinct from $2::text returning plan`,
      [collectionId, label ?? null],
    );
    if (kind === 'filter' && changed.length > 0) await filterCredentialChanged(tx, collection);
    await tx.query('select pg_notify($1, $2)', [COLLECTIONS_CHANNEL, name]);
  });
}
