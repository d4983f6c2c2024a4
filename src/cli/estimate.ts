/** What a run will cost and take, said before it: an estimate, with what it rests on. */
import {
  type Price,
  estimateRun,
  formatMoney,
  KNOWN_PRICES,
  DEFAULT_LEVEL,
  priceOf,
} from '../core/permits/price-table.ts';
import { MistnetError } from '../core/errors.ts';
import { eligibleFor, limitOf } from '../platforms/credential-pool.ts';
import type { PooledCredential } from '../platforms/permit-source.ts';
import { type EndpointName, endpointLimit } from '../platforms/x/read/endpoint-limits.ts';
import { formatDuration, formatQuantity } from './format.ts';

/** What a run will be handed out at most, of what, by which calls; `basis`: what that number rests on, a sentence's end. */
export type Outlook = {
  units: number;
  resource: 'post' | 'account';
  unitsPerCall: number;
  endpoint: EndpointName;
  basis: string;
};

/** By which it is reckoned: the credentials that will be used, and prices that hold. */
export type Rates = { credentials: readonly PooledCredential[]; prices: readonly Price[] };

export type Estimate = { calls: number; micros: number; leastMs: number };

/** An app whose level nobody knows, where there is no credential yet. */
export const UNKNOWN_RATES: Rates = {
  credentials: [{ label: 'any', kind: 'app', authorization: () => '' }],
  prices: KNOWN_PRICES,
};

/** At the price of the dearest credential that will do, with the windows of all of them together. */
export function estimate(
  { units, resource, unitsPerCall, endpoint }: Outlook,
  { credentials, prices }: Rates,
): Estimate {
  const limit = endpointLimit(endpoint, DEFAULT_LEVEL);
  const usable = eligibleFor({ limit, reserve: { resource, atMost: unitsPerCall } }, credentials);
  const windows = usable.map((credential) => limitOf(limit, credential));
  const windowMs = Math.max(...windows.map((window) => window.windowMs));
  const callsPerWindow = windows.reduce((sum, window) => sum + window.limit, 0);
  const unitMicros = Math.max(
    ...usable.map(({ level = DEFAULT_LEVEL }) => priceOf(prices, { platform: 'x', level, resource, endpoint })),
  );
  const run = estimateRun({ units, unitsPerCall, unitMicros, callsPerWindow, windowMs });
  const spacingMs = Math.max(...windows.map((window) => window.spacingMs)) / usable.length;
  const inLastWindow = run.calls - Math.floor(run.leastMs / windowMs) * callsPerWindow;
  return { ...run, leastMs: run.leastMs + Math.max(0, inLastWindow - 1) * spacingMs };
}

/** For people: what, how many calls, how much, how long, and why so. */
export function estimateSentence(outlook: Outlook, { calls, micros, leastMs }: Estimate): string {
  const { units, resource, basis } = outlook;
  const amount = `up to ${formatQuantity(units, resource)}`;
  return `Estimate: ${amount}, ${formatQuantity(calls, 'call')}, ${formatMoney(micros)}, ${leastTime(leastMs)}; ${basis}.`;
}

/** What the limits let a run take: `within one window of the limits`, or `at least 45 min`. */
export function leastTime(leastMs: number): string {
  return leastMs < 1000 ? 'within one window of the limits' : `at least ${formatDuration(leastMs)}`;
}

/**
 * Prints one line of JSON on the standard output and the sentence on the standard error. Throws `budget.reached` where it goes beyond the budget,
 * in millionths.
 */
export function printOutlook(
  question: Record<string, unknown>,
  outlook: Outlook,
  { rates, budget, note }: { rates: Rates; budget: number | undefined; note: (sentence: string) => void },
): void {
  const found = estimate(outlook, rates);
  const { units, resource, basis } = outlook;
  const { calls, micros, leastMs } = found;
  const line = {
    ...question,
    [`${resource}s`]: units,
    calls,
    cost: micros / 1e6,
    leastSeconds: Math.ceil(leastMs / 1000),
  };
  process.stdout.write(`${JSON.stringify({ ...line, basis })}\n`);
  note(estimateSentence(outlook, found));
  requireWithin(micros, budget);
}

/** Throws `budget.reached` for an estimate beyond the budget, both in millionths. */
export function requireWithin(micros: number, budget: number | undefined): void {
  if (budget === undefined || micros <= budget) return;
  throw new MistnetError(
    'budget.reached',
    `The estimate of ${formatMoney(micros)} is beyond the budget of ${formatMoney(budget)}. Nothing of it was asked for; --over-budget begins all the same and stops within a page of the budget.`,
  );
}

/**
 * Before a run with a budget: throws `budget.reached` where the estimate is beyond it, unless `overBudget`; says so where nobody knows what it will
 * cost. `outlook` undefined: unknown.
 */
export function requireAffordable(
  outlook: Outlook | undefined,
  { budget, overBudget }: { budget?: number; overBudget?: true },
  { rates, note }: { rates: Rates; note: (sentence: string) => void },
): void {
  if (budget === undefined) return;
  if (outlook !== undefined) {
    const found = estimate(outlook, rates);
    if (overBudget !== true) requireWithin(found.micros, budget);
    if (found.micros <= budget) return;
  }
  const what = outlook === undefined ? 'What it will cost is not known before' : 'It will cost more than the budget';
  note(`${what}: it stops within a page of ${formatMoney(budget)}.`);
}
