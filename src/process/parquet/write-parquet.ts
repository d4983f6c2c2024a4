/** Starts the program that writes Parquet and feeds it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { MistnetError } from '../../core/errors.ts';
import { digestFile } from '../input-lines.ts';
import type { WrittenFile } from '../output-file.ts';

/** `longestRow` in bytes, the two added columns included; `metadata` goes into the file's key-value metadata. */
export type ParquetJob = {
  rowsPath: string;
  path: string;
  temporaryFolder: string;
  longestRow: number;
  metadata: Record<string, string>;
};

const CHILD = fileURLToPath(new URL('./parquet-child.ts', import.meta.url));

/**
 * Writes interim rows (with their two added columns and LF) to a Parquet file, durable on return. They go through a file of their own,
 * `rowsPath`, which is removed: DuckDB opens what it reads by name, and Node's pipes to a child have none. `chunks` are whole rows,
 * each used up before the next is asked for. Throws `process.failed` with the program's own words when it fails or counts other
 * rows than `rows`.
 */
export async function writeParquet(
  job: ParquetJob,
  rows: number,
  chunks: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<WrittenFile> {
  await writeRows(job.rowsPath, chunks, signal);
  const { code, answered, said } = await runChild(job, signal);
  if (code !== 0 || Number(answered) !== rows)
    throw new MistnetError('process.failed', `Writing ${job.path} failed: ${reasonOf(said, code, answered, rows)}.`);
  await rm(job.rowsPath);
  await using file = await open(job.path, 'r');
  await file.sync();
  return digestFile(job.path);
}

async function writeRows(path: string, chunks: AsyncIterable<Buffer>, signal: AbortSignal): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    await file.writeFile(chunk);
  }
}

type ChildEnd = { code: number | null; answered: string; said: string };

async function runChild(job: ParquetJob, signal: AbortSignal): Promise<ChildEnd> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [CHILD, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  let answered = '';
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => {
    answered += bytes.toString();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(0, 4000);
  });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    signal.throwIfAborted();
    return { code, answered, said };
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

function reasonOf(said: string, code: number | null, answered: string, rows: number): string {
  const line = said.split('\n').find((candidate) => /error/i.test(candidate));
  return (
    line?.trim() ??
    (code === 0 ? `${answered.trim()} rows of ${rows} were written` : `its program ended with ${code ?? 'a signal'}`)
  );
}
