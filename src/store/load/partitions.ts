/** Partitions by month of id and day of capture, made when the first row needs them. */
import type { Client } from '../db.ts';
import { inTransaction } from '../db.ts';
import type { Batch } from './batch.ts';

/** Partitions known to exist. Forget them when PostgreSQL says that one is missing: retention may have dropped it. */
export type KnownPartitions = Set<string>;

const LOCK = [0x6d697374, 0x70617274]; // "mist", "part"

/**
 * Makes the partitions that a batch needs, before its transaction: adding one locks the whole table for a moment, which
 * must not happen while rows are held.
 */
export async function ensurePartitions(client: Client, batch: Batch, known: KnownPartitions): Promise<void> {
  const missing = [
    ...[...batch.months].map((month) => ({ table: 'posts', part: month, ...monthBounds(month) })),
    ...[...batch.days].map((day) => ({ table: 'observations', part: day, ...dayBounds(day) })),
  ].filter(({ table, part }) => !known.has(`${table}_${part}`));
  if (missing.length === 0) return;
  await inTransaction(client, async () => {
    await client.query('select pg_advisory_xact_lock($1, $2)', LOCK);
    for (const { table, part, from, to } of missing)
      await client.query(
        `create table if not exists ${table}_${part} partition of ${table} for values from ('${from}') to ('${to}')`,
      );
  });
  for (const { table, part } of missing) known.add(`${table}_${part}`);
}

function monthBounds(month: string): { from: string; to: string } {
  const [year = 0, number = 0] = month.split('_').map(Number);
  return {
    from: new Date(Date.UTC(year, number - 1)).toISOString(),
    to: new Date(Date.UTC(year, number)).toISOString(),
  };
}

function dayBounds(day: string): { from: string; to: string } {
  const [year = 0, month = 0, number = 0] = day.split('_').map(Number);
  return {
    from: new Date(Date.UTC(year, month - 1, number)).toISOString(),
    to: new Date(Date.UTC(year, month - 1, number + 1)).toISOString(),
  };
}
