/** What one worker knows of the money it may spend: set aside at the ledger, spent, and still to be reported. Like `WorkerShare`, it has no clock of its own. */
import type { BudgetStanding, Spender } from './budget.ts';
import type { Waiting } from './planner.ts';
import type { PricedResource } from './price-table.ts';

export type Spent = { platform: string; resource: PricedResource; units: number; micros: number };

/** One spender's part of a visit to the ledger. Amounts in millionths. */
export type MoneyVisit = {
  spender: Spender;
  spent: Spent[];
  /** All that stays set aside after this report. */
  holdingMicros: number;
  wantedMicros: number;
  /** What its next call can cost. */
  atLeastMicros: number;
};

/** The ledger's word on one spender. `unlimited`: no budget covers it. `reached`: the budget that forbids its next call. */
export type MoneyReply = { spender: Spender; unlimited: boolean; grantedMicros: number; reached?: BudgetStanding };

type Purse = {
  spender: Spender;
  isUnlimited: boolean;
  freeMicros: number;
  heldMicros: number;
  spent: Spent[];
  reported: Spent[];
  lastUsedAtMs: number;
  askAgainAtMs: number;
};

const IDLE_MS = 500;
const ASK_AGAIN_MS = 250;
/** So many calls ahead it asks for, so that not each of them costs a visit. */
const CALLS_AHEAD = 8;

export class MoneyShare {
  readonly #purses = new Map<string, Purse>();

  /** The key under which a spender stands in turns and purses. */
  open(spender: Spender): string {
    const key = JSON.stringify([spender.collection ?? null, spender.user ?? null]);
    if (!this.#purses.has(key)) {
      const nothing = { freeMicros: 0, heldMicros: 0, spent: [], reported: [] };
      const never = Number.NEGATIVE_INFINITY;
      this.#purses.set(key, { spender, isUnlimited: false, ...nothing, lastUsedAtMs: never, askAgainAtMs: never });
    }
    return key;
  }

  /** What each may spend now, for the planner; those without a limit are absent. */
  purses(): Map<string, number> {
    const limited = [...this.#purses].filter(([, { isUnlimited }]) => !isUnlimited);
    return new Map(limited.map(([key, { freeMicros }]) => [key, freeMicros]));
  }

  /** A call that can cost so much was allowed. */
  hold(key: string, micros: number, nowMs: number): void {
    const purse = this.#of(key);
    if (!purse.isUnlimited) purse.freeMicros -= micros;
    purse.heldMicros += micros;
    purse.lastUsedAtMs = nowMs;
  }

  /** It cost so much: the rest of what was held is free again. */
  spend(key: string, heldMicros: number, spent: Spent): void {
    const purse = this.#of(key);
    purse.heldMicros -= heldMicros;
    if (!purse.isUnlimited) purse.freeMicros = Math.max(0, purse.freeMicros + heldMicros - spent.micros);
    if (spent.units === 0) return;
    const same = purse.spent.find(
      ({ platform, resource }) => platform === spent.platform && resource === spent.resource,
    );
    if (same === undefined) purse.spent.push({ ...spent });
    else {
      same.units += spent.units;
      same.micros += spent.micros;
    }
  }

  /** Budgets were changed: whoever spends asks first. */
  poke(): void {
    for (const purse of this.#purses.values()) {
      purse.isUnlimited = false;
      purse.askAgainAtMs = Number.NEGATIVE_INFINITY;
    }
  }

  /** When those who wait need more money than there is: undefined when they don't. */
  visitAtMs(waiting: readonly Waiting[], nowMs: number): number | undefined {
    let earliest: number | undefined;
    for (const { spender, costMicros } of waiting) {
      const purse = this.#purses.get(spender);
      if (purse === undefined || purse.isUnlimited || costMicros <= purse.freeMicros) continue;
      const at = Math.max(nowMs, purse.askAgainAtMs);
      earliest = Math.min(at, earliest ?? at);
    }
    return earliest;
  }

  /** What to bring. `isRepeat`: the visit before may not have been booked, and is brought again. */
  visit(
    waiting: readonly Waiting[],
    nowMs: number,
    { isRepeat, isLast }: { isRepeat: boolean; isLast: boolean },
  ): MoneyVisit[] {
    const visits: MoneyVisit[] = [];
    for (const [key, purse] of this.#purses) {
      if (!isRepeat) {
        purse.reported = purse.spent;
        purse.spent = [];
      }
      const costs = isLast ? [] : waiting.filter(({ spender }) => spender === key).map(({ costMicros }) => costMicros);
      if (isLast || (costs.length === 0 && nowMs - purse.lastUsedAtMs >= IDLE_MS)) purse.freeMicros = 0;
      const dearest = Math.max(0, ...costs);
      const needed = costs.reduce((sum, cost) => sum + cost, 0);
      const wantedMicros = needed === 0 ? 0 : Math.max(0, needed + CALLS_AHEAD * dearest - purse.freeMicros);
      if (purse.isUnlimited && purse.reported.length === 0) continue;
      visits.push({
        spender: purse.spender,
        spent: purse.reported,
        holdingMicros: purse.freeMicros + purse.heldMicros + purse.spent.reduce((sum, { micros }) => sum + micros, 0),
        wantedMicros,
        atLeastMicros: dearest,
      });
    }
    return visits;
  }

  /** The ledger's reply has come. */
  visited(replies: readonly MoneyReply[], nowMs: number): void {
    for (const { spender, unlimited, grantedMicros } of replies) {
      const purse = this.#of(this.open(spender));
      purse.reported = [];
      purse.isUnlimited = unlimited;
      if (unlimited) purse.freeMicros = 0;
      else purse.freeMicros += grantedMicros;
      purse.askAgainAtMs = grantedMicros > 0 ? nowMs : nowMs + ASK_AGAIN_MS;
    }
  }

  #of(key: string): Purse {
    return this.#purses.get(key) as Purse;
  }
}
