import { readFile, readdir, writeFile, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase, timestampToIso } from '../../src/store/db.ts';
import { dumpSchema } from '../../src/store/dump-schema.ts';
import { migrate } from '../../src/store/migrate.ts';
import { freshDatabase } from '../support/database.ts';
import { temporaryFolder } from '../support/loader.ts';

const MIGRATIONS = join(import.meta.dirname, '../../migrations');

async function copyOfMigrations() {
  const folder = await temporaryFolder();
  for (const file of await readdir(MIGRATIONS)) await copyFile(join(MIGRATIONS, file), join(folder.path, file));
  return folder;
}

describe('the migrations', () => {
  it('make the schema that the golden file shows (node test/support/write-schema.ts writes it)', async () => {
    await using test = await freshDatabase();
    const golden = await readFile(join(import.meta.dirname, '../golden/schema.sql'), 'utf8');
    expect(await dumpSchema(test.db)).toBe(golden);
  });

  it('are applied once, by whichever of several processes comes first', async () => {
    await using test = await freshDatabase({ empty: true });
    const names = (await readdir(MIGRATIONS)).map((file) => file.slice(0, -4)).sort();
    const applied = await Promise.all([migrate(test.db), migrate(test.db), migrate(test.db)]);
    expect(applied.flat().sort()).toEqual(names);
    expect(await migrate(test.db)).toEqual([]);
  });

  it('are refused when a released one was edited', async () => {
    await using test = await freshDatabase();
    await using folder = await copyOfMigrations();
    const [first = ''] = (await readdir(folder.path)).sort();
    await writeFile(join(folder.path, first), 'select 1; -- edited');
    await expect(migrate(test.db, { folder: folder.path })).rejects.toMatchObject({
      code: 'database.unusable',
      message: expect.stringContaining(first.slice(0, -4)),
    });
  });

  it('say so when the database was migrated by a newer mistnet', async () => {
    await using test = await freshDatabase();
    await test.db.query("insert into migrations (number, name, sha256) values (9000, '9000_later', '')");
    await expect(migrate(test.db)).rejects.toMatchObject({ code: 'database.newer' });
  });

  it('leave nothing of one that fails, and can go on when it is mended', async () => {
    await using test = await freshDatabase();
    await using folder = await copyOfMigrations();
    const next = String((await readdir(folder.path)).length + 1).padStart(4, '0');
    const path = join(folder.path, `${next}_more.sql`);
    await writeFile(path, 'create table more (id integer); create table collections (id integer);');
    await expect(migrate(test.db, { folder: folder.path })).rejects.toMatchObject({ code: 'database.unusable' });
    expect(await test.db.query("select to_regclass('more') as found")).toEqual([{ found: null }]);
    await writeFile(path, 'create table more (id integer);');
    expect(await migrate(test.db, { folder: folder.path })).toEqual([`${next}_more`]);
  });
});

describe('the database', () => {
  it('that does not answer is named by host and port, without the password', async () => {
    const opening = openDatabase('postgres://someone:hush@127.0.0.1:1/x', { max: 1, applicationName: 'test' });
    await expect(opening).rejects.toMatchObject({
      code: 'database.unreachable',
      message: 'PostgreSQL at 127.0.0.1:1 does not answer (ECONNREFUSED). Start it or correct MISTNET_DATABASE_URL.',
    });
  });

  it('that refuses the password is unusable, and the sentence does not show it', async () => {
    await using test = await freshDatabase();
    const wrong = test.url.replace(/:[^:@/]+@/, ':hush@');
    const error = await openDatabase(wrong, { max: 1, applicationName: 'test' }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'database.unusable',
      message: expect.stringContaining('authentication failed'),
    });
    expect((error as Error).message).not.toContain('hush');
  });

  it('gives int8 as text and instants as ISO 8601 with Z, whatever zone the session has', async () => {
    await using test = await freshDatabase();
    const rows = await test.db.transaction(async (tx) => {
      await tx.query("set local timezone = 'Asia/Kathmandu'");
      return tx.query(
        "select 9223372036854775807 as big, timestamptz '2026-11-22 13:05:00.123456+00' as at, timestamptz '-infinity' as ever",
      );
    });
    expect(rows).toEqual([{ big: '9223372036854775807', at: '2026-11-22T13:05:00.123Z', ever: '-infinity' }]);
    expect(timestampToIso('2026-11-22 14:05:00+01')).toBe('2026-11-22T13:05:00.000Z');
    expect(timestampToIso('2026-11-22 14:05:00.1+01')).toBe('2026-11-22T13:05:00.100Z');
  });

  it('survives that the server cuts idle connections', async () => {
    await using test = await freshDatabase();
    await test.db.query('select 1');
    await using other = await openDatabase(test.url, { max: 1, applicationName: 'axe' });
    await other.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await new Promise((resolve) => setImmediate(resolve));
    await expect.poll(async () => test.db.query('select 1 as one').catch(() => undefined)).toEqual([{ one: 1 }]);
  });
});
