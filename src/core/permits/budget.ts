/** Money that may be spent in a UTC month: reserve, then spend. Amounts are in millionths. */
import { MistnetError } from '../errors.ts';
import { formatMoney } from './price-table.ts';

/** Who spends: a collection, for a user, where there are such. */
export type Spender = { collection?: string; user?: string };

/** A budget that covers a spender: `''` all together, `collection:NAME`, `user:NAME`. */
export type BudgetScope = string;

export type BudgetStanding = {
  scope: BudgetScope;
  budgetMicros: number;
  /** Spent this month, what is in doubt included. */
  spentMicros: number;
  /** Set aside by others for calls that they are about to make. */
  reservedByOthersMicros: number;
  /** How many others have something set aside. */
  others: number;
};

/** The budgets that cover a spender, if such are set. */
export function scopesOf({ collection, user }: Spender): BudgetScope[] {
  return [
    '',
    ...(collection === undefined ? [] : [`collection:${collection}`]),
    ...(user === undefined ? [] : [`user:${user}`]),
  ];
}

/**
 * How much may be set aside for a spender now. `atLeast`: what its next call can cost. Near the end of a budget it gets no more than
 * half an even share, so that nobody sits on the rest. `reached`: the budget that forbids even one call, however much others give back.
 */
export function reserve(
  standings: readonly BudgetStanding[],
  wish: { wantedMicros: number; atLeastMicros: number },
): { grantedMicros: number; reached?: BudgetStanding } {
  let grantedMicros = wish.wantedMicros;
  for (const standing of standings) {
    const left = standing.budgetMicros - standing.spentMicros;
    if (left < wish.atLeastMicros) return { grantedMicros: 0, reached: standing };
    const free = left - standing.reservedByOthersMicros;
    const share = standing.others === 0 ? free : Math.floor(free / (2 * (standing.others + 1)));
    const most = Math.max(share, wish.atLeastMicros);
    grantedMicros = Math.min(grantedMicros, free < wish.atLeastMicros ? 0 : Math.min(free, most));
  }
  return { grantedMicros: Math.max(0, grantedMicros) };
}

/** The UTC month of an instant, `2026-11`. */
export function monthOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7);
}

/** When the UTC month after that of an instant begins. */
export function nextMonthMs(ms: number): number {
  const at = new Date(ms);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1);
}

/** When the UTC day after that of an instant begins. */
export function nextDayMs(ms: number): number {
  const at = new Date(ms);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 1);
}

/** Money forbids another call. `resumesAtMs`: when it will be allowed by itself; undefined: a person must do something. */
export class BudgetReached extends MistnetError {
  readonly resumesAtMs: number | undefined;

  constructor(sentence: string, resumesAtMs: number | undefined) {
    super('budget.reached', sentence);
    this.name = 'BudgetReached';
    this.resumesAtMs = resumesAtMs;
  }
}

/** For our own budget. */
export function budgetReached({ scope, budgetMicros, spentMicros }: BudgetStanding, nowMs: number): BudgetReached {
  const resumesAtMs = nextMonthMs(nowMs);
  return new BudgetReached(
    `The budget of ${scopeName(scope)} for ${monthOf(nowMs)} is reached: ${formatMoney(spentMicros)} of ${formatMoney(budgetMicros)} spent, and another call could exceed it. ` +
      `It goes on by itself at ${new Date(resumesAtMs).toISOString().slice(0, 10)} 00:00 UTC, or as soon as the budget is raised: on the page under Administration, Budgets, or by mistnet budget set AMOUNT${optionOf(scope)}.`,
    resumesAtMs,
  );
}

function scopeName(scope: BudgetScope): string {
  const [kind, name] = scope.split(/:(.*)/s);
  return name === undefined ? 'all collections together' : `${kind} "${name}"`;
}

function optionOf(scope: BudgetScope): string {
  const [kind, name] = scope.split(/:(.*)/s);
  return name === undefined ? '' : ` --${kind} ${name}`;
}
