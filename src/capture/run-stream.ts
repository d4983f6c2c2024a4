/** Runs one plan's stream until told to stop: does what the session's state asks for, and reports each second how it stands. */
import { randomUUID } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import type { StreamAdapter } from '../platforms/adapter.ts';
import { readCheckpoint, emptyCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { appendGap } from './gap.ts';
import type { CapturePlan } from './plan.ts';
import { readStream } from './read-stream.ts';
import { SegmentLog } from './segment-log.ts';
import { recoverPlan } from './segment/recover.ts';
import type { CrashPoint } from './segment/seal.ts';
import type { CaptureStatus } from './status.ts';
import { firstState, type Interruption, type SessionEvent, type SessionState, step } from './stream-session.ts';
import { PostRate } from './post-rate.ts';

export type StreamSettings = {
  /** No byte for so long means that the connection is dead. */
  heartbeatMs: number;
  sealAgeMs: number;
  sealBytes: number;
};

export type RunStreamOptions = {
  plan: CapturePlan;
  planFolder: string;
  runFolder: string;
  quarantineFolder: string;
  node: string;
  adapter: StreamAdapter;
  /** The token of now, or why there is none. Asked before each connection, so a new one is used at once. */
  token: () => Promise<{ token: string } | { missing: string }>;
  settings: StreamSettings;
  clock: Clock;
  log: Log;
  /** Aborted with reason 'wish' when a person stopped the collection: then the silence that follows is no gap. */
  signal: AbortSignal;
  crashPoint?: CrashPoint;
};

const TICK_MS = 1000;

/** The reason a signal carries when a person wished the stop. */
export const STOP_WISHED = 'wish';

/** Recovers the plan's folder, then captures until the signal; on return everything is sealed and the status says so. */
export async function runStream(options: RunStreamOptions): Promise<void> {
  const { plan, planFolder, node, adapter, log, signal } = options;
  const found = (await readCheckpoint(planFolder, node)) ?? emptyCheckpoint(node);
  const { checkpoint, sealed, tornBytes } = await recoverPlan({
    ...options,
    plan: plan.plan,
    checkpoint: found,
    classifyLine: (line) => adapter.classifyLine(line),
  });
  await saveCheckpoint(planFolder, checkpoint);
  if (sealed.length > 0) log.info({ plan: plan.plan, segments: sealed.length, tornBytes }, 'segments.recovered');
  const heard = !checkpoint.restful && checkpoint.lastAt !== undefined ? Date.parse(checkpoint.lastAt) : undefined;
  const missing =
    heard === undefined
      ? undefined
      : { sinceMs: heard, cause: 'restart' as const, evidence: 'capture was not running' };
  const run = new StreamRun(options, checkpoint, missing);
  if (plan.wanted === 'stopped' || signal.aborted) await run.end();
  else await run.loop();
}

class StreamRun {
  readonly #options: RunStreamOptions;
  readonly #segments: SegmentLog;
  readonly #rate = new PostRate();
  #state: SessionState;
  #trouble: string | undefined;
  #heardBefore: boolean;
  #connectedAtMs: number | undefined;
  #lastByteAtMs: number | undefined;
  #lastPostAtMs: number | undefined;
  #resume: (() => void) | undefined;
  #writingStatus: Promise<void> | undefined;

  constructor(
    options: RunStreamOptions,
    checkpoint: ReturnType<typeof emptyCheckpoint>,
    missing: Parameters<typeof firstState>[2],
  ) {
    const { plan, planFolder, node, settings, clock, log, crashPoint } = options;
    this.#options = options;
    this.#heardBefore = missing !== undefined;
    this.#lastByteAtMs = checkpoint.lastAt === undefined ? undefined : Date.parse(checkpoint.lastAt);
    this.#state = firstState(this.#sessionSettings, clock.now(), missing);
    this.#segments = new SegmentLog({
      planFolder,
      plan: plan.plan,
      node,
      checkpoint,
      sealAgeMs: settings.sealAgeMs,
      sealBytes: settings.sealBytes,
      onSealed: (manifest) =>
        log.info(
          {
            segment: manifest.segment,
            frames: manifest.frames,
            bytes: manifest.compressedBytes,
            because: manifest.sealedBecause,
          },
          'segment.sealed',
        ),
      onTrouble: (reason) => {
        if (reason !== undefined && this.#trouble === undefined)
          log.error({ plan: plan.plan, reason }, 'segment.trouble');
        this.#trouble = reason;
      },
      onRoom: () => this.#resume?.(),
      ...(crashPoint === undefined ? {} : { crashPoint }),
    });
  }

  get #sessionSettings() {
    const { adapter, plan } = this.#options;
    return { ladders: adapter.ladders, maxBackfillMinutes: Math.min(plan.backfillMinutes, adapter.maxBackfillMinutes) };
  }

  async loop(): Promise<void> {
    const { signal } = this.#options;
    const ticking = new AbortController();
    const ticks = this.#tick(ticking.signal);
    try {
      while (!signal.aborted) await Promise.race([this.#live(), ticks]);
    } finally {
      ticking.abort();
      await ticks.catch(() => undefined); // its failure has already ended the race above
    }
    await this.end();
  }

  /** Seals everything and says how it stands at rest. */
  async end(): Promise<void> {
    const { signal, clock, plan } = this.#options;
    this.#state = step(this.#state, { kind: 'stop' }, clock.now(), this.#sessionSettings).state;
    await this.#segments.close('stop', plan.wanted === 'stopped' || signal.reason === STOP_WISHED);
    await this.#writeStatus();
  }

  /** One phase of the session. */
  async #live(): Promise<void> {
    const { signal, clock, token } = this.#options;
    const state = this.#state;
    if (state.phase === 'connecting') {
      const found = await token();
      if ('missing' in found) await this.#happened({ kind: 'no-token', reason: found.missing });
      else await this.#connect(found.token, state.backfillMinutes);
    } else if (state.phase === 'waiting' || state.phase === 'paused') {
      await this.#rest(state.untilMs - clock.now());
      if (!signal.aborted) await this.#happened({ kind: 'timer' });
    }
  }

  /** Waits, looking each second whether a new token has come while it is paused. */
  async #rest(ms: number): Promise<void> {
    const { signal, token } = this.#options;
    const before = this.#state.phase === 'paused' ? JSON.stringify(await token()) : '';
    for (let left = ms; left > 0 && !signal.aborted; left -= TICK_MS) {
      await sleep(Math.min(left, TICK_MS), undefined, { signal }).catch(() => undefined); // aborted: the loop sees it
      if (this.#state.phase === 'paused' && JSON.stringify(await token()) !== before)
        return await this.#happened({ kind: 'retry' });
    }
  }

  async #connect(token: string, backfillMinutes: number): Promise<void> {
    const { adapter, settings, clock, signal } = this.#options;
    const session = randomUUID();
    const event = await readStream({
      request: adapter.request({ token, backfillMinutes }),
      adapter,
      askedBackfill: backfillMinutes > 0,
      session,
      heartbeatMs: settings.heartbeatMs,
      clock,
      signal,
      sink: {
        opened: () => this.#happened({ kind: 'opened' }),
        heard: (atMs) => {
          this.#lastByteAtMs = atMs;
        },
        line: (arrival, line, lineClass) => {
          this.#segments.append(arrival, line, lineClass);
          if (lineClass.kind === 'control') return;
          this.#lastPostAtMs = arrival.atMs;
          this.#rate.count();
        },
        hasRoom: () => !this.#segments.congested,
        onPause: (resume) => {
          this.#resume = resume;
        },
      },
    });
    if (!signal.aborted) await this.#happened(event);
  }

  async #happened(event: SessionEvent): Promise<void> {
    const { clock, log, plan } = this.#options;
    const { state, interruption } = step(this.#state, event, clock.now(), this.#sessionSettings);
    this.#state = state;
    log.info(
      {
        plan: plan.plan,
        event: event.kind,
        phase: state.phase,
        ...('reason' in state ? { reason: state.reason } : {}),
      },
      'session',
    );
    if (state.phase === 'reading') {
      this.#connectedAtMs = clock.now();
      this.#heardBefore = true;
    }
    if (interruption !== undefined) await this.#recordGap(interruption);
  }

  async #recordGap(interruption: Interruption): Promise<void> {
    const { planFolder, plan, node, log } = this.#options;
    const { fromMs, toMs, cause, evidence, backfilledFromMs } = interruption;
    const uncoveredMs = Math.max(0, (backfilledFromMs ?? toMs) - fromMs);
    log.info({ plan: plan.plan, cause, silentMs: toMs - fromMs, uncoveredMs }, 'gap');
    await appendGap(join(planFolder, 'gaps.jsonl'), {
      gapId: randomUUID(),
      plan: plan.plan,
      node,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      cause,
      evidence,
      ...(backfilledFromMs === undefined ? {} : { backfilledFrom: new Date(backfilledFromMs).toISOString() }),
      uncoveredMs,
    });
  }

  async #tick(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#rate.tick();
      this.#segments.tick(this.#options.clock.now());
      if (!this.#segments.congested) this.#resume?.();
      await this.#writeStatus();
      await sleep(TICK_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
    }
  }

  /** Replaced whole, so a reader never sees half of it; not fsynced, for it is worth a second. */
  async #writeStatus(): Promise<void> {
    const { runFolder, plan, node } = this.#options;
    const path = join(runFolder, `${plan.plan}.json`);
    await this.#writingStatus;
    this.#writingStatus = writeFile(`${path}.${node}.tmp`, JSON.stringify(this.#status())).then(() =>
      rename(`${path}.${node}.tmp`, path),
    );
    await this.#writingStatus;
  }

  #status(): CaptureStatus {
    const { plan, node, clock } = this.#options;
    const totals = this.#segments.totals;
    return {
      plan: plan.plan,
      node,
      ...this.#statusState(),
      captured: totals.posts + totals.malformed,
      malformed: totals.malformed,
      control: totals.control,
      bytes: totals.bytes,
      openSegments: this.#segments.openCount,
      sealedSegments: totals.segments,
      postsPerSecond: this.#rate.perSecond,
      ...instant('connectedAt', this.#connectedAtMs),
      ...instant('lastByteAt', this.#lastByteAtMs),
      ...instant('lastPostAt', this.#lastPostAtMs),
      observedAt: new Date(clock.now()).toISOString(),
    };
  }

  #statusState(): Pick<CaptureStatus, 'state' | 'reason'> {
    if (this.#trouble !== undefined) return { state: 'failed', reason: `Cannot write: ${this.#trouble}` };
    const state = this.#state;
    switch (state.phase) {
      case 'reading':
        return { state: 'connected' };
      case 'paused':
        return { state: 'paused', reason: state.reason };
      case 'waiting':
        return { state: 'reconnecting', reason: state.reason };
      case 'connecting':
        return { state: this.#heardBefore || state.memory.missing !== undefined ? 'reconnecting' : 'starting' };
      case 'stopped':
        return { state: 'stopped' };
    }
  }
}

function instant<K extends string>(key: K, ms: number | undefined): { [key in K]?: string } {
  return ms === undefined ? {} : ({ [key]: new Date(ms).toISOString() } as { [key in K]?: string });
}
