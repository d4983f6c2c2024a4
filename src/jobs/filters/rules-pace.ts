/**
 * When rules are changed. X takes 100 requests in 15 minutes: whoever changes words all day would find none left, and wait until the next window. So
 * changes go out at once while there are few, and are gathered when there are many: additions first, for a rule that stays too long costs
 * posts that nobody asked for, but one that comes too late loses some.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const WINDOW_MS = 15 * 60_000;
/** So many requests of a window are made as changes come. */
const AT_ONCE = 20;
/** After that, so far apart: together with those that went at once no window sees more than 100. */
const ADDITIONS_APART_MS = 12_000;
const DELETIONS_APART_MS = 150_000;

export class RulesPace {
  readonly #monotonicMs: () => number;
  #asked: number[] = [];
  #addedAtMs = Number.NEGATIVE_INFINITY;
  #deletedAtMs = Number.NEGATIVE_INFINITY;

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  noteAdded(): void {
    this.#addedAtMs = this.#note();
  }

  noteDeleted(): void {
    this.#deletedAtMs = this.#note();
  }

  /** Resolves when rules may be added; what comes meanwhile goes with them. */
  async untilMayAdd(signal: AbortSignal): Promise<void> {
    await sleep(Math.max(0, this.addInMs()), undefined, { signal });
  }

  /** In how many ms rules may be added; 0 or less: now. */
  addInMs(): number {
    return this.#isBusy() ? this.#addedAtMs + ADDITIONS_APART_MS - this.#monotonicMs() : 0;
  }

  /** Whether rules that are not wanted any more may be deleted now. */
  mayDelete(): boolean {
    return !this.#isBusy() || this.#monotonicMs() >= this.#deletedAtMs + DELETIONS_APART_MS;
  }

  #note(): number {
    const nowMs = this.#monotonicMs();
    this.#asked.push(nowMs);
    return nowMs;
  }

  #isBusy(): boolean {
    const sinceMs = this.#monotonicMs() - WINDOW_MS;
    this.#asked = this.#asked.filter((ms) => ms > sinceMs);
    return this.#asked.length >= AT_ONCE;
  }
}
