/** What reading costs, by platform, access level and kind of thing. Money is in millionths of the platform's currency unit, so that it is whole. */
import type { Platform } from '../ids.ts';

export type PricedResource = 'post' | 'account' | 'call';

/** `endpoint`: the platform's name of a limit for which another price holds; absent: any. */
export type Price = { platform: Platform; level: string; resource: PricedResource; endpoint?: string; micros: number };

/** The level of a credential that says none: the dearest that can be bought without a contract, so that a budget is never exceeded. */
export const DEFAULT_LEVEL = 'pay-per-use';

/** As published. Levels that are paid by the month cost nothing by the call. */
export const KNOWN_PRICES: readonly Price[] = [
  { platform: 'x', level: 'pay-per-use', resource: 'post', micros: 5_000 },
  { platform: 'x', level: 'pay-per-use', resource: 'account', micros: 10_000 },
  { platform: 'x', level: 'pay-per-use', resource: 'call', micros: 5_000 },
  { platform: 'x', level: 'pay-per-use', resource: 'call', endpoint: 'GET /2/tweets/counts/all', micros: 10_000 },
];

/** What one unit costs; 0 where no price is known of the level. Later entries win over earlier ones, those for the endpoint over those for any. */
export function priceOf(
  prices: readonly Price[],
  wanted: { platform: Platform; level: string; resource: PricedResource; endpoint: string },
): number {
  let found = 0;
  let isExact = false;
  for (const price of prices) {
    if (price.platform !== wanted.platform || price.level !== wanted.level || price.resource !== wanted.resource)
      continue;
    if (price.endpoint === wanted.endpoint) [found, isExact] = [price.micros, true];
    else if (price.endpoint === undefined && !isExact) found = price.micros;
  }
  return found;
}

/** What a run will cost at most, and how long its calls take at the least: to be said before it. */
export function estimateRun(run: {
  /** Things it will be handed out, as a count said, and how many come with one call. */
  units: number;
  unitsPerCall: number;
  unitMicros: number;
  /** Calls in each window, all credentials together. */
  callsPerWindow: number;
  windowMs: number;
}): { calls: number; micros: number; leastMs: number } {
  const calls = Math.ceil(run.units / run.unitsPerCall);
  const fullWindows = Math.max(0, Math.ceil(calls / run.callsPerWindow) - 1);
  return { calls, micros: run.units * run.unitMicros, leastMs: fullWindows * run.windowMs };
}

/** `$12.34`, `$0.005`: at least two decimals, as many more as it has. */
export function formatMoney(micros: number): string {
  const sign = micros < 0 ? '-' : '';
  const whole = Math.floor(Math.abs(micros) / 1e6).toLocaleString('en-US');
  const rest = String(Math.abs(micros) % 1e6).padStart(6, '0');
  return `${sign}$${whole}.${rest.slice(0, 2)}${rest.slice(2).replace(/0+$/, '')}`;
}

/** Reads `12`, `12.5`, `$0.005` as millionths; undefined for anything else, and for more than a thousand million. */
export function parseMoney(text: string): number | undefined {
  const parts = /^\$?(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text);
  if (parts === null) return undefined;
  return Number(parts[1]) * 1e6 + Number((parts[2] ?? '').padEnd(6, '0'));
}
