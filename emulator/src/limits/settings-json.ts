import type { QueryLimits } from '../query/query-limits.ts';
import { ACCESS_LEVELS, type AccessSettings, PRESETS } from './access-level.ts';
import type { LimitRow, LimitTable } from './limit-table.ts';
import { PRICES, type Prices } from './prices.ts';
import { parseRates } from './rate.ts';

/** The settings can't be used; the message is a sentence. */
export class SettingsError extends Error {}

const MICROS = 1_000_000;
const ENDLESS = Number.POSITIVE_INFINITY;

/**
 * Reads a JSON object of changes and applies them to settings; `level` starts from that preset instead. What isn't
 * mentioned stays. docs/access.md is the reference. Throws SettingsError.
 */
export function changeSettings(settings: AccessSettings, text: string): AccessSettings {
  const json = objectIn(text);
  let changed = settings;
  const level = json['level'];
  if (level !== undefined) {
    const known = ACCESS_LEVELS.find((name) => name === level);
    if (known === undefined) throw new SettingsError(`level must be one of ${ACCESS_LEVELS.join(', ')}.`);
    changed = PRESETS[known];
  }
  for (const [name, value] of Object.entries(json)) {
    if (name === 'level') continue;
    const change = CHANGES[name];
    if (change === undefined) {
      throw new SettingsError(`"${name}" is not one of level, ${Object.keys(CHANGES).join(', ')}.`);
    }
    changed = { ...changed, ...change(changed, value, name) };
  }
  return changed;
}

/** Settings as JSON that `changeSettings` reads. */
export function settingsJson(settings: AccessSettings): Record<string, unknown> {
  const { level, product, denied, limits, queries, streamConnections, sampleConnections, backfill } = settings;
  const { monthlyPosts, credits, prices } = settings;
  return {
    level,
    product,
    denied,
    rules: finite(queries.rules),
    ruleLength: finite(queries.stream.length),
    recentQueryLength: finite(queries.recent.length),
    archiveQueryLength: queries.archive === undefined ? null : finite(queries.archive.length),
    streamConnections: finite(streamConnections),
    sampleConnections: finite(sampleConnections),
    backfill,
    monthlyPosts: finite(monthlyPosts),
    credits: credits === undefined ? null : credits / MICROS,
    prices: Object.fromEntries(Object.entries(prices).map(([charge, micros]) => [charge, micros / MICROS])),
    limits,
  };
}

type Change = (settings: AccessSettings, value: unknown, name: string) => Partial<AccessSettings>;

const CHANGES: Readonly<Record<string, Change>> = {
  product: (_settings, value, name) => ({ product: string(value, name) }),
  denied: (_settings, value, name) => {
    if (!Array.isArray(value)) throw new SettingsError(`${name} must be a list of endpoints.`);
    return { denied: value.map((entry) => endpoint(string(entry, name))) };
  },
  rules: ({ queries }, value, name) => ({ queries: { ...queries, rules: countOrNull(value, name) } }),
  ruleLength: ({ queries }, value, name) => ({
    queries: { ...queries, stream: withLength(queries.stream, value, name) },
  }),
  recentQueryLength: ({ queries }, value, name) => ({
    queries: { ...queries, recent: withLength(queries.recent, value, name) },
  }),
  archiveQueryLength: ({ queries }, value, name) => ({
    queries: { ...queries, archive: withLength(queries.archive ?? queries.recent, value, name) },
  }),
  streamConnections: (_settings, value, name) => ({ streamConnections: countOrNull(value, name) }),
  sampleConnections: (_settings, value, name) => ({ sampleConnections: countOrNull(value, name) }),
  backfill: (_settings, value, name) => {
    if (typeof value !== 'boolean') throw new SettingsError(`${name} must be true or false.`);
    return { backfill: value };
  },
  monthlyPosts: (_settings, value, name) => ({ monthlyPosts: countOrNull(value, name) }),
  credits: (_settings, value, name) => ({ credits: value === null ? undefined : micros(value, name) }),
  prices: ({ prices }, value, name) => ({ prices: readPrices(prices, value, name) }),
  limits: ({ limits }, value, name) => ({ limits: readLimits(limits, value, name) }),
};

function readPrices(prices: Prices, value: unknown, name: string): Prices {
  const entries = Object.entries(record(value, name)).map(([charge, price]) => {
    if (!(charge in PRICES)) throw new SettingsError(`"${charge}" is not one of ${Object.keys(PRICES).join(', ')}.`);
    return [charge, micros(price, `${name}.${charge}`)];
  });
  return { ...prices, ...(Object.fromEntries(entries) as Partial<Prices>) };
}

function readLimits(limits: LimitTable, value: unknown, name: string): LimitTable {
  const changed: Record<string, LimitRow> = { ...limits };
  for (const [key, row] of Object.entries(record(value, name))) {
    const named = endpoint(key);
    if (row === null) delete changed[named];
    else changed[named] = readRow(record(row, key), key);
  }
  return changed;
}

function readRow(row: Record<string, unknown>, name: string): LimitRow {
  for (const [scope, rates] of Object.entries(row)) {
    if (!['app', 'user', 'ip'].includes(scope)) throw new SettingsError(`${name}: "${scope}" is not app, user or ip.`);
    if (typeof rates !== 'string' || parseRates(rates) === undefined) {
      throw new SettingsError(`${name}: ${scope} must be like "300", "300 1/s" or "500/24h".`);
    }
  }
  return row;
}

function endpoint(text: string): string {
  if (/^(GET|POST|PUT|DELETE|\*) \/\S*$/.test(text)) return text;
  throw new SettingsError(`"${text}" is no endpoint; write a method and a path, such as GET /2/users/:id.`);
}

function withLength(limits: QueryLimits, value: unknown, name: string): QueryLimits {
  return { ...limits, length: countOrNull(value, name) };
}

function countOrNull(value: unknown, name: string): number {
  if (value === null) return ENDLESS;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new SettingsError(`${name} must be a whole number, or null for no limit.`);
}

function micros(value: unknown, name: string): number {
  if (typeof value === 'number' && value >= 0 && value <= 1e9) return Math.round(value * MICROS);
  throw new SettingsError(`${name} must be an amount in dollars.`);
}

function string(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw new SettingsError(`${name} must be text.`);
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new SettingsError(`${name} must be an object.`);
}

function objectIn(text: string): Record<string, unknown> {
  try {
    return record(JSON.parse(text) as unknown, 'The whole');
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    throw new SettingsError('That is not JSON.', { cause: error });
  }
}

function finite(number: number): number | null {
  return Number.isFinite(number) ? number : null;
}
