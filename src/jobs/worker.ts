/** The worker role: loads this node's segments, tells the database what capture says, builds hours that are finished, compacts them, writes exports, and lets rows go. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { causeText } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import type { Database } from '../store/db.ts';
import { followSegments } from '../store/load/follow-segments.ts';
import { hoursToBuild } from '../store/queries/hours-to-build.ts';
import { forgetLinksOfGonePosts } from '../store/links/note-links.ts';
import { indexEndedMonths } from '../store/export/index-months.ts';
import { exportsToRun } from '../store/export/exports.ts';
import { lastRetentionDay } from '../store/queries/retention-runs.ts';
import { enqueueDue } from './enqueue-due.ts';
import { FinalFailure, type JobQueue, openQueue } from './queue.ts';
import { dayOf, isRetentionDue } from './retention-plan.ts';
import { CaptureSync } from './sync-capture.ts';
import { queueDue, type TimelineWork, workOnTimelines } from './work-timelines.ts';
import type { LinkWork } from './links/follow-due.ts';
import { queueDueLinks, workOnLinks } from './work-links.ts';
import { queueSearch, workOnSearch } from './work-search.ts';
import { type BuildHourTask, buildCollectionHour } from './tasks/build-hour.ts';
import { exportPosts, isPassing } from './tasks/export-posts.ts';
import { HourCompactor } from './tasks/compact-hours.ts';
import { retainRows } from './tasks/retain-rows.ts';

export type WorkerOptions = {
  db: Database;
  databaseUrl: string;
  node: string;
  segmentsFolder: string;
  datasetsFolder: string;
  runFolder: string;
  version: string;
  /** Whether the segments of finished hours are put together in one file. */
  compact: boolean;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
  /** What accounts and timelines are read with, until the signal aborts; it is disposed of here. Absent: this worker reads none. */
  openTimelines?: (signal: AbortSignal) => Promise<TimelineWork & AsyncDisposable>;
  /** What else runs until the signal aborts, or anything of the worker ends. */
  beside?: readonly ((signal: AbortSignal) => Promise<void>)[];
  /** What links are followed with, until the signal aborts. Absent: this worker follows none. */
  openLinks?: (signal: AbortSignal) => Promise<LinkWork>;
};

const SYNC_EVERY_MS = 500;
const LOOK_FOR_HOURS_EVERY_MS = 15_000;
const LOOK_FOR_EXPORTS_EVERY_MS = 2_000;
const LOOK_FOR_TIMELINES_EVERY_MS = 2_000;
const LOOK_FOR_LINKS_EVERY_MS = 10_000;
const LOOK_FOR_POSTS_EVERY_MS = 1_000;
const LOOK_FOR_CLOSED_EVERY_MS = 60_000;
/** Hours older than this are built only when asked for. */
const LOOK_BACK_MS = 14 * 24 * 3_600_000;
const LONGEST_PAUSE_MS = 5_000;
/** How long the last load may hold the end up. */
const LAST_LOAD_MS = 5_000;

/** Runs until the signal aborts. PostgreSQL may be away meanwhile: each loop waits and goes on. Throws only on faults of our own. */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const worker = { ...options, signal };
  const loops = [
    ...[loadRows(worker), syncCapture(worker), buildAndRetain(worker), compactHours(worker)],
    ...(options.beside ?? []).map((run) => run(signal)),
  ];
  const ended = await Promise.allSettled(loops.map((loop) => loop.finally(() => stop.abort())));
  const fault = ended.find((result) => result.status === 'rejected');
  if (fault !== undefined) throw fault.reason;
}

/** After the stop what capture sealed last is loaded too, so that at rest all is; the next start loads what the time did not suffice for. */
async function loadRows(worker: WorkerOptions): Promise<void> {
  await followSegments(worker);
  if (!worker.signal.aborted) return;
  await followSegments({ ...worker, signal: AbortSignal.timeout(LAST_LOAD_MS), stopWhenSettled: true });
}

/** After the stop once more: what capture said last, as that everything is sealed, should be known. */
async function syncCapture({ db, segmentsFolder, runFolder, signal, log }: WorkerOptions): Promise<void> {
  const capture = new CaptureSync(db, { segmentsFolder, runFolder });
  await repeat(SYNC_EVERY_MS, { signal, log }, () => capture.sync());
  await capture.sync().catch((error: unknown) => log.warn({ cause: causeText(error) }, 'worker.trouble'));
}

/** What goes through the queue. */
async function buildAndRetain(worker: WorkerOptions): Promise<void> {
  const { db, databaseUrl, node, clock, signal, log } = worker;
  let queue: JobQueue | undefined;
  const exporter = new QueuedExports(worker);
  const exports = repeat(LOOK_FOR_EXPORTS_EVERY_MS, { signal, log }, async () => {
    const names = await exportsToRun(db, node);
    await queue?.enqueue(
      'export',
      names.map((name) => ({ name })),
    );
  });
  const timelines = readTimelines(worker, () => queue);
  const links = followLinks(worker, () => queue);
  const search = indexPosts(worker, () => queue);
  try {
    await repeat(LOOK_FOR_HOURS_EVERY_MS, { signal, log }, async () => {
      if (queue === undefined) {
        queue = await openQueue({ url: databaseUrl, node, log });
        await queue.work('hour', (job) => buildQueuedHour(worker, job));
        await queue.work('retention', () => retainQueuedRows(worker));
        await queue.work('export', ({ name }) => exporter.run(name));
      }
      if (isRetentionDue(clock.now(), await lastRetentionDay(db, node)))
        await enqueueDue({ db, queue, node, clock }, 'retention', [{ day: dayOf(clock.now()) }]);
      const since = new Date(clock.now() - LOOK_BACK_MS).toISOString();
      const hours = await hoursToBuild(db, { node, clock, since });
      await enqueueDue(
        { db, queue, node, clock },
        'hour',
        hours.map(({ collection, hour }) => ({ collection, hour })),
      );
    });
  } finally {
    await exports;
    await timelines;
    await links;
    await search;
    await queue?.[Symbol.asyncDispose]();
    await exporter.ended();
  }
}

/** Accounts and timelines, once there is a queue. What is under way when the worker ends is left to whoever comes next. */
async function readTimelines(worker: WorkerOptions, queueNow: () => JobQueue | undefined): Promise<void> {
  const { signal, log, openTimelines } = worker;
  if (openTimelines === undefined) return;
  let work: (TimelineWork & AsyncDisposable) | undefined;
  let isWorking = false;
  try {
    await repeat(LOOK_FOR_TIMELINES_EVERY_MS, { signal, log }, async () => {
      const queue = queueNow();
      if (queue === undefined) return;
      work ??= await openTimelines(signal);
      await queueDue(work, queue);
      if (isWorking) return;
      isWorking = true;
      await workOnTimelines(work, queue);
    });
  } finally {
    await work?.[Symbol.asyncDispose]();
  }
}

/** Links that are due again, or were left by a command that ended early. */
async function followLinks(worker: WorkerOptions, queueNow: () => JobQueue | undefined): Promise<void> {
  const { signal, log, openLinks } = worker;
  if (openLinks === undefined) return;
  let work: LinkWork | undefined;
  await repeat(LOOK_FOR_LINKS_EVERY_MS, { signal, log }, async () => {
    const queue = queueNow();
    if (queue === undefined) return;
    if (work === undefined) {
      const opened = await openLinks(signal);
      await workOnLinks(opened, queue, log);
      work = opened;
    }
    await queueDueLinks(work, queue);
  });
}

/** The text index, behind whatever is loaded. */
async function indexPosts(worker: WorkerOptions, queueNow: () => JobQueue | undefined): Promise<void> {
  const { signal, log } = worker;
  let isWorking = false;
  await repeat(LOOK_FOR_POSTS_EVERY_MS, { signal, log }, async () => {
    const queue = queueNow();
    if (queue === undefined) return;
    await queueSearch(worker, queue);
    if (isWorking) return;
    isWorking = true;
    await workOnSearch(worker, queue);
  });
}

/** The exports that the queue hands over; those under way end, or are given back, before the worker does. */
class QueuedExports {
  readonly #worker: WorkerOptions;
  readonly #running = new Set<Promise<unknown>>();

  constructor(worker: WorkerOptions) {
    this.#worker = worker;
  }

  async run(name: string): Promise<void> {
    const running = exportPosts(this.#worker, name);
    this.#running.add(running);
    try {
      const manifest = await running;
      this.#worker.log.info(
        { export: name, rows: manifest?.rows ?? 0, published: manifest !== undefined },
        'export.ended',
      );
    } catch (error) {
      this.#worker.log.warn({ export: name, cause: causeText(error) }, 'export.stopped');
      // Given back: it is asked for again.
      if (this.#worker.signal.aborted) return;
      throw isPassing(error) ? error : new FinalFailure(error);
    } finally {
      this.#running.delete(running);
    }
  }

  async ended(): Promise<void> {
    await Promise.allSettled(this.#running);
  }
}

async function compactHours(worker: WorkerOptions): Promise<void> {
  if (!worker.compact) return await untilAborted(worker.signal);
  const compactor = new HourCompactor(worker);
  await repeat(LOOK_FOR_CLOSED_EVERY_MS, worker, () => compactor.look());
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

async function buildQueuedHour(
  task: WorkerOptions & BuildHourTask,
  { collection, hour }: { collection: string; hour: string },
): Promise<void> {
  const { manifest, isNew } = await buildCollectionHour(task, collection, hour);
  task.log.info({ collection, hour, revision: manifest.revision, tweets: manifest.counts.tweets, isNew }, 'hour.built');
}

/** A job of a day that is over by now does today's work; one that comes after another did it finds nothing to do. */
async function retainQueuedRows(worker: WorkerOptions): Promise<void> {
  const { db, node, clock } = worker;
  if (!isRetentionDue(clock.now(), await lastRetentionDay(db, node))) return;
  await retainRows(worker);
  const indexed = await indexEndedMonths(db, clock.now());
  if (indexed.length > 0) worker.log.info({ months: indexed }, 'posts.indexed');
  await forgetLinksOfGonePosts(db);
}

/** Does the work again and again, `everyMs` between; a failure is logged once and tried again with growing pauses of at most 5 s. */
async function repeat(
  everyMs: number,
  { signal, log }: { signal: AbortSignal; log: Log },
  work: () => Promise<void>,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    let pauseMs = everyMs;
    try {
      await work();
      failures = 0;
    } catch (error) {
      if (signal.aborted) return; // what an abort cut short is no trouble
      if (failures++ === 0) log.warn({ cause: causeText(error) }, 'worker.trouble');
      pauseMs = Math.min(LONGEST_PAUSE_MS, 250 * 2 ** failures);
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
  }
}
