/** Followed accounts page by page, for people who look for one: by name, former name or uid. */
import type { Queryable } from '../db.ts';
import {
  type AccountState,
  FOLLOWED_COLUMNS,
  type FollowedAccount,
  type FollowedRow,
  toFollowed,
} from './followed-account.ts';

/** `search`: a part of the name or of a former one, or the uid. `after`: the last account of the page before. */
export type FollowedPage = {
  search?: string;
  state?: AccountState;
  active?: boolean;
  set?: string;
  after?: { handle: string; accountId: string };
  limit: number;
  /** Drawn anew each time, in no order; there is no next page of these. */
  atRandom?: boolean;
};

/**
 * `formerNames`: oldest first, without the present one. `lastReadAt`: when one of its timelines was read to the end. `lastPageAt`: when the newest
 * reading that brought a page of it began, to the end or not.
 */
export type FollowedEntry = FollowedAccount & {
  formerNames: string[];
  sets: string[];
  lastReadAt: string | null;
  lastPageAt: string | null;
};

/** By name without regard to case, then uid. A set that is none has no accounts. */
export async function pageFollowed(db: Queryable, page: FollowedPage): Promise<FollowedEntry[]> {
  const { search, state, active, set, after, limit, atRandom = false } = page;
  type Row = FollowedRow & {
    former: string[] | null;
    sets: string[] | null;
    read_at: string | null;
    page_at: string | null;
  };
  const rows = await db.query<Row>(
    `select ${FOLLOWED_COLUMNS},
        (select array_agg(n.handle order by n.noted_at) from account_names n
          where (n.platform, n.account_id) = (f.platform, f.account_id) and n.handle <> f.handle) as former,
        (select array_agg(s.name order by lower(s.name)) from account_set_members m join account_sets s using (set_id)
          where (m.platform, m.account_id) = (f.platform, f.account_id)) as sets,
        (select max(t.swept_at) from timelines t where (t.platform, t.account_id) = (f.platform, f.account_id)) as read_at,
        (select max(r.started_at) from timeline_runs r
          where (r.platform, r.account_id) = (f.platform, f.account_id) and r.pages > 0) as page_at
      from followed_accounts f
      where ($1::text is null or state = $1) and ($2::boolean is null or active = $2)
        and ($3::text is null or exists (select from account_set_members m join account_sets s using (set_id)
          where (m.platform, m.account_id) = (f.platform, f.account_id) and lower(s.name) = lower($3)))
        and ($4::text is null or account_id = $4 or exists (select from account_names n
          where (n.platform, n.account_id) = (f.platform, f.account_id) and strpos(lower(n.handle), lower($4)) > 0))
        and ($5::text is null or (lower(handle), account_id) > (lower($5), $6))
      order by ${atRandom ? 'random()' : 'lower(handle), account_id'} limit $7`,
    [
      ...[state ?? null, active ?? null, set ?? null, search?.trim().replace(/^@/, '') || null],
      ...[after?.handle ?? null, after?.accountId ?? null, limit],
    ],
  );
  return rows.map((row) => ({
    ...toFollowed(row),
    formerNames: row.former ?? [],
    sets: row.sets ?? [],
    lastReadAt: row.read_at,
    lastPageAt: row.page_at,
  }));
}

/** How many accounts there are in each state, inactive ones apart. */
export async function countFollowedByState(db: Queryable): Promise<Record<AccountState | 'inactive', number>> {
  const rows = await db.query<{ kind: AccountState | 'inactive'; accounts: string }>(
    `select case when active then state else 'inactive' end as kind, count(*) as accounts from followed_accounts group by 1`,
  );
  const counts = { public: 0, protected: 0, suspended: 0, gone: 0, inactive: 0 };
  for (const { kind, accounts } of rows) counts[kind] = Number(accounts);
  return counts;
}
