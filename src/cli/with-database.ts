/** A database for one command: the configured one, the one of the mistnet that runs in the home, or the home's own, started for it. */
import { mkdir } from 'node:fs/promises';
import { type Config, foldersOf } from '../config.ts';
import { migrateDatabase, openStore } from '../compose.ts';
import type { Database } from '../store/db.ts';
import { provideDatabase } from './supervisor/database.ts';
import { prepareHome, takeLock } from './supervisor/home.ts';

/** Runs the work and closes what was opened. PostgreSQL is stopped again only when it was started for this. */
export async function withDatabase<T>(config: Config, work: (db: Database, url: string) => Promise<T>): Promise<T> {
  if (config.databaseUrl !== undefined) return await withUrl(config.databaseUrl.reveal(), work);
  await prepareHome(config.home);
  await mkdir(foldersOf(config.home).logs, { recursive: true });
  // Who holds the lock runs PostgreSQL. While a mistnet starts or ends, wait a little for it.
  await using lock = await takeLock(config.home, 'supervisor');
  const server = await provideDatabase(config, new AbortController().signal);
  try {
    return await withUrl(server.url, work);
  } finally {
    if (lock !== undefined) await server[Symbol.asyncDispose]();
  }
}

async function withUrl<T>(url: string, work: (db: Database, url: string) => Promise<T>): Promise<T> {
  await migrateDatabase(url);
  await using db = await openStore(url, 'mistnet-command', 4);
  return await work(db, url);
}
