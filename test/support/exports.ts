/** Posts in a database, as capture and loader bring them there, and exports of them into a temporary folder. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { systemClock } from '../../src/core/time.ts';
import { type ExportWish, toExportRequest } from '../../src/share/export-request.ts';
import { runExport, type RunExportOptions } from '../../src/share/run-export.ts';
import type { Database } from '../../src/store/db.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { freshDatabase } from './database.ts';
import { loadAll, temporaryFolder } from './loader.ts';
import { writeSealedSegment } from './write-segment.ts';

export type Meeting = { payload: string; atMs: number };

export type ExportBench = AsyncDisposable & {
  db: Database;
  url: string;
  home: string;
  /** Captures and loads frames for a collection, which is made when there is none. */
  load(collection: string, frames: Meeting[]): Promise<void>;
  /** Exports into a new folder below the home; returns it with its manifest. */
  export(
    name: string,
    wish: Omit<ExportWish, 'from'> & { from?: ExportWish['from'] },
    change?: Partial<RunExportOptions>,
  ): Promise<{ folder: string; manifest: Awaited<ReturnType<typeof runExport>> }>;
};

export async function exportBench(): Promise<ExportBench> {
  const test = await freshDatabase();
  const home = await temporaryFolder();
  const segmentsFolder = join(home.path, 'segments');
  const collections = new Set<string>();
  let sequence = 0;
  return {
    db: test.db,
    url: test.url,
    home: home.path,
    async load(collection, frames) {
      if (!collections.has(collection))
        await addCollection(test.db, systemClock, { name: collection, kind: 'sample', platform: 'x', api: 'v2' });
      collections.add(collection);
      const openedAtMs = frames[0]?.atMs ?? 0;
      await writeSealedSegment({
        segmentsFolder,
        plan: collection,
        node: 'n1',
        openedAtMs,
        sequence: ++sequence,
        frames,
      });
      await loadAll({ db: test.db, segmentsFolder, connections: 1 });
    },
    async export(name, wish, change = {}) {
      const folder = join(home.path, 'exports', name);
      const manifest = await runExport({
        db: test.db,
        request: toExportRequest({ from: { kind: 'all' }, ...wish }, 'UTC'),
        ...{ name, folder, version: '9.9.9', clock: systemClock, signal: new AbortController().signal },
        ...change,
      });
      return { folder, manifest };
    },
    [Symbol.asyncDispose]: async () => {
      await test[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** Rows as others read them, all cells as text: a library for csv and tsv, Python's own reader of ZIP and XML for xlsx; none of them writes our files. */
export async function readRows(kind: 'csv' | 'tsv' | 'xlsx', path: string): Promise<string[][]> {
  if (kind !== 'xlsx')
    return parse(await readFile(path), {
      bom: true,
      delimiter: kind === 'csv' ? ',' : '\t',
      record_delimiter: ['\r\n', '\n'],
    });
  const script = join(import.meta.dirname, 'read-xlsx.py');
  const { stdout } = await promisify(execFile)('python3', [script, path], { maxBuffer: 1 << 30 });
  return JSON.parse(stdout) as string[][];
}
