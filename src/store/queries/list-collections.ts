import type { Queryable } from '../db.ts';
import { COLLECTION_COLUMNS, type Collection, type CollectionRow, toCollection } from './collection.ts';

/** All collections by name. There are few: people make them by hand. */
export async function listCollections(db: Queryable): Promise<Collection[]> {
  const rows = await db.query<CollectionRow>(`select ${COLLECTION_COLUMNS} from collections order by name`);
  return rows.map(toCollection);
}
