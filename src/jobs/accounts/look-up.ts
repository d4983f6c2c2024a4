/** Looks at accounts, 100 at a time, and says of each what was seen. */
import { type Asker, makeCall } from '../../platforms/make-call.ts';
import type { ItemOutcome, PageContent, ReadQuestion } from '../../platforms/read-adapter.ts';
import { MistnetError } from '../../core/errors.ts';
import type { AccountSight } from '../../store/accounts/note-sights.ts';

/** What the platform must be able to answer. */
export type AccountQuestions = {
  accountsById(ids: readonly string[]): ReadQuestion;
  accountsByHandle(handles: readonly string[]): ReadQuestion;
};

/** A sight of an account that is there, or what was said of a name or uid that cannot be seen. */
export type Look = (AccountSight & { handle: string }) | { missing: ItemOutcome };

/**
 * Looks at 1 to 100 accounts. The answer has one entry for each asked, by lower-case handle or uid. Throws `platform.refused` or
 * `platform.unreachable` when the question as such was not answered.
 */
export async function lookUp(
  asker: Asker,
  questions: AccountQuestions,
  asked: { ids: readonly string[] } | { handles: readonly string[] },
  signal: AbortSignal,
): Promise<Map<string, Look>> {
  const question = 'ids' in asked ? questions.accountsById(asked.ids) : questions.accountsByHandle(asked.handles);
  const answered = await makeCall(asker, question, { signal });
  if (answered.kind === 'unreachable')
    throw new MistnetError('platform.unreachable', `The platform does not answer: ${answered.cause}.`);
  if (answered.kind === 'refused')
    throw answered.refusal.kind === 'credential-refused'
      ? new MistnetError(
          'token.refused',
          `Could not connect to X with the configured credentials (${answered.refusal.sentence}): mistnet credential test tells which of them it takes.`,
        )
      : new MistnetError('platform.refused', `The platform refused: ${answered.refusal.sentence}.`);
  return looksOf(answered.page, 'ids' in asked);
}

function looksOf(
  page: Pick<PageContent, 'accounts' | 'outcomes'> & { endpoint: string; receivedAt: string },
  isById: boolean,
): Map<string, Look> {
  const looks = new Map<string, Look>();
  for (const outcome of page.outcomes) {
    const key = isById ? outcome.id : (outcome.handle ?? outcome.id);
    if (outcome.kind === 'account' && outcome.isAsked && key !== undefined)
      looks.set(key.toLowerCase(), { missing: outcome });
  }
  for (const { accountId, account, payload } of page.accounts) {
    const handle = account.handle ?? '';
    looks.set(isById ? accountId : handle.toLowerCase(), {
      platform: 'x',
      accountId,
      handle,
      atMs: Date.parse(page.receivedAt),
      state: account.protected === true ? 'protected' : 'public',
      endpoint: page.endpoint,
      evidence: account.protected === true ? 'the profile says protected' : 'the profile is there',
      profile: payload,
    });
  }
  return looks;
}

/** What a missing account's outcome means for one that is followed. `error` says nothing about it. */
export function sightOfMissing(
  accountId: string,
  { outcome, evidence }: ItemOutcome,
  atMs: number,
): AccountSight | undefined {
  if (outcome === 'error') return undefined;
  const state = outcome === 'not_found' ? 'gone' : outcome;
  const said = `HTTP ${evidence.status}, ${evidence.code}: ${evidence.sentence}`;
  return { platform: 'x', accountId, atMs, state, endpoint: evidence.endpoint, evidence: said };
}
