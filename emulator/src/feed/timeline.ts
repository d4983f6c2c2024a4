/** Something of the world that a stream can tell: a post, or a change. */
export interface Timed {
  /** Unix ms of the world. */
  readonly at: number;
}

/** How many slices are kept: readers at the head share them, and one that fetches its backfill doesn't drive theirs out at once. */
const KEPT = 8;

/**
 * What happens in the world, in order of time, cut into slices that are made once for all who read them. The future can be read as
 * well: the world is computed, so when something is told is for the reader to say.
 */
export class Timeline<T extends Timed> {
  readonly sliceMs: number;
  readonly #make: (from: number, to: number) => readonly T[];
  readonly #slices = new Map<number, readonly T[]>();

  /**
   * @param make everything of from <= at < to, in order
   * @param sliceMs world time in a slice; what is short costs a look-up more often, what is long is made all at once
   */
  constructor(make: (from: number, to: number) => readonly T[], sliceMs: number) {
    this.#make = make;
    this.sliceMs = sliceMs;
  }

  /** Number of the slice that holds an instant. */
  sliceAt(at: number): number {
    return Math.floor(at / this.sliceMs);
  }

  slice(number: number): readonly T[] {
    const kept = this.#slices.get(number);
    if (kept !== undefined) {
      // Moved to the end: the one not asked for longest goes first.
      this.#slices.delete(number);
      this.#slices.set(number, kept);
      return kept;
    }
    const made = this.#make(number * this.sliceMs, (number + 1) * this.sliceMs);
    this.#slices.set(number, made);
    if (this.#slices.size > KEPT) {
      const [oldest] = this.#slices.keys();
      if (oldest !== undefined) this.#slices.delete(oldest);
    }
    return made;
  }
}
