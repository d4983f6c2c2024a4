/** The loader: follows this node's segments, open ones too, and keeps the database up to them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDiskTrouble } from '../../capture/durable-file.ts';
import { causeText } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import { classifyDatabaseError, errorCode } from '../database-errors.ts';
import type { Database } from '../db.ts';
import type { StoreLog } from '../store-log.ts';
import { type LoadProgress, loadSegment } from './load-segment.ts';
import { SegmentBoard, type Work } from './segment-board.ts';
import { emptyMemory, type LoaderMemory } from './write-batch.ts';

export type FollowOptions = {
  db: Database;
  segmentsFolder: string;
  /** Only segments of this node are looked at. */
  node: string;
  clock: Clock;
  signal: AbortSignal;
  log: StoreLog;
  /** How many segments are loaded side by side, each on a connection of its own. */
  connections?: number;
  /** Frames and encoded bytes of one transaction. */
  batchFrames?: number;
  batchBytes?: number;
  /** Ends when all that lies there is loaded, instead of waiting for more. */
  stopWhenSettled?: boolean;
  onProgress?: (progress: LoadProgress) => void;
};

const LOOK_EVERY_MS = 250;
const SWEEP_EVERY_MS = 10 * 60_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;
/** How long a segment that cannot be read is left alone. */
const UNREADABLE_PAUSE_MS = 10_000;

/**
 * Runs until the signal aborts; then returns after the transactions under way. What capture writes is in the database within a
 * second. Which collection a plan's posts belong to, and whether rows are kept at all, is asked of the database.
 * While PostgreSQL is away it waits, with pauses of at most 5 s, and goes on. Throws only on faults of our own.
 */
export async function followSegments(options: FollowOptions): Promise<void> {
  const { connections = 2 } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const board = new SegmentBoard(options);
  const memory = emptyMemory();
  await using _contents = memory.contents;
  const loader: Loader = {
    ...options,
    signal,
    board,
    memory,
    wake: makeWake(),
    outage: makeOutage(options.log),
  };
  const parts = [look(loader), ...Array.from({ length: connections }, (_, lane) => loadLane(loader, lane))];
  // The first part to end ends the others: the look when all is settled, any of them by a fault.
  const ended = parts.map((part) => part.finally(() => stop.abort()));
  const results = await Promise.allSettled(ended);
  const fault = results.find((result) => result.status === 'rejected');
  if (fault !== undefined) throw fault.reason;
}

type Loader = FollowOptions & { board: SegmentBoard; memory: LoaderMemory; wake: Wake; outage: Outage };

/** Looks for new data a few times a second. */
async function look({ board, clock, signal, wake, outage, stopWhenSettled }: Loader): Promise<void> {
  let sweptAtMs = Number.NEGATIVE_INFINITY;
  for (let failures = 0; !signal.aborted; ) {
    try {
      if (Math.abs(clock.now() - sweptAtMs) >= SWEEP_EVERY_MS) {
        await board.sweep(signal);
        sweptAtMs = clock.now();
      }
      await board.refresh();
      failures = 0;
      outage.over('look');
      wake.all();
      if (stopWhenSettled === true && board.settled) return;
      await pause(LOOK_EVERY_MS, signal);
    } catch (error) {
      outage.begin('look', error);
      await pause(pauseAfter(failures++), signal);
    }
  }
}

/** One connection's work: the oldest segment that has something, then the next. */
async function loadLane(loader: Loader, lane: number): Promise<void> {
  const { board, signal, wake, outage } = loader;
  const part = `lane ${lane}`;
  for (let failures = 0; !signal.aborted; ) {
    const work = board.take();
    if (work === undefined) {
      outage.over(part);
      await wake.next(signal);
      continue;
    }
    try {
      await loadWork(loader, lane, work);
      failures = 0;
      outage.over(part);
    } catch (error) {
      outage.begin(part, error);
      await pause(pauseAfter(failures++), signal);
    }
  }
}

/** Loads one segment and tells the board. Throws when the database is away, and faults of our own. */
async function loadWork(loader: Loader, lane: number, { source, release }: Work): Promise<void> {
  const { db, signal, memory, log, onProgress, batchFrames = 5000, batchBytes = 8 * 1024 * 1024 } = loader;
  const limits = { frames: batchFrames, bytes: batchBytes };
  let offset = source.offset;
  try {
    const outcome = await db.withClient((client) =>
      loadSegment(client, source, {
        limits,
        lane,
        memory,
        signal,
        ...(onProgress === undefined ? {} : { onProgress }),
      }),
    );
    offset = outcome.offset;
    if (outcome.damage !== undefined)
      log.error({ plan: source.plan, segment: source.segment, ...outcome.damage }, 'load.segment-damaged');
    release({ offset, loaded: outcome.kind === 'loaded' });
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return release({ offset, loaded: false, retryAfterMs: 1 }); // sealed or moved this moment
    if (/^E[A-Z]+$/.test(code) && (error as NodeJS.ErrnoException).path !== undefined) {
      log.error({ plan: source.plan, segment: source.segment, cause: causeText(error) }, 'load.segment-unreadable');
      return release({ offset, loaded: false, retryAfterMs: UNREADABLE_PAUSE_MS });
    }
    // The offset may be behind the ledger now: the guard notices, and loading goes on from where the ledger stands.
    release({ offset, loaded: false, retryAfterMs: 1 });
    throw error;
  }
}

type Outage = { begin(part: string, error: unknown): void; over(part: string): void };

/**
 * Says once that the database is away and once that it is back: when no part of the loader fails any more, for reading may work
 * while a full disk refuses to write. A disk of ours that cannot be looked at, or too many open files, is waited for in the same way.
 * Rethrows whatever is no such failure.
 */
function makeOutage(log: StoreLog): Outage {
  const failing = new Set<string>();
  let what: 'database' | 'disk' = 'database';
  return {
    begin: (part, error) => {
      const kind = isDiskTrouble(error) ? 'disk' : classifyDatabaseError(error);
      if (kind !== 'disk' && kind !== 'away' && kind !== 'conflict') throw error;
      if (failing.size === 0) {
        what = kind === 'disk' ? 'disk' : 'database';
        log.warn({ cause: causeText(error) }, `load.${what}-away`);
      }
      failing.add(part);
    },
    over: (part) => {
      if (failing.delete(part) && failing.size === 0) log.info({}, `load.${what}-back`);
    },
  };
}

type Wake = { all(): void; next(signal: AbortSignal): Promise<void> };

function makeWake(): Wake {
  let waiting = new Set<() => void>();
  return {
    all: () => {
      const woken = waiting;
      waiting = new Set();
      for (const go of woken) go();
    },
    next: async (signal) => {
      if (signal.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const go = () => resolve();
      waiting.add(go);
      signal.addEventListener('abort', go, { once: true });
      await promise;
      waiting.delete(go);
      signal.removeEventListener('abort', go);
    },
  };
}

function pauseAfter(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10));
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {}); // aborted: whoever paused looks at the signal
}
