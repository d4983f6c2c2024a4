/** One open segment: frames appended as plain text, written soon, on the disk within a second or a MiB. */
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LineClass } from '../../platforms/adapter.ts';
import { syncFolder } from '../durable-file.ts';
import { encodeFrame } from './format.ts';
import { countFrame, type FrameCounts, noFrames } from './frame-counts.ts';
import { OPEN_SUFFIX } from './layout.ts';

const BLOCK_BYTES = 256 * 1024;
/** Durable = fsynced, at most this many bytes behind … */
const SYNC_BYTES = 1024 * 1024;
/** … or this old. */
const SYNC_MS = 1000;
/** A failed write (a full disk) is tried again after this long; what could not be written stays in memory meanwhile. */
const RETRY_MS = 1000;

type Block = { bytes: Buffer; used: number; written: number };

/** `onTrouble` hears the reason when the disk refuses a write and `undefined` when it goes on. */
export type OpenSegmentOptions = {
  stem: string;
  openedAtMs: number;
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
  #blocks: Block[] = [];
  #spare: Block[] = [];
  #waiting = 0;
  #unsynced = 0;
  #pumping: Promise<void> | undefined;
  #scheduled = false;
  #file: FileHandle | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor({ stem, openedAtMs, onTrouble, onWritten }: OpenSegmentOptions) {
    this.#onWritten = onWritten;
    this.stem = stem;
    this.openedAtMs = openedAtMs;
    this.#onTrouble = onTrouble;
  }

  /** Bytes that are in memory only. The caller stops reading above its bound. */
  get waitingBytes(): number {
    return this.#waiting;
  }

  /** Appends one frame; it is copied, so the payload's buffer may be used again at once. */
  append(head: string, at: string, payload: Buffer, line: LineClass): void {
    for (const piece of encodeFrame(head, payload)) this.#copy(piece);
    countFrame(this.counts, at, line);
    if (this.#pumping === undefined && !this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#pump();
      });
    }
  }

  /** Resolves when all that was appended is on the disk. */
  async flush(): Promise<void> {
    do {
      this.#pump();
      await this.#pumping;
    } while (this.#waiting > 0);
    await this.#sync();
  }

  /** Flushes and closes; nothing may be appended after. A segment without a frame never had a file. */
  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
    await this.#file?.close();
    this.#file = undefined;
  }

  #copy(piece: Buffer): void {
    let block = this.#blocks.at(-1);
    if (block === undefined || block.bytes.length - block.used < piece.length) {
      block = this.#newBlock(piece.length);
      this.#blocks.push(block);
    }
    piece.copy(block.bytes, block.used);
    block.used += piece.length;
    this.bytes += piece.length;
    this.#waiting += piece.length;
  }

  #newBlock(bytes: number): Block {
    const spare = bytes <= BLOCK_BYTES ? this.#spare.pop() : undefined;
    return spare ?? { bytes: Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, bytes)), used: 0, written: 0 };
  }

  /** Starts writing unless it runs already; one writer at a time keeps the order. */
  #pump(): void {
    if (this.#pumping !== undefined || this.#waiting === 0) return;
    this.#pumping = this.#writeAll().finally(() => {
      this.#pumping = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    let failed = false;
    while (this.#waiting > 0) {
      try {
        await this.#writeFirst();
        this.#onWritten();
        if (this.#unsynced >= SYNC_BYTES) await this.#sync();
        else this.#timer ??= setTimeout(() => this.#syncSoon(), SYNC_MS);
        if (failed) this.#onTrouble(undefined);
        failed = false;
      } catch (error) {
        failed = true;
        this.#onTrouble((error as Error).message);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  async #writeFirst(): Promise<void> {
    const file = await this.#opened();
    const [block] = this.#blocks;
    if (block === undefined) return;
    const end = block.used;
    const { bytesWritten } = await file.write(block.bytes, block.written, end - block.written);
    block.written += bytesWritten;
    this.#waiting -= bytesWritten;
    this.#unsynced += bytesWritten;
    if (block.written < block.used) return; // more was appended meanwhile, or the disk took only a part
    this.#blocks.shift();
    if (block.bytes.length === BLOCK_BYTES && this.#spare.length < 8)
      this.#spare.push({ bytes: block.bytes, used: 0, written: 0 });
  }

  #syncSoon(): void {
    this.#timer = undefined;
    this.#sync().catch((error: Error) => this.#onTrouble(error.message));
  }

  async #sync(): Promise<void> {
    if (this.#unsynced === 0) return;
    const bytes = this.#unsynced;
    this.#unsynced = 0;
    try {
      await this.#file?.datasync();
    } catch (error) {
      this.#unsynced += bytes;
      throw error;
    }
  }

  async #opened(): Promise<FileHandle> {
    if (this.#file === undefined) {
      const folder = dirname(this.stem);
      await mkdir(folder, { recursive: true });
      this.#file = await open(`${this.stem}${OPEN_SUFFIX}`, 'ax');
      await syncFolder(folder);
    }
    return this.#file;
  }
}
