/** Requests of v1.1 that read, with whole texts (`tweet_mode=extended`). Source: v1.1 reference; checked 2026-11-22. */
import type { ReadCall } from '../../read-adapter.ts';
import { type AccessLevel, type EndpointName, endpointLimit } from './endpoint-limits.ts';
import { type LegacyReading, readLegacy } from './v1-page.ts';

export type LegacySetup = { apiUrl: string; level: AccessLevel };

/** An account by its id, or by its handle where the id is not known. */
export type AccountName = { id: string } | { handle: string };

const WHOLE_TEXTS = { tweet_mode: 'extended', include_ext_alt_text: 'true' };

/** POST statuses/lookup: 1 to 100 ids; with `map`, so that what is missing is null instead of left out. */
export function legacyPostsByIds(setup: LegacySetup, ids: readonly string[]): ReadCall {
  const query = { id: ids.join(','), map: 'true', ...WHOLE_TEXTS };
  return legacyCall(setup, {
    name: 'POST /1.1/statuses/lookup',
    query,
    reading: { shape: 'status-map', asked: { ids } },
  });
}

/** POST users/lookup: ids or handles, 100 together. */
export function legacyAccounts(
  setup: LegacySetup,
  asked: { ids?: readonly string[]; handles?: readonly string[] },
): ReadCall {
  const query = { user_id: asked.ids?.join(','), screen_name: asked.handles?.join(','), tweet_mode: 'extended' };
  return legacyCall(setup, { name: 'POST /1.1/users/lookup', query, reading: { shape: 'users', asked } });
}

export type LegacyTimelineWish = {
  account: AccountName;
  /** Exclusive. */
  sinceId?: string | undefined;
  /** Inclusive. */
  maxId?: string | undefined;
  /** 1 to 200; counted before X leaves out what cannot be shown, so that pages may be short. */
  perPage?: number;
};

/** GET statuses/user_timeline: the newest 3,200 at most, reposts and replies included. */
export function legacyTimeline(
  setup: LegacySetup,
  { account, sinceId, maxId, perPage = 200 }: LegacyTimelineWish,
): ReadCall {
  return legacyCall(setup, {
    name: 'GET /1.1/statuses/user_timeline',
    query: {
      ...naming(account),
      count: String(perPage),
      include_rts: 'true',
      since_id: sinceId,
      max_id: maxId,
      ...WHOLE_TEXTS,
    },
    reading: { shape: 'statuses', subject: account },
  });
}

export type LegacyFollowsWish = {
  account: AccountName;
  direction: 'followers' | 'friends';
  /** Ids come 5,000 a page, users 200. */
  of: 'ids' | 'list';
  perPage?: number;
  cursor?: string | undefined;
};

/** GET followers/ids, friends/ids, followers/list, friends/list. */
export function legacyFollows(
  setup: LegacySetup,
  { account, direction, of, perPage, cursor = '-1' }: LegacyFollowsWish,
): ReadCall {
  const count = String(perPage ?? (of === 'ids' ? 5000 : 200));
  const more = of === 'ids' ? { stringify_ids: 'true' } : { tweet_mode: 'extended' };
  return legacyCall(setup, {
    name: `GET /1.1/${direction}/${of}`,
    query: { ...naming(account), count, cursor, ...more },
    reading: { shape: of === 'ids' ? 'id-cursor' : 'user-cursor', subject: account },
  });
}

export type LegacySearchWish = {
  query: string;
  sinceId?: string | undefined;
  maxId?: string | undefined;
  perPage?: number;
};

/** GET search/tweets: the last seven days, newest first, 100 a page. */
export function legacySearch(setup: LegacySetup, { query, sinceId, maxId, perPage = 100 }: LegacySearchWish): ReadCall {
  return legacyCall(setup, {
    name: 'GET /1.1/search/tweets',
    query: {
      q: query,
      count: String(perPage),
      result_type: 'recent',
      since_id: sinceId,
      max_id: maxId,
      ...WHOLE_TEXTS,
    },
    reading: { shape: 'search' },
  });
}

type LegacyPlan = {
  name: Extract<EndpointName, `${string} /1.1/${string}`>;
  query: Record<string, string | undefined>;
  reading: Omit<LegacyReading, 'endpoint'>;
};

function legacyCall({ apiUrl, level }: LegacySetup, { name, query, reading }: LegacyPlan): ReadCall {
  const [method = 'GET', path = ''] = name.split(' ');
  const endpoint = `${path}.json`;
  const url = new URL(endpoint, apiUrl);
  const isForm = method === 'POST';
  const parameters = isForm ? new URLSearchParams() : url.searchParams;
  for (const [key, value] of Object.entries(query)) if (value !== undefined && value !== '') parameters.set(key, value);
  return {
    ...{ platform: 'x', endpoint, method: isForm ? 'POST' : 'GET', url },
    ...(isForm ? { form: parameters } : {}),
    limit: endpointLimit(name, level),
    reserve: { resource: 'post', atMost: 0 },
    read: (answer) => readLegacy({ ...reading, endpoint }, answer),
  };
}

function naming(account: AccountName): Record<string, string> {
  return 'id' in account ? { user_id: account.id } : { screen_name: account.handle };
}
