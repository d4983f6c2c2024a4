/** Leave to make calls for one process that shares its credentials with no other: one-off commands. Windows are learnt from the answers. */
import { type Bucket, newBucket, settleIn } from '../core/permits/bucket.ts';
import { BudgetReached } from '../core/permits/budget.ts';
import type { ClockOffset } from '../core/permits/clock-offset.ts';
import { hear, offsetAfter } from '../core/permits/heard.ts';
import { type Pause, allPaused, pauseAfter, pauseOf } from '../core/permits/pause.ts';
import { type PlannerState, type Waiting, bucketKey, tick } from '../core/permits/planner.ts';
import { KNOWN_PRICES, type Price, formatMoney } from '../core/permits/price-table.ts';
import type { Clock } from '../core/time.ts';
import { eligibleFor, limitOf } from './credential-pool.ts';
import { leaveWith, unitMicros } from './one-call.ts';
import type { CallOutcome, Permit, PermitSource, PermitWish, PooledCredential } from './permit-source.ts';

export type MemoryPermitsOptions = {
  credentials: readonly PooledCredential[];
  /** One that is never set back: windows are measured by it. */
  clock: Clock;
  /** What the whole run may cost, in millionths; absent: as much as it will. */
  budgetMicros?: number;
  prices?: readonly Price[];
  /** Told when nobody can be given leave before this instant of the clock; the same one may be told again. */
  onWait?: (untilMs: number) => void;
};

export type MemoryPermits = PermitSource & {
  /** What was billed so far, in millionths, and what calls on their way can cost. */
  readonly spentMicros: number;
  readonly reservedMicros: number;
};

type Pending = {
  wish: PermitWish;
  waiting: Waiting;
  resolve: (permit: Permit) => void;
  reject: (reason: unknown) => void;
};

const ALL = 'all';
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** See `PermitSource`. It holds no timer while nobody waits. */
export function memoryPermits(options: MemoryPermitsOptions): MemoryPermits {
  return new InMemory(options);
}

class InMemory implements MemoryPermits {
  readonly #options: MemoryPermitsOptions;
  readonly #prices: readonly Price[];
  readonly #pending = new Map<number, Pending>();
  #state: PlannerState = { buckets: new Map(), waiting: [], turns: new Map() };
  #pauses: Pause[] = [];
  #offset: ClockOffset | undefined;
  #nextId = 0;
  #timer: NodeJS.Timeout | undefined;
  spentMicros = 0;
  reservedMicros = 0;

  constructor(options: MemoryPermitsOptions) {
    this.#options = options;
    this.#prices = options.prices ?? KNOWN_PRICES;
  }

  async acquire(wish: PermitWish, signal: AbortSignal): Promise<Permit> {
    signal.throwIfAborted();
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<Permit>();
    const onAbort = () => {
      this.#drop(id);
      reject(signal.reason as Error);
      this.#look();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const credentials = this.#usable(wish);
      const costMicros = wish.reserve.atMost * Math.max(...credentials.map((label) => this.#unitMicros(label, wish)));
      const turn = { spender: ALL, weight: 1, isUrgent: false };
      const waiting: Waiting = { id, endpoint: wish.limit.endpoint, ...turn, credentials, costMicros };
      this.#pending.set(id, { wish, waiting, resolve, reject });
      this.#state = { ...this.#state, waiting: [...this.#state.waiting, waiting] };
      this.#look();
      return await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Labels of the credentials that will do; makes their buckets. Throws when there are none. */
  #usable(wish: PermitWish): string[] {
    const { limit, reserve } = wish;
    const now = this.#options.clock.now();
    const eligible = eligibleFor(wish, this.#options.credentials);
    const paused: Pause[] = [];
    const labels: string[] = [];
    for (const credential of eligible) {
      const call = { credential: credential.label, endpoint: limit.endpoint, resource: reserve.resource };
      const pause = pauseOf(this.#pauses, call, now);
      if (pause === undefined) labels.push(credential.label);
      else paused.push(pause);
    }
    if (labels.length === 0) throw allPaused(limit.endpoint, paused);
    const buckets = new Map(this.#state.buckets);
    for (const credential of eligible) {
      const key = bucketKey(credential.label, limit.endpoint);
      if (!buckets.has(key)) buckets.set(key, newBucket(limitOf(limit, credential)));
    }
    this.#state = { ...this.#state, buckets };
    return labels;
  }

  /** Gives leave to whom it can be given, refuses whom money forbids, and sets the timer for the next look. */
  #look(): void {
    clearTimeout(this.#timer);
    const { budgetMicros } = this.#options;
    if (budgetMicros !== undefined) this.#refuseBeyond(budgetMicros);
    const purses =
      budgetMicros === undefined ? new Map() : new Map([[ALL, budgetMicros - this.spentMicros - this.reservedMicros]]);
    const now = this.#options.clock.now();
    const { state, grants, lookAgainAtMs } = tick(this.#state, now, purses);
    this.#state = state;
    for (const { id, credential } of grants) this.#give(id, credential, now);
    if (lookAgainAtMs === undefined) return;
    if (grants.length === 0) this.#options.onWait?.(lookAgainAtMs);
    this.#timer = setTimeout(() => this.#look(), Math.min(LONGEST_TIMER_MS, Math.ceil(lookAgainAtMs - now)));
  }

  #refuseBeyond(budgetMicros: number): void {
    for (const [id, { waiting, reject }] of this.#pending) {
      if (waiting.costMicros === 0 || this.spentMicros + waiting.costMicros <= budgetMicros) continue;
      this.#drop(id);
      const spent = `${formatMoney(this.spentMicros)} of ${formatMoney(budgetMicros)}`;
      reject(
        new BudgetReached(
          `The budget of this run is reached: ${spent} spent, and another call could cost ${formatMoney(waiting.costMicros)}.`,
          undefined,
        ),
      );
    }
  }

  #give(id: number, label: string, sentAtMs: number): void {
    const { wish, waiting, resolve } = this.#pending.get(id) as Pending;
    this.#pending.delete(id);
    this.reservedMicros += waiting.costMicros;
    const credential = this.#options.credentials.find((each) => each.label === label) as PooledCredential;
    resolve(leaveWith(credential, (outcome) => this.#settle({ wish, waiting, label, sentAtMs }, outcome)));
  }

  #settle(
    { wish, waiting, label, sentAtMs }: { wish: PermitWish; waiting: Waiting; label: string; sentAtMs: number },
    outcome: CallOutcome,
  ): void {
    const now = this.#options.clock.now();
    const { endpoint } = wish.limit;
    this.reservedMicros -= waiting.costMicros;
    this.spentMicros += outcome.billed * this.#unitMicros(label, wish);
    const flight = { sentAtMs, answeredAtMs: now };
    this.#offset = offsetAfter(this.#offset, outcome, flight);
    const key = bucketKey(label, endpoint);
    const bucket = settleIn(this.#state.buckets.get(key) as Bucket, hear(outcome, flight, this.#offset));
    this.#state = { ...this.#state, buckets: new Map(this.#state.buckets).set(key, bucket) };
    const pause = pauseAfter({ credential: label, endpoint, resource: wish.reserve.resource }, outcome, now);
    if (pause !== undefined) this.#takeOut(pause);
    this.#look();
  }

  /** Who waits for this credential waits for the others that will do; without any, it is refused. */
  #takeOut(pause: Pause): void {
    const now = this.#options.clock.now();
    this.#pauses = [...this.#pauses.filter(({ untilMs }) => untilMs === undefined || untilMs > now), pause];
    for (const [id, pending] of this.#pending) {
      try {
        pending.waiting = { ...pending.waiting, credentials: this.#usable(pending.wish) };
      } catch (reason) {
        this.#drop(id);
        pending.reject(reason);
      }
    }
    this.#state = { ...this.#state, waiting: [...this.#pending.values()].map(({ waiting }) => waiting) };
  }

  #drop(id: number): void {
    this.#pending.delete(id);
    this.#state = { ...this.#state, waiting: this.#state.waiting.filter((waiting) => waiting.id !== id) };
  }

  #unitMicros(label: string, wish: PermitWish): number {
    return unitMicros(
      this.#prices,
      this.#options.credentials.find((each) => each.label === label),
      wish,
    );
  }
}
