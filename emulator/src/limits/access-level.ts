import { type LevelLimits, QUERY_LIMITS } from '../query/query-limits.ts';
import { type Prices, PRICES } from './prices.ts';
import { LIMITS_2013, LIMITS_2022, LIMITS_2026, LIMITS_BASIC, LIMITS_PRO, type LimitTable } from './limit-table.ts';

export const ACCESS_LEVELS = ['open', 'pay-per-use', 'basic', 'pro', 'enterprise', 'academic', '2012'] as const;

/** What was bought. `open` is the emulator's own: everything is allowed and free, request limits are those of today. */
export type AccessLevel = (typeof ACCESS_LEVELS)[number];

/** All that an access level says. Every member can be overridden. */
export interface AccessSettings {
  readonly level: AccessLevel;
  /** Name of the product in the platform's words, as `UsageCapExceeded` gives it. */
  readonly product: string;
  /** Endpoints that are not part of it: `GET /2/tweets/search/all`, or a beginning with `*`: `* /1.1/*`. */
  readonly denied: readonly string[];
  readonly limits: LimitTable;
  readonly queries: LevelLimits;
  /** Streams of one endpoint that an app may have open at once; Infinity: any number. */
  readonly streamConnections: number;
  readonly sampleConnections: number;
  /** Whether streams take `backfill_minutes`, `start_time` and `end_time`. */
  readonly backfill: boolean;
  /** Posts per calendar month (UTC) and app; Infinity: none. */
  readonly monthlyPosts: number;
  /** Micro-dollars that each app begins with; undefined: nothing is charged. */
  readonly credits: number | undefined;
  readonly prices: Prices;
}

const CONTRACT_ONLY = [
  'GET /2/tweets/sample/stream',
  'GET /2/tweets/sample10/stream',
  'GET /2/tweets/firehose/*',
  'GET /2/likes/*',
  'GET /2/tweets/compliance/stream',
  'GET /2/users/compliance/stream',
  'GET /2/tweets/label/stream',
];
const FOLLOWS = ['GET /2/users/:id/followers', 'GET /2/users/:id/following'];
const ARCHIVE = ['GET /2/tweets/search/all', 'GET /2/tweets/counts/all'];
/** Empty in the column of Basic. */
const PRO_ONLY = [...ARCHIVE, '* /2/tweets/search/stream*', 'GET /2/users/search'];
const V1 = ['* /1.1/*'];
const ENDLESS = Number.POSITIVE_INFINITY;

/** The presets of `--access`. docs/access.md names the source of each number, and those that nobody could confirm. */
export const PRESETS: Readonly<Record<AccessLevel, AccessSettings>> = {
  open: {
    level: 'open',
    product: 'pay-per-use',
    denied: [],
    limits: LIMITS_2026,
    queries: { ...QUERY_LIMITS['pay-per-use'] },
    streamConnections: 1,
    sampleConnections: ENDLESS,
    backfill: true,
    monthlyPosts: ENDLESS,
    credits: undefined,
    prices: PRICES,
  },
  'pay-per-use': {
    level: 'pay-per-use',
    product: 'pay-per-use',
    denied: [...CONTRACT_ONLY, ...V1],
    limits: LIMITS_2026,
    queries: QUERY_LIMITS['pay-per-use'],
    streamConnections: 1,
    sampleConnections: 1,
    backfill: false,
    monthlyPosts: 3_000_000,
    credits: 100_000_000,
    prices: PRICES,
  },
  basic: {
    level: 'basic',
    product: 'standard-basic',
    denied: [...CONTRACT_ONLY, ...FOLLOWS, ...PRO_ONLY, ...V1],
    limits: LIMITS_BASIC,
    queries: QUERY_LIMITS.basic,
    streamConnections: 1,
    sampleConnections: 1,
    backfill: false,
    monthlyPosts: 15_000,
    credits: undefined,
    prices: PRICES,
  },
  pro: {
    level: 'pro',
    product: 'standard-pro',
    denied: [...CONTRACT_ONLY, ...V1],
    limits: LIMITS_PRO,
    queries: QUERY_LIMITS.pro,
    streamConnections: 1,
    sampleConnections: 1,
    backfill: false,
    monthlyPosts: 1_000_000,
    credits: undefined,
    prices: PRICES,
  },
  enterprise: {
    level: 'enterprise',
    product: 'enterprise',
    denied: [],
    limits: LIMITS_2026,
    queries: QUERY_LIMITS.enterprise,
    streamConnections: 2,
    sampleConnections: 2,
    backfill: true,
    monthlyPosts: ENDLESS,
    credits: undefined,
    prices: PRICES,
  },
  academic: {
    level: 'academic',
    product: 'academic-research',
    denied: CONTRACT_ONLY.filter((endpoint) => endpoint !== 'GET /2/tweets/sample/stream'),
    limits: LIMITS_2022,
    queries: QUERY_LIMITS.academic,
    streamConnections: 2,
    sampleConnections: 2,
    backfill: true,
    monthlyPosts: 10_000_000,
    credits: undefined,
    prices: PRICES,
  },
  '2012': {
    level: '2012',
    product: 'REST API v1.1',
    denied: ['* /2/*'],
    limits: LIMITS_2013,
    queries: QUERY_LIMITS.essential,
    streamConnections: 1,
    sampleConnections: 1,
    backfill: false,
    monthlyPosts: ENDLESS,
    credits: undefined,
    prices: PRICES,
  },
};
