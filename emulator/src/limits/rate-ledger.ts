import type { Rate } from './rate.ts';

/** Whose calls to what are counted together, and how many there may be. */
export interface Account {
  readonly key: string;
  readonly rate: Rate;
}

/** How one window stands. */
export interface Standing {
  readonly limit: number;
  readonly remaining: number;
  /** When it begins anew, as clients are told: Unix seconds of real time. */
  readonly resetAt: number;
}

interface Window {
  used: number;
  readonly endsAt: number;
  readonly resetAt: number;
}

/** Counts calls in fixed windows: each begins with the first call, ends all at once, and is then forgotten. */
export class RateLedger {
  readonly #now: () => number;
  readonly #tell: (at: number) => number;
  readonly #windows = new Map<string, Window>();

  /**
   * @param now virtual Unix ms
   * @param wallAt real Unix ms of a virtual instant
   */
  constructor(now: () => number, wallAt: (at: number) => number) {
    this.#now = now;
    this.#tell = (at) => Math.ceil(wallAt(at) / 1000);
  }

  /** Counts one call in all of these windows; or in none, when one of them is full. */
  take(accounts: readonly Account[]): boolean {
    const windows = accounts.map((account) => ({ limit: account.rate.limit, window: this.#open(account) }));
    if (windows.some(({ limit, window }) => window.used >= limit)) return false;
    for (const { window } of windows) window.used++;
    return true;
  }

  /** How a window stands now; an unused one would begin now. */
  standing({ key, rate: { limit, windowMs } }: Account): Standing {
    const now = this.#now();
    const window = this.#windows.get(`${key} ${windowMs}`);
    if (window === undefined || now >= window.endsAt) {
      return { limit, remaining: limit, resetAt: this.#tell(now + windowMs) };
    }
    return { limit, remaining: Math.max(0, limit - window.used), resetAt: window.resetAt };
  }

  /** Opens all windows anew. */
  clear(): void {
    this.#windows.clear();
  }

  #open({ key, rate: { windowMs } }: Account): Window {
    const now = this.#now();
    const name = `${key} ${windowMs}`;
    const found = this.#windows.get(name);
    if (found !== undefined && now < found.endsAt) return found;
    const endsAt = now + windowMs;
    // Told once: a reset that wanders by a second within its window would be seen as a new one.
    const window = { used: 0, endsAt, resetAt: this.#tell(endsAt) };
    this.#windows.set(name, window);
    return window;
  }
}
