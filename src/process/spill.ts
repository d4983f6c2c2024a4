/** The rows of an hour on disk while it is built: appended as they are met, gathered in any order. One owner, one file, removed by the owner. */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { causeText, MistnetError } from '../core/errors.ts';

/** Rows of a batch: row `numbers[i]` stands at `starts[i] … starts[i] + its length` of `bytes`, which is used again for the next batch. */
export type SpillBatch = { numbers: Uint32Array; starts: Float64Array; bytes: Buffer };

/** Where rows lie, by row number. */
export type SpillPlaces = { offset: Float64Array; length: Uint32Array };

const BATCH_BYTES = 4 << 20;
const BATCH_ROWS = 8192;
/** Reading over a gap this small is cheaper than another read, and cannot blow up a batch of shuffled rows. */
const GAP_BYTES = 1 << 10;

export class Spill implements AsyncDisposable {
  /** Bytes appended so far: where the next row begins. */
  size = 0;
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async create(path: string): Promise<Spill> {
    return new Spill(path, await open(path, 'wx+', 0o600));
  }

  /** Removes the file's name; it stays usable until it is disposed of. */
  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }

  /** Appends bytes; they may be used again when the promise has resolved. */
  async append(bytes: Buffer): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; )
        at += (await this.#file.write(bytes, at, bytes.length - at, this.size + at)).bytesWritten;
    } catch (error) {
      // Said here, for who appends is reading an input and would blame that.
      throw new MistnetError('file.unwritable', `Cannot write ${this.#path}: ${causeText(error)}.`, { cause: error });
    }
    this.size += bytes.length;
  }

  /**
   * The rows of `order`, in that order, some megabytes at a time. Each batch is read in the order of the file, neighbours together:
   * nearly sorted input costs a few large reads, shuffled input one small read a row, and memory stays the same.
   */
  async *gather(order: Uint32Array, { offset, length }: SpillPlaces): AsyncGenerator<SpillBatch> {
    let bytes = Buffer.allocUnsafe(BATCH_BYTES + (1 << 20));
    for (let from = 0; from < order.length; ) {
      let to = from;
      let wanted = 0;
      while (
        to < order.length &&
        to - from < BATCH_ROWS &&
        (to === from || wanted + (length[order[to] as number] as number) <= BATCH_BYTES)
      )
        wanted += length[order[to++] as number] as number;
      const numbers = order.subarray(from, to);
      const byPlace = sortByPlace(numbers, offset);
      const starts = new Float64Array(numbers.length);
      const runs = planRuns(byPlace, numbers, { offset, length }, starts);
      const last = runs.at(-1);
      const total = last === undefined ? 0 : last.at + last.bytes;
      if (total > bytes.length) bytes = Buffer.allocUnsafe(total);
      for (const run of runs) await this.#read(bytes, run);
      yield { numbers, starts, bytes };
      from = to;
    }
  }

  async #read(bytes: Buffer, { at, bytes: count, offset }: Run): Promise<void> {
    for (let done = 0; done < count; ) {
      const { bytesRead } = await this.#file.read(bytes, at + done, count - done, offset + done);
      if (bytesRead === 0) throw new Error('the interim file of the build is shorter than it was written');
      done += bytesRead;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

/** One read: `bytes` from `offset` of the file to position `at` of the batch. */
type Run = { offset: number; bytes: number; at: number };

/**
 * Positions in `numbers`, by where the rows lie. Place and position go into one number each, so that they can be sorted without a function to
 * compare them: exact up to a spill of 2^53 / 8192 bytes, a terabyte.
 */
function sortByPlace(numbers: Uint32Array, offset: Float64Array): Uint32Array {
  const keys = new Float64Array(numbers.length);
  for (let at = 0; at < keys.length; at++) keys[at] = (offset[numbers[at] as number] as number) * BATCH_ROWS + at;
  keys.sort();
  const byPlace = new Uint32Array(keys.length);
  for (let at = 0; at < keys.length; at++) byPlace[at] = (keys[at] as number) % BATCH_ROWS;
  return byPlace;
}

function planRuns(byPlace: Uint32Array, numbers: Uint32Array, places: SpillPlaces, starts: Float64Array): Run[] {
  const runs: Run[] = [];
  let run: Run | undefined;
  for (const index of byPlace) {
    const number = numbers[index] as number;
    const offset = places.offset[number] as number;
    const end = offset + (places.length[number] as number);
    if (run === undefined || offset - (run.offset + run.bytes) > GAP_BYTES) {
      run = { offset, bytes: 0, at: run === undefined ? 0 : run.at + run.bytes };
      runs.push(run);
    }
    starts[index] = run.at + offset - run.offset;
    run.bytes = Math.max(run.bytes, end - run.offset);
  }
  return runs;
}
