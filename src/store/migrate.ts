/** Brings the schema up to date from `migrations/NNNN_name.sql`: forward only, never edited once released. */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MistnetError, causeText } from '../core/errors.ts';
import { type Client, type Database, inTransaction } from './db.ts';

type Migration = { number: number; name: string; sql: string; sha256: string };

const FOLDER = fileURLToPath(new URL('../../migrations', import.meta.url));
/** Any fixed number that nobody else locks: "mist" and "net". */
const LOCK = [0x6d697374, 0x6e6574];

/**
 * Applies what is missing, each file in its own transaction, one process at a time. Returns the names applied now, in order.
 * Throws `database.newer` when the database knows migrations that we do not, `database.unusable` when one was edited or fails.
 */
export async function migrate(db: Database, { folder = FOLDER }: { folder?: string } = {}): Promise<string[]> {
  const migrations = await readMigrations(folder);
  return db.withClient(async (client) => {
    await client.query('select pg_advisory_lock($1, $2)', LOCK);
    try {
      await client.query(
        'create table if not exists migrations (number integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now())',
      );
      const missing = await findMissing(client, migrations);
      for (const migration of missing) await apply(client, migration);
      return missing.map(({ name }) => name);
    } finally {
      await client.query('select pg_advisory_unlock($1, $2)', LOCK).catch(() => {}); // gone with its connection
    }
  });
}

async function apply(client: Client, { number, name, sql, sha256 }: Migration): Promise<void> {
  try {
    await inTransaction(client, async () => {
      await client.query(sql);
      await client.query('insert into migrations (number, name, sha256) values ($1, $2, $3)', [number, name, sha256]);
    });
  } catch (cause) {
    throw new MistnetError(
      'database.unusable',
      `The migration ${name} failed: ${causeText(cause)}. Nothing of it was kept.`,
      { cause },
    );
  }
}

async function findMissing(client: Client, migrations: Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<{ number: number; name: string; sha256: string }>(
    'select number, name, sha256 from migrations order by number',
  );
  for (const applied of rows) {
    const known = migrations.find(({ number }) => number === applied.number);
    if (known === undefined)
      throw new MistnetError(
        'database.newer',
        `The database was migrated by a newer mistnet (it has ${applied.name}). Use that version or another database.`,
      );
    if (known.sha256 !== applied.sha256)
      throw new MistnetError(
        'database.unusable',
        `The migration ${known.name} differs from the one applied to this database. A released migration must not be edited: restore the file.`,
      );
  }
  return migrations.filter(({ number }) => !rows.some((applied) => applied.number === number));
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file, at) => {
      const number = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(file)?.[1]);
      if (number !== at + 1)
        throw new MistnetError(
          'database.unusable',
          `${join(folder, file)} should be number ${String(at + 1).padStart(4, '0')}.`,
        );
      const sql = await readFile(join(folder, file), 'utf8');
      return { number, name: file.slice(0, -4), sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}
