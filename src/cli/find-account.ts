/** From what a person wrote for an account to its id. */
import { MistnetError } from '../core/errors.ts';
import type { AccountId } from '../core/ids.ts';
import type { Account } from '../core/post.ts';
import { makeCall } from '../platforms/make-call.ts';
import { readAccountName } from '../platforms/x/read/x-names.ts';
import type { XReads } from '../platforms/x/read/x-reads.ts';
import { accountGone } from './print-pages.ts';
import { failureOf } from './read-failure.ts';
import type { ReadKit } from './read-kit.ts';

/** Reads `@name`, a name, an id or an address; throws `usage.invalid` for anything else. */
export function parseAccount(text: string): { id: AccountId } | { handle: string } {
  const name = readAccountName(text);
  if (name === undefined)
    throw new MistnetError(
      'usage.invalid',
      `"${text}" is no account; write a name like @jack, an id, or an address of X.`,
    );
  return name;
}

/** The id behind a name, and the account as it is; an id is taken as it is, without asking. Throws when there is no such account. */
export async function findAccount(
  kit: ReadKit,
  reads: XReads,
  name: { id: AccountId } | { handle: string },
): Promise<{ id: AccountId; account?: Account }> {
  if ('id' in name) return name;
  const answered = await makeCall(kit.asker, reads.accountsByHandle([name.handle]), { signal: kit.signal });
  if (answered.kind !== 'page') throw failureOf(answered, { apiUrl: kit.apiUrl, soFar: '' });
  const [found] = answered.page.accounts;
  if (found !== undefined) return { id: found.accountId, account: found.account };
  const outcome = answered.page.outcomes.find(({ isAsked }) => isAsked);
  if (outcome !== undefined) throw accountGone(outcome);
  throw new MistnetError('platform.refused', `X says nothing about @${name.handle}.`);
}
