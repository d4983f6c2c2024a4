import type { Caller } from '../credentials/caller.ts';
import { limitKey } from './limit-table.ts';

/** What is charged for: each object of the answer's `data`, or the request. */
export type Charge = 'post' | 'user' | 'follow' | 'like' | 'list' | 'owned' | 'counts-recent' | 'counts-all';

/** Micro-dollars. */
export type Prices = Readonly<Record<Charge, number>>;

/** The price list of 2026: $0.005 a post, $0.010 a user … */
export const PRICES: Prices = {
  post: 5000,
  user: 10_000,
  follow: 10_000,
  like: 1000,
  list: 5000,
  owned: 1000,
  'counts-recent': 5000,
  'counts-all': 10_000,
};

/** Kinds of charge that are made once per request, not per object. */
export const PER_REQUEST: ReadonlySet<Charge> = new Set(['counts-recent', 'counts-all']);

const CHARGES = new Map<string, Charge>(
  Object.entries({
    'GET /2/tweets': 'post',
    'GET /2/tweets/:id': 'post',
    'GET /2/tweets/:id/quote_tweets': 'post',
    'GET /2/tweets/:id/retweets': 'post',
    'GET /2/tweets/:id/retweeted_by': 'user',
    'GET /2/tweets/:id/liking_users': 'user',
    'GET /2/tweets/search/recent': 'post',
    'GET /2/tweets/search/all': 'post',
    'GET /2/tweets/counts/recent': 'counts-recent',
    'GET /2/tweets/counts/all': 'counts-all',
    'GET /2/users': 'user',
    'GET /2/users/:id': 'user',
    'GET /2/users/by': 'user',
    'GET /2/users/by/username/:username': 'user',
    'GET /2/users/by/username/:username/tweets': 'post',
    'GET /2/users/by/username/:username/mentions': 'post',
    'GET /2/users/me': 'user',
    'GET /2/users/search': 'user',
    'GET /2/users/reposts_of_me': 'post',
    'GET /2/users/:id/tweets': 'post',
    'GET /2/users/:id/mentions': 'post',
    'GET /2/users/:id/timelines/reverse_chronological': 'post',
    'GET /2/users/:id/liked_tweets': 'like',
    'GET /2/users/:id/followers': 'follow',
    'GET /2/users/:id/following': 'follow',
    'GET /2/users/:id/bookmarks': 'post',
    'GET /2/users/:id/owned_lists': 'list',
    'GET /2/users/:id/list_memberships': 'list',
    'GET /2/lists/:id': 'list',
    'GET /2/lists/:id/tweets': 'post',
    'GET /2/lists/:id/members': 'user',
  } satisfies Record<string, Charge>).map(([name, charge]) => [keyOf(name), charge]),
);

/** What an endpoint's answers are charged as; undefined: they are free. */
export function chargeOf(method: string, pattern: string): Charge | undefined {
  return CHARGES.get(limitKey(method, pattern));
}

/** A developer who reads the own account's data with an app of the own pays the price of "owned reads". */
export function isOwnedRead(caller: Caller, pattern: string, ownId: string, askedId: string | undefined): boolean {
  if (caller.kind !== 'user1' && caller.kind !== 'user2') return false;
  return caller.account === caller.app.owner && /^\/2\/users\/:[^/]+\//.test(pattern) && askedId === ownId;
}

function keyOf(name: string): string {
  const [method = '', path = ''] = name.split(' ');
  return limitKey(method, path);
}
