/** Finds the hours of this node whose segments can be put together, and has that done, one hour after the other, newest first. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { compactHour, TEMPORARY_SUFFIX } from '../../archive/compact-hour.ts';
import { isCounted, readCheckpoint } from '../../capture/checkpoint.ts';
import {
  hourFolderMs,
  listCompacted,
  listHourFolders,
  parseCompactedName,
  parseSegmentName,
  SEALED_SUFFIX,
} from '../../capture/segment/layout.ts';
import type { CompactedManifest } from '../../capture/segment/manifest.ts';
import { causeText } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import { type Clock, HOUR_MS, msToUtcHour } from '../../core/time.ts';
import type { Database } from '../../store/db.ts';
import { knownCompactions, recordCompaction, setCompactionTroubles } from '../../store/queries/compactions.ts';
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
  /** By plan: what the database knows of this node's compacted files and troubles. */
  readonly #known = new Map<string, Awaited<ReturnType<typeof knownCompactions>>>();
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
    const hourMs = hourFolderMs(folder);
    const names = await readdir(folder);
    await this.#recordUnknown(plan, folder, names);
    if (!names.some((name) => isOfOwnSegment(name, node))) {
      await this.#setTroubles(plan, hourMs, []);
      this.#settledMtimes.set(folder, mtimeMs);
      return;
    }
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
    if (result.outcome !== 'waiting' || result.damaged.length > 0)
      await this.#setTroubles(plan, hourMs, result.damaged);
    if (result.outcome === 'compacted') {
      const { segment, parts, bytes, compressedBytes } = result.manifest;
      await this.#record(plan, hourMs, result.manifest);
      log.info({ plan, segment, segments: parts.length, bytes, compressedBytes }, 'hour.compacted');
    } else if (result.outcome === 'nothing') this.#settledMtimes.set(folder, mtimeMs);
  }

  /** Compacted files that the database was not told of: their maker died just then, or had another database. */
  async #recordUnknown(plan: string, folder: string, names: string[]): Promise<void> {
    const { files, isPlan } = await this.#knownOf(plan);
    if (!isPlan) return; // a folder that no collection has, yet
    const { node } = this.#task;
    const isUnknown = (name: string) =>
      name.startsWith(`${node}-`) && name.endsWith(SEALED_SUFFIX) && !files.has(name.slice(0, -SEALED_SUFFIX.length));
    if (!names.some((name) => isUnknown(name) && parseCompactedName(name.slice(0, -SEALED_SUFFIX.length)))) return;
    const found = await listCompacted(folder, (file) => file.node !== node || files.has(file.name));
    for (const { manifest } of found.files) await this.#record(plan, hourFolderMs(folder), manifest);
  }

  async #record(plan: string, hourMs: number, manifest: CompactedManifest): Promise<void> {
    const { db, clock } = this.#task;
    const { segment: file, node, parts, bytes, compressedBytes } = manifest;
    await recordCompaction(db, {
      ...{ plan, node, file, hour: new Date(hourMs).toISOString(), segments: parts.length, bytes, compressedBytes },
      segmentsBytes: parts.reduce((sum, part) => sum + part.compressedBytes, 0),
      compactedAt: new Date(clock.now()).toISOString(),
    });
    (await this.#knownOf(plan)).files.add(file);
  }

  /** People see troubles until they are over. */
  async #setTroubles(plan: string, hourMs: number, troubles: { segment: string; reason: string }[]): Promise<void> {
    const { troubledHoursMs } = await this.#knownOf(plan);
    if (troubles.length === 0 && !troubledHoursMs.has(hourMs)) return;
    const { db, node, clock } = this.#task;
    const hour = new Date(hourMs).toISOString();
    await setCompactionTroubles(db, { plan, node, hour }, troubles, new Date(clock.now()).toISOString());
    if (troubles.length > 0) troubledHoursMs.add(hourMs);
    else troubledHoursMs.delete(hourMs);
  }

  async #knownOf(plan: string) {
    const { db, node } = this.#task;
    const known = this.#known.get(plan) ?? (await knownCompactions(db, { plan, node }));
    if (known.isPlan) this.#known.set(plan, known);
    return known;
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
