/** Asks one question until it is answered or refused for good: leave to call, the request, and the retries by the platform's ladders. */
import { setTimeout as sleep } from 'node:timers/promises';
import { MistnetError } from '../core/errors.ts';
import type { Clock } from '../core/time.ts';
import { type Ladder, type Ladders, ladderDelay } from './adapter.ts';
import type { HttpCaller, HttpEnd } from './http-call.ts';
import type { CallOutcome, PermitSource } from './permit-source.ts';
import type { ReadCall, ReadPage, ReadQuestion, ReadRefusal, Reading } from './read-adapter.ts';

/** What happens on the way, for progress and logs. `repeat`: it will be asked again after `waitMs`; `maybeBilled`: the first time may be billed, too. */
export type CallEvent =
  | { kind: 'waiting'; endpoint: string }
  | { kind: 'asked'; endpoint: string }
  | { kind: 'repeat'; endpoint: string; cause: string; waitMs: number; maybeBilled: boolean };

/** How often a call is tried in a row before it is given up, by what went wrong. */
export type Patience = { network: number; server: number; garbage: number; rate: number };

export const READ_PATIENCE: Patience = { network: 8, server: 7, garbage: 3, rate: 20 };

export type Asker = {
  http: HttpCaller;
  permits: PermitSource;
  clock: Clock;
  /** The platform's published back-off. Waits are lengthened by up to a quarter, so that many workers don't come back together. */
  ladders: Ladders;
  patience?: Patience;
  /** 0 inclusive to 1 exclusive. */
  random: () => number;
  /** For one request. */
  timeoutMs: number;
  maxBytes: number;
  onEvent?: (event: CallEvent) => void;
};

export type Answered =
  | { kind: 'page'; page: ReadPage }
  | { kind: 'refused'; refusal: ReadRefusal }
  /** The network failed more often than patience allows. */
  | { kind: 'unreachable'; cause: string };

/**
 * Makes the call and answers with its page, or with why there is none. Trouble that passes is waited for: rate limits as long as they last
 * (within patience), servers and networks by their ladder. An answer that was lost on the way, or cannot be read, is asked for again and said
 * to be maybe billed twice (`repeat` with `maybeBilled`); the permit is settled with all that could have been billed, so that a budget
 * holds. What is refused to one credential alone (401, its cap, its money) is asked with the others; the first refusal is told when none is left.
 * Throws what the permit source throws, and the signal's reason.
 */
export async function makeCall(
  asker: Asker,
  question: ReadQuestion,
  { signal }: { signal: AbortSignal },
): Promise<Answered> {
  const { ladders, patience = READ_PATIENCE } = asker;
  const failures = { network: 0, server: 0, garbage: 0, rate: 0 };
  const refusedTo = new Set<string>();
  let ofCredential: ReadRefusal | undefined;
  for (;;) {
    const call = question.call();
    let tried: Tried | 'none left';
    try {
      tried = await tryOnce(asker, call, signal, refusedTo);
    } catch (error) {
      if (ofCredential === undefined || !isNoneLeft(error)) throw error;
      tried = 'none left';
    }
    if (tried === 'none left') return { kind: 'refused', refusal: ofCredential as ReadRefusal };
    if (tried.kind === 'page') return tried;
    const trouble = troubleOf(tried);
    if (trouble === undefined) {
      const refusal = (tried as Extract<Tried, { kind: 'refused' }>).refusal;
      if (refusal.kind === 'wrong-question' && question.learn?.(refusal) === true) continue;
      if (tried.kind === 'refused' && tried.isOfCredential) {
        ofCredential ??= refusal;
        continue;
      }
      return { kind: 'refused', refusal };
    }
    const before = failures[trouble];
    failures[trouble] = before + 1;
    if (before + 1 >= patience[trouble])
      return tried.kind === 'lost'
        ? { kind: 'unreachable', cause: tried.cause }
        : { kind: 'refused', refusal: tried.refusal };
    const waitMs = waitOf(tried, ladders[LADDER_OF[trouble]], before, asker.random);
    asker.onEvent?.({
      ...{ kind: 'repeat', endpoint: call.endpoint, waitMs },
      cause: tried.kind === 'lost' ? tried.cause : tried.refusal.sentence,
      maybeBilled: call.reserve.atMost > 0 && (tried.kind === 'lost' ? tried.maybeServed : trouble === 'garbage'),
    });
    await abortableSleep(waitMs, signal);
  }
}

type Trouble = keyof Patience;
type Tried =
  | { kind: 'page'; page: ReadPage }
  /** `isOfCredential`: it lies in the credential; another one may be let in. */
  | { kind: 'refused'; refusal: ReadRefusal; isOfCredential: boolean }
  | Extract<HttpEnd, { kind: 'lost' }>;

const LADDER_OF = { network: 'network', server: 'server', garbage: 'server', rate: 'rate' } as const;

async function tryOnce(
  asker: Asker,
  call: ReadCall,
  signal: AbortSignal,
  refusedTo: Set<string>,
): Promise<Tried | 'none left'> {
  const { http, permits, clock, timeoutMs, maxBytes, onEvent } = asker;
  const { url, method, form, limit, reserve, endpoint } = call;
  onEvent?.({ kind: 'waiting', endpoint });
  const permit = await permits.acquire({ limit, reserve, ...(call.as === undefined ? {} : { as: call.as }) }, signal);
  if (refusedTo.has(permit.credential)) {
    await permit.settle({ status: 'no-answer', billed: 0 });
    return 'none left';
  }
  onEvent?.({ kind: 'asked', endpoint });
  let end: HttpEnd = { kind: 'lost', cause: 'not asked', maybeServed: false };
  let reading: Reading | undefined;
  try {
    end = await http.call({
      ...{ method, url, timeoutMs, maxBytes, signal },
      headers: {
        authorization: permit.authorization({ method, url, ...(form === undefined ? {} : { form }) }),
        'user-agent': 'mistnet',
        ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form === undefined ? {} : { body: form.toString() }),
    });
    if (end.kind === 'answered') reading = call.read(end.answer);
  } finally {
    await permit.settle(outcomeOf(call, end, reading));
  }
  if (end.kind === 'lost') {
    signal.throwIfAborted();
    return end;
  }
  if (reading?.kind !== 'page') {
    const { refusal } = reading as Extract<Reading, { kind: 'refused' }>;
    const isOfCredential = liesInCredential(refusal);
    if (isOfCredential) refusedTo.add(permit.credential);
    return { kind: 'refused', refusal, isOfCredential };
  }
  const receivedAt = new Date(clock.now()).toISOString();
  return { kind: 'page', page: { ...reading.page, body: end.answer.body, endpoint, url: url.href, receivedAt } };
}

/** What the ledger is told. Where nobody knows whether it was billed, all that could have been counts: a budget is never exceeded. */
function outcomeOf(call: ReadCall, end: HttpEnd, reading: Reading | undefined): CallOutcome {
  if (end.kind === 'lost') return { status: 'no-answer', billed: end.maybeServed ? call.reserve.atMost : 0 };
  const { status, headers } = end.answer;
  const refusal = reading?.kind === 'refused' ? reading.refusal : undefined;
  const isUnreadable = reading === undefined || refusal?.kind === 'garbage';
  const billed =
    reading?.kind === 'page' ? reading.page.billed : isUnreadable && status === 200 ? call.reserve.atMost : 0;
  const limit = numberOf(headers['x-rate-limit-limit']);
  const remaining = numberOf(headers['x-rate-limit-remaining']);
  const reset = numberOf(headers['x-rate-limit-reset']);
  const platformNowMs = Date.parse(headers.date ?? '');
  return {
    ...{ status, billed },
    ...(limit === undefined ? {} : { limit }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(reset === undefined ? {} : { resetAtMs: reset * 1000 }),
    ...(Number.isNaN(platformNowMs) ? {} : { platformNowMs }),
    ...(isLedgerRefusal(refusal?.kind) ? { refusal: refusal.kind } : {}),
    // To the ledger it is one thing whether a credential is no good at all (401) or at this endpoint (403).
    ...(refusal?.kind === 'not-allowed' ? { refusal: 'credential-refused' } : {}),
    ...(refusal?.capPeriod === undefined ? {} : { capPeriod: refusal.capPeriod }),
  };
}

function liesInCredential({ kind }: ReadRefusal): boolean {
  return kind === 'usage-capped' || kind === 'out-of-money' || kind === 'credential-refused' || kind === 'not-allowed';
}

/** The permit source took the refused credential out, and there is no other. */
function isNoneLeft(error: unknown): boolean {
  return error instanceof MistnetError && (error.code === 'budget.reached' || error.code === 'credential.unusable');
}

function isLedgerRefusal(kind: ReadRefusal['kind'] | undefined): kind is NonNullable<CallOutcome['refusal']> {
  return kind === 'rate-limited' || kind === 'usage-capped' || kind === 'out-of-money' || kind === 'credential-refused';
}

/** What passes by itself; undefined for what does not. */
function troubleOf(tried: Exclude<Tried, { kind: 'page' }>): Trouble | undefined {
  if (tried.kind === 'lost') return 'network';
  if (tried.refusal.kind === 'rate-limited') return 'rate';
  if (tried.refusal.kind === 'server-trouble') return 'server';
  return tried.refusal.kind === 'garbage' ? 'garbage' : undefined;
}

/** A window that is used up is waited for by the permit source, which knows its end: nothing is added here. */
function waitOf(
  tried: Exclude<Tried, { kind: 'page' }>,
  ladder: Ladder,
  failures: number,
  random: () => number,
): number {
  if (tried.kind === 'refused' && tried.refusal.resetAtMs !== undefined) return 0;
  return Math.round(ladderDelay(ladder, failures) * (1 + random() / 4));
}

async function abortableSleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    signal.throwIfAborted(); // nothing else ends a sleep early
  }
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
