/** The worker's desk for timelines: a log of pages for each collection of this node, what is due, and the reading itself. */
import { join } from 'node:path';
import { type PageLog, openPageLog } from '../../capture/page-log.ts';
import { emptyCheckpoint } from '../../capture/checkpoint.ts';
import { readCaptureStatus, restingStatus, StatusFile } from '../../capture/status.ts';
import { newestFrames } from '../../capture/newest-frames.ts';
import { type CapturePlan, savePlan } from '../../capture/plan.ts';
import { causeText } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { Clock } from '../../core/time.ts';
import type { LineClass } from '../../platforms/adapter.ts';
import type { Asker } from '../../platforms/make-call.ts';
import type { PagedQuestion } from '../../platforms/read-adapter.ts';
import type { Database } from '../../store/db.ts';
import { type TimelineCollection, timelineCollections } from '../../store/timelines/timeline-collections.ts';
import {
  type DueTimeline,
  dueTimelines,
  enrolTimelines,
  replayPage,
  type TimelineKey,
} from '../../store/timelines/timelines.ts';
import { readMarker } from './page-marker.ts';
import { type ReadOutcome, readTimeline, STOPPED } from './read-timeline.ts';
import { readSchedule } from './read-schedule.ts';

export type TimelineDeskOptions = {
  db: Database;
  node: string;
  segmentsFolder: string;
  runFolder: string;
  quarantineFolder: string;
  sealAgeMs: number;
  sealBytes: number;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  /** Calls in the name of a collection, so that it is charged to it, with the credential that it names. */
  askerOf: (collection: string, credential?: string) => Asker;
  question: (api: 'v2' | 'v1.1', wish: { accountId: string; sinceId?: string }) => PagedQuestion;
  horizon: number;
  classifyLine: (line: Buffer) => LineClass;
};

/** `paused`: money or keys forbid its calls; until `untilMs` nothing is tried, and then by one timeline first. */
type Desk = {
  collection: TimelineCollection;
  pages: PageLog;
  /** Ends readings when the collection is stopped; those that go on. */
  stop: AbortController;
  readings: Set<Promise<unknown>>;
  paused?: { sentence: string; untilMs: number };
};

/** So long after money or keys forbade a call another one finds out whether they still do: it costs nothing. */
const TRY_AGAIN_MS = 60_000;

/** Of the segments that a killed worker left, the page that it could not note is in one of the last. */
const NEWEST_SEGMENTS = 3;
const DUE_AT_ONCE = 1000;

export class TimelineDesk implements AsyncDisposable {
  readonly #options: TimelineDeskOptions;
  readonly #desks = new Map<number, Desk>();
  /** What was said of collections that cannot be opened: once, not with every look. */
  readonly #troubles = new Map<number, string>();
  #refreshing: Promise<void> | undefined;

  constructor(options: TimelineDeskOptions) {
    this.#options = options;
  }

  /** What is due now. Call it every few seconds; it also opens and closes logs as collections come, stop and go. */
  async look(): Promise<DueTimeline[]> {
    const { db, clock } = this.#options;
    await this.#refresh();
    await enrolTimelines(db, clock.now());
    const due = await dueTimelines(db, clock.now(), DUE_AT_ONCE);
    const scouted = new Set<number>();
    return due.filter(({ collectionId }) => {
      const desk = this.#desks.get(collectionId);
      if (desk?.paused === undefined) return desk !== undefined;
      if (clock.now() < desk.paused.untilMs || scouted.has(collectionId)) return false;
      scouted.add(collectionId);
      return true;
    });
  }

  /** Reads one timeline. Throws what `readTimeline` throws, for a later try. `cancelled`: aborts when a person wants it read no further now. */
  async read(key: TimelineKey, cancelled?: AbortSignal): Promise<ReadOutcome> {
    const { askerOf, question, db, node, horizon, clock, log, signal } = this.#options;
    if (!this.#desks.has(key.collectionId)) await this.#refresh();
    const desk = this.#desks.get(key.collectionId);
    if (desk === undefined) return { outcome: 'idle', posts: 0 };
    const { collection, pages, paused, stop, readings } = desk;
    if (paused !== undefined && clock.now() < paused.untilMs)
      return { outcome: 'idle', posts: 0, paused: paused.sentence };
    const reading = readTimeline(
      {
        ...{ db, pages, plan: collection.name, node, horizon, clock, log, signal },
        asker: askerOf(collection.name, collection.body.credential),
        question: (wish) => question(collection.api, wish),
        schedule: readSchedule(collection.body.schedule),
        cancelled: cancelled === undefined ? stop.signal : AbortSignal.any([cancelled, stop.signal]),
      },
      key,
    );
    readings.add(reading);
    const result = await reading.finally(() => readings.delete(reading));
    if (result.paused !== undefined) {
      desk.paused = { sentence: result.paused, untilMs: clock.now() + TRY_AGAIN_MS };
      pages.say('paused', result.paused);
    } else if (result.outcome !== 'taken' && result.outcome !== 'idle') {
      // Whatever it said of the account: the platform answered.
      delete desk.paused;
      pages.say('connected');
    }
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#refreshing?.catch(() => undefined); // told to who asked
    for (const { pages } of this.#desks.values()) await pages[Symbol.asyncDispose]();
    this.#desks.clear();
  }

  #refresh(): Promise<void> {
    this.#refreshing ??= this.#refreshNow().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refreshNow(): Promise<void> {
    const wanted = new Map<number, TimelineCollection>();
    for (const each of await timelineCollections(this.#options.db))
      if (each.wanted === 'active') wanted.set(each.collectionId, each);
    for (const [id, { pages, collection, stop, readings }] of this.#desks) {
      if (wanted.has(id)) continue;
      this.#desks.delete(id);
      // Before the log is closed: a page that comes then could not be kept.
      stop.abort(STOPPED);
      await Promise.allSettled(readings);
      pages.say('stopped');
      await this.#apart(collection, () => pages[Symbol.asyncDispose]());
    }
    for (const [id, collection] of wanted) {
      const open = this.#desks.get(id);
      if (open !== undefined) open.collection = collection;
      else
        await this.#apart(collection, async () => {
          const pages = await this.#open(collection);
          this.#desks.set(id, { collection, pages, stop: new AbortController(), readings: new Set() });
        });
    }
  }

  /** One collection's folder that cannot be opened or closed keeps no other from being read; it is tried again with the next look. */
  async #apart({ name, collectionId }: TimelineCollection, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#troubles.delete(collectionId);
    } catch (error) {
      const cause = causeText(error);
      if (this.#troubles.get(collectionId) !== cause)
        this.#options.log.error({ plan: name, cause }, 'timeline.home-unusable');
      this.#troubles.set(collectionId, cause);
      await this.#sayUnusable(name, cause);
    }
  }

  /** Where people look: as the state of the collection on this node. */
  async #sayUnusable(plan: string, cause: string): Promise<void> {
    const { runFolder, node, clock } = this.#options;
    const known = await readCaptureStatus(join(runFolder, `${plan}.json`));
    await new StatusFile(runFolder, plan, node).write({
      ...restingStatus(emptyCheckpoint(node), { plan, node, state: 'failed', nowMs: clock.now() }),
      ...known,
      ...{ state: 'failed', postsPerSecond: 0, observedAt: new Date(clock.now()).toISOString() },
      reason: `Its folder on node ${node} cannot be opened: ${cause}`,
    });
  }

  async #open(collection: TimelineCollection): Promise<PageLog> {
    const { segmentsFolder, node, log } = this.#options;
    const plan: CapturePlan = {
      ...{ format: 1, plan: collection.name, kind: 'timeline', platform: 'x', api: collection.api },
      ...{ backfillMinutes: 0, wanted: collection.wanted, revision: collection.revision },
    };
    const folder = join(segmentsFolder, collection.name);
    await savePlan(folder, plan);
    const pages = await openPageLog({ ...this.#options, plan });
    try {
      const replayed = await this.#replay(collection, folder);
      if (replayed > 0) log.info({ plan: plan.plan, pages: replayed, node }, 'timeline.pages-replayed');
      return pages;
    } catch (error) {
      log.error({ plan: plan.plan, cause: causeText(error) }, 'timeline.replay-failed');
      await pages[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Pages that were on the disk when a worker was killed before it could note them. */
  async #replay({ collectionId }: TimelineCollection, folder: string): Promise<number> {
    const { db, node } = this.#options;
    let replayed = 0;
    for await (const frames of newestFrames(folder, node, NEWEST_SEGMENTS))
      for (const { payload, platform } of frames) {
        const marker = readMarker(payload);
        if (marker === undefined) continue;
        const key = { collectionId, platform, accountId: marker.accountId };
        if (await replayPage(db, key, marker.sweep)) replayed++;
      }
    return replayed;
  }
}
