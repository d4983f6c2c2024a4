/**
 * The limits of a platform as reference documents describe them, written without a line of the code under test: one window per credential, which
 * begins with its first call or at fixed instants, and ends in one step. It keeps the truth: what it allowed, what it refused.
 */

export type ModelOptions = {
  limit: number;
  windowMs: number;
  windows: 'first-call' | 'fixed';
  /** Its clock minus the true one. */
  skewMs: number;
  spacingMs?: number;
};

export type ModelAnswer = {
  status: 200 | 429;
  limit: number;
  remaining: number;
  /** Whole seconds of its clock, rounded up, in ms. */
  resetAtMs: number;
  /** Whole seconds of its clock, in ms. */
  platformNowMs: number;
};

type Window = { endsAt: number; used: number; limit: number };

export class PlatformModel {
  readonly #options: ModelOptions;
  readonly #windows = new Map<string, Window>();
  readonly #lastAt = new Map<string, number>();
  allowed = 0;
  refused = 0;
  /** True time from the reset that a full window had told to the next call, while work waits: the longest and the sum. */
  longestReopenMs = 0;
  reopens = 0;
  reopenSumMs = 0;
  /** The same from the window's end itself, which is told in whole seconds, rounded up: up to a second of it nobody can know. */
  longestFromEndMs = 0;

  constructor(options: ModelOptions) {
    this.#options = options;
  }

  /** A call reaches the platform at this true instant; since when it had waited for leave. */
  arrive(credential: string, at: number, waitedSince = Number.NEGATIVE_INFINITY): ModelAnswer {
    const { limit, windowMs, windows, skewMs, spacingMs = 0 } = this.#options;
    let window = this.#windows.get(credential);
    if (window === undefined || at >= window.endsAt) {
      if (window !== undefined && window.used >= window.limit) this.#noteReopen(at, waitedSince, window.endsAt);
      const endsAt = windows === 'first-call' ? at + windowMs : Math.floor(at / windowMs) * windowMs + windowMs;
      window = { endsAt, used: 0, limit };
      this.#windows.set(credential, window);
    }
    const lastAt = this.#lastAt.get(credential) ?? Number.NEGATIVE_INFINITY;
    const isAllowed = window.used < window.limit && at - lastAt >= spacingMs;
    if (isAllowed) {
      window.used++;
      this.allowed++;
      this.#lastAt.set(credential, at);
    } else this.refused++;
    return {
      status: isAllowed ? 200 : 429,
      limit,
      remaining: window.limit - window.used,
      resetAtMs: toldReset(window.endsAt + skewMs),
      platformNowMs: Math.floor((at + skewMs) / 1000) * 1000,
    };
  }

  #noteReopen(at: number, waitedSince: number, endsAt: number): void {
    const { skewMs } = this.#options;
    const ms = Math.max(0, at - Math.max(waitedSince, toldReset(endsAt + skewMs) - skewMs));
    this.longestFromEndMs = Math.max(this.longestFromEndMs, at - Math.max(waitedSince, endsAt));
    this.reopens++;
    this.reopenSumMs += ms;
    this.longestReopenMs = Math.max(this.longestReopenMs, ms);
  }
}

function toldReset(endsAt: number): number {
  return Math.ceil(endsAt / 1000) * 1000;
}
