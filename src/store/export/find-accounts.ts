/** Whose posts an export asks for: an account by id or by any name it was met under, or all of a set. */
import { MistnetError } from '../../core/errors.ts';
import type { Queryable } from '../db.ts';
import type { AccountKey } from './selection.ts';

export type FoundAccount = AccountKey & { handle: string | null };

type Row = { platform: string; account_id: string; handle: string | null };

/**
 * The account that `wish` means: an id of digits, or a handle with or without @, present or former, in any case. Throws `account.unknown`, and
 * `export.refused` when several accounts had the name, for a name tells nothing of who has it now.
 */
export async function findAccount(db: Queryable, wish: string): Promise<FoundAccount> {
  const name = wish.trim().replace(/^@/, '');
  const byId = /^[0-9]{1,20}$/.test(name) ? await db.query<Row>(BY_ID, [name]) : [];
  const found = byId.length > 0 ? byId : await db.query<Row>(BY_HANDLE, [name]);
  const [first] = found;
  if (first === undefined)
    throw new MistnetError(
      'account.unknown',
      `No stored post or followed account belongs to "${wish}". Give a handle, present or former, or the account's id.`,
    );
  if (found.length > 1) {
    const list = found.map(({ account_id, handle }) => `${account_id}${handle === null ? '' : ` (now @${handle})`}`);
    throw new MistnetError(
      'export.refused',
      `${found.length} accounts had the name "${wish}": ${list.join(', ')}. Give the id of the one you mean.`,
    );
  }
  return { platform: first.platform, accountId: first.account_id, handle: first.handle };
}

/** The accounts of a set, by any case of its name. Throws `account.unknown` when there is no such set or nobody in it. */
export async function accountsOfSet(db: Queryable, name: string): Promise<AccountKey[]> {
  const rows = await db.query<{ platform: string | null; account_id: string | null }>(
    `select platform, account_id from account_sets left join account_set_members using (set_id)
      where lower(name) = lower($1) order by platform, account_id`,
    [name],
  );
  if (rows.length === 0) throw new MistnetError('account.unknown', `There is no set of accounts "${name}".`);
  const accounts = rows.flatMap(({ platform, account_id }) =>
    platform === null || account_id === null ? [] : [{ platform, accountId: account_id }],
  );
  if (accounts.length === 0) throw new MistnetError('account.unknown', `The set "${name}" has no accounts yet.`);
  return accounts;
}

/** Whether a collection follows the account, or did: by itself, by a set, or because it follows all. */
export async function isSeedOf(db: Queryable, collectionId: number, account: AccountKey): Promise<boolean> {
  const rows = await db.query(
    `select from timelines where collection_id = $1 and platform = $2 and account_id = $3
      union all select from collection_seeds s where collection_id = $1
        and ((s.platform, s.account_id) = ($2, $3)
          or exists (select from account_set_members m where m.set_id = s.set_id and (m.platform, m.account_id) = ($2, $3)))
      limit 1`,
    [collectionId, account.platform, account.accountId],
  );
  return rows.length > 0;
}

const BY_ID = `
  select platform, account_id, (select handle from accounts a where (a.platform, a.account_id) = (f.platform, f.account_id)) as handle
    from (select platform, account_id from accounts where account_id = $1
      union select platform, account_id from followed_accounts where account_id = $1) f`;

/** Names that payloads told of, names of followed accounts, and names they had before. */
const BY_HANDLE = `
  select platform, account_id, coalesce(followed.handle, seen.handle) as handle
    from (select platform, account_id from accounts where lower(handle) = lower($1)
      union select platform, account_id from followed_accounts where lower(handle) = lower($1)
      union select platform, account_id from account_names where lower(handle) = lower($1)) f
    left join accounts seen using (platform, account_id) left join followed_accounts followed using (platform, account_id)
    order by account_id`;
