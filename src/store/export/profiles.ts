import type { Account } from '../../core/post.ts';
import type { AccountId } from '../../core/ids.ts';
import type { Queryable } from '../db.ts';
import type { AccountKey } from './selection.ts';

type Row = {
  platform: string;
  account_id: string;
  handle: string | null;
  name: string | null;
  created_at: string | null;
  location: string | null;
  description: string | null;
  verified: boolean | null;
  protected: boolean | null;
  followers: string | null;
  following: string | null;
  posts: string | null;
  listed: string | null;
};

/** What is stored of accounts, as last seen, by `platform/id`: for posts whose payload came without its author's profile. */
export async function readProfiles(db: Queryable, keys: AccountKey[]): Promise<Map<string, Account>> {
  const rows = await db.query<Row>(
    `select platform, account_id, handle, name, created_at, location, description, verified, protected, followers, following, posts, listed
      from accounts join unnest($1::text[], $2::text[]) as k (platform, account_id) using (platform, account_id)`,
    [keys.map(({ platform }) => platform), keys.map(({ accountId }) => accountId)],
  );
  return new Map(rows.map((row) => [`${row.platform}/${row.account_id}`, toAccount(row)]));
}

function toAccount({
  account_id,
  created_at,
  platform: _platform,
  followers,
  following,
  posts,
  listed,
  ...row
}: Row): Account {
  const values = {
    accountId: account_id as AccountId,
    ...row,
    createdAt: created_at,
    followers: toCount(followers),
    following: toCount(following),
    posts: toCount(posts),
    listed: toCount(listed),
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as Account;
}

/** Loaded from numbers below 2^53. */
function toCount(text: string | null): number | null {
  return text === null ? null : Number(text);
}
