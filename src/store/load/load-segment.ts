/** Loads one segment from where the ledger stands: to its end when it is sealed, to its last whole frame when it is open. */
import type { ContentRange } from '../../capture/segment/layout.ts';
import type { Manifest } from '../../capture/segment/manifest.ts';
import type { ReadEnd } from '../../capture/segment/read-frames.ts';
import { crashPoint } from '../../core/crash-point.ts';
import { causeText } from '../../core/errors.ts';
import { classifyDatabaseError, errorCode } from '../database-errors.ts';
import type { Client } from '../db.ts';
import { Batch } from './batch.ts';
import { ensurePartitions } from './partitions.ts';
import { type BatchLimits, type BatchSource, readBatches, readFirstFrame } from './read-batches.ts';
import { type Damage, markLoaded, readLedger } from './segment-ledger.ts';
import { type LoaderMemory, writeBatch } from './write-batch.ts';

export type LoadSource = {
  segmentId: number;
  plan: string;
  node: string;
  segment: string;
  collectionIds: number[];
  /** Of a shared stream: tells whose each frame is. */
  owners?: NonNullable<BatchSource['owners']>;
  /** The file to read: the sealed form when there is a manifest, else the open one. */
  path: string;
  /** Which part of the file's content it is, when it lies in a compacted one. */
  within?: ContentRange;
  manifest: Manifest | undefined;
  /** Where the ledger stood last; when it is elsewhere by now, loading goes on from there. */
  offset: number;
  openedAtMs: number;
};

export type LoadOptions = {
  limits: BatchLimits;
  /** Which of the loader's connections this is. */
  lane: number;
  memory: LoaderMemory;
  signal: AbortSignal;
  /** After each transaction: what it added. */
  onProgress?: (progress: LoadProgress) => void;
};

export type LoadProgress = { plan: string; segment: string; loaded: number; quarantined: number; control: number };

/**
 * `loaded`: a sealed segment is done, with the damage that was found. `waiting`: everything whole of an open segment is in.
 * `aborted`: stopped between two transactions.
 */
export type LoadOutcome = { kind: 'loaded' | 'waiting' | 'aborted'; offset: number; damage?: Damage };

/**
 * Each batch is one transaction, and the next one is decoded while PostgreSQL works on it. A row that PostgreSQL refuses is
 * found by halving the batch and quarantined alone. Throws when the database is away and what the file system throws; the
 * ledger then stands after the last whole batch.
 */
export async function loadSegment(client: Client, source: LoadSource, options: LoadOptions): Promise<LoadOutcome> {
  let offset = source.offset;
  let frames = options.limits.frames;
  let partitionsForgotten = false;
  for (;;) {
    const run = await loadRun(client, { ...source, offset }, { ...options, limits: { ...options.limits, frames } });
    offset = run.offset;
    if (run.kind === 'aborted') return { kind: 'aborted', offset };
    if (run.kind === 'ended') return finish(client, source, options, offset, run.end);
    if (run.kind === 'conflict') {
      const ledger = await readLedger(client, source.segmentId);
      if (ledger === undefined) return { kind: 'aborted', offset };
      offset = ledger.loadedOffset;
      if (ledger.state === 'loaded') return { kind: 'loaded', offset };
    } else if (errorCode(run.error) === '23514' && !partitionsForgotten) {
      options.memory.partitions.clear(); // one may have been dropped since it was seen
      partitionsForgotten = true;
    } else if (run.frames > 1) {
      frames = Math.floor(run.frames / 2);
    } else {
      offset = await quarantineRefused(client, source, options, offset, run.error);
      frames = options.limits.frames;
      partitionsForgotten = false;
    }
  }
}

type Run =
  | { kind: 'ended'; offset: number; end: ReadEnd }
  | { kind: 'aborted'; offset: number }
  | { kind: 'conflict'; offset: number }
  | { kind: 'refused'; offset: number; frames: number; error: unknown };

/** Loads batch after batch until the content ends or something comes in between. */
async function loadRun(client: Client, source: LoadSource, options: LoadOptions): Promise<Run> {
  const batches = readBatches(source, options.limits, options.memory.contents);
  let offset = source.offset;
  let upcoming = batches.next();
  try {
    for (;;) {
      const { done, value } = await upcoming;
      if (done === true) return { kind: 'ended', offset, end: value };
      if (options.signal.aborted) return { kind: 'aborted', offset };
      upcoming = batches.next();
      upcoming.catch(() => {}); // awaited in the next turn, or of no interest any more
      try {
        await ensurePartitions(client, value, options.memory.partitions);
        await writeBatch(client, { ...source, lane: options.lane }, value, options.memory);
        // crash point load.batch-committed: recovery must go on behind the batch, for the ledger moved with its rows.
        crashPoint('load.batch-committed');
      } catch (error) {
        return failedRun(error, offset, value.frames);
      }
      offset = value.end;
      report(source, options, value);
      value.release();
    }
  } finally {
    await upcoming.catch(() => {}); // the error, if it is one of reading, was thrown where it was awaited
    await batches.return({ end: offset, torn: 0 });
  }
}

function failedRun(error: unknown, offset: number, frames: number): Run {
  const kind = errorCode(error) === 'ledger.conflict' ? 'conflict' : classifyDatabaseError(error);
  if (kind === 'conflict') return { kind, offset };
  if (kind === 'refused') return { kind, offset, frames, error };
  throw error;
}

async function quarantineRefused(
  client: Client,
  source: LoadSource,
  options: LoadOptions,
  offset: number,
  error: unknown,
): Promise<number> {
  const frame = await readFirstFrame(source, offset);
  if (frame === undefined) throw error;
  const batch = new Batch({ ...source, start: offset });
  batch.addRefused(frame, `refused by PostgreSQL: ${causeText(error)} (${errorCode(error)})`);
  await writeBatch(client, { ...source, lane: options.lane }, batch, options.memory);
  report(source, options, batch);
  return batch.end;
}

async function finish(
  client: Client,
  source: LoadSource,
  options: LoadOptions,
  offset: number,
  end: ReadEnd,
): Promise<LoadOutcome> {
  const { manifest } = source;
  if (manifest === undefined) return { kind: 'waiting', offset };
  const fault = sealedFault(manifest, offset, end);
  const damage = fault === undefined ? undefined : { ...fault, expectedPosts: manifest.posts + manifest.malformed };
  const atMs = manifest.lastAt === undefined ? source.openedAtMs : Date.parse(manifest.lastAt);
  await markLoaded(client, { ...source, lane: options.lane, offset, atMs }, damage);
  // crash point load.segment-marked: recovery must not load the segment again.
  crashPoint('load.segment-marked');
  return damage === undefined ? { kind: 'loaded', offset } : { kind: 'loaded', offset, damage };
}

/** A sealed segment must end exactly where its manifest says, after a whole frame. */
function sealedFault(manifest: Manifest, offset: number, end: ReadEnd): { offset: number; reason: string } | undefined {
  if (end.damaged !== undefined) return end.damaged;
  if (end.torn > 0) return { offset: end.end, reason: `ends inside a frame (${end.torn} bytes)` };
  if (offset > end.end) return { offset, reason: `has ${end.end} bytes, but ${offset} were loaded from its open form` };
  if (end.end !== manifest.bytes)
    return { offset, reason: `has ${end.end} bytes, its manifest says ${manifest.bytes}` };
  return undefined;
}

function report({ plan, segment }: LoadSource, { onProgress }: LoadOptions, batch: Batch): void {
  onProgress?.({
    plan,
    segment,
    loaded: batch.loaded,
    quarantined: batch.quarantined.length,
    control: batch.control,
  });
}
