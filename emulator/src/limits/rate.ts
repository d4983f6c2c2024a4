/** So many calls in a window of so many virtual milliseconds. */
export interface Rate {
  readonly limit: number;
  readonly windowMs: number;
}

export const SECOND_MS = 1000;
export const QUARTER_MS = 15 * 60_000;
export const DAY_MS = 86_400_000;

const UNITS: Readonly<Record<string, number>> = { s: SECOND_MS, '15m': QUARTER_MS, '24h': DAY_MS };
const known = new Map<string, readonly Rate[]>();

/** Reads `300 1/s`: `N` per 15 minutes, `N/s`, `N/15m`, `N/24h`, with spaces between. Undefined when it can't be read. */
export function parseRates(text: string): readonly Rate[] | undefined {
  const found = known.get(text);
  if (found !== undefined) return found;
  const rates: Rate[] = [];
  for (const part of text.split(' ').filter((word) => word !== '')) {
    const [, limit, unit = '15m'] = /^(\d{1,9})(?:\/(s|15m|24h))?$/.exec(part) ?? [];
    const windowMs = UNITS[unit];
    if (limit === undefined || windowMs === undefined) return undefined;
    rates.push({ limit: Number(limit), windowMs });
  }
  known.set(text, rates);
  return rates;
}
