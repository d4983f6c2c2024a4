/**
 * What callers of an endpoint may ask. Each is a list of `N` (per 15 minutes), `N/s`, `N/24h`, with spaces between.
 * `app` holds for callers with an app's bearer token, its 24-hour part for all calls of the app; `user` for each user of
 * each app; `ip` for each client address, whoever calls.
 */
export interface LimitRow {
  readonly app?: string;
  readonly user?: string;
  readonly ip?: string;
}

/**
 * By method and path pattern: `GET /2/users/:id`; what a `:name` is called doesn't matter. v1.1 doesn't tell methods apart;
 * its rows are `* /1.1/users/show`, without `.json`.
 */
export type LimitTable = Readonly<Record<string, LimitRow>>;

const v1 = table(`
  /application/rate_limit_status        180   180
  /account/verify_credentials           -     75
  /blocks/ids                           -     15
  /blocks/list                          -     15
  /favorites/list                       75    75
  /followers/ids                        15    15
  /followers/list                       30    15
  /friends/ids                          15    15
  /friends/list                         30    15
  /friendships/lookup                   -     15
  /friendships/show                     15    180
  /geo/id/:place_id                     -     75
  /lists/list                           15    15
  /lists/members                        75    900
  /lists/memberships                    75    75
  /lists/ownerships                     15    15
  /lists/show                           75    75
  /lists/statuses                       900   900
  /lists/subscribers                    15    180
  /lists/subscriptions                  15    15
  /mutes/users/ids                      -     15
  /search/tweets                        450   180
  /statuses/home_timeline               -     15
  /statuses/lookup                      300   900
  /statuses/mentions_timeline           -     75
  /statuses/oembed                      180   180
  /statuses/retweeters/ids              300   75
  /statuses/retweets/:id                300   75
  /statuses/retweets_of_me              -     75
  /statuses/show/:id                    900   900
  /statuses/user_timeline               1500,100000/24h  900
  /trends/available                     75    75
  /trends/closest                       75    75
  /trends/place                         75    75
  /users/lookup                         300   900
  /users/search                         -     900
  /users/show/:id                       900   900
  /users/suggestions                    15    15
`);

/** The table of 2026 (pay-per-use), and v1.1 as it last was. */
export const LIMITS_2026: LimitTable = {
  ...v1,
  ...table(`
  GET /2/tweets                                      3500       5000
  GET /2/tweets/:id                                  450        900
  GET /2/tweets/:id/liking_users                     75         75
  GET /2/tweets/:id/retweeted_by                     75         75
  GET /2/tweets/:id/retweets                         75         75
  GET /2/tweets/:id/quote_tweets                     75         75
  GET /2/tweets/search/recent                        450        300
  GET /2/tweets/search/all                           300,1/s    1/s
  GET /2/tweets/counts/recent                        300        -
  GET /2/tweets/counts/all                           300        -
  GET /2/tweets/search/stream/rules                  450        -
  GET /2/tweets/search/stream/rules/counts           450        -
  POST /2/tweets/search/stream/rules                 100        -
  GET /2/users                                       300        900
  GET /2/users/:id                                   300        900
  GET /2/users/by                                    300        900
  GET /2/users/by/username/:username                 300        900
  GET /2/users/by/username/:username/tweets          1500       900
  GET /2/users/by/username/:username/mentions        450        180
  GET /2/users/me                                    -          75
  GET /2/users/search                                300        900
  GET /2/users/reposts_of_me                         -          75
  GET /2/users/:id/tweets                            10000      900
  GET /2/users/:id/mentions                          450        300
  GET /2/users/:id/timelines/reverse_chronological   -          180
  GET /2/users/:id/liked_tweets                      75         75
  GET /2/users/:id/followers                         300        300
  GET /2/users/:id/following                         300        300
  GET /2/users/:id/blocking                          -          15
  GET /2/users/:id/muting                            -          15
  GET /2/users/:id/bookmarks                         -          180
  GET /2/users/:id/owned_lists                       15         15
  GET /2/users/:id/list_memberships                  75         75
  GET /2/users/:id/pinned_lists                      15         15
  GET /2/lists/:id                                   75         75
  GET /2/lists/:id/tweets                            900        900
  GET /2/lists/:id/members                           900        900
  GET /2/spaces                                      300        300
  GET /2/spaces/:id                                  300        300
  GET /2/spaces/search                               300        300
  GET /2/usage/tweets                                50         -
  POST /2/compliance/jobs                            150        -
  GET /2/compliance/jobs                             150        -
  GET /2/compliance/jobs/:id                         150        -
  DELETE /2/connections/all                          25         25
  GET /2/trends/by/woeid/:woeid                      75         -
  POST /2/tweets                                     10000/24h  100
  DELETE /2/tweets/:id                               -          50
`),
};

/** As recorded in 2021 and 2022, with academic access. */
export const LIMITS_2022: LimitTable = {
  ...LIMITS_2026,
  ...table(`
  GET /2/tweets                                      300        900
  GET /2/tweets/:id                                  300        900
  GET /2/tweets/search/recent                        450        180
  GET /2/users/:id/tweets                            1500       900
  GET /2/users/:id/mentions                          450        180
  GET /2/users/:id/followers                         15         15
  GET /2/users/:id/following                         15         15
`),
};

/** Pro, by the platform's table of 2025 (Pro, Basic, Free in columns), of which copies are kept in public. */
export const LIMITS_PRO: LimitTable = {
  ...LIMITS_2026,
  ...table(`
  GET /2/tweets                                      450        900
  GET /2/tweets/search/all                           1/s        1/s
  GET /2/users/:id/tweets                            1500       900
`),
};

/** Basic, by the same table: its narrow windows, and days for user look-ups. */
export const LIMITS_BASIC: LimitTable = {
  ...LIMITS_2026,
  ...table(`
  GET /2/tweets                                      15         15
  GET /2/tweets/:id                                  15         15
  GET /2/tweets/:id/liking_users                     25         5
  GET /2/tweets/:id/retweeted_by                     5          5
  GET /2/tweets/:id/quote_tweets                     5          5
  GET /2/tweets/search/recent                        60         60
  GET /2/tweets/counts/recent                        5          -
  GET /2/users                                       500/24h    100/24h
  GET /2/users/:id                                   500/24h    100/24h
  GET /2/users/by                                    500/24h    100/24h
  GET /2/users/by/username/:username                 500/24h    100/24h
  GET /2/users/me                                    -          250/24h
  GET /2/users/:id/tweets                            10         5
  GET /2/users/:id/mentions                          15         10
  GET /2/users/:id/timelines/reverse_chronological   -          5
  GET /2/users/:id/liked_tweets                      5          5
  GET /2/users/:id/blocking                          -          5
  GET /2/users/:id/muting                            -          100/24h
  GET /2/users/:id/bookmarks                         -          10
  GET /2/users/:id/list_memberships                  25         5
  GET /2/users/:id/owned_lists                       500/24h    100/24h
  GET /2/users/:id/pinned_lists                      500/24h    100/24h
  GET /2/lists/:id                                   5          5
  GET /2/lists/:id/tweets                            25         5
  GET /2/lists/:id/members                           25         5
  GET /2/spaces                                      25         5
  GET /2/spaces/:id                                  25         5
  GET /2/spaces/search                               25         5
  GET /2/trends/by/woeid/:woeid                      15         -
  POST /2/compliance/jobs                            15         -
  GET /2/compliance/jobs                             5          -
  GET /2/compliance/jobs/:id                         5          -
`),
};

/** v1.1 of its first years (2012 to 2016). */
export const LIMITS_2013: LimitTable = {
  ...v1,
  ...table(`
  /account/verify_credentials           -     15
  /favorites/list                       15    15
  /lists/members                        15    180
  /lists/memberships                    15    15
  /lists/show                           15    15
  /lists/statuses                       180   180
  /search/tweets                        450   180
  /statuses/lookup                      60    180
  /statuses/mentions_timeline           -     15
  /statuses/retweeters/ids              60    15
  /statuses/retweets/:id                60    15
  /statuses/retweets_of_me              -     15
  /statuses/show/:id                    180   180
  /statuses/user_timeline               300   180
  /trends/available                     15    15
  /trends/closest                       15    15
  /trends/place                         15    15
  /users/lookup                         60    180
  /users/search                         -     180
  /users/show/:id                       180   180
`),
};

/**
 * Name of the row that holds for an endpoint. `/1.1/statuses/show.json?id=` and
 * `/1.1/statuses/show/:id.json` are the same resource.
 * @param pattern a route's path pattern
 */
export function limitKey(method: string, pattern: string): string {
  const path = pattern.replaceAll(/:[^/]+/g, ':').replace(/\.json$/, '');
  if (!path.startsWith('/1.1/')) return `${method} ${path}`;
  return `* ${/^\/1\.1\/(statuses\/(show|retweets)|users\/show)$/.test(path) ? `${path}/:` : path}`;
}

/** The table with its names as `limitKey` gives them. */
export function byLimitKey(limits: LimitTable): ReadonlyMap<string, LimitRow> {
  const entries = Object.entries(limits);
  return new Map(
    entries.map(([name, row]) => {
      const [method = '', path = ''] = name.split(' ');
      return [limitKey(method, path), row];
    }),
  );
}

/** Rows of `[METHOD] path app user`; without a method it is a path of v1.1. `-`: none; `,` between several. */
function table(text: string): LimitTable {
  const rows = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ +/));
  return Object.fromEntries(
    rows.map((cells) => {
      const [app = '-', user = '-'] = cells.slice(-2).map((cell) => cell.replaceAll(',', ' '));
      const name = cells.length === 4 ? `${cells[0]} ${cells[1]}` : `* /1.1${cells[0]}`;
      return [name, { ...(app !== '-' && { app }), ...(user !== '-' && { user }) }];
    }),
  );
}
