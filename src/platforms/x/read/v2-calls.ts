/** Requests of v2 that read, each with all fields and expansions. Source: v2 reference, specification 2.166; checked 2026-11-22. */
import type { BilledResource } from '../../permit-source.ts';
import type { RawAnswer, ReadCall } from '../../read-adapter.ts';
import { type ChosenFields, type Dialect, type FieldSet, fieldParameters } from './dialect.ts';
import { type AccessLevel, type EndpointName, endpointLimit } from './endpoint-limits.ts';
import { type Handout, readV2 } from './v2-page.ts';

export type V2Setup = { apiUrl: string; level: AccessLevel; dialect: Dialect; chosen?: ChosenFields | undefined };

/** Instants in ISO 8601 with Z; ids exclusive on both sides. Blank ones are left out. */
export type TimeWindow = {
  startTime?: string | undefined;
  endTime?: string | undefined;
  sinceId?: string | undefined;
  untilId?: string | undefined;
};

/** How many of what a page holds: the least and the most that X takes. */
export const PAGE_SIZES = {
  lookup: { least: 1, most: 100 },
  timeline: { least: 5, most: 100 },
  recent: { least: 10, most: 100 },
  /** 100 where context annotations are asked for. */
  archive: { least: 10, most: 500 },
  follows: { least: 1, most: 1000 },
  quotes: { least: 10, most: 100 },
  reposters: { least: 1, most: 100 },
} as const;

/** GET /2/tweets: 1 to 100 ids. */
export function postsByIds(setup: V2Setup, ids: readonly string[], without: readonly string[] = []): ReadCall {
  const query = { ids: ids.join(',') };
  return v2Call(setup, { endpoint: '/2/tweets', atMost: ids.length, handout: 'posts', without, query });
}

/** GET /2/users: 1 to 100 ids. */
export function accountsByIds(setup: V2Setup, ids: readonly string[]): ReadCall {
  return v2Call(setup, {
    endpoint: '/2/users',
    atMost: ids.length,
    handout: 'accounts',
    query: { ids: ids.join(',') },
  });
}

/** GET /2/users/by: 1 to 100 handles, in any case, without `@`. */
export function accountsByHandles(setup: V2Setup, handles: readonly string[]): ReadCall {
  const query = { usernames: handles.join(',') };
  return v2Call(setup, { endpoint: '/2/users/by', atMost: handles.length, handout: 'accounts', query });
}

export type TimelineWish = TimeWindow & {
  accountId: string;
  /** Among replies and reposts; X shows only the newest 800 when replies are left out. */
  exclude?: readonly ('replies' | 'retweets')[];
  perPage?: number;
  token?: string | undefined;
  /** Fields of posts not to ask for. */
  without?: readonly string[];
};

/** GET /2/users/:id/tweets: the newest 3,200 at most. */
export function timeline(setup: V2Setup, wish: TimelineWish): ReadCall {
  const perPage = wish.perPage ?? PAGE_SIZES.timeline.most;
  return v2Call(setup, {
    ...{ endpoint: '/2/users/:id/tweets', id: wish.accountId, subject: 'account', atMost: perPage, handout: 'posts' },
    without: wish.without ?? [],
    query: { ...page(perPage, wish.token), ...windowQuery(wish), exclude: wish.exclude?.join(',') },
  });
}

export type SearchWish = TimeWindow & {
  query: string;
  archive: boolean;
  sortOrder?: 'recency' | 'relevancy' | undefined;
  perPage?: number;
  token?: string | undefined;
  /** Fields of posts not to ask for, such as `context_annotations`, with which pages of the archive hold 100 at most. */
  without?: readonly string[];
};

/** GET /2/tweets/search/recent (seven days) or /all (everything; apps only, one call a second). */
export function search(setup: V2Setup, wish: SearchWish): ReadCall {
  const perPage = wish.perPage ?? 100;
  return v2Call(setup, {
    ...{
      endpoint: wish.archive ? '/2/tweets/search/all' : '/2/tweets/search/recent',
      atMost: perPage,
      handout: 'posts',
    },
    ...(wish.archive ? { as: 'app' } : {}),
    without: wish.without ?? [],
    query: {
      query: wish.query,
      ...{ max_results: String(perPage), next_token: wish.token, sort_order: wish.sortOrder },
      ...windowQuery(wish),
    },
  });
}

export type CountsWish = TimeWindow & {
  query: string;
  archive: boolean;
  granularity?: 'minute' | 'hour' | 'day' | undefined;
  token?: string | undefined;
};

/** GET /2/tweets/counts/recent or /all: apps only; billed by the call. */
export function counts(setup: V2Setup, wish: CountsWish): ReadCall {
  return v2Call(setup, {
    ...{ endpoint: wish.archive ? '/2/tweets/counts/all' : '/2/tweets/counts/recent', atMost: 1, handout: 'counts' },
    as: 'app',
    query: {
      query: wish.query,
      granularity: wish.granularity,
      next_token: wish.token,
      ...windowQuery(wish),
    },
  });
}

export type FollowsWish = {
  accountId: string;
  direction: 'followers' | 'following';
  perPage?: number;
  token?: string | undefined;
  /** Ids, names and handles alone, not all fields. */
  lean?: boolean;
};

/** GET /2/users/:id/followers or /following: newest follow first. */
export function follows(setup: V2Setup, wish: FollowsWish): ReadCall {
  const perPage = wish.perPage ?? PAGE_SIZES.follows.most;
  return v2Call(setup, {
    ...{ endpoint: `/2/users/:id/${wish.direction}`, id: wish.accountId, subject: 'account', atMost: perPage },
    ...{ handout: 'accounts', fields: wish.lean === true ? 'account-ids' : 'accounts' },
    query: page(perPage, wish.token),
  });
}

export type AnswersWish = { postId: string; perPage?: number; token?: string | undefined };

/** GET /2/tweets/:id/quote_tweets, newest first. */
export function quotes(setup: V2Setup, { postId, perPage = PAGE_SIZES.quotes.most, token }: AnswersWish): ReadCall {
  return v2Call(setup, {
    ...{ endpoint: '/2/tweets/:id/quote_tweets', id: postId, subject: 'post', atMost: perPage, handout: 'posts' },
    query: page(perPage, token),
  });
}

/** GET /2/tweets/:id/retweeted_by: accounts, newest repost first. */
export function reposters(
  setup: V2Setup,
  { postId, perPage = PAGE_SIZES.reposters.most, token }: AnswersWish,
): ReadCall {
  return v2Call(setup, {
    ...{ endpoint: '/2/tweets/:id/retweeted_by', id: postId, subject: 'post', atMost: perPage, handout: 'accounts' },
    query: page(perPage, token),
  });
}

type EndpointPath = Extract<EndpointName, `GET /2/${string}`> extends `GET ${infer Path}` ? Path : never;

type V2Plan = {
  endpoint: EndpointPath;
  /** Put in the place of `:id`. */
  id?: string;
  subject?: 'account' | 'post';
  atMost: number;
  handout: Handout;
  as?: 'app';
  /** Default: those of what is handed out. */
  fields?: FieldSet;
  without?: readonly string[];
  query: Record<string, string | undefined>;
};

function v2Call({ apiUrl, level, dialect, chosen }: V2Setup, plan: V2Plan): ReadCall {
  const { endpoint, id, subject, handout, atMost, query, without } = plan;
  const url = new URL(endpoint.replace(':id', encodeURIComponent(id ?? '')), apiUrl);
  const fields = plan.fields ?? (handout === 'counts' ? 'none' : handout);
  for (const [name, value] of Object.entries({ ...query, ...fieldParameters(fields, dialect, { without, chosen }) }))
    if (value !== undefined && value !== '') url.searchParams.set(name, value);
  const reading = {
    endpoint,
    handout,
    ...(subject === undefined || id === undefined ? {} : { subject: { kind: subject, id } }),
  };
  return {
    ...{ platform: 'x', endpoint, method: 'GET', url },
    limit: endpointLimit(`GET ${endpoint}`, level),
    reserve: { resource: BILLED[handout], atMost },
    ...(plan.as === undefined ? {} : { as: plan.as }),
    read: (answer: RawAnswer) => readV2(reading, answer),
  };
}

const BILLED: Record<Handout, BilledResource> = { posts: 'post', accounts: 'account', counts: 'call' };

function page(perPage: number, token: string | undefined): Record<string, string | undefined> {
  return { max_results: String(perPage), pagination_token: token };
}

function windowQuery({ startTime, endTime, sinceId, untilId }: TimeWindow): Record<string, string | undefined> {
  return { start_time: startTime, end_time: endTime, since_id: sinceId, until_id: untilId };
}
