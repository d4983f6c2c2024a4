/** A database of its own for a test: cloned from a migrated template, dropped when disposed. */
import { randomBytes } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import { type Database, openDatabase } from '../../src/store/db.ts';
import { TEMPLATE, databaseUrl, startTestServer } from './postgres-global-setup.ts';

export type TestDatabase = AsyncDisposable & { url: string; db: Database };

/** `await using test = await freshDatabase()`. `empty`: without any table, for tests of the migrations themselves. */
export async function freshDatabase(options: { empty?: boolean; max?: number } = {}): Promise<TestDatabase> {
  const serverAddress = await serverUrl();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(
    serverAddress,
    `create database ${name} template ${options.empty === true ? 'template0' : TEMPLATE}`,
  );
  const url = databaseUrl(serverAddress, name);
  const db = await openDatabase(url, { max: options.max ?? 8, applicationName: 'mistnet test' });
  return {
    url,
    db,
    [Symbol.asyncDispose]: async () => {
      await db[Symbol.asyncDispose]();
      await administer(serverAddress, `drop database ${name} with (force)`);
    },
  };
}

let ownServer: ReturnType<typeof startTestServer> | undefined;

/** The run's server; where vitest's settings start none, one for this file. */
async function serverUrl(): Promise<string> {
  const shared = inject('postgresUrl');
  if (shared !== undefined) return shared;
  ownServer ??= startTestServer();
  return (await ownServer).url;
}

afterAll(async () => {
  await (await ownServer)?.[Symbol.asyncDispose]();
}, 60_000);

async function administer(url: string, statement: string): Promise<void> {
  await using admin = await openDatabase(url, { max: 1, applicationName: 'mistnet test' });
  await admin.query(statement);
}
