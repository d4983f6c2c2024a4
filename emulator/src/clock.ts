export interface VirtualClockOptions {
  /** Unix ms that it shows at the moment it is made. */
  readonly startAt: number;
  /** How many times faster than the real one it runs; default 1. */
  readonly speed?: number;
  /** Real monotonic milliseconds, 0 at the moment it is made. */
  readonly monotonicMs: () => number;
  /** Real Unix ms. */
  readonly wallNow: () => number;
}

/**
 * The world's clock. Windows, caps, expiries and all that exists go by `now()`; what a client must wait for is told to it in
 * its own time (`wallAt`), so that a window of 15 minutes at speed 60 is 15 seconds long for both.
 */
export class VirtualClock {
  readonly speed: number;
  readonly #options: VirtualClockOptions;

  constructor(options: VirtualClockOptions) {
    this.#options = options;
    this.speed = options.speed ?? 1;
  }

  /** Virtual Unix ms, whole. Bound, so that it can be handed on as a function. */
  readonly now = (): number => Math.floor(this.#options.startAt + this.elapsedMs());

  /** Virtual milliseconds since the start, monotonic. */
  readonly elapsedMs = (): number => this.#options.monotonicMs() * this.speed;

  /** Real Unix ms at which this clock shows `at`. */
  readonly wallAt = (at: number): number => this.#options.wallNow() + (at - this.now()) / this.speed;

  /** Real Unix ms. */
  wallNow(): number {
    return this.#options.wallNow();
  }

  /** Real duration of so much virtual time. */
  realMs(virtualMs: number): number {
    return virtualMs / this.speed;
  }
}
