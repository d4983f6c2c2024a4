/** Runs one plan's stream until told to stop: does what the session's state asks for, and reports each second how it stands. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { causeText } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import type { StreamAdapter } from '../platforms/adapter.ts';
import type { Authorize } from '../platforms/permit-source.ts';
import { type Checkpoint, emptyCheckpoint, readCheckpoint, saveCheckpoint, silentSince } from './checkpoint.ts';
import { isDiskTrouble, makeFolder } from './durable-file.ts';
import { appendGap, type Gap, type GapCause } from './gap.ts';
import type { CapturePlan } from './plan.ts';
import { heardOf } from './heard-until.ts';
import { OpenedConnections } from './opened-connections.ts';
import { lockPlan } from './plan-lock.ts';
import { readStream } from './read-stream.ts';
import { SegmentLog } from './segment-log.ts';
import { recoverPlan } from './segment/recover.ts';
import { type CaptureStatus, readCaptureStatus, restingStatus, StatusFile } from './status.ts';
import { firstState, type Interruption, type SessionEvent, type SessionState, step } from './stream-session.ts';
import { PostRate } from './post-rate.ts';

export type StreamSettings = {
  /** No byte for so long means that the connection is dead. */
  heartbeatMs: number;
  sealAgeMs: number;
  sealBytes: number;
};

/**
 * What a connection is asked with. `label`: of one that is kept, and so may be taken away. `version`: another text when the secret is another one; no
 * secret itself.
 */
export type StreamCredential = { authorization: Authorize; label?: string; version: string };

/**
 * Why there is nothing to ask with. `kept`: labels of those that are there and refused; whatever else was there has been taken away. Absent where that
 * is not known.
 */
export type NoCredential = { missing: string; kept?: readonly string[] };

export type RunStreamOptions = {
  plan: CapturePlan;
  planFolder: string;
  runFolder: string;
  quarantineFolder: string;
  node: string;
  adapter: StreamAdapter;
  /** That of now, or why there is none. Asked before each connection, so a new one is used at once, and while one is open: taken away, it ends. */
  credential: () => Promise<StreamCredential | NoCredential>;
  settings: StreamSettings;
  clock: Clock;
  log: Log;
  /** Told once when the disk begins to refuse a plan's writing, and once (undefined) when it takes it again. */
  onTrouble?: (plan: string, reason: string | undefined) => void;
  /** Aborted with reason 'wish' when a person stopped the collection: then the silence that follows is no gap. */
  signal: AbortSignal;
};

const TICK_MS = 1000;
const RECOVER_AGAIN_MS = 5000;

/** The reason a signal carries when a person wished the stop. */
export const STOP_WISHED = 'wish';

/**
 * Recovers the plan's folder, then captures until the signal; on return everything is sealed and the status says so. What a disk
 * refuses is said in the status and tried again. Throws `home.in-use` when another process captures the same.
 */
export async function runStream(options: RunStreamOptions): Promise<void> {
  const { plan, planFolder, node, clock, signal } = options;
  await makeFolder(planFolder);
  await using _lock = await lockPlan(planFolder, node);
  // Before recovery, which may have to say how it stands itself.
  const before = await readCaptureStatus(join(options.runFolder, `${plan.plan}.json`));
  const checkpoint = await recoverPatiently(options);
  if (checkpoint === undefined) return; // told to stop while the disk refused; the next start recovers
  const isWanted = plan.wanted !== 'stopped' && !signal.aborted;
  const sinceMs = silentSince(checkpoint, options.adapter);
  const missing = sinceMs === undefined ? undefined : { sinceMs, ...causeOf(sinceMs, before) };
  const wantedAt = new Date(clock.now()).toISOString();
  const run = new StreamRun(
    options,
    isWanted && checkpoint.restful ? { ...checkpoint, restful: false, wantedAt } : checkpoint,
    missing,
    await OpenedConnections.of(planFolder, node),
  );
  if (isWanted) await run.loop();
  else await run.end();
}

/** Two clocks note the beginning of one silence: that of the last line on the disk, and that of the last byte. */
const SAME_SILENCE_MS = 1_000;

/** Why nothing has been heard: what the earlier process said of a silence that it did not see the end of, or that there was no process. */
function causeOf(sinceMs: number, before: CaptureStatus | undefined): { cause: GapCause; evidence: string } {
  const { silence } = before ?? {};
  if (silence === undefined || Date.parse(silence.since) < sinceMs - SAME_SILENCE_MS)
    return { cause: 'restart', evidence: 'capture was not running' };
  const { cause, evidence } = silence;
  return { cause, evidence: evidence.endsWith(RESTARTED) ? evidence : `${evidence}${RESTARTED}` };
}

const RESTARTED = '; capture was restarted meanwhile';

/** Recovers as often as it takes: a full disk or one that is away must not end capture for good. */
async function recoverPatiently(options: RunStreamOptions): Promise<Checkpoint | undefined> {
  const { plan, planFolder, runFolder, node, adapter, clock, log, signal } = options;
  const status = new StatusFile(runFolder, plan.plan, node);
  for (let isTroubled = false; ; isTroubled = true) {
    const found = (await readCheckpoint(planFolder, node)) ?? emptyCheckpoint(node);
    try {
      const recovery = await recoverPlan({
        ...options,
        plan: plan.plan,
        checkpoint: found,
        classifyLine: (line) => adapter.classifyLine(line),
      });
      await saveCheckpoint(planFolder, recovery.checkpoint);
      if (isTroubled) options.onTrouble?.(plan.plan, undefined);
      const { sealed, tornBytes, unreadable } = recovery;
      if (sealed.length > 0) log.info({ plan: plan.plan, segments: sealed.length, tornBytes }, 'segments.recovered');
      for (const { segment, reason } of unreadable)
        log.error({ plan: plan.plan, segment, reason }, 'segment.unreadable');
      return recovery.checkpoint;
    } catch (error) {
      if (!isDiskTrouble(error)) throw error;
      const reason = `Cannot write: ${causeText(error)}`;
      log.error({ plan: plan.plan, reason }, 'recovery.trouble');
      if (!isTroubled) options.onTrouble?.(plan.plan, causeText(error));
      await status.write(restingStatus(found, { plan: plan.plan, node, state: 'failed', reason, nowMs: clock.now() }));
      await sleep(RECOVER_AGAIN_MS, undefined, { signal }).catch(() => undefined); // aborted: the next line sees it
      if (signal.aborted) return undefined;
    }
  }
}

class StreamRun {
  readonly #options: RunStreamOptions;
  readonly #segments: SegmentLog;
  readonly #rate = new PostRate();
  readonly #opened: OpenedConnections;
  #state: SessionState;
  #trouble: string | undefined;
  #heardBefore: boolean;
  #connectedAtMs: number | undefined;
  #lastByteAtMs: number | undefined;
  #lastPostAtMs: number | undefined;
  #resume: (() => void) | undefined;
  /** The connection that is asked for or open: what it is asked with, and what ends it. */
  #connection: { label: string | undefined; takenAway: AbortController } | undefined;
  readonly #statusFile: StatusFile;
  /** Gaps that the disk has not taken yet. */
  #gaps: Gap[] = [];
  #recording: Promise<void> = Promise.resolve();

  constructor(
    options: RunStreamOptions,
    checkpoint: Checkpoint,
    missing: Parameters<typeof firstState>[2],
    opened: OpenedConnections,
  ) {
    const { plan, planFolder, node, settings, clock, log } = options;
    this.#options = options;
    this.#opened = opened;
    this.#statusFile = new StatusFile(options.runFolder, plan.plan, node);
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
        if ((reason === undefined) !== (this.#trouble === undefined)) options.onTrouble?.(plan.plan, reason);
        this.#trouble = reason;
      },
      onRoom: () => this.#resume?.(),
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
      await this.#segments.saveCheckpoint();
      while (!signal.aborted) await this.#live();
    } finally {
      ticking.abort();
      await ticks;
      await this.end();
    }
  }

  /** Seals everything and says how it stands at rest. */
  async end(): Promise<void> {
    const { signal, clock, plan } = this.#options;
    const isWished = plan.wanted === 'stopped' || signal.reason === STOP_WISHED;
    const { missing } = this.#state.memory;
    // A silence that a wished stop ends is over; after any other stop it goes on, and the next start records it whole.
    if (isWished && missing !== undefined) {
      const { sinceMs, ...why } = missing;
      await this.#recordGap({ fromMs: sinceMs, toMs: Math.max(sinceMs, clock.now()), ...why });
    }
    this.#state = step(this.#state, { kind: 'stop' }, clock.now(), this.#sessionSettings).state;
    await this.#segments.close('stop', isWished);
    await this.#recordGaps();
    await this.#statusFile.write(this.#status());
  }

  /** One phase of the session. */
  async #live(): Promise<void> {
    const { signal, clock, credential } = this.#options;
    const state = this.#state;
    if (state.phase === 'connecting') {
      const found = await credential();
      if ('missing' in found) await this.#happened({ kind: 'no-token', reason: found.missing });
      else await this.#connect(found, state.backfillMinutes);
    } else if (state.phase === 'waiting' || state.phase === 'paused') {
      await this.#rest(state.untilMs - clock.now());
      // Having waited is what counts; a clock that was set back meanwhile must not make it wait again.
      if (!signal.aborted) await this.#happened({ kind: clock.now() >= state.untilMs ? 'timer' : 'retry' });
    }
  }

  /** Waits, looking each second whether a new credential has come while it is paused. */
  async #rest(ms: number): Promise<void> {
    const { signal, credential } = this.#options;
    const before = this.#state.phase === 'paused' ? versionOf(await credential()) : '';
    for (let left = ms; left > 0 && !signal.aborted; left -= TICK_MS) {
      await sleep(Math.min(left, TICK_MS), undefined, { signal }).catch(() => undefined); // aborted: the loop sees it
      if (this.#state.phase === 'paused' && versionOf(await credential()) !== before)
        return await this.#happened({ kind: 'retry' });
    }
  }

  async #connect({ authorization, label }: StreamCredential, backfillMinutes: number): Promise<void> {
    const { adapter, settings, clock, signal } = this.#options;
    const session = randomUUID();
    const takenAway = new AbortController();
    this.#connection = { label, takenAway };
    const missingSinceMs = this.#state.memory.missing?.sinceMs;
    const askedAtMs = clock.now();
    let openedAtMs = askedAtMs;
    let lastId: string | undefined;
    let event = await readStream({
      request: adapter.request({ authorization, backfillMinutes }),
      adapter,
      askedBackfill: backfillMinutes > 0,
      session,
      heartbeatMs: settings.heartbeatMs * adapter.heartbeatFactor,
      clock,
      signal: AbortSignal.any([signal, takenAway.signal]),
      sink: {
        opened: async () => {
          openedAtMs = clock.now();
          await this.#happened({ kind: 'opened' });
          await this.#opened.add({ fromMs: askedAtMs, toMs: openedAtMs });
        },
        heard: (atMs) => {
          this.#lastByteAtMs = atMs;
        },
        line: (arrival, line, lineClass) => {
          this.#segments.append(arrival, line, lineClass);
          if (lineClass.kind === 'control') return;
          if (lineClass.kind === 'post') lastId = lineClass.postId;
          this.#lastPostAtMs = arrival.atMs;
          this.#rate.count();
        },
        hasRoom: () => !this.#segments.congested,
        onPause: (resume) => {
          this.#resume = resume;
        },
      },
    });
    this.#connection = undefined;
    if (signal.aborted) return;
    if (takenAway.signal.aborted && event.kind === 'lost')
      event = { ...event, cause: 'disconnect', evidence: String(takenAway.signal.reason) };
    if (event.kind === 'refused' && event.refusal.kind === 'too-many-connections')
      event = (await this.#freePlace(authorization, event.refusal.sentence)) ?? event;
    if (event.kind !== 'lost' || backfillMinutes === 0 || missingSinceMs === undefined)
      return await this.#happened(event);
    const { lastByteAtMs } = event;
    const heardMs = heardOf({ openedAtMs, missingSinceMs, lastByteAtMs, lastId }, adapter);
    await this.#happened({ ...event, lastByteAtMs: heardMs });
  }

  /** The platform holds a place for a connection of ours that broke: makes it let go, if it can be told for certain. */
  async #freePlace(authorization: Authorize, sentence: string): Promise<SessionEvent | undefined> {
    const { adapter, clock, log, plan, signal } = this.#options;
    const found = await adapter.endStale?.({
      authorization,
      opened: this.#opened.all,
      nowMs: () => clock.now(),
      signal,
    });
    if (found === undefined) return undefined;
    const { ended, unable } = found;
    if (unable === undefined) log.info({ plan: plan.plan, ended: ended.length }, 'connections.stale');
    else log.warn({ plan: plan.plan, ended: ended.length, unable }, 'connections.stale');
    if (ended.length === 0) return undefined;
    await this.#opened.remove(ended);
    return {
      kind: 'place-freed',
      sentence: `${sentence} It was one of ours that had broken, which the platform was made to end`,
    };
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
    const { plan, node, log } = this.#options;
    const { fromMs, toMs, cause, evidence, backfilledFromMs } = interruption;
    const uncoveredMs = Math.max(0, (backfilledFromMs ?? toMs) - fromMs);
    log.info({ plan: plan.plan, cause, silentMs: toMs - fromMs, uncoveredMs }, 'gap');
    this.#gaps.push({
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
    await this.#recordGaps();
  }

  /** Writes the gaps that are known, one after the other; those that the disk refuses wait for the next tick. */
  #recordGaps(): Promise<void> {
    this.#recording = this.#recording.then(async () => {
      const { planFolder, plan, log } = this.#options;
      for (let gap = this.#gaps[0]; gap !== undefined; gap = this.#gaps[0]) {
        try {
          await appendGap(join(planFolder, 'gaps.jsonl'), gap);
          this.#gaps.shift();
        } catch (error) {
          log.error({ plan: plan.plan, reason: causeText(error) }, 'gap.trouble');
          return;
        }
      }
    });
    return this.#recording;
  }

  async #tick(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#rate.tick();
      this.#segments.tick(this.#options.clock.now());
      if (!this.#segments.congested) this.#resume?.();
      if (this.#gaps.length > 0) await this.#recordGaps();
      await this.#giveUpWithout();
      await this.#statusFile.write(this.#status());
      await sleep(TICK_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
    }
  }

  /**
   * What is asked with a credential that a person took away goes on no longer; with another one it begins anew. The same one under a new secret, as
   * tokens are renewed, ends nothing.
   */
  async #giveUpWithout(): Promise<void> {
    const connection = this.#connection;
    if (connection?.label === undefined) return;
    const { label, takenAway } = connection;
    const found = await this.#options.credential();
    if ('missing' in found) {
      if (found.kept?.includes(label) === false) takenAway.abort(found.missing);
    } else if (found.label !== undefined && found.label !== label)
      takenAway.abort(`The credential "${label}" may no longer be used; "${found.label}" is taken instead`);
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
      ...this.#silence(),
      observedAt: new Date(clock.now()).toISOString(),
    };
  }

  #silence(): Pick<CaptureStatus, 'silence'> {
    const { missing } = this.#state.memory;
    if (missing === undefined) return {};
    const { sinceMs, cause, evidence } = missing;
    return { silence: { since: new Date(sinceMs).toISOString(), cause, evidence } };
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

function versionOf(found: StreamCredential | NoCredential): string {
  return 'missing' in found ? `missing ${found.missing}` : found.version;
}

function instant<K extends string>(key: K, ms: number | undefined): { [key in K]?: string } {
  return ms === undefined ? {} : ({ [key]: new Date(ms).toISOString() } as { [key in K]?: string });
}
