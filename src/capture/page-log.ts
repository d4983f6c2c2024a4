/** The segments of a plan that is collected by asking: what a worker buys page by page is on the disk before anyone counts on it. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { causeText, MistnetError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import type { LineClass } from '../platforms/adapter.ts';
import { emptyCheckpoint, readCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { makeFolder } from './durable-file.ts';
import { appendGap, type Gap } from './gap.ts';
import type { CapturePlan } from './plan.ts';
import { lockPlan } from './plan-lock.ts';
import { PostRate } from './post-rate.ts';
import { SegmentLog } from './segment-log.ts';
import { encodeFrameHead, isPlainPayload } from './segment/format.ts';
import { recoverPlan } from './segment/recover.ts';
import { type CaptureState, StatusFile } from './status.ts';

export type PageLogOptions = {
  plan: CapturePlan;
  segmentsFolder: string;
  runFolder: string;
  quarantineFolder: string;
  node: string;
  sealAgeMs: number;
  sealBytes: number;
  clock: Clock;
  /** What time it is for the segments, where frames bear older instants; the clock's by default. */
  segmentClock?: Clock;
  log: Log;
  /** What a frame is, for counting those that a crash left open. */
  classifyLine: (line: Buffer) => LineClass;
};

/** One answer of a platform as frames: its posts, and last what else it said. */
export type PageFrames = {
  atMs: number;
  platform: string;
  endpoint: string;
  session: string;
  frames: { payload: Buffer; lineClass: LineClass }[];
};

const TICK_MS = 1000;

/**
 * Opens the log after recovering what a crash left open. Throws `home.in-use` when another process writes the same plan as this node. Dispose
 * of it to seal what is open.
 */
export async function openPageLog(options: PageLogOptions): Promise<PageLog> {
  const { plan, segmentsFolder, quarantineFolder, node, classifyLine, log } = options;
  const planFolder = join(segmentsFolder, plan.plan);
  await makeFolder(planFolder);
  const lock = await lockPlan(planFolder, node);
  try {
    const checkpoint = (await readCheckpoint(planFolder, node)) ?? emptyCheckpoint(node);
    const request = { planFolder, plan: plan.plan, node, quarantineFolder, checkpoint, classifyLine };
    const recovery = await recoverPlan(request);
    await saveCheckpoint(planFolder, recovery.checkpoint);
    for (const { segment, reason } of recovery.unreadable)
      log.error({ plan: plan.plan, segment, reason }, 'segment.unreadable');
    return new PageLog(options, lock, planFolder, recovery.checkpoint);
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

export class PageLog implements AsyncDisposable {
  readonly #options: PageLogOptions;
  readonly #lock: AsyncDisposable;
  readonly #planFolder: string;
  readonly #segments: SegmentLog;
  readonly #rate = new PostRate();
  readonly #statusFile: StatusFile;
  readonly #ticking = new AbortController();
  readonly #ticks: Promise<void>;
  #state: CaptureState = 'connected';
  #reason: string | undefined;
  #trouble: string | undefined;
  #lastAtMs: number | undefined;
  #gapsWriting: Promise<void> = Promise.resolve();

  constructor(
    options: PageLogOptions,
    lock: AsyncDisposable,
    planFolder: string,
    checkpoint: ConstructorParameters<typeof SegmentLog>[0]['checkpoint'],
  ) {
    const { plan, node, sealAgeMs, sealBytes, log, runFolder } = options;
    this.#options = options;
    this.#lock = lock;
    this.#planFolder = planFolder;
    this.#statusFile = new StatusFile(runFolder, plan.plan, node);
    this.#lastAtMs = checkpoint.lastAt === undefined ? undefined : Date.parse(checkpoint.lastAt);
    this.#segments = new SegmentLog({
      planFolder,
      plan: plan.plan,
      node,
      checkpoint,
      sealAgeMs,
      sealBytes,
      onSealed: ({ segment, frames }) => log.info({ segment, frames }, 'segment.sealed'),
      onTrouble: (reason) => {
        this.#trouble = reason;
      },
      onRoom: () => undefined, // each page waits for its own flush
    });
    this.#ticks = this.#tick();
  }

  /** Appends a page and returns when it is on the disk. Rejects with `file.unwritable` when the log is closed while the disk refuses. */
  async append({ atMs, platform, endpoint, session, frames }: PageFrames): Promise<void> {
    if (this.#ticking.signal.aborted)
      throw new MistnetError('file.unwritable', `The segments of ${this.#options.plan.plan} are closed already.`);
    const at = new Date(atMs).toISOString();
    const arrival = { atMs, at, head: encodeFrameHead({ at, platform, endpoint, session }) };
    for (const { payload, lineClass } of frames) {
      const line = { bytes: payload, from: 0, to: payload.length, plain: isPlainPayload(payload) };
      this.#segments.append(arrival, line, lineClass);
      if (lineClass.kind !== 'control') this.#rate.count();
    }
    this.#lastAtMs = atMs;
    // Whatever kept pages away is over; a long reading would go on for minutes before it says so.
    if (this.#state === 'paused') this.say('connected');
    await this.#segments.flush();
  }

  /** Keeps a gap beside the segments; durable on return. One at a time. */
  async recordGap(gap: Gap): Promise<void> {
    const writing = this.#gapsWriting.then(() => appendGap(join(this.#planFolder, 'gaps.jsonl'), gap));
    this.#gapsWriting = writing.catch(() => undefined); // told to who asked
    await writing;
  }

  /** What people see: that work is done or may be, or why none can be. */
  say(state: Extract<CaptureState, 'connected' | 'paused' | 'stopped'>, reason?: string): void {
    this.#state = state;
    this.#reason = reason;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ticking.signal.aborted) return;
    this.#ticking.abort();
    await this.#ticks;
    await this.#segments.close('stop', true);
    this.#state = this.#state === 'paused' ? 'paused' : 'stopped';
    await this.#writeStatus();
    await this.#lock[Symbol.asyncDispose]();
  }

  async #tick(): Promise<void> {
    const { signal } = this.#ticking;
    while (!signal.aborted) {
      this.#rate.tick();
      this.#segments.tick((this.#options.segmentClock ?? this.#options.clock).now());
      await this.#writeStatus();
      await sleep(TICK_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
    }
  }

  #writeStatus(): Promise<void> {
    const { plan, node, clock } = this.#options;
    const { totals } = this.#segments;
    const lastAt = this.#lastAtMs === undefined ? undefined : new Date(this.#lastAtMs).toISOString();
    const reason = this.#trouble === undefined ? this.#reason : `Cannot write: ${causeText(this.#trouble)}`;
    return this.#statusFile.write({
      plan: plan.plan,
      node,
      state: this.#trouble === undefined ? this.#state : 'failed',
      ...(reason === undefined ? {} : { reason }),
      captured: totals.posts + totals.malformed,
      malformed: totals.malformed,
      control: totals.control,
      bytes: totals.bytes,
      openSegments: this.#segments.openCount,
      sealedSegments: totals.segments,
      postsPerSecond: this.#rate.perSecond,
      ...(lastAt === undefined ? {} : { lastByteAt: lastAt, lastPostAt: lastAt }),
      observedAt: new Date(clock.now()).toISOString(),
    });
  }
}
