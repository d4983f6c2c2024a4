/** Tells the database what capture on this machine says: its status files and its gaps. Capture itself never waits for PostgreSQL. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readGaps } from '../capture/gap.ts';
import { type CaptureStatus, readCaptureStatus } from '../capture/status.ts';
import type { Database } from '../store/db.ts';
import { storeCaptureStatus, storeGaps } from '../store/store-capture.ts';

export type SyncFolders = { segmentsFolder: string; runFolder: string };

/** Brings news only: a status that was stored and a gaps file that has not grown are left alone. Call it twice a second. */
export class CaptureSync {
  readonly #db: Database;
  readonly #folders: SyncFolders;
  #gapBytes = new Map<string, number>();
  #observedAt = new Map<string, string>();

  constructor(db: Database, folders: SyncFolders) {
    this.#db = db;
    this.#folders = folders;
  }

  async sync(): Promise<void> {
    await this.#syncStatus();
    await this.#syncGaps();
  }

  async #syncStatus(): Promise<void> {
    const news: CaptureStatus[] = [];
    for (const name of await names(this.#folders.runFolder, '.json')) {
      const status = await readCaptureStatus(join(this.#folders.runFolder, name));
      if (status !== undefined && this.#observedAt.get(status.plan) !== status.observedAt) news.push(status);
    }
    await storeCaptureStatus(this.#db, news);
    for (const { plan, observedAt } of news) this.#observedAt.set(plan, observedAt);
  }

  async #syncGaps(): Promise<void> {
    for (const plan of await names(this.#folders.segmentsFolder, '')) {
      const path = join(this.#folders.segmentsFolder, plan, 'gaps.jsonl');
      const bytes = await sizeOf(path);
      if (bytes === (this.#gapBytes.get(path) ?? 0)) continue;
      await storeGaps(this.#db, await readGaps(path));
      this.#gapBytes.set(path, bytes);
    }
  }
}

async function names(folder: string, suffix: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(suffix)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    // One folder that is none, or is closed to us, must not keep the others' gaps back; its collection says itself that it cannot be opened.
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0;
    throw error;
  }
}
