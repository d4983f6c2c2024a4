/** What X says of posts and accounts that it does not hand out. A gone account or post is a finding, never a failure. */
import type { ItemOutcome } from '../../read-adapter.ts';
import { codeOf, type Problem } from './read-refusal.ts';

/** Parameters that name what was asked for; every other one is an expansion's path, such as `referenced_tweets.id`. */
const ASKED = new Set(['id', 'ids', 'username', 'usernames', 'user_id', 'screen_name']);

/** Outcomes of the partial errors of a v2 answer. Refused fields are about the reader, not about what was read, and are left out. */
export function outcomesOf(problems: readonly Problem[], endpoint: string, status: number): ItemOutcome[] {
  return problems.flatMap((problem) => {
    const { members, path } = problem;
    const value = typeof members.value === 'string' ? members.value : members.resource_id;
    if (typeof value !== 'string' || path.endsWith('/not-authorized-for-field')) return [];
    const parameter = typeof members.parameter === 'string' ? members.parameter : '';
    const kind = members.resource_type === 'user' ? 'account' : 'post';
    // By its shape alone a name of digits could be an id: the parameter says which it is.
    const isHandle = kind === 'account' && /username/.test(parameter);
    return [
      {
        kind,
        ...(isHandle ? { handle: value } : { id: value }),
        outcome: outcomeOf(problem),
        isAsked: ASKED.has(parameter),
        evidence: { endpoint, status, code: codeOf(problem, status), sentence: problem.detail || problem.title },
      } satisfies ItemOutcome,
    ];
  });
}

function outcomeOf({ path, title, detail }: Problem): ItemOutcome['outcome'] {
  // Suspended accounts come under the type of those that are not found.
  if (/suspended/i.test(detail)) return 'suspended';
  if (path.endsWith('/not-authorized-for-resource')) return 'protected';
  if (path.endsWith('/resource-not-found')) return title === 'Forbidden' ? 'suspended' : 'not_found';
  return 'error';
}

const LEGACY_OUTCOMES: Record<number, ItemOutcome['outcome']> = {
  17: 'not_found',
  34: 'not_found',
  50: 'not_found',
  63: 'suspended',
  144: 'not_found',
  179: 'protected',
};

/**
 * What an error of v1.1 says of the account or post asked for; undefined when it is about the caller. `Not authorized.` stands for protected
 * accounts, and in timelines for suspended ones, too: v1.1 does not tell them apart.
 */
export function legacyOutcome(
  problems: readonly Problem[],
  {
    status,
    endpoint,
    kind,
    id,
    handle,
  }: Pick<ItemOutcome, 'kind' | 'id' | 'handle'> & { status: number; endpoint: string },
): ItemOutcome | undefined {
  const isNotAuthorized =
    status === 401 && problems.some(({ code, detail }) => code === undefined && /^not authorized/i.test(detail));
  const problem =
    problems.find(({ code }) => code !== undefined && code in LEGACY_OUTCOMES) ??
    (isNotAuthorized ? problems[0] : undefined);
  if (problem === undefined) return undefined;
  return {
    kind,
    ...(id === undefined ? {} : { id }),
    ...(handle === undefined ? {} : { handle }),
    outcome: isNotAuthorized ? 'protected' : (LEGACY_OUTCOMES[problem.code ?? 0] ?? 'error'),
    isAsked: true,
    evidence: { endpoint, status, code: codeOf(problem, status), sentence: problem.detail },
  };
}
