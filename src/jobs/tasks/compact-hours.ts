/** Finds the hours of this node whose segments can be put together, and has that done, one hour after the other, newest first. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { compactHour, TEMPORARY_SUFFIX } from '../../archive/compact-hour.ts';
import { isCounted, readCheckpoint } from '../../capture/checkpoint.ts';
import { hourFolderMs, listHourFolders, parseSegmentName } from '../../capture/segment/layout.ts';
import { causeText } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import { type Clock, HOUR_MS, msToUtcHour } from '../../core/time.ts';
import type { Database } from '../../store/db.ts';
import { FINISHED_AFTER_MS } from '../../store/queries/hours-to-build.ts';
import { settledSegments } from '../../store/queries/settled-segments.ts';

export type CompactTask = {
  db: Database;
  segmentsFolder: string;
  node: string;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
};

/** Hours older than this are looked at seldom: something changes there only when files are brought back or come late. */
const RECENT_MS = 6 * HOUR_MS;
const SWEEP_EVERY_MS = 10 * 60_000;

export class HourCompactor {
  readonly #task: CompactTask;
  /** When folders changed last in which nothing is left to do. */
  readonly #settledMtimes = new Map<string, number>();
  readonly #complained = new Set<string>();
  #sweptAtMs = Number.NEGATIVE_INFINITY;

  constructor(task: CompactTask) {
    this.#task = task;
  }

  /** Compacts what is ready, then returns. Throws when the database or the disk is away; the next look goes on. */
  async look(): Promise<void> {
    const { segmentsFolder, clock, signal } = this.#task;
    const nowMs = clock.now();
    const sweep = Math.abs(nowMs - this.#sweptAtMs) >= SWEEP_EVERY_MS;
    const finishedMs = nowMs - FINISHED_AFTER_MS - HOUR_MS; // the last instant at which a finished hour began
    for (const plan of (await readdir(segmentsFolder).catch((): string[] => [])).sort()) {
      const planFolder = join(segmentsFolder, plan);
      const folders = await listHourFolders(planFolder, sweep ? undefined : nowMs - RECENT_MS).catch(() => []); // a file, no plan
      for (const folder of folders.reverse()) {
        if (signal.aborted) return;
        if (hourFolderMs(folder) <= finishedMs) await this.#compact(planFolder, folder);
      }
    }
    if (sweep) this.#sweptAtMs = nowMs;
  }

  async #compact(planFolder: string, folder: string): Promise<void> {
    const { db, node, signal, log } = this.#task;
    const plan = basename(planFolder);
    const { mtimeMs } = await stat(folder);
    if (this.#settledMtimes.get(folder) === mtimeMs) return;
    if (!(await readdir(folder)).some((name) => isOfOwnSegment(name, node))) {
      this.#settledMtimes.set(folder, mtimeMs);
      return;
    }
    const hourMs = hourFolderMs(folder);
    const settled = await settledSegments(db, { plan, node, hourMs });
    const checkpoint = settled.size === 0 ? undefined : await readCheckpoint(planFolder, node);
    if (checkpoint === undefined) return;
    const result = await compactHour({
      folder,
      plan,
      node,
      signal,
      isReady: ({ segment, sequence }) => settled.has(segment) && isCounted(checkpoint, sequence),
    }).catch((error: unknown) => {
      // One hour's trouble must not keep the others waiting; a disk that is away will say so for them too.
      signal.throwIfAborted();
      return { outcome: 'failed' as const, damaged: [{ segment: msToUtcHour(hourMs), reason: causeText(error) }] };
    });
    for (const { segment, reason } of result.damaged) this.#complainOnce({ plan, segment, reason });
    if (result.outcome === 'compacted') {
      const { segment, parts, bytes, compressedBytes } = result.manifest;
      log.info({ plan, segment, segments: parts.length, bytes, compressedBytes }, 'hour.compacted');
    } else if (result.outcome === 'nothing') this.#settledMtimes.set(folder, mtimeMs);
  }

  #complainOnce(trouble: { plan: string; segment: string; reason: string }): void {
    const key = JSON.stringify(trouble);
    if (this.#complained.has(key)) return;
    this.#complained.add(key);
    this.#task.log.error(trouble, 'hour.compact-trouble');
  }
}

/** Whether a file is a segment's of this node, or a packed file that a crash left half written. */
function isOfOwnSegment(name: string, node: string): boolean {
  const [stem = ''] = name.split('.');
  return parseSegmentName(stem)?.node === node || (name.startsWith(`${node}-`) && name.endsWith(TEMPORARY_SUFFIX));
}
