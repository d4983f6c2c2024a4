/**
 * When rules are changed. X takes 100 requests in a window of 15 minutes: whoever changes words all day would find none left, and wait until the next
 * one. So a request goes out at once as long as the window has more left than an even pace would need to its end, and else what is left is spread
 * evenly over it; what comes meanwhile goes along. Most bursts of changes are over in minutes: their first ones go somewhat faster, which those that do
 * not end pay for until the window ends. Additions first, for a rule that stays too long costs posts that nobody asked for,
 * but one that comes too late loses some. No clock of its own, no waiting: pure but for what it remembers.
 */
import type { CallOutcome, PermitSource } from '../../platforms/permit-source.ts';

const WINDOW_MS = 15 * 60_000;
/** Of changes of rules in a window, as published; the platform's answers say what it really is. */
const A_WINDOW = 100;
/** Never used: somebody may ask for something by hand. */
const RESERVE = 1;
/** A pace that can be held all day: 97 in a window. Requests beyond it are spent as changes come. */
const EVEN_MS = 9_300;
/** The first minutes of a burst, and how far apart its requests go then, where later ones can still go less than so far apart. */
const BURST_MS = 180_000;
const BURST_APART_MS = 8_000;
const LONGEST_APART_MS = 11_000;
/** After so long without a request a new burst begins. */
const QUIET_MS = 60_000;
/** While changes do not end, rules that are not wanted any more go so far apart, and a request is kept for each time. */
const DELETIONS_APART_MS = 300_000;
/** A platform's window may be told in whole seconds. */
const ROUNDING_MS = 1_000;

type Window = { endsMs: number; left: number };

/** The pace of one credential's changes of rules. All instants are of the clock that it is given, which is never set back. */
export class RulesPace {
  readonly #monotonicMs: () => number;
  #window: Window = { endsMs: Number.NEGATIVE_INFINITY, left: 0 };
  #addedAtMs = Number.NEGATIVE_INFINITY;
  #deletedAtMs = Number.NEGATIVE_INFINITY;
  #burstFromMs = Number.NEGATIVE_INFINITY;

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  noteAdded(): void {
    const nowMs = this.#monotonicMs();
    if (nowMs - this.#addedAtMs > QUIET_MS) this.#burstFromMs = nowMs;
    this.#addedAtMs = nowMs;
  }

  noteDeleted(): void {
    this.#deletedAtMs = this.#monotonicMs();
  }

  /** In how many ms rules may be added; 0: now. `isMore`: of what was to be added at once, some did not go along. */
  addInMs({ isMore = false }: { isMore?: boolean } = {}): number {
    const nowMs = this.#monotonicMs();
    const { restMs, spare, even } = this.#standing(nowMs);
    if (restMs <= 0 || spare >= even + 1 || (isMore && spare > even / 2)) return 0;
    if (spare < 1) return restMs;
    const evenly = restMs / spare;
    const isYoung = nowMs - this.#burstFromMs < BURST_MS && evenly < LONGEST_APART_MS;
    const apartMs = isYoung ? Math.min(evenly, BURST_APART_MS) : evenly;
    return Math.max(0, Math.min(restMs, this.#addedAtMs + apartMs - nowMs));
  }

  /** Whether rules that are not wanted any more may be deleted now. `isMore`: not all of them went with one request. */
  mayDelete({ isMore = false }: { isMore?: boolean } = {}): boolean {
    const nowMs = this.#monotonicMs();
    const { restMs, spare, even } = this.#standing(nowMs);
    if (restMs <= 0 || spare >= even + 1 || (isMore && spare > even / 2)) return true;
    return this.#window.left > RESERVE && nowMs >= this.#deletedAtMs + DELETIONS_APART_MS;
  }

  /** The same permits, listened to: each request is counted, and what its answer says of the window is believed. */
  listeningTo(permits: PermitSource): PermitSource {
    return {
      acquire: async (wish, signal) => {
        const permit = await permits.acquire(wish, signal);
        if (!wish.limit.endpoint.startsWith('POST ')) return permit;
        this.#noteRequest();
        return {
          ...permit,
          authorization: (request) => permit.authorization(request),
          settle: async (outcome) => {
            this.#noteAnswer(outcome);
            await permit.settle(outcome);
          },
        };
      },
    };
  }

  #noteRequest(): void {
    const nowMs = this.#monotonicMs();
    if (nowMs >= this.#window.endsMs) this.#window = { endsMs: nowMs + WINDOW_MS, left: A_WINDOW };
    this.#window.left--;
  }

  #noteAnswer({ remaining, resetAtMs, platformNowMs }: CallOutcome): void {
    if (remaining === undefined || resetAtMs === undefined || platformNowMs === undefined) return;
    const restMs = resetAtMs - platformNowMs;
    if (restMs < 0 || restMs > WINDOW_MS + ROUNDING_MS) return; // cannot be true: what was counted goes on to count
    this.#window = { endsMs: this.#monotonicMs() + restMs + ROUNDING_MS, left: remaining };
  }

  /** `spare`: requests that are left for additions; `even`: as many as an even pace needs to the window's end. */
  #standing(nowMs: number): { restMs: number; spare: number; even: number } {
    const restMs = this.#window.endsMs - nowMs;
    const deletableMs = restMs - Math.max(0, this.#deletedAtMs + DELETIONS_APART_MS - nowMs);
    const deletions = deletableMs <= 0 ? 0 : Math.ceil(deletableMs / DELETIONS_APART_MS);
    return { restMs, spare: this.#window.left - RESERVE - deletions, even: restMs / EVEN_MS };
  }
}
