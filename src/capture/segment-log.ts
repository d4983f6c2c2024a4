/** The segments of one plan on this node, one after the other: rotates by age, size and hour, seals behind, keeps the totals. */
import { basename, join } from 'node:path';
import { causeText } from '../core/errors.ts';
import { HOUR_MS, msToUtcHour, utcHourToMs } from '../core/time.ts';
import type { LineClass } from '../platforms/adapter.ts';
import type { Line } from '../platforms/split-lines.ts';
import { addSealed, type Checkpoint, saveCheckpoint, type Totals } from './checkpoint.ts';
import { BlockPool } from './segment/block-pool.ts';
import { hourFolder, makeSegmentName, parseSegmentName } from './segment/layout.ts';
import type { Manifest, SealReason } from './segment/manifest.ts';
import { type Arrival, OpenSegment } from './segment/open-segment.ts';
import type { ZstdLevel } from './segment/seal.ts';
import { SealThread } from './segment/seal-thread.ts';

/** Above this many bytes in memory the stream is not read on. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** So many closed segments may wait for their seal before the stream is not read on. */
const MAX_SEALS_WAITING = 2;
/** From this rate on, ten times all of X, packing at the usual level could hold the stream up. */
const RUSH_BYTES_PER_SEC = 8 * 1024 * 1024;
/** A seal that failed is tried again after this long. */
const RESEAL_MS = 10_000;
/** When capture stops, a disk that refuses has this long to change its mind. */
const STOP_PATIENCE_MS = 5_000;

export type SegmentLogOptions = {
  planFolder: string;
  plan: string;
  node: string;
  checkpoint: Checkpoint;
  sealAgeMs: number;
  sealBytes: number;
  onSealed: (manifest: Manifest) => void;
  onTrouble: (reason: string | undefined) => void;
  /** Called when the log can take more after it was congested. */
  onRoom: () => void;
};

/** A segment that takes no more frames; `closed` settles when its file is complete or given up. */
type ClosedSegment = { segment: OpenSegment; because: SealReason; level: ZstdLevel; closed: Promise<void> };

export class SegmentLog {
  readonly #options: SegmentLogOptions;
  readonly #thread = new SealThread();
  readonly #pool = new BlockPool();
  #checkpoint: Checkpoint;
  #isCheckpointSaved = true;
  #sequence: number;
  readonly #leftUncounted: readonly number[];
  #current: OpenSegment | undefined;
  #currentHourEndMs = 0;
  /** Closed and on their way to be sealed, in order. */
  #waiting: ClosedSegment[] = [];
  /** Whose seal failed: their open files stay, capture goes on, they are tried again. */
  #failed: ClosedSegment[] = [];
  #failedAtMs = 0;
  #sealing: Promise<void> | undefined;

  constructor(options: SegmentLogOptions) {
    this.#options = options;
    this.#checkpoint = options.checkpoint;
    this.#sequence = options.checkpoint.sequence;
    this.#leftUncounted = options.checkpoint.uncounted;
  }

  /** Frames, posts … sealed and open together. */
  get totals(): Totals {
    const sum = { ...this.#checkpoint.totals };
    for (const segment of this.#openSegments()) {
      sum.frames += segment.counts.frames;
      sum.posts += segment.counts.posts;
      sum.malformed += segment.counts.malformed;
      sum.control += segment.counts.control;
      sum.bytes += segment.bytes;
    }
    return sum;
  }

  get openCount(): number {
    return this.#openSegments().length;
  }

  /** Whether reading must stop until `onRoom`: the disk is slower than the stream, or refuses to write. */
  get congested(): boolean {
    if (this.#waiting.length > MAX_SEALS_WAITING) return true;
    return this.#openSegments().reduce((sum, segment) => sum + segment.waitingBytes, 0) > MAX_WAITING_BYTES;
  }

  /** Appends one frame. A frame of another UTC hour opens a new segment first, also when the clock was set back. */
  append(arrival: Arrival, line: Line, lineClass: LineClass): void {
    const { atMs } = arrival;
    if (this.#current !== undefined && (atMs >= this.#currentHourEndMs || atMs < this.#currentHourEndMs - HOUR_MS))
      this.#rotate('hour', atMs);
    this.#current ??= this.#openSegment(atMs);
    this.#current.append(arrival, line, lineClass);
    if (this.#current.bytes >= this.#options.sealBytes) this.#rotate('size', atMs);
  }

  /** Closes the open segment when its age or hour asks for it, and does again what had failed; called each second. */
  tick(nowMs: number): void {
    if (this.#current !== undefined) {
      if (nowMs >= this.#currentHourEndMs) this.#rotate('hour', nowMs);
      else if (Math.abs(nowMs - this.#current.openedAtMs) >= this.#options.sealAgeMs) this.#rotate('age', nowMs);
    }
    if (this.#failed.length > 0 && Math.abs(nowMs - this.#failedAtMs) >= RESEAL_MS) {
      this.#failedAtMs = nowMs;
      this.#retryFailed();
    }
  }

  /** All that was appended is on the disk. */
  async flush(): Promise<void> {
    await Promise.all(this.#openSegments().map((segment) => segment.flush()));
  }

  /**
   * Seals what is open and waits for all seals. What cannot be sealed now stays open on the disk for the next start.
   * `restful`: a person wished the stop, so the silence after it is no gap.
   */
  async close(because: SealReason, restful: boolean): Promise<void> {
    this.#rotate(because, Number.POSITIVE_INFINITY);
    this.#retryFailed();
    const patience = setTimeout(() => {
      for (const segment of this.#openSegments()) segment.abandon();
    }, STOP_PATIENCE_MS);
    while (this.#sealing !== undefined) await this.#sealing;
    clearTimeout(patience);
    await this.#thread.close();
    if ((restful && !this.#checkpoint.restful) || !this.#isCheckpointSaved) {
      this.#checkpoint = { ...this.#checkpoint, restful: restful || this.#checkpoint.restful };
      await this.saveCheckpoint();
    }
  }

  /** Saves the checkpoint as it is. One that cannot be written is written with the next seal; until then a restart counts from the manifests. */
  async saveCheckpoint(): Promise<void> {
    try {
      await saveCheckpoint(this.#options.planFolder, this.#checkpoint);
      if (!this.#isCheckpointSaved) this.#options.onTrouble(undefined);
      this.#isCheckpointSaved = true;
    } catch (error) {
      this.#isCheckpointSaved = false;
      this.#options.onTrouble(causeText(error));
    }
  }

  #openSegments(): OpenSegment[] {
    const closed = [...this.#failed, ...this.#waiting].map(({ segment }) => segment);
    return this.#current === undefined ? closed : [...closed, this.#current];
  }

  /** Numbers of segments below `sequence` that are still to be sealed: a seal after theirs succeeded first. */
  #openSequences(sequence: number): number[] {
    const numbers = this.#openSegments().map(({ stem }) => parseSegmentName(basename(stem))?.sequence ?? 0);
    return numbers.filter((number) => number < sequence);
  }

  #openSegment(nowMs: number): OpenSegment {
    const { planFolder, node, onTrouble } = this.#options;
    this.#currentHourEndMs = utcHourToMs(msToUtcHour(nowMs)) + HOUR_MS;
    const name = makeSegmentName(node, nowMs, ++this.#sequence);
    return new OpenSegment({
      stem: join(hourFolder(planFolder, nowMs), name),
      openedAtMs: nowMs,
      pool: this.#pool,
      onTrouble,
      onWritten: () => this.#roomMade(),
    });
  }

  #rotate(because: SealReason, nowMs: number): void {
    const segment = this.#current;
    if (segment === undefined) return;
    this.#current = undefined;
    const closed = segment.close();
    closed.catch(() => undefined); // the seal hears of it
    const bytesPerSec = (segment.bytes * 1000) / Math.max(1, nowMs - segment.openedAtMs);
    this.#waiting.push({ segment, because, level: bytesPerSec >= RUSH_BYTES_PER_SEC ? 1 : 3, closed });
    this.#startSealing();
  }

  #retryFailed(): void {
    this.#waiting.push(...this.#failed);
    this.#failed = [];
    this.#startSealing();
  }

  /** One seal at a time: they share the processor and the disk with the stream. */
  #startSealing(): void {
    this.#sealing ??= this.#sealAll().finally(() => {
      this.#sealing = undefined;
    });
  }

  /** Never rejects: what could not be sealed is reported and kept for another try. */
  async #sealAll(): Promise<void> {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      try {
        await this.#seal(next);
        if (this.#failed.length === 0 && this.#failedAtMs !== 0) {
          this.#failedAtMs = 0;
          this.#options.onTrouble(undefined);
        }
      } catch (error) {
        this.#waiting.shift();
        this.#failed.push(next);
        this.#failedAtMs ||= next.segment.openedAtMs;
        this.#options.onTrouble(causeText(error));
      }
      this.#roomMade();
    }
  }

  async #seal({ segment, because, level, closed }: ClosedSegment): Promise<void> {
    const { plan, onSealed } = this.#options;
    await closed;
    const manifest = await this.#thread.seal({ stem: segment.stem, plan, counts: segment.counts, because, level });
    this.#waiting.shift();
    const sealed = addSealed(this.#checkpoint, manifest);
    this.#checkpoint = { ...sealed, uncounted: [...this.#leftUncounted, ...this.#openSequences(sealed.sequence)] };
    await this.saveCheckpoint();
    onSealed(manifest);
  }

  #roomMade(): void {
    if (!this.congested) this.#options.onRoom();
  }
}
