/** All questions that can be put to X, in either API: single look-ups, and lists that are walked through page by page. */
import { compareIds } from '../../../core/ids.ts';
import type { PageContent, PagedQuestion, Position, ReadCall, ReadQuestion } from '../../read-adapter.ts';
import { type ChosenFields, type Dialect, FIRST_DIALECT, learnDialect } from './dialect.ts';
import type { AccessLevel } from './endpoint-limits.ts';
import { idBefore, lastIdBefore } from './id-arithmetic.ts';
import {
  type AccountName,
  legacyAccounts,
  legacyFollows,
  legacyPostsByIds,
  legacySearch,
  legacyTimeline,
} from './v1-calls.ts';
import {
  accountsByHandles,
  accountsByIds,
  counts,
  type CountsWish,
  follows,
  type FollowsWish,
  PAGE_SIZES,
  postsByIds,
  quotes,
  reposters,
  search,
  type SearchWish,
  timeline,
  type TimelineWish,
  type TimeWindow,
  type V2Setup,
} from './v2-calls.ts';

/** How many ids or handles a look-up takes at most. */
export const LOOKUP_SIZE = 100;
/** How many of an account's newest posts X shows at most, counted before anything is left out. */
export const TIMELINE_HORIZON = 3200;

/** `fields`: to ask for instead of all that may be seen. `without`: fields of posts to leave out of looked up ones. */
export type XReadsOptions = {
  apiUrl: string;
  level?: AccessLevel;
  fields?: ChosenFields | undefined;
  without?: readonly string[];
};

export type XReads = {
  /** 1 to 100 ids. */
  posts(ids: readonly string[]): ReadQuestion;
  accountsById(ids: readonly string[]): ReadQuestion;
  /** Handles without `@`, in any case; at most 15 letters, digits and underscores each, or v2 refuses all of them. */
  accountsByHandle(handles: readonly string[]): ReadQuestion;
  timeline(wish: Omit<TimelineWish, 'token'>): PagedQuestion;
  search(wish: Omit<SearchWish, 'token'>): PagedQuestion;
  /** A page holds up to 31 days of buckets, `recent` all seven days. */
  counts(wish: Omit<CountsWish, 'token'>): PagedQuestion;
  follows(wish: Omit<FollowsWish, 'token'>): PagedQuestion;
  /** Accounts that reposted a post, and posts that quote it. */
  reposters(postId: string): PagedQuestion;
  quotes(postId: string): PagedQuestion;
};

/** v2. What X turns out not to understand of the fields asked for is left out from then on by all questions of this object. */
export function createXReads({ apiUrl, level = 'pay-per-use', fields, without = [] }: XReadsOptions): XReads {
  let dialect: Dialect = FIRST_DIALECT;
  const question = (build: (setup: V2Setup) => ReadCall): ReadQuestion => ({
    call: () => build({ apiUrl, level, dialect, chosen: fields }),
    learn: (refusal) => {
      const learnt = learnDialect(dialect, refusal);
      dialect = learnt ?? dialect;
      return learnt !== undefined;
    },
  });
  /** A list of posts in the order of ids, which can be walked on from below any post when a token is lost. */
  const postList = (
    wish: TimeWindow & { perPage?: number },
    { least, most }: { least: number; most: number },
    build: (setup: V2Setup, page: TimeWindow & { token?: string | undefined; perPage: number }) => ReadCall,
    canBeginAnew = true,
  ): PagedQuestion => ({
    at: (position, wanted) => {
      const perPage = sizeOf(wish.perPage ?? most, wanted, { least, most });
      return question((setup) =>
        build(setup, { ...wish, ...windowAt(wish, position), token: position.token, perPage }),
      );
    },
    after: (position, page) => (page.next === undefined ? undefined : { ...seen(position, page), token: page.next }),
    anew: ({ oldestId, newestId }) =>
      canBeginAnew && oldestId !== undefined
        ? { oldestId, ...(newestId === undefined ? {} : { newestId }) }
        : undefined,
  });
  /** A list without an order that could be entered in the middle. */
  const tokenList = (
    { least, most }: { least: number; most: number },
    build: (setup: V2Setup, page: { token?: string | undefined; perPage: number }) => ReadCall,
    perPage = most,
  ): PagedQuestion => ({
    at: ({ token }, wanted) =>
      question((setup) => build(setup, { token, perPage: sizeOf(perPage, wanted, { least, most }) })),
    after: (_, page) => (page.next === undefined ? undefined : { token: page.next }),
    anew: () => undefined,
  });
  return {
    posts: (ids) => question((setup) => postsByIds(setup, ids, without)),
    accountsById: (ids) => question((setup) => accountsByIds(setup, ids)),
    accountsByHandle: (handles) => question((setup) => accountsByHandles(setup, handles)),
    timeline: (wish) => postList(wish, PAGE_SIZES.timeline, (setup, page) => timeline(setup, { ...wish, ...page })),
    search: (wish) => {
      const sizes = wish.archive ? PAGE_SIZES.archive : PAGE_SIZES.recent;
      return postList(
        { perPage: 100, ...wish },
        sizes,
        (setup, page) => search(setup, { ...wish, ...page }),
        wish.sortOrder !== 'relevancy',
      );
    },
    counts: (wish) => tokenList({ least: 1, most: 1 }, (setup, { token }) => counts(setup, { ...wish, token })),
    follows: (wish) =>
      tokenList(PAGE_SIZES.follows, (setup, page) => follows(setup, { ...wish, ...page }), wish.perPage),
    reposters: (postId) => tokenList(PAGE_SIZES.reposters, (setup, page) => reposters(setup, { postId, ...page })),
    quotes: (postId) => tokenList(PAGE_SIZES.quotes, (setup, page) => quotes(setup, { postId, ...page })),
  };
}

export type LegacyXReads = {
  posts(ids: readonly string[]): ReadQuestion;
  /** 100 together. */
  accounts(asked: { ids?: readonly string[]; handles?: readonly string[] }): ReadQuestion;
  timeline(wish: {
    account: AccountName;
    sinceId?: string | undefined;
    untilId?: string | undefined;
    perPage?: number;
  }): PagedQuestion;
  search(wish: {
    query: string;
    sinceId?: string | undefined;
    untilId?: string | undefined;
    perPage?: number;
  }): PagedQuestion;
  follows(wish: {
    account: AccountName;
    direction: 'followers' | 'friends';
    of: 'ids' | 'list';
    perPage?: number;
  }): PagedQuestion;
};

/** v1.1. Lists of posts have no tokens: the next page is what lies below the oldest post, and only an empty page is the end. */
export function createLegacyXReads({ apiUrl, level = 'enterprise' }: XReadsOptions): LegacyXReads {
  const setup = { apiUrl, level };
  const postList = (
    { untilId, perPage }: { untilId?: string | undefined; perPage?: number },
    most: number,
    build: (page: { maxId?: string | undefined; perPage: number }) => ReadCall,
  ): PagedQuestion => ({
    at: ({ token }, wanted) => {
      const maxId = token ?? (untilId === undefined ? undefined : idBefore(untilId));
      return { call: () => build({ maxId, perPage: sizeOf(perPage ?? most, wanted, { least: 1, most }) }) };
    },
    after: (position, page) => {
      const so = seen(position, page);
      return page.posts.length === 0 || so.oldestId === undefined ? undefined : { ...so, token: idBefore(so.oldestId) };
    },
    anew: () => undefined,
  });
  return {
    posts: (ids) => ({ call: () => legacyPostsByIds(setup, ids) }),
    accounts: (asked) => ({ call: () => legacyAccounts(setup, asked) }),
    timeline: (wish) => postList(wish, 200, (page) => legacyTimeline(setup, { ...wish, ...page })),
    search: (wish) => postList(wish, 100, (page) => legacySearch(setup, { ...wish, ...page })),
    follows: (wish) => {
      const most = wish.of === 'ids' ? 5000 : 200;
      return {
        at: ({ token: cursor }, wanted) => {
          const perPage = sizeOf(wish.perPage ?? most, wanted, { least: 1, most });
          return { call: () => legacyFollows(setup, { ...wish, cursor, perPage }) };
        },
        after: (_, page) => (page.next === undefined ? undefined : { token: page.next }),
        anew: () => undefined,
      };
    },
  };
}

/** A page no larger than what is still wanted, within what X takes. */
function sizeOf(perPage: number, wanted: number | undefined, { least, most }: { least: number; most: number }): number {
  return Math.min(most, Math.max(least, Math.min(perPage, wanted ?? most)));
}

/** Oldest and newest post so far. */
function seen(position: Position, page: PageContent): Pick<Position, 'oldestId' | 'newestId'> {
  let { oldestId, newestId } = position;
  for (const { postId } of page.posts) {
    if (oldestId === undefined || compareIds(postId, oldestId) < 0) oldestId = postId;
    if (newestId === undefined || compareIds(postId, newestId) > 0) newestId = postId;
  }
  return { ...(oldestId === undefined ? {} : { oldestId }), ...(newestId === undefined ? {} : { newestId }) };
}

/**
 * The window for a position. Without a token but with posts seen: below the oldest of them. Ids and times together are refused by X, so
 * that the beginning becomes an id, too, and the end is implied.
 */
function windowAt({ startTime, endTime, sinceId, untilId }: TimeWindow, { token, oldestId }: Position): TimeWindow {
  if (token !== undefined || oldestId === undefined) return { startTime, endTime, sinceId, untilId };
  const since = sinceId ?? (startTime === undefined ? undefined : lastIdBefore(Date.parse(startTime)));
  return { startTime: undefined, endTime: undefined, sinceId: since, untilId: oldestId };
}
