/** Starts the program that writes Parquet and feeds it. */
import { open, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { digestFile } from '../input-lines.ts';
import type { WrittenFile } from '../output-file.ts';
import type { ParquetInput } from './parquet-job.ts';
import { bufferBytes } from './posts-query.ts';
import { type ChildEnd, runChild, writeFailure } from './run-child.ts';

/** A group is held in memory until it is whole: this many bytes of rows, and rows, at most. */
const GROUP_BYTES = 16e6;
const GROUP_ROWS = 30_720;
/** DuckDB cannot say beforehand what a group of uncommon rows takes; with less memory than it could use it is as quick and leaner. */
const MEMORY_MB = [64, 256, 1024, 4096];

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
    end = await runChild(CHILD, job, signal);
    if (end.code === 0 || !/Out of Memory/.test(end.said)) break;
  }
  if (end?.code !== 0 || Number(end.answered) !== rows) throw writeFailure(input.path, end, rows);
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
