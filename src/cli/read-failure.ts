/** What a person is told when a platform gave no page: which of waiting, money, another token or another question would help. */
import { MistnetError } from '../core/errors.ts';
import type { WalkEnd } from '../platforms/read-pages.ts';

export type Failure = Extract<WalkEnd, { kind: 'refused' | 'unreachable' | 'endless' }>;

/** `so far`: a sentence on what was printed and how to go on; blank where nothing was. */
export function failureOf(end: Failure, { apiUrl, soFar }: { apiUrl: string; soFar: string }): MistnetError {
  const [code, sentence] = wordsOf(end, apiUrl);
  return new MistnetError(code, soFar === '' ? sentence : `${sentence} ${soFar}`);
}

/** A budget that is reached, and other ends that the permit source knows of, with what was printed so far; anything else as it is. */
export function withSoFar(error: unknown, soFar: string): unknown {
  const isEnd =
    error instanceof MistnetError && (error.code === 'budget.reached' || error.code === 'credential.unusable');
  return isEnd ? new MistnetError(error.code, `${error.message} ${soFar}`, { cause: error }) : error;
}

function wordsOf(end: Failure, apiUrl: string): [MistnetError['code'], string] {
  if (end.kind === 'unreachable') return ['platform.unreachable', `${apiUrl} cannot be reached: ${end.cause}.`];
  if (end.kind === 'endless')
    return ['platform.refused', 'X leads from a page back to itself, so that there is no going on.'];
  const { kind, sentence } = end.refusal;
  if (kind === 'credential-refused')
    return [
      'token.refused',
      `X refused the token (${sentence}). Correct MISTNET_X_BEARER_TOKEN or MISTNET_X_BEARER_TOKEN_FILE.`,
    ];
  if (kind === 'not-allowed') return ['platform.refused', `X does not let this token ask that (${sentence}).`];
  if (kind === 'out-of-money') return ['platform.refused', `No credits are left at X (${sentence}).`];
  if (kind === 'usage-capped')
    return ['platform.refused', `The posts that X allows in a month are used up (${sentence}).`];
  if (kind === 'rate-limited')
    return ['platform.refused', `X refuses again and again to be asked so often (${sentence}).`];
  if (kind === 'wrong-question') return ['platform.refused', `X did not take the question (${sentence}).`];
  return ['platform.unreachable', `X answers with errors for too long (${sentence}).`];
}
