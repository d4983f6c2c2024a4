import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { loadCollections } from '../lazy-parts.ts';
import { loadRows } from '../load-rows.ts';
import { MistnetError } from '../../core/errors.ts';
import { type Config, foldersOf, readConfig } from '../../config.ts';
import type { Database } from '../../store/db.ts';
import type { CommandContext } from '../context.ts';
import { formatCount, formatDuration, formatQuantity } from '../format.ts';
import { isServed, nodeName } from '../supervisor/home.ts';
import { changeWithDeed } from '../change-with-deed.ts';
import { missingSegments, requireNoneMissing } from '../require-segments.ts';
import { withDatabase } from '../with-database.ts';

const LOOK_EVERY_MS = 500;

export function addRebuildCommand(program: Command, { environment }: CommandContext): void {
  program
    .command('rebuild')
    .description("throw a collection's rows away and load them anew from its segments")
    .requiredOption('--collection <name>', 'which collection')
    .option('--without-missing', 'also when segments of this machine are not there: their rows go until they are')
    .action(async ({ collection, withoutMissing = false }: { collection: string; withoutMissing?: boolean }) => {
      const config = readConfig(environment);
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
      // Whoever holds the home runs a worker, which loads; otherwise it is done here.
      const isRunning = await isServed(config.home);
      await withDatabase(config, (db) =>
        rebuild(db, { config, collection, withoutMissing, isRunning, signal: stop.signal }),
      );
    });
}

type Rebuild = {
  config: Config;
  collection: string;
  withoutMissing: boolean;
  isRunning: boolean;
  signal: AbortSignal;
};

async function rebuild(
  db: Database,
  { config, collection, withoutMissing, isRunning, signal }: Rebuild,
): Promise<void> {
  const { collectionStatuses, loadedSegments, rebuildCollection } = await loadCollections();
  const node = await nodeName(config.home, config.node);
  // Of other nodes' files nothing is known here; each loads its own.
  const held = await loadedSegments(db, { collection, node });
  const missing = await missingSegments(foldersOf(config.home).segments, held);
  if (!withoutMissing) requireNoneMissing(missing, held.length);
  const [before] = await collectionStatuses(db, collection);
  const lost = missing.reduce((sum, { rows }) => sum + rows, 0);
  const goal = before === undefined ? 0 : Math.max(0, before.loaded + before.quarantined - lost);
  const { observations, posts, segments } = await changeWithDeed(
    db,
    { action: 'collection.rebuild', target: collection },
    (tx) => rebuildCollection(tx, collection),
  );
  process.stderr.write(
    `Removed ${formatQuantity(observations, 'observation')} and ${formatQuantity(posts, 'post')} that no other collection holds; ` +
      `loading ${formatQuantity(segments, 'segment')} anew${isRunning ? ' (the running worker does it)' : ''}.\n`,
  );
  const began = performance.now();
  const settled = new AbortController();
  const shown = showProgress(db, {
    collection,
    goal,
    began,
    signal: AbortSignal.any([signal, settled.signal]),
    untilGoal: isRunning,
  });
  if (!isRunning) await loadRows({ config, db, node, signal });
  if (!isRunning) settled.abort();
  await shown;
  if (signal.aborted)
    throw new MistnetError(
      'process.failed',
      isRunning
        ? 'Stopped looking; the running worker goes on loading.'
        : 'Stopped; the rest is loaded when mistnet runs, or by the same command.',
    );
  const [after] = await collectionStatuses(db, collection);
  process.stdout.write(
    `${formatQuantity(after?.loaded ?? 0, 'post')} loaded, ${formatQuantity(after?.quarantined ?? 0, 'frame')} quarantined, in ${formatDuration(performance.now() - began)}.\n`,
  );
}

type Progress = { collection: string; goal: number; began: number; signal: AbortSignal; untilGoal: boolean };

/** A line on a terminal with rate and time left; returns at the goal when it is to be waited for, else when the signal aborts. */
async function showProgress(db: Database, { collection, goal, began, signal, untilGoal }: Progress): Promise<void> {
  const { collectionStatuses } = await loadCollections();
  while (!signal.aborted) {
    const [status] = await collectionStatuses(db, collection);
    const done = (status?.loaded ?? 0) + (status?.quarantined ?? 0);
    if (process.stderr.isTTY) {
      const perMs = done / (performance.now() - began);
      const left = perMs === 0 ? '' : `, ${formatDuration(Math.max(0, goal - done) / perMs)} left`;
      process.stderr.write(
        `\r\x1b[K${formatCount(done)} of ${formatCount(goal)}, ${formatCount(Math.round(perMs * 1000))}/s${left}`,
      );
    }
    if (untilGoal && done >= goal) break;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}
