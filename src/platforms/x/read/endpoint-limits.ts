/** X's limits as it publishes them, by what was bought. What an answer's headers say overrules them. Source: rate-limits page and price pages; checked 2026-11-22. */
import type { EndpointLimit } from '../../permit-source.ts';

export type AccessLevel = 'pay-per-use' | 'enterprise' | 'academic' | 'pro' | 'basic';

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
};

/** One call a second, whatever the window says; a little more, for clocks differ. */
const ARCHIVE_SPACING_MS = 1050;

/** The published limit of an endpoint. */
export function endpointLimit(endpoint: EndpointName, level: AccessLevel): EndpointLimit {
  const [app, user, windowMs = QUARTER_HOUR_MS] = (DIFFERENT[level]?.[endpoint] ?? PUBLISHED[endpoint]) as Row;
  return {
    ...{ endpoint, windowMs, app, user },
    ...(endpoint === 'GET /2/tweets/search/all' ? { spacingMs: ARCHIVE_SPACING_MS } : {}),
  };
}
