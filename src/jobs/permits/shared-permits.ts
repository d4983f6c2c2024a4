/**
 * Leave to make calls for a worker: the same windows, budgets and refused credentials as all other workers have, through the ledger in
 * PostgreSQL. Permits come in batches, so that most calls cost no visit; what becomes of them goes back with the next one.
 */
import { type Spender, budgetReached } from '../../core/permits/budget.ts';
import type { ClockOffset } from '../../core/permits/clock-offset.ts';
import { causeText } from '../../core/errors.ts';
import { hear, offsetAfter } from '../../core/permits/heard.ts';
import type { Log } from '../../core/log.ts';
import { MoneyShare } from '../../core/permits/money-share.ts';
import { type Pause, allPaused, pauseAfter, pauseOf } from '../../core/permits/pause.ts';
import type { Waiting } from '../../core/permits/planner.ts';
import { KNOWN_PRICES, type Price } from '../../core/permits/price-table.ts';
import { WorkerShare } from '../../core/permits/worker-share.ts';
import type { Clock } from '../../core/time.ts';
import { eligibleFor, limitOf } from '../../platforms/credential-pool.ts';
import { leaveWith, unitMicros } from '../../platforms/one-call.ts';
import type { CallOutcome, Permit, PermitSource, PermitWish, PooledCredential } from '../../platforms/permit-source.ts';
import type { Database } from '../../store/db.ts';
import { listen } from '../../store/listen.ts';
import { loadPrices } from '../../store/permits/budgets.ts';
import { admitSecret, currentPauses, recordPause } from '../../store/permits/pauses.ts';
import { BUDGETS_CHANGED, CREDENTIALS_CHANGED, PERMITS_CHANNEL } from '../../store/permits/permits-channel.ts';
import { type LedgerReply, type PublishedWindow, visitLedger } from '../../store/permits/visit-ledger.ts';

export type SharedPermitsOptions = {
  db: Database;
  /** For a connection of its own, on which it hears of permits and money that came free. */
  databaseUrl: string;
  node: string;
  /** Names this process, and never another one: a random text. */
  worker: string;
  /** One that is never set back: windows are measured by it. */
  clock: Clock;
  /** The pool as it is now; asked for at most every half minute. */
  credentials: () => Promise<readonly PooledCredential[]>;
  log: Log;
  /** How long what this worker holds stays its own without a word from it; default 30 s. */
  leaseMs?: number;
};

/** For whom calls are made: whose turn and whose money it is. */
export type Purpose = Spender & {
  /** Only this credential will do, by label. */
  credential?: string;
  /** Goes before what is not, e.g. because a person waits for it. */
  isUrgent?: boolean;
  /** Turns in proportion to that of others; default 1. */
  weight?: number;
};

export type SharedPermits = AsyncDisposable & { sourceFor(purpose: Purpose): PermitSource };

type Pending = {
  wish: PermitWish;
  waiting: Waiting;
  resolve: (permit: Permit) => void;
  reject: (reason: unknown) => void;
};

const LEASE_MS = 30_000;
const POOL_AGE_MS = 30_000;

/** Opens this worker's share. Disposing gives back what was not used; calls still on their way count as used until the lease ends. */
export function sharePermits(options: SharedPermitsOptions): SharedPermits {
  return new Shared(options);
}

class Shared implements SharedPermits {
  readonly #options: SharedPermitsOptions;
  readonly #share: WorkerShare;
  readonly #money = new MoneyShare();
  readonly #pending = new Map<number, Pending>();
  readonly #published = new Map<string, PublishedWindow>();
  readonly #stop = new AbortController();
  readonly #listening: Promise<void>;
  readonly #recording = new Set<Promise<void>>();
  #pool: readonly PooledCredential[] = [];
  #poolAtMs = Number.NEGATIVE_INFINITY;
  #prices: readonly Price[] = KNOWN_PRICES;
  #arePricesOld = true;
  #pauses: readonly Pause[] = [];
  /** By label, of those whose change nobody tells. */
  readonly #secrets = new Map<string, string>();
  #platformOffset: ClockOffset | undefined;
  #visiting: Promise<void> | undefined;
  #refreshing: Promise<void> | undefined;
  #isRepeat = false;
  #timer: NodeJS.Timeout | undefined;
  #nextId = 0;

  constructor(options: SharedPermitsOptions) {
    this.#options = options;
    this.#share = new WorkerShare({ worker: options.worker, leaseMs: options.leaseMs ?? LEASE_MS });
    this.#listening = listen(options.databaseUrl, PERMITS_CHANNEL, (notice) => this.#notice(notice), this.#stop.signal);
  }

  sourceFor(purpose: Purpose): PermitSource {
    return {
      acquire: async (wish, signal) =>
        this.#acquire(
          purpose.credential === undefined ? wish : { credential: purpose.credential, ...wish },
          purpose,
          signal,
        ),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the worker ends'));
    clearTimeout(this.#timer);
    for (const { reject } of this.#pending.values()) reject(this.#stop.signal.reason);
    this.#pending.clear();
    await this.#visiting;
    await this.#visit({ isLast: true });
    await Promise.all([...this.#recording, this.#listening]);
  }

  async #acquire(wish: PermitWish, purpose: Purpose, signal: AbortSignal): Promise<Permit> {
    const either = AbortSignal.any([signal, this.#stop.signal]);
    either.throwIfAborted();
    await this.#refresh();
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<Permit>();
    const onAbort = () => {
      this.#drop(id);
      reject(either.reason as Error);
    };
    either.addEventListener('abort', onAbort, { once: true });
    try {
      either.throwIfAborted();
      const credentials = this.#usable(wish);
      const unitMicros = Math.max(...credentials.map((label) => this.#unitMicros(label, wish)));
      const waiting: Waiting = {
        ...{ id, endpoint: wish.limit.endpoint, credentials, costMicros: wish.reserve.atMost * unitMicros },
        spender: this.#money.open(purpose),
        weight: purpose.weight ?? 1,
        isUrgent: purpose.isUrgent ?? false,
      };
      this.#pending.set(id, { wish, waiting, resolve, reject });
      this.#share.want(waiting);
      this.#look();
      return await promise;
    } finally {
      either.removeEventListener('abort', onAbort);
    }
  }

  /** Brings pool and prices up to date where they are old. All who ask meanwhile wait for the same: nobody goes by a pool that is not there yet. */
  #refresh(): Promise<void> {
    this.#refreshing ??= this.#refreshNow().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refreshNow(): Promise<void> {
    const now = this.#options.clock.now();
    if (now - this.#poolAtMs >= POOL_AGE_MS) {
      // Before the questions: what is told meanwhile has it asked once more.
      this.#poolAtMs = now;
      await this.#refreshPool();
      this.#reconsider();
    }
    if (!this.#arePricesOld) return;
    this.#prices = await loadPrices(this.#options.db);
    this.#arePricesOld = false;
  }

  /** Who has nothing to ask for makes no visits, and would never hear that a credential was let in again. */
  async #refreshPool(): Promise<void> {
    const { db, credentials, log } = this.#options;
    try {
      const [pool, pauses] = await Promise.all([credentials(), currentPauses(db)]);
      this.#pool = pool;
      await this.#admitSecrets();
      // One that was taken out a moment ago may not be in the database yet.
      if (this.#recording.size === 0) this.#pauses = pauses;
    } catch (error) {
      // While the database is away work goes on with what was known.
      if (this.#pool.length === 0) {
        this.#poolAtMs = Number.NEGATIVE_INFINITY;
        throw error;
      }
      log.warn({ cause: causeText(error) }, 'permits.ledger-away');
    }
  }

  /** A token that was corrected is not paused for what was said of the one before. Once each: nodes may have different ones. */
  async #admitSecrets(): Promise<void> {
    for (const { label, secret } of this.#pool) {
      if (secret === undefined || this.#secrets.get(label) === secret) continue;
      await admitSecret(this.#options.db, label, secret);
      this.#secrets.set(label, secret);
    }
  }

  /** Labels of the credentials that will do now. Throws when there are none. */
  #usable({ limit, reserve, ...wish }: PermitWish): string[] {
    const now = this.#options.clock.now();
    const paused: Pause[] = [];
    const labels: string[] = [];
    for (const credential of eligibleFor({ limit, reserve, ...wish }, this.#pool)) {
      const { label } = credential;
      const { endpoint } = limit;
      const call = { credential: label, endpoint, resource: reserve.resource, secret: credential.secret };
      const pause = pauseOf(this.#pauses, call, now);
      if (pause !== undefined) paused.push(pause);
      else {
        labels.push(label);
        this.#published.set(`${endpoint} ${label}`, { credential: label, endpoint, ...limitOf(limit, credential) });
      }
    }
    if (labels.length === 0) throw allPaused(limit.endpoint, paused);
    return labels;
  }

  /** Gives leave from stock, and makes or plans the next visit to the ledger. */
  #look(): void {
    const now = this.#options.clock.now();
    for (const { id, credential } of this.#share.grant(now, this.#money.purses())) this.#give(id, credential, now);
    clearTimeout(this.#timer);
    if (this.#visiting !== undefined || this.#stop.signal.aborted) return;
    const at = earliest(this.#share.visitAtMs(now), this.#money.visitAtMs(this.#share.waiting, now));
    if (at === undefined) return;
    if (at <= now) this.#visiting = this.#visit();
    else this.#timer = setTimeout(() => this.#look(), Math.min(60_000, Math.ceil(at - now)));
  }

  async #visit({ isLast = false }: { isLast?: boolean } = {}): Promise<void> {
    const { db, node, clock, log } = this.#options;
    const now = clock.now();
    const money = this.#money.visit(this.#share.waiting, now, { isRepeat: this.#isRepeat, isLast });
    const visit = this.#share.visit(now, { isLast });
    try {
      const reply = await visitLedger(db, { visit, node, published: [...this.#published.values()], money });
      this.#share.visited(visit, reply.permits, clock.now());
      this.#money.visited(reply.money, clock.now());
      this.#isRepeat = false;
      this.#pauses = reply.pauses;
      this.#refuse(reply);
    } catch (error) {
      this.#share.visitFailed(clock.now());
      if (!this.#isRepeat) log.warn({ cause: causeText(error) }, 'permits.ledger-away');
      this.#isRepeat = true;
    } finally {
      this.#visiting = undefined;
    }
    if (!isLast) this.#look();
  }

  /** Who cannot be helped by waiting hears why. */
  #refuse({ money, permits }: LedgerReply): void {
    for (const { spender, reached } of money) {
      if (reached === undefined) continue;
      const key = this.#money.open(spender);
      for (const { waiting, reject } of this.#pending.values()) {
        const left = reached.budgetMicros - reached.spentMicros;
        if (waiting.spender !== key || waiting.costMicros <= left) continue;
        this.#drop(waiting.id);
        reject(budgetReached(reached, permits.ledgerNowMs));
      }
    }
    this.#reconsider();
  }

  /** Who waits for a credential that was taken out waits for others, or is refused when there are none. */
  #reconsider(): void {
    for (const pending of this.#pending.values()) {
      try {
        const credentials = this.#usable(pending.wish);
        if (isSame(credentials, pending.waiting.credentials)) continue;
        this.#share.cancel(pending.waiting.id);
        pending.waiting = { ...pending.waiting, credentials };
        this.#share.want(pending.waiting);
      } catch (reason) {
        this.#drop(pending.waiting.id);
        pending.reject(reason);
      }
    }
  }

  #give(id: number, label: string, sentAtMs: number): void {
    const { wish, waiting, resolve } = this.#pending.get(id) as Pending;
    const credential = this.#pool.find((each) => each.label === label) as PooledCredential;
    const { secret } = credential;
    this.#pending.delete(id);
    this.#money.hold(waiting.spender, waiting.costMicros, sentAtMs);
    resolve(leaveWith(credential, (outcome) => this.#settle({ wish, waiting, label, secret, sentAtMs }, outcome)));
  }

  #settle(
    call: { wish: PermitWish; waiting: Waiting; label: string; secret: string | undefined; sentAtMs: number },
    outcome: CallOutcome,
  ): void {
    const { wish, waiting, label, secret, sentAtMs } = call;
    const now = this.#options.clock.now();
    const { endpoint } = wish.limit;
    const { resource } = wish.reserve;
    const flight = { sentAtMs, answeredAtMs: now };
    this.#platformOffset = offsetAfter(this.#platformOffset, outcome, flight);
    this.#share.settle(label, endpoint, hear(outcome, flight, this.#platformOffset));
    const platform = this.#pool.find((credential) => credential.label === label)?.platform ?? 'x';
    const micros = outcome.billed * this.#unitMicros(label, wish);
    this.#money.spend(waiting.spender, waiting.costMicros, { platform, resource, units: outcome.billed, micros });
    const pause = pauseAfter({ credential: label, endpoint, resource, secret }, outcome, now);
    if (pause !== undefined) this.#takeOut(pause);
    this.#look();
  }

  #takeOut(pause: Pause): void {
    const { db, log } = this.#options;
    const { credential, endpoint, why } = pause;
    log.warn({ credential, endpoint, why }, 'permits.credential-paused');
    this.#pauses = [...this.#pauses, pause];
    this.#reconsider();
    const recorded = recordPause(db, pause)
      .catch((error: unknown) => log.warn({ cause: causeText(error) }, 'permits.ledger-away'))
      .finally(() => this.#recording.delete(recorded));
    this.#recording.add(recorded);
  }

  /** Without a word: the connection is back, and anything may have changed. */
  #notice(notice: string | undefined): void {
    if (notice === undefined || notice === BUDGETS_CHANGED) {
      this.#arePricesOld = true;
      this.#money.poke();
    }
    // One that was renewed under its label must not be asked with as it was.
    if (notice === undefined || notice === CREDENTIALS_CHANGED) this.#poolAtMs = Number.NEGATIVE_INFINITY;
    this.#share.poke();
    this.#look();
  }

  #drop(id: number): void {
    this.#pending.delete(id);
    this.#share.cancel(id);
  }

  #unitMicros(label: string, wish: PermitWish): number {
    return unitMicros(
      this.#prices,
      this.#pool.find((each) => each.label === label),
      wish,
    );
  }
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((label, at) => label === b[at]);
}
