/** What there is of an account's posts, by the search's index: seconds behind the loader, and quick however many posts others wrote. */
import { type AccountId, parseAccountId } from '../../core/ids.ts';
import type { Account } from '../../core/post.ts';
import { accountOf, accountV11, accountV2 } from '../../platforms/x/decode.ts';
import type { Queryable } from '../db.ts';
import { idAt } from '../search/post-summaries.ts';
import { markToken, quoteToken } from '../search/search-tokens.ts';
import type { FollowedAccount } from './followed-account.ts';

type Key = Pick<FollowedAccount, 'platform' | 'accountId'>;

/** `byDay`: by the UTC day they were posted, days without any left out. */
export type AccountPosts = { posts: number; collections: string[]; byDay: { day: string; posts: number }[] };

/** All that is stored; by day from `since` on. */
export async function postsOfAccount(
  db: Queryable,
  { platform, accountId }: Key,
  since: string,
): Promise<AccountPosts> {
  const [row] = await db.query<{ posts: string; collections: string[] | null; by_day: AccountPosts['byDay'] | null }>(
    `with found as materialized (select at, collection_ids from post_search where tokens @@ $1::tsquery and platform = $2)
      select (select count(*) from found) as posts,
        (select array_agg(name order by name) from collections
          where collection_id in (select unnest(collection_ids) from found)) as collections,
        (select json_agg(json_build_object('day', day, 'posts', posts) order by day) from (
          select to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day, count(*) as posts from found where at >= $3 group by 1) days) as by_day`,
    [markOf(accountId), platform, since],
  );
  return { posts: Number(row?.posts ?? 0), collections: row?.collections ?? [], byDay: row?.by_day ?? [] };
}

/** What the platform said at an instant (ISO 8601 with Z); null: not said. */
export type AccountCounts = {
  at: string;
  followers: number | null;
  following: number | null;
  posts: number | null;
  listed: number | null;
};

export type AccountFigures = { createdAt: string | null; counts: AccountCounts[] };

/**
 * What was said of the account's counts, oldest first: with each profile that was kept, and from `since` on with the newest post of each day. Counts came
 * with a post when it was captured, so posts that were captured on one day say it once.
 */
export async function figuresOfAccount(
  db: Queryable,
  key: Key,
  { profiles, since }: { profiles: readonly { observedAt: string; profile: Record<string, unknown> }[]; since: string },
): Promise<AccountFigures> {
  const id = parseAccountId(key.accountId);
  if (id === undefined) return { createdAt: null, counts: [] };
  const said = [
    ...profiles.map(({ observedAt, profile }) => ({ at: observedAt, account: accountOfProfile(id, profile) })),
    ...(await saidWithPosts(db, key, since)),
  ].toSorted((a, b) => (a.at < b.at ? -1 : 1));
  return {
    createdAt: said.findLast(({ account }) => account.createdAt !== undefined)?.account.createdAt ?? null,
    counts: said.flatMap(({ at, account: { followers = null, following = null, posts = null, listed = null } }) =>
      followers === null && following === null && posts === null ? [] : [{ at, followers, following, posts, listed }],
    ),
  };
}

function accountOfProfile(id: AccountId, profile: Record<string, unknown>): Account {
  return profile.screen_name === undefined ? accountV2(id, profile) : accountV11(id, profile);
}

async function saidWithPosts(
  db: Queryable,
  { platform, accountId }: Key,
  since: string,
): Promise<{ at: string; account: Account }[]> {
  const newest = await db.query<{ post_id: string }>(
    `select distinct on (date_trunc('day', at at time zone 'UTC')) post_id from post_search
      where tokens @@ $1::tsquery and platform = $2 and at >= $3
      order by date_trunc('day', at at time zone 'UTC'), at desc, post_id desc`,
    [markOf(accountId), platform, since],
  );
  const rows = await db.query<{ at: string; payload: string }>(
    `select p.captured_at as at, p.payload::text as payload
      from unnest($1::text[], $2::timestamptz[]) as k (post_id, id_at)
        join posts p on p.platform = $3 and p.post_id = k.post_id and p.id_at = k.id_at order by p.captured_at`,
    [newest.map((row) => row.post_id), newest.map((row) => idAt(row.post_id)), platform],
  );
  const byDay = new Map(
    rows.flatMap(({ at, payload }) => {
      const account = accountOf(JSON.parse(payload) as Record<string, unknown>);
      return account === undefined ? [] : [[at.slice(0, 10), { at, account }] as const];
    }),
  );
  return [...byDay.values()];
}

function markOf(accountId: string): string {
  return quoteToken(markToken('account', accountId));
}
