/** X's limits as it publishes them, by what was bought. What an answer's headers say overrules them. Source: rate-limits page and price pages; checked 2026-11-22. */
import { MistnetError } from '../../../core/errors.ts';
import type { EndpointLimit } from '../../permit-source.ts';

/** What X has sold; 2012: v1.1 as it was then, for its archives and emulators. */
export const ACCESS_LEVELS = ['pay-per-use', 'basic', 'pro', 'enterprise', 'academic', '2012'] as const;
export type AccessLevel = (typeof ACCESS_LEVELS)[number];

/** Throws `usage.invalid` for what X has never sold. */
export function requireLevel(level: string): void {
  const levels: readonly string[] = ACCESS_LEVELS;
  if (!levels.includes(level))
    throw new MistnetError('usage.invalid', `"${level}" is no access level of X: ${levels.join(', ')}.`);
}

const QUARTER_HOUR_MS = 15 * 60_000;
const DAY_MS = 24 * 3_600_000;

/** Calls per window: app, user (undefined: may not call), and the window where it is not a quarter of an hour. */
type Row = readonly [app: number | undefined, user: number | undefined, windowMs?: number];

const PUBLISHED = {
  'GET /2/tweets': [3500, 5000],
  'GET /2/tweets/search/recent': [450, 300],
  'GET /2/tweets/search/all': [300, undefined],
  'GET /2/tweets/counts/recent': [300, undefined],
  'GET /2/tweets/counts/all': [300, undefined],
  'GET /2/users': [300, 900],
  'GET /2/users/by': [300, 900],
  'GET /2/users/:id/tweets': [10_000, 900],
  'GET /2/users/:id/followers': [300, 300],
  'GET /2/users/:id/following': [300, 300],
  'GET /2/tweets/:id/quote_tweets': [75, 75],
  'GET /2/tweets/:id/retweeted_by': [75, 75],
  'GET /1.1/statuses/user_timeline': [1500, 900],
  'POST /1.1/statuses/lookup': [300, 900],
  'POST /1.1/users/lookup': [300, 900],
  'GET /1.1/followers/ids': [15, 15],
  'GET /1.1/friends/ids': [15, 15],
  'GET /1.1/followers/list': [15, 15],
  'GET /1.1/friends/list': [15, 15],
  'GET /1.1/search/tweets': [450, 180],
} as const satisfies Record<string, Row>;

export type EndpointName = keyof typeof PUBLISHED;

const LOOKUPS_OF_BASIC: Row = [500, 100, DAY_MS];

/** Where a level differs from today's table. */
const DIFFERENT: Partial<Record<AccessLevel, Partial<Record<EndpointName, Row>>>> = {
  academic: {
    'GET /2/tweets': [300, 900],
    'GET /2/tweets/search/recent': [450, 180],
    'GET /2/users/:id/tweets': [1500, 900],
    'GET /2/users/:id/followers': [15, 15],
    'GET /2/users/:id/following': [15, 15],
  },
  pro: { 'GET /2/tweets': [450, 900], 'GET /2/users/:id/tweets': [1500, 900] },
  basic: {
    'GET /2/tweets': [15, 15],
    'GET /2/tweets/search/recent': [60, 60],
    'GET /2/tweets/counts/recent': [5, undefined],
    'GET /2/users': LOOKUPS_OF_BASIC,
    'GET /2/users/by': LOOKUPS_OF_BASIC,
    'GET /2/users/:id/tweets': [10, 5],
    'GET /2/tweets/:id/quote_tweets': [5, 5],
    'GET /2/tweets/:id/retweeted_by': [5, 5],
  },
  '2012': {
    'GET /1.1/statuses/user_timeline': [300, 180],
    'POST /1.1/statuses/lookup': [60, 180],
    'POST /1.1/users/lookup': [60, 180],
  },
};

/** One call a second, whatever the window says; a little more, for clocks differ. */
const ARCHIVE_SPACING_MS = 1050;

/** The published limit of an endpoint; `level`: of credentials that say none. */
export function endpointLimit(endpoint: EndpointName, level: AccessLevel): EndpointLimit {
  return {
    ...{ endpoint, ...windowAt(endpoint, level) },
    levels: Object.fromEntries(ACCESS_LEVELS.map((each) => [each, windowAt(endpoint, each)])),
    ...(endpoint === 'GET /2/tweets/search/all' ? { spacingMs: ARCHIVE_SPACING_MS } : {}),
  };
}

function windowAt(endpoint: EndpointName, level: AccessLevel) {
  const [app, user, windowMs = QUARTER_HOUR_MS] = (DIFFERENT[level]?.[endpoint] ?? PUBLISHED[endpoint]) as Row;
  return { windowMs, app, user };
}
