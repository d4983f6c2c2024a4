/** Starts the program that writes Parquet and feeds it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { MistnetError } from '../../core/errors.ts';
import { digestFile } from '../input-lines.ts';
import type { WrittenFile } from '../output-file.ts';
import type { ParquetInput, ParquetJob } from './parquet-job.ts';
import { bufferBytes } from './posts-query.ts';

/** A group is held in memory until it is whole: this many bytes of rows, and rows, at most. */
const GROUP_BYTES = 16e6;
const GROUP_ROWS = 30_720;
/** DuckDB cannot say beforehand what a group of uncommon rows takes; with less memory than it could use it is as quick and leaner. */
const MEMORY_MB = [64, 256, 1024, 4096];

/** How the system says through DuckDB that a disk refuses. */
const DISK_WORDS =
  /No space left|quota exceeded|Read-only file system|Input\/output error|File too large|Too many open files/i;

const CHILD = fileURLToPath(new URL('./parquet-child.ts', import.meta.url));

/**
 * Writes interim rows (with their two added columns and LF) to a Parquet file, durable on return. They go through a file of their own,
 * `rowsPath`, which is removed: DuckDB opens what it reads by name, and Node's pipes to a child have none. `chunks` are whole rows,
 * each used up before the next is asked for. Throws `process.failed` with the program's own words when it fails or counts other
 * rows than `rows`.
 */
export async function writeParquet(
  input: ParquetInput,
  rows: number,
  chunks: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<WrittenFile> {
  const bytes = await writeRows(input.rowsPath, chunks, signal);
  const groups = Math.floor((GROUP_ROWS * Math.min(1, GROUP_BYTES / GROUP_ROWS / (bytes / Math.max(1, rows)))) / 2048);
  const bufferMb = Math.ceil((6 * bufferBytes(input.longestRow)) / 1e6) - 24;
  let end: ChildEnd | undefined;
  for (const memoryMb of MEMORY_MB) {
    const job = { ...input, rowGroup: 2048 * Math.max(1, groups), memoryMb: memoryMb + bufferMb };
    end = await runChild(job, signal);
    if (end.code === 0 || !/Out of Memory/.test(end.said)) break;
  }
  if (end?.code !== 0 || Number(end.answered) !== rows) {
    const reason = reasonOf(end, rows);
    throw new MistnetError(
      DISK_WORDS.test(reason) ? 'file.unwritable' : 'process.failed',
      `Writing ${input.path} failed: ${reason}.`,
    );
  }
  await rm(input.rowsPath);
  await using file = await open(input.path, 'r');
  await file.sync();
  return digestFile(input.path);
}

async function writeRows(path: string, chunks: AsyncIterable<Buffer>, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  await using file = await open(path, 'wx', 0o600);
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    await file.writeFile(chunk);
    bytes += chunk.length;
  }
  return bytes;
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

function reasonOf(end: ChildEnd | undefined, rows: number): string {
  const line = end?.said.split('\n').find((candidate) => /error/i.test(candidate));
  if (line !== undefined) return line.trim();
  return end?.code === 0
    ? `${end.answered.trim()} rows of ${rows} were written`
    : `its program ended with ${end?.code ?? 'a signal'}`;
}
