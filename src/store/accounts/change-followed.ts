/** People's changes of what is followed: sets, active or not, no longer at all. */
import type { Clock } from '../../core/time.ts';
import type { Queryable } from '../db.ts';
import type { FollowedAccount } from './followed-account.ts';

type Key = Pick<FollowedAccount, 'platform' | 'accountId'>;

/** The set of this name, made when there is none; names differ without regard to case. */
export async function ensureSet(db: Queryable, clock: Clock, name: string): Promise<{ setId: number; isNew: boolean }> {
  const made = await db.query<{ set_id: number }>(
    'insert into account_sets (name, created_at) values ($1, $2) on conflict (lower(name)) do nothing returning set_id',
    [name.trim(), new Date(clock.now()).toISOString()],
  );
  if (made[0] !== undefined) return { setId: made[0].set_id, isNew: true };
  const [row] = await db.query<{ set_id: number }>('select set_id from account_sets where lower(name) = lower($1)', [
    name.trim(),
  ]);
  return { setId: row?.set_id ?? 0, isNew: false };
}

/** Puts accounts into a set; returns the uids of those that were not in it. */
export async function addToSet(
  db: Queryable,
  clock: Clock,
  setId: number,
  accounts: readonly Key[],
): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ account_id: string }>(
    `insert into account_set_members (set_id, platform, account_id, added_at)
      select $1, platform, account_id, $4 from unnest($2::text[], $3::text[]) as a (platform, account_id) order by platform, account_id
      on conflict do nothing returning account_id`,
    [
      setId,
      accounts.map(({ platform }) => platform),
      accounts.map(({ accountId }) => accountId),
      new Date(clock.now()).toISOString(),
    ],
  );
  return new Set(rows.map(({ account_id }) => account_id));
}

/** False when nothing changed. */
export async function setActive(db: Queryable, { platform, accountId }: Key, active: boolean): Promise<boolean> {
  const rows = await db.query(
    'update followed_accounts set active = $3 where platform = $1 and account_id = $2 and active <> $3 returning account_id',
    [platform, accountId, active],
  );
  return rows.length > 0;
}

export type Holdings = { posts: number; observations: number; collections: string[] };

/** What of an account's posts lies in the database, so that people can be told before they delete. */
export async function holdingsOf(db: Queryable, { platform, accountId }: Key): Promise<Holdings> {
  const [row] = await db.query<{ posts: string; observations: string; collections: string[] | null }>(
    `select count(distinct p.post_id) as posts, count(o.post_id) as observations,
        array_agg(distinct c.name) filter (where c.name is not null) as collections
      from posts p left join observations o using (platform, post_id) left join collections c using (collection_id)
      where p.platform = $1 and p.account_id = $2`,
    [platform, accountId],
  );
  return {
    posts: Number(row?.posts ?? 0),
    observations: Number(row?.observations ?? 0),
    collections: row?.collections ?? [],
  };
}

/**
 * Follows an account no longer: its histories and memberships go, posts that were collected stay with their collections. That it was a seed stays
 * noted, with an end: a collection whose last seed this was must not follow everybody instead.
 */
export async function unfollow(tx: Queryable, clock: Clock, { platform, accountId }: Key): Promise<void> {
  const key = [platform, accountId];
  const at = new Date(clock.now()).toISOString();
  await tx.query(
    'update collection_seeds set removed_at = $3 where platform = $1 and account_id = $2 and removed_at is null',
    [...key, at],
  );
  await tx.query(
    `update timeline_runs set finished_at = $3, outcome = 'interrupted' where platform = $1 and account_id = $2 and finished_at is null`,
    [...key, at],
  );
  await tx.query('delete from timelines where platform = $1 and account_id = $2', key);
  await tx.query('delete from followed_accounts where platform = $1 and account_id = $2', key);
}

/** Active accounts whose next look is due, the longest waiting first. */
export async function dueForCheck(db: Queryable, atMs: number, limit: number): Promise<FollowedAccountKey[]> {
  const rows = await db.query<{ platform: string; account_id: string }>(
    `select platform, account_id from followed_accounts where active and check_after <= $1 order by check_after limit $2`,
    [new Date(atMs).toISOString(), limit],
  );
  return rows.map(({ platform, account_id }) => ({ platform, accountId: account_id }));
}

export type FollowedAccountKey = Key;
