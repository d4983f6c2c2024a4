/** Partitions by month of id and day of capture, made when the first row needs them. */
import { type Client, type Database, inTransaction, type Queryable } from '../db.ts';
import type { Batch } from './batch.ts';

/** Partitions known to exist. Forget them when PostgreSQL says that one is missing: retention may have dropped it. */
export type KnownPartitions = Set<string>;

const DAY_MS = 86_400_000;
const LOCK = [0x6d697374, 0x70617274]; // "mist", "part"

/**
 * Makes the partitions that a batch needs, before its transaction: adding one locks the whole table for a moment, which
 * must not happen while rows are held.
 */
export async function ensurePartitions(client: Client, batch: Batch, known: KnownPartitions): Promise<void> {
  const missing = partitionsFor(batch).filter(({ name }) => !known.has(name));
  if (missing.length === 0) return;
  await inTransaction(client, () =>
    createPartitions({ query: async (text, values) => (await client.query(text, values)).rows }, missing),
  );
  for (const { name } of missing) known.add(name);
}

/** Makes the partitions of this day and the next two, of this month and the next, so that no load has to wait for them. Throws when it has to wait for 10 s itself. */
export async function ensurePartitionsAhead(db: Database, nowMs: number): Promise<void> {
  const days = [0, 1, 2].map((ahead) =>
    new Date(nowMs + ahead * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '_'),
  );
  const { to } = monthBounds((days[0] as string).slice(0, 7));
  const months = [(days[0] as string).slice(0, 7), to.slice(0, 7).replace('-', '_')];
  await db.transaction(async (tx) => {
    await tx.query("set local lock_timeout = '10s'"); // who waits for a long reader holds all others up
    await createPartitions(tx, partitionsFor({ months, days }));
  });
}

/** Until the transaction ends nobody else makes or drops partitions. To be taken before any lock of the tables. */
export async function lockPartitions(tx: Queryable): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1, $2)', LOCK);
}

type Partition = { table: string; name: string; from: string; to: string };

function partitionsFor({ months, days }: { months: Iterable<string>; days: Iterable<string> }): Partition[] {
  return [
    ...[...months].map((month) => ({ table: 'posts', name: `posts_${month}`, ...monthBounds(month) })),
    ...[...days].map((day) => ({ table: 'observations', name: `observations_${day}`, ...dayBounds(day) })),
  ];
}

async function createPartitions(tx: Queryable, partitions: Partition[]): Promise<void> {
  await lockPartitions(tx);
  for (const { table, name, from, to } of partitions)
    await tx.query(`create table if not exists ${name} partition of ${table} for values from ('${from}') to ('${to}')`);
}

/** The first instant of a month (`2026_11`) and that of the next. */
export function monthBounds(month: string): { from: string; to: string } {
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
