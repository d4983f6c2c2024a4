/** A database for one command: the configured one, the one of the mistnet that runs in the home, or the home's own, started for it. */
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Config, foldersOf } from '../config.ts';
import { migrateDatabase, openStore } from '../compose.ts';
import { MistnetError } from '../core/errors.ts';
import type { Database } from '../store/db.ts';
import { type ProvidedDatabase, provideDatabase } from './supervisor/database.ts';
import { isServed, prepareHome, takeLock } from './supervisor/home.ts';

/** How long a command waits for a mistnet that is starting or ending, or for another command. */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 100;

/**
 * Runs the work and closes what was opened. PostgreSQL is stopped again only when it was started for this. What changes something does it by
 * `changeWithDeed`.
 */
export async function withDatabase<T>(config: Config, work: (db: Database, url: string) => Promise<T>): Promise<T> {
  if (config.databaseUrl !== undefined) return await withUrl(config.databaseUrl.reveal(), work);
  await prepareHome(config.home);
  await mkdir(foldersOf(config.home).logs, { recursive: true });
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += LOOK_EVERY_MS) {
    if (await isServed(config.home)) return await withUrl((await provide(config)).url, work);
    await using lock = await takeLock(config.home, 'postgres');
    if (lock !== undefined) {
      await using server = await provide(config);
      return await withUrl(server.url, work);
    }
    await sleep(LOOK_EVERY_MS);
  }
  throw new MistnetError(
    'home.in-use',
    `Another command of mistnet has used the database of ${config.home} for ${PATIENCE_MS / 1000} s. Try again when it has ended.`,
  );
}

async function provide(config: Config): Promise<ProvidedDatabase> {
  return provideDatabase(config, new AbortController().signal);
}

async function withUrl<T>(url: string, work: (db: Database, url: string) => Promise<T>): Promise<T> {
  await migrateDatabase(url);
  await using db = await openStore(url, 'mistnet-command', 4);
  return await work(db, url);
}
