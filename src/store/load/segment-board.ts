/** What lies on this node's disk and how far each segment is loaded: finds work, hands it out, forgets what is done. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  OPEN_SUFFIX,
  MANIFEST_SUFFIX,
  type SegmentFiles,
  hourFolder,
  hourFolderMs,
  listHourFolders,
  listHourSegments,
  sealedPlace,
} from '../../capture/segment/layout.ts';
import { type Manifest, readManifest } from '../../capture/segment/manifest.ts';
import { causeText } from '../../core/errors.ts';
import { type Clock, HOUR_MS } from '../../core/time.ts';
import type { Queryable } from '../db.ts';
import { importLedgerPath } from '../../capture/plan.ts';
import type { LoadSource } from './load-segment.ts';
import { type LedgerRow, type LoadPlan, markSealed, readLoadPlans, registerSegments } from './segment-ledger.ts';
import { StreamAttribution } from '../filters/stream-attribution.ts';
import type { StoreLog } from '../store-log.ts';

/** A segment that is not done yet. `triedBytes`: how long the open file was when it was last loaded to its end. */
type Tracked = {
  files: SegmentFiles;
  folder: HourFolder;
  ledger: LedgerRow;
  manifest?: Manifest;
  openBytes: number;
  triedBytes: number;
  busy: boolean;
  notBeforeMs: number;
};

type HourFolder = { plan: string; path: string; hourMs: number; done: Set<string>; tracked: Map<string, Tracked> };

/** One segment to load; `release` must be called with what became of it. */
export type Work = { source: LoadSource; release: (outcome: WorkOutcome) => void };
export type WorkOutcome = { offset: number; loaded: boolean; retryAfterMs?: number };

const PLANS_AGE_MS = 2000;
/** Folders of old hours looked into per refresh, so that ten years of them do not delay what arrives now. */
const SWEPT_PER_REFRESH = 50;
/** How often the hours of a collection are looked for while files are imported into it. */
const IMPORT_AGE_MS = 5000;

export class SegmentBoard {
  readonly #db: Queryable;
  readonly #segmentsFolder: string;
  readonly #node: string;
  readonly #clock: Clock;
  readonly #log: StoreLog;
  #plans = new Map<string, LoadPlan>();
  #plansReadAtMs = Number.NEGATIVE_INFINITY;
  readonly #folders = new Map<string, HourFolder>();
  /** When old folders changed last, as of when all in them was done. */
  readonly #sweptMtimes = new Map<string, number>();
  #toSweep: { plan: string; path: string }[] = [];
  /** By plan: when an import went on last, as of our last look at its hours, and when that was. */
  readonly #imports = new Map<string, { mtimeMs: number; lookedAtMs: number }>();
  readonly #owners = new Map<string, StreamAttribution>();
  readonly #complained = new Set<string>();

  constructor(options: { db: Queryable; segmentsFolder: string; node: string; clock: Clock; log: StoreLog }) {
    this.#db = options.db;
    this.#segmentsFolder = options.segmentsFolder;
    this.#node = options.node;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** Whether everything that was found is loaded as far as it can be. */
  get settled(): boolean {
    if (this.#toSweep.length > 0) return false;
    for (const segment of this.#tracked()) if (segment.busy || this.#hasWork(segment)) return false;
    return true;
  }

  /** Looks at the hours in which something can be new, and at a few old ones if a sweep is under way. */
  async refresh(): Promise<void> {
    await this.#refreshPlans();
    const nowMs = this.#clock.now();
    const recent = new Set<string>();
    for (const plan of await this.#planFolders()) {
      for (const ms of [nowMs - HOUR_MS, nowMs]) {
        const path = hourFolder(join(this.#segmentsFolder, plan), ms);
        recent.add(path);
        this.#activate(plan, path);
      }
      await this.#noticeImport(plan, nowMs);
    }
    for (const { plan, path } of this.#toSweep.splice(0, SWEPT_PER_REFRESH)) this.#activate(plan, path);
    const fresh: { files: SegmentFiles; folder: HourFolder }[] = [];
    for (const folder of this.#folders.values()) fresh.push(...(await this.#look(folder)));
    await this.#register(fresh);
    await this.#findSealed();
    for (const [path, folder] of this.#folders)
      if (folder.tracked.size === 0 && !recent.has(path)) this.#folders.delete(path);
  }

  /** Notes all older hours that changed since they were last looked into: segments may have been brought back or moved here. */
  async sweep(signal: AbortSignal): Promise<void> {
    await this.#refreshPlans();
    for (const plan of await this.#planFolders()) await this.#sweepPlan(plan, signal);
  }

  async #sweepPlan(plan: string, signal?: AbortSignal): Promise<void> {
    for (const path of await listHourFolders(join(this.#segmentsFolder, plan))) {
      if (signal?.aborted === true) return;
      const mtimeMs = (await stat(path).catch(() => undefined))?.mtimeMs; // removed meanwhile: nothing to load
      if (mtimeMs === undefined || this.#sweptMtimes.get(path) === mtimeMs) continue;
      this.#sweptMtimes.set(path, mtimeMs);
      this.#toSweep.push({ plan, path });
    }
  }

  /** What is imported lies in hours of long ago, which the next sweep alone would find. */
  async #noticeImport(plan: string, nowMs: number): Promise<void> {
    const path = importLedgerPath(join(this.#segmentsFolder, plan), this.#node);
    const mtimeMs = (await stat(path).catch(() => undefined))?.mtimeMs; // nothing was imported, or the next look tells
    const known = this.#imports.get(plan);
    if (mtimeMs === undefined || mtimeMs === known?.mtimeMs) return;
    if (known !== undefined && Math.abs(nowMs - known.lookedAtMs) < IMPORT_AGE_MS) return;
    this.#imports.set(plan, { mtimeMs, lookedAtMs: nowMs });
    await this.#sweepPlan(plan);
  }

  /** The oldest segment that has something to load and that nobody is loading. */
  take(): Work | undefined {
    let oldest: Tracked | undefined;
    for (const segment of this.#tracked())
      if (!segment.busy && this.#hasWork(segment) && (oldest === undefined || isOlder(segment.files, oldest.files)))
        oldest = segment;
    return oldest === undefined ? undefined : this.#handOut(oldest);
  }

  #handOut(segment: Tracked): Work {
    const { files, ledger, manifest, openBytes } = segment;
    segment.busy = true;
    const source: LoadSource = {
      segmentId: ledger.segmentId,
      plan: files.plan,
      node: files.node,
      segment: files.segment,
      collectionIds: this.#plans.get(files.plan)?.collectionIds ?? [],
      ...this.#ownersOf(files.plan),
      ...(manifest === undefined ? { path: `${files.stem}${OPEN_SUFFIX}` } : sealedPlace(files)),
      manifest,
      offset: ledger.loadedOffset,
      openedAtMs: files.openedAtMs,
    };
    const release = ({ offset, loaded, retryAfterMs = 0 }: WorkOutcome) => {
      segment.busy = false;
      ledger.loadedOffset = offset;
      segment.notBeforeMs = this.#clock.now() + retryAfterMs;
      if (retryAfterMs === 0 && manifest === undefined) segment.triedBytes = openBytes;
      if (loaded) this.#done(segment);
    };
    return { source, release };
  }

  /** Of a shared plan: who tells whose its frames are. */
  #ownersOf(plan: string): Pick<LoadSource, 'owners'> {
    if (this.#plans.get(plan)?.isShared !== true) return {};
    const owners =
      this.#owners.get(plan) ??
      new StreamAttribution({
        ...{ db: this.#db, segmentsFolder: this.#segmentsFolder, plan, node: this.#node },
        monotonicMs: () => performance.now(),
      });
    this.#owners.set(plan, owners);
    return { owners };
  }

  #hasWork({ files, ledger, manifest, openBytes, triedBytes, notBeforeMs }: Tracked): boolean {
    if (this.#plans.get(files.plan)?.keepsRows !== true || notBeforeMs > this.#clock.now()) return false;
    return manifest !== undefined || (openBytes > ledger.loadedOffset && openBytes !== triedBytes);
  }

  #done(segment: Tracked): void {
    segment.folder.tracked.delete(segment.files.segment);
    segment.folder.done.add(segment.files.segment);
  }

  *#tracked(): Generator<Tracked> {
    for (const folder of this.#folders.values()) yield* folder.tracked.values();
  }

  #activate(plan: string, path: string): void {
    if (this.#folders.has(path)) return;
    this.#folders.set(path, { plan, path, hourMs: hourFolderMs(path), done: new Set(), tracked: new Map() });
  }

  async #refreshPlans(): Promise<void> {
    const nowMs = this.#clock.now();
    if (Math.abs(nowMs - this.#plansReadAtMs) < PLANS_AGE_MS) return;
    const plans = await readLoadPlans(this.#db);
    for (const [plan, { rebuilds }] of this.#plans) if (plans.get(plan)?.rebuilds !== rebuilds) this.#forget(plan);
    this.#plans = plans;
    this.#plansReadAtMs = nowMs;
  }

  /** The rows of this plan were thrown away: everything is to be looked at again. */
  #forget(plan: string): void {
    const below = `${join(this.#segmentsFolder, plan)}/`;
    for (const path of this.#folders.keys()) if (path.startsWith(below)) this.#folders.delete(path);
    const again = [...this.#sweptMtimes.keys()].filter((path) => path.startsWith(below));
    for (const path of again) this.#sweptMtimes.delete(path);
    this.#toSweep.push(...again.map((path) => ({ plan, path })));
  }

  async #planFolders(): Promise<string[]> {
    const plans: string[] = [];
    for (const entry of await readdir(this.#segmentsFolder, { withFileTypes: true }).catch(noneIfMissing)) {
      if (!entry.isDirectory()) continue;
      if (this.#plans.has(entry.name)) plans.push(entry.name);
      else this.#complainOnce(entry.name, { plan: entry.name }, 'load.plan-unknown');
    }
    return plans;
  }

  /** Brings a folder's tracked segments up to date; returns those that are new. */
  async #look(folder: HourFolder): Promise<{ files: SegmentFiles; folder: HourFolder }[]> {
    const fresh: { files: SegmentFiles; folder: HourFolder }[] = [];
    const there = new Set<string>();
    for (const files of await listHourSegments(folder.plan, folder.path)) {
      if (files.node !== this.#node || folder.done.has(files.segment)) continue;
      there.add(files.segment);
      const segment = folder.tracked.get(files.segment);
      if (segment === undefined) fresh.push({ files, folder });
      else segment.files = files;
    }
    for (const [name, segment] of folder.tracked) if (!there.has(name) && !segment.busy) folder.tracked.delete(name); // moved away; found again if it comes back
    for (const segment of folder.tracked.values())
      if (segment.files.open && segment.manifest === undefined) segment.openBytes = await sizeOf(segment.files.stem);
    return fresh;
  }

  async #register(fresh: { files: SegmentFiles; folder: HourFolder }[]): Promise<void> {
    for (let at = 0; at < fresh.length; at += 1000) {
      const some = fresh.slice(at, at + 1000);
      const ledger = await registerSegments(
        this.#db,
        some.map(({ files, folder }) => ({ ...files, hourMs: folder.hourMs })),
      );
      const rows = new Map(ledger.map((row) => [`${row.plan}/${row.segment}`, row]));
      for (const { files, folder } of some) {
        const row = rows.get(`${files.plan}/${files.segment}`);
        if (row === undefined) continue;
        if (row.state === 'loaded') folder.done.add(files.segment);
        else {
          const openBytes = files.open ? await sizeOf(files.stem) : 0;
          folder.tracked.set(files.segment, {
            ...{ files, folder, ledger: row, openBytes },
            ...{ triedBytes: -1, busy: false, notBeforeMs: Number.NEGATIVE_INFINITY },
          });
        }
      }
    }
  }

  /** A segment is sealed when its manifest is there: it is written last. */
  async #findSealed(): Promise<void> {
    const sealed: { segmentId: number; manifest: Manifest; segment: Tracked }[] = [];
    for (const segment of this.#tracked()) {
      if (!segment.files.sealed || segment.manifest !== undefined || segment.busy) continue;
      const manifest = await this.#manifestOf(segment);
      if (manifest !== undefined) sealed.push({ segmentId: segment.ledger.segmentId, manifest, segment });
    }
    if (sealed.length === 0) return;
    await markSealed(this.#db, sealed);
    for (const { manifest, segment } of sealed) {
      segment.manifest = manifest;
      if (this.#plans.get(segment.files.plan)?.keepsRows === false) this.#done(segment);
    }
  }

  async #manifestOf({ files }: Tracked): Promise<Manifest | undefined> {
    if (files.part !== undefined) return files.part.manifest;
    const path = `${files.stem}${MANIFEST_SUFFIX}`;
    try {
      return await readManifest(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.#complainOnce(path, { segment: files.segment, cause: causeText(error) }, 'load.manifest-unreadable');
      return undefined; // not there yet, or not readable: the open form is what counts
    }
  }

  #complainOnce(key: string, fields: object, event: string): void {
    if (this.#complained.has(key)) return;
    this.#complained.add(key);
    this.#log.warn(fields, event);
  }
}

function isOlder(a: SegmentFiles, b: SegmentFiles): boolean {
  return a.openedAtMs !== b.openedAtMs ? a.openedAtMs < b.openedAtMs : a.sequence < b.sequence;
}

async function sizeOf(stem: string): Promise<number> {
  return (await stat(`${stem}${OPEN_SUFFIX}`).catch(() => undefined))?.size ?? 0; // sealed this moment: the next look tells
}

function noneIfMissing(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
