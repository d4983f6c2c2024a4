/** Refusals that no window explains: the platform's own cap, its bill, a credential that it does not want. Each takes a credential out, and says so. */
import { BudgetReached, nextDayMs, nextMonthMs } from './budget.ts';
import { MistnetError } from '../errors.ts';
import type { Answer } from './heard.ts';

export type Pause = {
  credential: string;
  /** Where it is not used; empty: nowhere. */
  endpoint: string;
  /** Calls billed by this are not made; empty: none is. */
  resource: string;
  why: 'usage-capped' | 'out-of-money' | 'credential-refused';
  sentence: string;
  sinceMs: number;
  /** When it is tried again; undefined: when a person has mended it. */
  untilMs?: number;
  /** Which secret it is about, where that is told; another one under the same label is not paused. */
  secret?: string;
};

/** Credits may be bought at any time: one call an hour finds out. */
const MONEY_AGAIN_MS = 3_600_000;

/** The pause that an answer calls for, if any. `capPeriod`: the cap is one of days or (default) months; `capResetsAtMs` where it was told. */
export function pauseAfter(
  call: { credential: string; endpoint: string; resource: string; secret?: string | undefined },
  answer: Answer & { capPeriod?: 'day' | 'month'; capResetsAtMs?: number },
  nowMs: number,
): Pause | undefined {
  const { credential, endpoint, resource, secret } = call;
  const { refusal, status } = answer;
  if (refusal === undefined || refusal === 'rate-limited') return undefined;
  const since = { credential, why: refusal, sinceMs: nowMs, ...(secret === undefined ? {} : { secret }) };
  if (refusal === 'usage-capped') {
    const untilMs = answer.capResetsAtMs ?? (answer.capPeriod === 'day' ? nextDayMs(nowMs) : nextMonthMs(nowMs));
    const sentence = `The platform's own cap of credential "${credential}" is used up (${status}); it is used again from ${minuteOf(untilMs)}.`;
    return { ...since, endpoint: '', resource, untilMs, sentence };
  }
  if (refusal === 'out-of-money') {
    const untilMs = nowMs + MONEY_AGAIN_MS;
    const sentence = `The platform says that the money behind credential "${credential}" is used up (${status}): buy credits. It is tried again at ${minuteOf(untilMs)}.`;
    return { ...since, endpoint: '', resource: '', untilMs, sentence };
  }
  const where = status === 401 ? '' : endpoint;
  const refused = `The platform refused credential "${credential}" (${status})`;
  const sentence =
    where !== ''
      ? `The platform refuses credential "${credential}" at ${endpoint} (${status}): it may lack the right to it. When that is mended: mistnet permits --readmit ${credential}.`
      : secret === undefined
        ? `${refused}: renew it, then mistnet permits --readmit ${credential}.`
        : `${refused}: correct MISTNET_X_BEARER_TOKEN, or its file; another token is tried by itself.`;
  return { ...since, endpoint: where, resource: '', sentence };
}

/** The pause that keeps a credential from a call now, if any. */
export function pauseOf(
  pauses: readonly Pause[],
  call: { credential: string; endpoint: string; resource: string; secret?: string | undefined },
  nowMs: number,
): Pause | undefined {
  return pauses.find(
    (pause) =>
      pause.credential === call.credential &&
      (pause.endpoint === '' || pause.endpoint === call.endpoint) &&
      (pause.resource === '' || pause.resource === call.resource) &&
      (pause.secret === undefined || call.secret === undefined || pause.secret === call.secret) &&
      (pause.untilMs === undefined || nowMs < pause.untilMs),
  );
}

/** What to throw when every credential that could make a call is taken out: `budget.reached` when time or money will help, else `credential.unusable`. */
export function allPaused(endpoint: string, pauses: readonly Pause[]): MistnetError {
  const hopeful = pauses.filter(({ untilMs }) => untilMs !== undefined);
  const [first] = hopeful.toSorted((a, b) => (a.untilMs as number) - (b.untilMs as number));
  if (first !== undefined) return new BudgetReached(first.sentence, first.untilMs);
  const sentences = [...new Set(pauses.map(({ sentence }) => sentence))].join(' ');
  return new MistnetError('credential.unusable', `No credential can be used for ${endpoint}. ${sentences}`);
}

function minuteOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
