/** One open segment: frames appended as plain text, written soon, on the disk within a second or a MiB. */
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crashPoint } from '../../core/crash-point.ts';
import { causeText, MistnetError } from '../../core/errors.ts';
import type { LineClass } from '../../platforms/adapter.ts';
import type { Line } from '../../platforms/split-lines.ts';
import { makeFolder, syncFolder } from '../durable-file.ts';
import { type Block, BLOCK_BYTES, type BlockPool } from './block-pool.ts';
import { encodeFrame, FRAME_OVERHEAD_BYTES, writePlainFrame } from './format.ts';
import { countFrame, type FrameCounts, noFrames } from './frame-counts.ts';
import { OPEN_SUFFIX } from './layout.ts';

/** A block's worth is written at once; less waits so long for more, because each write costs the same. */
const WRITE_WITHIN_MS = 20;
/** Durable = fsynced, at most this many bytes behind … */
const SYNC_BYTES = 1024 * 1024;
/** … or a second old, the wait for more and the disk's own time included. */
const SYNC_WITHIN_MS = 900;
/** A failed write (a full disk) is tried again after this long; what could not be written stays in memory meanwhile. */
const RETRY_MS = 1000;

/** What is said of all lines of one chunk: our clock at its receipt, as ms and as text, and the head of their frames. */
export type Arrival = { atMs: number; at: string; head: string };

/** `onTrouble` hears the reason when the disk refuses a write and `undefined` when it goes on. */
export type OpenSegmentOptions = {
  stem: string;
  openedAtMs: number;
  pool: BlockPool;
  onTrouble: (reason: string | undefined) => void;
  /** Called after each write: less is waiting than before. */
  onWritten: () => void;
};

export class OpenSegment {
  readonly stem: string;
  readonly openedAtMs: number;
  readonly counts: FrameCounts = noFrames();
  /** Bytes of all frames appended so far, written or not. */
  bytes = 0;
  readonly #onTrouble: (reason: string | undefined) => void;
  readonly #onWritten: () => void;
  readonly #abandoned = new AbortController();
  #head = '';
  #headBytes: Buffer = Buffer.alloc(0);
  #blocks: Block[] = [];
  readonly #pool: BlockPool;
  #waiting = 0;
  #unsynced = 0;
  /** Bytes from the file's beginning that are on the disk. */
  #durable = 0;
  /** A sync failed: the system may have taken what it could not write for written, and the next sync would say that all is well. */
  #isDoubtful = false;
  #writing: Promise<void> | undefined;
  #syncing: Promise<void> = Promise.resolve();
  #file: FileHandle | undefined;
  /** Whether the file's name is on the disk. */
  #isNamed = false;
  #writeTimer: NodeJS.Timeout | undefined;
  #syncTimer: NodeJS.Timeout | undefined;
  #troubled = false;

  constructor({ stem, openedAtMs, pool, onTrouble, onWritten }: OpenSegmentOptions) {
    this.#onWritten = onWritten;
    this.stem = stem;
    this.openedAtMs = openedAtMs;
    this.#pool = pool;
    this.#onTrouble = onTrouble;
  }

  /** Bytes that are in memory only. The caller stops reading above its bound. */
  get waitingBytes(): number {
    return this.#waiting;
  }

  /** Appends one frame; it is copied, so the line's buffer may be used again at once. */
  append(arrival: Arrival, line: Line, lineClass: LineClass): void {
    if (arrival.head !== this.#head) {
      this.#head = arrival.head;
      this.#headBytes = Buffer.from(arrival.head);
    }
    if (line.plain) this.#appendPlain(line);
    else for (const piece of encodeFrame(arrival.head, line.bytes.subarray(line.from, line.to))) this.#copy(piece);
    countFrame(this.counts, arrival.at, lineClass);
    if (this.#writing !== undefined) return; // it takes what was appended meanwhile
    if (this.#waiting >= BLOCK_BYTES) this.#startWriting();
    else this.#writeTimer ??= setTimeout(() => this.#startWriting(), WRITE_WITHIN_MS);
  }

  /** Resolves when all that was appended is on the disk, however long that refuses. Rejects when the segment was abandoned before. */
  async flush(): Promise<void> {
    for (;;) {
      while (this.#waiting > 0 || this.#writing !== undefined) {
        this.#startWriting();
        await this.#writing;
        if (this.#abandoned.signal.aborted && this.#waiting > 0)
          throw new MistnetError('file.unwritable', `${this.#waiting} bytes could not be written to ${this.stem}.`);
      }
      try {
        await this.#sync();
        return this.#wentWell();
      } catch (error) {
        this.#refused(error);
        await this.#pause();
        if (this.#abandoned.signal.aborted) throw error;
      }
    }
  }

  /** Flushes and closes; nothing may be appended after. A segment without a frame never had a file. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      clearTimeout(this.#writeTimer);
      clearTimeout(this.#syncTimer);
      await this.#syncing;
      await this.#file?.close();
      this.#file = undefined;
    }
  }

  /** No more waiting for a disk that refuses: what is not written now is given up, and `flush` and `close` reject. */
  abandon(): void {
    this.#abandoned.abort();
  }

  #appendPlain(line: Line): void {
    const most = this.#headBytes.length + line.to - line.from + FRAME_OVERHEAD_BYTES;
    const block = this.#blockFor(most);
    const end = writePlainFrame(block.bytes, block.used, this.#headBytes, line);
    this.#grown(block, end - block.used);
  }

  #copy(piece: Buffer): void {
    const block = this.#blockFor(piece.length);
    this.#grown(block, piece.copy(block.bytes, block.used));
  }

  #grown(block: Block, bytes: number): void {
    block.used += bytes;
    this.bytes += bytes;
    this.#waiting += bytes;
  }

  #blockFor(bytes: number): Block {
    const last = this.#blocks.at(-1);
    if (last !== undefined && last.bytes.length - last.used >= bytes) return last;
    const block = this.#pool.take(bytes);
    this.#blocks.push(block);
    return block;
  }

  /** Starts writing unless it runs already; one writer at a time keeps the order. */
  #startWriting(): void {
    clearTimeout(this.#writeTimer);
    this.#writeTimer = undefined;
    if (this.#writing !== undefined || this.#waiting === 0) return;
    this.#writing = this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Writes until nothing waits. Never rejects: what the disk refuses is reported and tried again, in the same order. */
  async #writeAll(): Promise<void> {
    while (this.#waiting > 0) {
      try {
        await this.#writeFirst();
        this.#onWritten();
        if (this.#unsynced >= SYNC_BYTES) await this.#sync();
        else this.#syncTimer ??= setTimeout(() => this.#syncInTime(), SYNC_WITHIN_MS);
        this.#wentWell();
      } catch (error) {
        this.#refused(error);
        await this.#pause();
        if (this.#abandoned.signal.aborted) return;
      }
    }
  }

  /** Until the next try; abandoned, it ends at once. */
  async #pause(): Promise<void> {
    await sleep(RETRY_MS, undefined, { signal: this.#abandoned.signal }).catch(() => undefined); // the caller looks at it
  }

  async #writeFirst(): Promise<void> {
    const file = await this.#opened();
    const [block] = this.#blocks;
    if (block === undefined) return;
    const { bytesWritten } = await file.write(block.bytes, block.written, block.used - block.written);
    block.written += bytesWritten;
    this.#waiting -= bytesWritten;
    this.#unsynced += bytesWritten;
    // crash point segment.written: recovery must keep every whole frame and move a torn last one to quarantine.
    crashPoint('segment.written');
    if (block.written < block.used) return; // more was appended meanwhile, or the disk took only a part
    this.#blocks.shift();
    this.#pool.giveBack(block);
  }

  #syncInTime(): void {
    this.#syncTimer = undefined;
    this.#sync().then(
      () => this.#wentWell(),
      (error: unknown) => {
        this.#refused(error);
        this.#syncTimer ??= setTimeout(() => this.#syncInTime(), RETRY_MS);
      },
    );
  }

  /** One after the other, so that whoever waits for one has waited for all that was written before. */
  #sync(): Promise<void> {
    const synced = this.#syncing.then(async () => {
      const bytes = this.#unsynced;
      if (bytes === 0) return;
      try {
        if (this.#isDoubtful) await writeAgain(`${this.stem}${OPEN_SUFFIX}`, this.#durable, bytes);
        await this.#file?.datasync();
        this.#isDoubtful = false;
      } catch (error) {
        this.#isDoubtful = true;
        throw error;
      }
      this.#durable += bytes;
      this.#unsynced -= bytes;
      // crash point segment.synced: recovery must find every frame that was written before, after a power cut too.
      crashPoint('segment.synced');
    });
    this.#syncing = synced.catch(() => undefined); // reported to who asked; the next one tries again
    return synced;
  }

  #refused(error: unknown): void {
    this.#troubled = true;
    this.#onTrouble(causeText(error));
  }

  #wentWell(): void {
    if (!this.#troubled) return;
    this.#troubled = false;
    this.#onTrouble(undefined);
  }

  async #opened(): Promise<FileHandle> {
    if (this.#file === undefined) {
      const folder = dirname(this.stem);
      await makeFolder(folder);
      this.#file = await open(`${this.stem}${OPEN_SUFFIX}`, 'ax');
    }
    if (!this.#isNamed) {
      await syncFolder(dirname(this.stem));
      this.#isNamed = true;
      // crash point segment.created: recovery must remove the file, which is empty, and never give its number again.
      crashPoint('segment.created');
    }
    return this.#file;
  }
}

/** Gives a stretch of a file to the system once more, from what it still holds of it, so that the next sync has it to write. */
async function writeAgain(path: string, from: number, bytes: number): Promise<void> {
  await using file = await open(path, 'r+'); // the other handle appends, wherever it is told to write
  const piece = Buffer.alloc(Math.min(bytes, BLOCK_BYTES));
  for (let at = from; at < from + bytes; ) {
    const { bytesRead } = await file.read(piece, 0, Math.min(piece.length, from + bytes - at), at);
    if (bytesRead === 0) throw new MistnetError('segment.damaged', `${path} is shorter than what was written to it.`);
    for (let done = 0; done < bytesRead; )
      done += (await file.write(piece, done, bytesRead - done, at + done)).bytesWritten;
    at += bytesRead;
  }
  await file.datasync();
}
