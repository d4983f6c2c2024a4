/** Says how long a place stays taken after its stream has ended, virtual milliseconds. */
export interface StreamSlot {
  /** Whether the platform still takes the stream for open. */
  readonly isHeld: boolean;
  /** @param orderly whether the platform ended it, and so knows at once; also of a place that is taken for a client that has gone */
  release(orderly: boolean): void;
}

interface Taken {
  /** Virtual Unix ms from which the place is free again; undefined while the stream is open. */
  freeAt: number | undefined;
}

/**
 * How many streams an app has open at each endpoint. A client that has gone may go on occupying its place for a while, for the platform
 * notices late.
 */
export class StreamSlots {
  readonly #releaseMs: number;
  readonly #now: () => number;
  readonly #taken = new Map<string, Taken[]>();

  /** @param releaseMs how long a place stays taken after its client has gone, virtual ms; 0: not at all */
  constructor(releaseMs: number, now: () => number) {
    this.#releaseMs = releaseMs;
    this.#now = now;
  }

  /** @param key whose and where @param limit Infinity: any number; undefined is given back when all are taken */
  take(key: string, limit: number): StreamSlot | undefined {
    const now = this.#now();
    const held = (this.#taken.get(key) ?? []).filter(({ freeAt }) => freeAt === undefined || freeAt > now);
    this.#taken.set(key, held);
    if (held.length >= limit) return undefined;
    const taken: Taken = { freeAt: undefined };
    held.push(taken);
    const isHeld = (): boolean => taken.freeAt === undefined || taken.freeAt > this.#now();
    return {
      get isHeld() {
        return isHeld();
      },
      release: (orderly) => {
        if (orderly && isHeld()) taken.freeAt = this.#now();
        taken.freeAt ??= this.#now() + this.#releaseMs;
      },
    };
  }
}
