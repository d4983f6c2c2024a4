/** Names that an account bore before it was followed here, as an older collection noted them. */
import type { Database } from '../db.ts';

/** From `fromMs` on the account was known to have the name; ms since 1970. */
export type EarlierName = { fromMs: number; handle: string };

/**
 * Puts names before those that are known: the account must be followed. Names at instants that have one are left alone, so doing it again changes nothing.
 * Where the newest of them is the name that was met first here, that one begins earlier now. Returns how many were new; undefined when the account is not followed.
 */
export async function addEarlierNames(
  db: Database,
  { platform, accountId }: { platform: string; accountId: string },
  names: readonly EarlierName[],
): Promise<number | undefined> {
  const key = [platform, accountId];
  return await db.transaction(async (tx) => {
    const followed = await tx.query(
      'select from followed_accounts where platform = $1 and account_id = $2 for update',
      key,
    );
    if (followed.length === 0) return undefined;
    let added = 0;
    for (const { fromMs, handle } of names) {
      const rows = await tx.query(
        `insert into account_names (platform, account_id, noted_at, handle) values ($1, $2, $3, $4)
          on conflict do nothing returning handle`,
        [...key, new Date(fromMs).toISOString(), handle],
      );
      added += rows.length;
    }
    // A name that stands twice in a row was borne all the time: the earlier note tells since when.
    await tx.query(
      `delete from account_names n using (
          select noted_at, handle, lag(handle) over (order by noted_at) as before
            from account_names where platform = $1 and account_id = $2) as doubled
        where n.platform = $1 and n.account_id = $2 and n.noted_at = doubled.noted_at and doubled.handle = doubled.before`,
      key,
    );
    return added;
  });
}

/** The name under which an account was met first here; undefined when it is not followed. */
export async function firstName(
  db: Pick<Database, 'query'>,
  { platform, accountId }: { platform: string; accountId: string },
): Promise<string | undefined> {
  const [row] = await db.query<{ handle: string }>(
    'select handle from account_names where platform = $1 and account_id = $2 order by noted_at limit 1',
    [platform, accountId],
  );
  return row?.handle;
}
