/** Followed accounts by uid, by name, by former name, and as lists. */
import { MistnetError } from '../../core/errors.ts';
import type { Queryable } from '../db.ts';
import { closestNames } from '../queries/closest-names.ts';
import {
  type AccountState,
  FOLLOWED_COLUMNS,
  type FollowedAccount,
  type FollowedRow,
  toFollowed,
} from './followed-account.ts';

/**
 * The account that a person means by a uid (digits), a name (with or without @) or a former name. The name that an account bears now goes before
 * former ones: names are taken over; one that is there goes before one that is gone, which still has the name it went with. Throws `account.unknown`, also when former names of several accounts fit.
 */
export async function findFollowed(db: Queryable, meant: string): Promise<FollowedAccount> {
  const text = meant.trim();
  const handle = text.replace(/^@/, '').toLowerCase();
  const current = await db.query<FollowedRow>(
    `select ${FOLLOWED_COLUMNS} from followed_accounts where account_id = $1 or lower(handle) = $2
      order by account_id = $1 desc, state in ('public', 'protected') desc, checked_at desc`,
    [text, handle],
  );
  if (current[0] !== undefined) return toFollowed(current[0]);
  const former = await db.query<FollowedRow>(
    `select ${FOLLOWED_COLUMNS} from followed_accounts f where exists (select from account_names n
        where (n.platform, n.account_id) = (f.platform, f.account_id) and lower(n.handle) = $1)`,
    [handle],
  );
  if (former.length === 1 && former[0] !== undefined) return toFollowed(former[0]);
  if (former.length > 1)
    throw new MistnetError(
      'account.unknown',
      `Several accounts bore the name "${meant}": ${former.map(({ account_id, handle: now }) => `${account_id} (@${now})`).join(', ')}. Give the uid.`,
    );
  const handles = await db.query<{ handle: string }>('select handle from followed_accounts');
  const near = closestNames(
    handle,
    handles.map((row) => row.handle),
  );
  const hint =
    near.length > 0
      ? `Did you mean ${near.map((name) => `@${name}`).join(' or ')}?`
      : 'mistnet account add follows it.';
  throw new MistnetError('account.unknown', `No account "${meant}" is followed. ${hint}`);
}

export type FollowedFilter = { set?: string; state?: AccountState; active?: boolean; search?: string };

/** Followed accounts by name, without regard to case. `search`: a part of the name, of a former one, or the uid. Throws `account.unknown` for a set that is none. */
export async function listFollowed(db: Queryable, filter: FollowedFilter = {}): Promise<FollowedAccount[]> {
  const { set, state, active, search } = filter;
  const setId = set === undefined ? null : await findSet(db, set);
  const rows = await db.query<FollowedRow>(
    `select ${FOLLOWED_COLUMNS} from followed_accounts f
      where ($1::integer is null or exists (select from account_set_members m
          where m.set_id = $1 and (m.platform, m.account_id) = (f.platform, f.account_id)))
        and ($2::text is null or state = $2) and ($3::boolean is null or active = $3)
        and ($4::text is null or account_id = $4 or exists (select from account_names n
          where (n.platform, n.account_id) = (f.platform, f.account_id) and strpos(lower(n.handle), lower($4)) > 0))
      order by lower(handle), account_id`,
    [setId, state ?? null, active ?? null, search?.replace(/^@/, '') ?? null],
  );
  return rows.map(toFollowed);
}

export type AccountHistory = {
  names: { notedAt: string; handle: string }[];
  states: { since: string; state: AccountState; endpoint: string; evidence: string }[];
  profiles: { observedAt: string; profile: Record<string, unknown> }[];
  sets: string[];
};

/** All that was noted of an account, oldest first. */
export async function historyOf(
  db: Queryable,
  { platform, accountId }: Pick<FollowedAccount, 'platform' | 'accountId'>,
): Promise<AccountHistory> {
  const key = [platform, accountId];
  const names = await db.query<{ noted_at: string; handle: string }>(
    'select noted_at, handle from account_names where platform = $1 and account_id = $2 order by noted_at',
    key,
  );
  const states = await db.query<AccountHistory['states'][number]>(
    'select since, state, endpoint, evidence from account_states where platform = $1 and account_id = $2 order by since',
    key,
  );
  const profiles = await db.query<{ observed_at: string; profile: Record<string, unknown> }>(
    'select observed_at, profile from account_profiles where platform = $1 and account_id = $2 order by observed_at',
    key,
  );
  const sets = await db.query<{ name: string }>(
    'select name from account_sets join account_set_members using (set_id) where platform = $1 and account_id = $2 order by name',
    key,
  );
  return {
    names: names.map(({ noted_at, handle }) => ({ notedAt: noted_at, handle })),
    states,
    profiles: profiles.map(({ observed_at, profile }) => ({ observedAt: observed_at, profile })),
    sets: sets.map(({ name }) => name),
  };
}

/** The id of a set by its name, without regard to case. Throws `account.unknown`. */
export async function findSet(db: Queryable, name: string): Promise<number> {
  const [row] = await db.query<{ set_id: number }>('select set_id from account_sets where lower(name) = lower($1)', [
    name.trim(),
  ]);
  if (row !== undefined) return row.set_id;
  const names = (await db.query<{ name: string }>('select name from account_sets order by name')).map(
    (set) => set.name,
  );
  const hint = names.length === 0 ? 'There is none yet.' : `There are: ${names.slice(0, 10).join(', ')}.`;
  throw new MistnetError('account.unknown', `No set of accounts is called "${name}". ${hint}`);
}

/** All sets by name, with how many accounts are in each. */
export async function listSets(db: Queryable): Promise<{ name: string; accounts: number }[]> {
  const rows = await db.query<{ name: string; accounts: string }>(
    `select name, count(account_id) as accounts from account_sets left join account_set_members using (set_id)
      group by set_id order by lower(name)`,
  );
  return rows.map(({ name, accounts }) => ({ name, accounts: Number(accounts) }));
}
