/** An account that was set inactive is never collected again without having been looked at, by its uid. */
import { MistnetError } from '../../core/errors.ts';
import { findFollowed } from '../../store/accounts/find-followed.ts';
import type { FollowedAccount } from '../../store/accounts/followed-account.ts';
import type { Database } from '../../store/db.ts';
import type { CheckedBatch } from './check-accounts.ts';

/**
 * `check` looks at the account on the platform and notes what it finds. Answers the account as it is now: the caller sets it active. Throws
 * `account.refused` when the platform said nothing of it, or that it is gone or suspended.
 */
export async function requireCollectable(
  db: Database,
  found: FollowedAccount,
  check: (accounts: readonly FollowedAccount[]) => AsyncIterable<CheckedBatch>,
): Promise<FollowedAccount> {
  for await (const { unsaid } of check([found]))
    if (unsaid.length > 0)
      throw new MistnetError(
        'account.refused',
        `The platform said nothing of @${found.handle} (${found.accountId}); try again later.`,
      );
  const now = await findFollowed(db, found.accountId);
  if (now.state === 'gone' || now.state === 'suspended')
    throw new MistnetError(
      'account.refused',
      `@${now.handle} (${now.accountId}) is ${now.state === 'gone' ? 'gone from the platform' : 'suspended'}, so it stays inactive.`,
    );
  return now;
}
