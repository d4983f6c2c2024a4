/** Tells what a node's frames meant at an instant. It remembers where each change lies, not what it says: years of them fit in memory. */
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { StreamMeaning } from '../../core/rules/meaning.ts';
import { applied, type MeaningLine, meaningPath, parseMeaningLine } from './meaning-line.ts';

/** What was in force from `fromMs` on, until the next. The same object for the same change, as long as it is remembered. */
export type MeantFrom = { fromMs: number; meaning: StreamMeaning };

/** A change: from when on, and where its line lies. */
type Place = { fromMs: number; from: number; to: number; isWhole: boolean };

const LF = 10;
/** Of older meanings, those asked for last stay worked out. */
const KEPT = 4;

export class MeaningReader {
  readonly #path: string;
  readonly #places: Place[] = [];
  /** Where the next line begins. */
  #read = 0;
  #newest: MeantFrom | undefined;
  readonly #older = new Map<number, MeantFrom>();

  constructor(planFolder: string, node: string) {
    this.#path = meaningPath(planFolder, node);
  }

  /**
   * Takes up what was noted since; no file means nothing. A line that is not ended yet, or that a kill cut, is left out. `each` sees every line that is
   * new to this reader. Answers whether there was any. Not to be called again before it has answered.
   */
  async refresh(each: (line: MeaningLine) => void = () => undefined): Promise<boolean> {
    const size = (await stat(this.#path).catch(noneYet))?.size ?? 0;
    if (size < this.#read) this.#forget(); // another file was put there
    if (size === this.#read) return false;
    const had = this.#places.length;
    let rest: Buffer[] = [];
    for await (const chunk of createReadStream(this.#path, { start: this.#read, end: size - 1 })) {
      const bytes = chunk as Buffer;
      let from = 0;
      for (let to = bytes.indexOf(LF); to !== -1; from = to + 1, to = bytes.indexOf(LF, from)) {
        this.#take(Buffer.concat([...rest, bytes.subarray(from, to)]), each);
        rest = [];
      }
      if (from < bytes.length) rest.push(bytes.subarray(from));
    }
    return this.#places.length > had;
  }

  /** What was in force at an instant, Unix ms; undefined before the first. It may read a little of the file. */
  at(ms: number): MeantFrom | undefined {
    const index = this.#indexAt(ms);
    if (index === undefined) return undefined;
    return index === this.#places.length - 1 ? this.#newest : this.#workedOut(index);
  }

  #take(bytes: Buffer, each: (line: MeaningLine) => void): void {
    const from = this.#read;
    this.#read += bytes.length + 1;
    const line = parseMeaningLine(bytes.toString('utf8'));
    if (line === undefined) return;
    const fromMs = Date.parse(line.at);
    this.#places.push({ fromMs, from, to: from + bytes.length, isWhole: line.whole === true });
    this.#newest = { fromMs, meaning: applied(this.#newest?.meaning, line) };
    each(line);
  }

  #forget(): void {
    this.#places.length = 0;
    this.#older.clear();
    this.#read = 0;
    this.#newest = undefined;
  }

  /** The last change up to an instant: they lie in order of time. */
  #indexAt(ms: number): number | undefined {
    let low = 0;
    let high = this.#places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#places[middle]?.fromMs ?? 0) <= ms) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? undefined : low - 1;
  }

  /** From the last whole line, or from the nearest that is remembered, up to this one. */
  #workedOut(index: number): MeantFrom | undefined {
    let known = this.#older.get(index);
    if (known === undefined) {
      const whole = this.#places.findLastIndex(({ isWhole }, at) => at <= index && isWhole);
      const near = Math.max(-1, ...[...this.#older.keys()].filter((at) => at < index));
      const start = near >= whole ? near + 1 : whole;
      let meaning = near >= whole ? this.#older.get(near)?.meaning : undefined;
      for (const line of this.#linesFrom(Math.max(0, start), index)) meaning = applied(meaning, line);
      if (meaning === undefined) return undefined;
      known = { fromMs: this.#places[index]?.fromMs ?? 0, meaning };
    }
    this.#older.delete(index);
    this.#older.set(index, known);
    const [oldest] = this.#older.keys();
    if (this.#older.size > KEPT && oldest !== undefined) this.#older.delete(oldest);
    return known;
  }

  #linesFrom(first: number, last: number): MeaningLine[] {
    const places = this.#places.slice(first, last + 1);
    const from = places[0]?.from ?? 0;
    const bytes = Buffer.alloc((places.at(-1)?.to ?? from) - from);
    const file = openSync(this.#path, 'r');
    try {
      for (let at = 0; at < bytes.length; ) {
        const count = readSync(file, bytes, at, bytes.length - at, from + at);
        if (count === 0) throw new Error(`${this.#path} is shorter than it was`);
        at += count;
      }
    } finally {
      closeSync(file);
    }
    return places.flatMap(
      (place) => parseMeaningLine(bytes.toString('utf8', place.from - from, place.to - from)) ?? [],
    );
  }
}

function noneYet(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
