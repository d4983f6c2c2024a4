/** Searches that people keep, each for themselves. */
import type { Queryable } from '../db.ts';
import { errorCode } from '../database-errors.ts';

/** `query`: the members of the search as the page's address has them. */
export type SavedSearch = {
  searchId: string;
  name: string;
  query: Record<string, string>;
  createdAt: string;
};

/** Nobody keeps more. */
export const MOST_SAVED = 200;

type Row = { search_id: string; name: string; query: Record<string, string>; created_at: string };

/** By name. `userId` null: of whoever uses the machine itself. */
export async function savedSearches(db: Queryable, userId: string | null): Promise<SavedSearch[]> {
  const rows = await db.query<Row>(
    'select search_id, name, query, created_at from saved_searches where user_id is not distinct from $1 order by lower(name), search_id',
    [userId],
  );
  return rows.map(toSaved);
}

/** One of the same name is replaced. `full`: there are MOST_SAVED others. */
export async function saveSearch(
  db: Queryable,
  userId: string | null,
  { name, query, nowMs }: { name: string; query: Record<string, string>; nowMs: number },
): Promise<SavedSearch | 'full'> {
  const [row] = await db.query<Row>(
    `insert into saved_searches (user_id, name, query, created_at) select $1, $2, $3, $4
        where (select count(*) from saved_searches where user_id is not distinct from $1 and name <> $2) < ${MOST_SAVED}
      on conflict (user_id, name) do update set query = excluded.query
      returning search_id, name, query, created_at`,
    [userId, name, JSON.stringify(query), new Date(nowMs).toISOString()],
  );
  return row === undefined ? 'full' : toSaved(row);
}

/** Whether there was one; that of another is none. */
export async function removeSearch(db: Queryable, userId: string | null, searchId: string): Promise<boolean> {
  try {
    const rows = await db.query(
      'delete from saved_searches where user_id is not distinct from $1 and search_id = $2 returning 1',
      [userId, searchId],
    );
    return rows.length > 0;
  } catch (error) {
    if (errorCode(error) === '22003') return false; // a number that no search ever has
    throw error;
  }
}

function toSaved({ search_id, name, query, created_at }: Row): SavedSearch {
  return { searchId: search_id, name, query, createdAt: created_at };
}
