import type { Queryable } from '../db.ts';
import type { PostSelection } from './selection.ts';

/** How many followed accounts of a selection are not public now, by state. Of accounts that nobody follows nothing is known. */
export async function accountStates(
  db: Queryable,
  { source }: PostSelection,
): Promise<{ state: string; accounts: number }[]> {
  const accounts = source.kind === 'all' ? undefined : source.accounts;
  const rows = await db.query<{ state: string; accounts: string }>(
    `select state, count(*) as accounts from followed_accounts f
      where state <> 'public' and ($1::text[] is null or (platform, account_id) in (select * from unnest($1::text[], $2::text[])))
        and ($3::integer is null or exists (select from timelines t
          where t.collection_id = $3 and (t.platform, t.account_id) = (f.platform, f.account_id)))
      group by state order by state`,
    [
      accounts?.map(({ platform }) => platform) ?? null,
      accounts?.map(({ accountId }) => accountId) ?? null,
      source.kind === 'collection' ? source.collectionId : null,
    ],
  );
  return rows.map(({ state, accounts: count }) => ({ state, accounts: Number(count) }));
}
