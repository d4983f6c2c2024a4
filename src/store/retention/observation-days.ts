import type { Queryable } from '../db.ts';

/** The partitions of observations by day of capture (`2026-11-22`), oldest first, and which collections have rows in each. */
export async function observationDays(db: Queryable): Promise<{ day: string; collectionIds: number[] }[]> {
  const days: { day: string; collectionIds: number[] }[] = [];
  for (const table of await partitionsOf(db, 'observations')) {
    // One probe of the key's index per collection: they are few, the rows are many.
    const rows = await db.query<{ collection_id: number }>(
      `select c.collection_id from collections c
        where exists (select from ${table} o where o.collection_id = c.collection_id) order by 1`,
    );
    const day = table.slice('observations_'.length).replaceAll('_', '-');
    days.push({ day, collectionIds: rows.map(({ collection_id }) => collection_id) });
  }
  return days;
}

/** Names of a table's partitions by day or month, oldest first. */
export async function partitionsOf(db: Queryable, parent: 'observations' | 'posts'): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select c.relname::text as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = $1::regclass and c.relname ~ $2 order by c.relname`,
    [parent, `^${parent}_\\d{4}(_\\d\\d)+$`],
  );
  return rows.map(({ name }) => name);
}
