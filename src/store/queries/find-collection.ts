import { MistnetError } from '../../core/errors.ts';
import type { Queryable } from '../db.ts';
import { closestNames } from './closest-names.ts';
import { COLLECTION_COLUMNS, type Collection, type CollectionRow, toCollection } from './collection.ts';
import { listCollections } from './list-collections.ts';

/** The collection of this name; throws `collection.unknown`, which names those that may have been meant. */
export async function findCollection(db: Queryable, name: string): Promise<Collection> {
  const rows = await db.query<CollectionRow>(`select ${COLLECTION_COLUMNS} from collections where name = $1`, [name]);
  const row = rows[0];
  if (row !== undefined) return toCollection(row);
  throw unknownCollection(
    name,
    (await listCollections(db)).map((collection) => collection.name),
  );
}

function unknownCollection(name: string, names: string[]): MistnetError {
  const near = closestNames(name, names);
  const hint =
    near.length > 0
      ? `Did you mean ${near.join(' or ')}?`
      : names.length === 0
        ? 'There is none yet: add one by mistnet collection add.'
        : 'mistnet collection list shows those that exist.';
  return new MistnetError('collection.unknown', `There is no collection "${name}". ${hint}`);
}
