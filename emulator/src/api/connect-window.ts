const WINDOW_MS = 15 * 60_000;
/** What the platform allows of stream connects per window. */
const PLATFORM_LIMIT = 50;

/** What the rate-limit headers of one answer say. */
export interface ConnectAllowance {
  readonly limit: number;
  readonly remaining: number;
  /** Unix seconds */
  readonly resetAt: number;
  readonly refused: boolean;
}

/** Counts connects in windows of 15 minutes that begin with a connect and reset in one step. */
export class ConnectWindow {
  readonly #limit: number;
  readonly #enforced: boolean;
  readonly #now: () => number;
  readonly #wallAt: (at: number) => number;
  #endsAt = 0;
  #used = 0;

  /**
   * @param limit connects per window; undefined: the platform's number in the headers, and nobody is refused
   * @param wallAt when it is so much for the client, who is told when the window ends
   * @param platformLimit the number that the headers name then
   */
  constructor(
    limit: number | undefined,
    now: () => number,
    wallAt: (at: number) => number = (at) => at,
    platformLimit = PLATFORM_LIMIT,
  ) {
    this.#limit = limit ?? platformLimit;
    this.#enforced = limit !== undefined;
    this.#now = now;
    this.#wallAt = wallAt;
  }

  connect(): ConnectAllowance {
    const now = this.#now();
    if (now >= this.#endsAt) {
      this.#used = 0;
      this.#endsAt = now + WINDOW_MS;
    }
    const refused = this.#enforced && this.#used >= this.#limit;
    if (!refused) this.#used++;
    const remaining = Math.max(0, this.#limit - this.#used);
    return { limit: this.#limit, remaining, resetAt: Math.ceil(this.#wallAt(this.#endsAt) / 1000), refused };
  }
}
