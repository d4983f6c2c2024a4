/** The segments of one plan on this node, one after the other: rotates by age, size and hour, seals behind, keeps the totals. */
import { join } from 'node:path';
import { HOUR_MS, msToUtcHour, utcHourToMs } from '../core/time.ts';
import type { LineClass } from '../platforms/adapter.ts';
import type { Line } from '../platforms/split-lines.ts';
import { addSealed, type Checkpoint, saveCheckpoint, type Totals } from './checkpoint.ts';
import { hourFolder, makeSegmentName } from './segment/layout.ts';
import type { Manifest, SealReason } from './segment/manifest.ts';
import { type Arrival, OpenSegment } from './segment/open-segment.ts';
import { type CrashPoint, sealSegment } from './segment/seal.ts';

/** Above this many bytes in memory the stream is not read on. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
/** So many closed segments may wait for their seal before the stream is not read on. */
const MAX_SEALS_WAITING = 2;

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
  crashPoint?: CrashPoint;
};

export class SegmentLog {
  readonly #options: SegmentLogOptions;
  #checkpoint: Checkpoint;
  #sequence: number;
  #current: OpenSegment | undefined;
  #currentHourEndMs = 0;
  #closing: Set<OpenSegment> = new Set();
  #sealing: Promise<void> = Promise.resolve();
  #failure: unknown;

  constructor(options: SegmentLogOptions) {
    this.#options = options;
    this.#checkpoint = options.checkpoint;
    this.#sequence = options.checkpoint.sequence;
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
    return (this.#current?.waitingBytes ?? 0) > MAX_WAITING_BYTES || this.#closing.size > MAX_SEALS_WAITING;
  }

  /** Appends one frame. A frame of another UTC hour opens a new segment first. Throws when sealing has failed. */
  append(arrival: Arrival, line: Line, lineClass: LineClass): void {
    const { atMs } = arrival;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#current !== undefined && (atMs >= this.#currentHourEndMs || atMs < this.#currentHourEndMs - HOUR_MS))
      this.#rotate('hour');
    this.#current ??= this.#openSegment(atMs);
    this.#current.append(arrival, line, lineClass);
    if (this.#current.bytes >= this.#options.sealBytes) this.#rotate('size');
  }

  /** Closes and seals the open segment when its age or hour asks for it; called each second. */
  tick(nowMs: number): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#current === undefined) return;
    if (nowMs >= this.#currentHourEndMs) this.#rotate('hour');
    else if (nowMs - this.#current.openedAtMs >= this.#options.sealAgeMs) this.#rotate('age');
  }

  /** All that was appended is on the disk. */
  async flush(): Promise<void> {
    await Promise.all(this.#openSegments().map((segment) => segment.flush()));
  }

  /** Seals what is open and waits for all seals. `restful`: a person wished the stop, so the silence after it is no gap. */
  async close(because: SealReason, restful: boolean): Promise<void> {
    this.#rotate(because);
    await this.#sealing;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#checkpoint.restful !== restful) {
      this.#checkpoint = { ...this.#checkpoint, restful };
      await saveCheckpoint(this.#options.planFolder, this.#checkpoint);
    }
  }

  #openSegments(): OpenSegment[] {
    return this.#current === undefined ? [...this.#closing] : [...this.#closing, this.#current];
  }

  #openSegment(nowMs: number): OpenSegment {
    const { planFolder, node, onTrouble } = this.#options;
    this.#currentHourEndMs = utcHourToMs(msToUtcHour(nowMs)) + HOUR_MS;
    const name = makeSegmentName(node, nowMs, ++this.#sequence);
    return new OpenSegment({
      stem: join(hourFolder(planFolder, nowMs), name),
      openedAtMs: nowMs,
      onTrouble,
      onWritten: () => this.#roomMade(),
    });
  }

  #rotate(because: SealReason): void {
    const segment = this.#current;
    if (segment === undefined) return;
    this.#current = undefined;
    this.#closing.add(segment);
    this.#sealing = this.#sealing
      .then(() => this.#seal(segment, because))
      .catch((error: unknown) => {
        this.#failure ??= error;
        this.#options.onTrouble((error as Error).message);
      });
  }

  async #seal(segment: OpenSegment, because: SealReason): Promise<void> {
    const { plan, planFolder, crashPoint, onSealed } = this.#options;
    await segment.close();
    const manifest = await sealSegment({
      stem: segment.stem,
      plan,
      counts: segment.counts,
      because,
      ...(crashPoint === undefined ? {} : { crashPoint }),
    });
    this.#checkpoint = addSealed(this.#checkpoint, manifest);
    this.#closing.delete(segment);
    await saveCheckpoint(planFolder, this.#checkpoint);
    onSealed(manifest);
    this.#roomMade();
  }

  #roomMade(): void {
    if (!this.congested) this.#options.onRoom();
  }
}
