/** Older collections brought in, file after file: looked at first, then written; no file stops the others. */
import { stat } from 'node:fs/promises';
import type { PageLog } from '../../capture/page-log.ts';
import { causeText, MistnetError } from '../../core/errors.ts';
import { digestFile } from '../../process/input-lines.ts';
import type { ImportLedger, Leftover } from './import-ledger.ts';
import { type Inspection, inspectFile } from './inspect-file.ts';
import { detectFormat, type Format } from './source-records.ts';
import { writeFile } from './write-file.ts';

/** Where it is written; a dry run has none. */
export type ImportTarget = {
  pages: PageLog;
  planFolder: string;
  node: string;
  ledger: ImportLedger;
  leftover: Leftover;
  onInstant: (atMs: number) => void;
};

/**
 * What became of a file. `outcome`: `would import` in a dry run; `already` when the collection has all of its bytes; `failed` when it could not be
 * read at all. `fileTime`: the instant of the posts that do not say when they were retrieved, `dated` how many do.
 */
export type FileReport = {
  file: string;
  outcome: 'imported' | 'would import' | 'already' | 'failed';
  format?: Format;
  sha256?: string;
  fileTime?: string;
  error?: string;
} & Partial<Omit<Inspection, 'verdict'>>;

export type ImportOptions = {
  format: Format | 'auto';
  target?: ImportTarget;
  nowMs: number;
  signal: AbortSignal;
  onProgress: (progress: { file: string; line: number; posts: number }) => void;
};

/** Yields a report per file. Throws what the disk of the segments throws, and the signal's reason. */
export async function* importFiles(files: readonly string[], options: ImportOptions): AsyncGenerator<FileReport> {
  for (const file of files) {
    try {
      yield await importFile(file, options);
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof MistnetError) || error.code !== 'folder.unreadable') throw error;
      yield { file, outcome: 'failed', error: causeText(error) };
    }
  }
}

async function importFile(path: string, options: ImportOptions): Promise<FileReport> {
  const { target, nowMs, signal, onProgress } = options;
  const format = options.format === 'auto' ? await detectFormat(path) : options.format;
  const { sha256 } = await digestFile(path);
  const fallbackMs = Math.min(nowMs, Math.floor((await stat(path)).mtimeMs));
  const inspection = await inspectFile(path, format, signal);
  const { verdict, ...found } = inspection;
  const report = { file: path, format, sha256, fileTime: new Date(fallbackMs).toISOString(), ...found };
  if (target === undefined) return { ...report, outcome: 'would import' };
  if (target.ledger.sources[sha256]?.done === true) return { ...report, outcome: 'already' };
  await writeFile({
    ...{ path, format, sha256, verdict, fallbackMs, nowMs, signal, ...target },
    onBatch: ({ line, posts }) => onProgress({ file: path, line, posts }),
  });
  return { ...report, outcome: 'imported' };
}
