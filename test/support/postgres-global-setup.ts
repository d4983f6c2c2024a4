/** One PostgreSQL for a whole test run, with a migrated template that each test clones. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../src/store/db.ts';
import { startEmbeddedPostgres } from '../../src/store/embedded/embedded-postgres.ts';
import { migrate } from '../../src/store/migrate.ts';

export const TEMPLATE = 'mistnet_template';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Address of the run's server, as its superuser. Absent where vitest's settings do not name this file. */
    postgresUrl?: string;
  }
}

/** Vitest's global setup: returns its own end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestServer();
  project.provide('postgresUrl', server.url);
  return async () => server[Symbol.asyncDispose]();
}

/** A server in a temporary folder, with the template. Disposing ends it and removes the folder. */
export async function startTestServer(): Promise<AsyncDisposable & { url: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'mistnet-postgres-'));
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(async () => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'postgres'));
  await writeFile(join(folder, 'postgres/custom.conf'), 'fsync = off\n'); // nothing of it outlives the tests
  const signal = new AbortController().signal;
  const server = cleanup.use(
    await startEmbeddedPostgres({ folder: join(folder, 'postgres'), logFolder: join(folder, 'logs'), signal }),
  );
  await makeTemplate(server.url);
  const kept = cleanup.move();
  return { url: server.url, [Symbol.asyncDispose]: async () => kept.disposeAsync() };
}

async function makeTemplate(url: string): Promise<void> {
  await using admin = await openDatabase(url, { max: 1, applicationName: 'mistnet test' });
  await admin.query(`create database ${TEMPLATE}`);
  await using template = await openDatabase(databaseUrl(url, TEMPLATE), { max: 1, applicationName: 'mistnet test' });
  await migrate(template);
}

/** The address of another database of the same server. */
export function databaseUrl(url: string, name: string): string {
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
}
