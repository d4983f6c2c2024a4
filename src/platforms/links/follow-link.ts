/**
 * Follows one link to where it ends: HEAD, and GET where a server has no answer to HEAD; redirects by hand, each judged anew. What a stranger's server
 * may take of us is bounded: time, redirects, bytes of headers; bodies are not read, no cookies or credentials are sent, no page is run.
 */
import type { Clock } from '../../core/time.ts';
import { type AnswerHeaders, askForHeaders, type HeadersEnd } from './ask-for-headers.ts';
import type { HostTurns } from './host-turns.ts';
import { type AllowedHosts, mayReach, type Resolve } from './may-reach.ts';

/** A redirect that was passed. `url` is what was asked. */
export type Redirect = { status: number; url: string; headers: AnswerHeaders };

/**
 * Where a link leads. `history`: the redirects, in order, without the end. `finalUrl`: the address that answered, or the one at which it ended: refused,
 * or without an answer. `durationMs`: spent on requests, pauses between them left out. `isHostGone`: nobody took the connection.
 */
export type FollowedLink = { history: Redirect[]; finalUrl: string; durationMs: number; checkedAt: string } & (
  | { outcome: 'answered'; finalStatus: number; finalHeaders: AnswerHeaders }
  | { outcome: 'refused'; why: string }
  | { outcome: 'unreachable'; cause: string; isHostGone: boolean }
);

export type LinkFollower = {
  allowed: AllowedHosts;
  resolve: Resolve;
  turns: HostTurns;
  userAgent: string;
  clock: Clock;
  monotonicMs: () => number;
  limits?: Partial<LinkLimits>;
};

export type LinkLimits = {
  /** For one address: looking it up, connecting, and the head of its answer; HEAD and GET together. */
  addressMs: number;
  /** For all of them together. */
  linkMs: number;
  redirects: number;
  /** Characters of an address. */
  urlChars: number;
};

const LIMITS: LinkLimits = { addressMs: 10_000, linkMs: 30_000, redirects: 10, urlChars: 8_192 };
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Answers to HEAD that say nothing of what GET would bring. 410, 429 and 451 are said on purpose, and 502 to 504 by a server that cannot now. */
function saysNothing(status: number): boolean {
  return status >= 400 && status <= 501 && ![410, 429, 451].includes(status);
}

/** Never throws for what a link, a network or a server does; throws the signal's reason when it aborts. */
export async function followLink(follower: LinkFollower, link: string, signal: AbortSignal): Promise<FollowedLink> {
  const { redirects, urlChars, linkMs } = { ...LIMITS, ...follower.limits };
  const history: Redirect[] = [];
  const passed = new Set<string>();
  let spentMs = 0;
  const ended = (finalUrl: string) => ({
    ...{ history, finalUrl: finalUrl.slice(0, urlChars), durationMs: Math.round(spentMs) },
    checkedAt: new Date(follower.clock.now()).toISOString(),
  });
  for (let next = link, from: string | undefined; ; ) {
    const url = addressToAsk(next, from, urlChars);
    if (typeof url === 'string') return { ...ended(next), outcome: 'refused', why: url };
    if (passed.has(url.href)) return { ...ended(url.href), outcome: 'refused', why: 'it redirects in a circle' };
    if (history.length > redirects)
      return { ...ended(url.href), outcome: 'refused', why: `it redirects more than ${redirects} times` };
    if (spentMs >= linkMs)
      return {
        ...ended(url.href),
        ...{ outcome: 'unreachable', cause: `not at its end after ${linkMs / 1000} s`, isHostGone: false },
      };
    passed.add(url.href);
    const { end, ms } = await askAddress(follower, url, linkMs - spentMs, signal);
    spentMs += ms;
    if (end.kind === 'refused') return { ...ended(url.href), outcome: 'refused', why: end.why };
    if (end.kind === 'lost')
      return { ...ended(url.href), outcome: 'unreachable', cause: end.cause, isHostGone: end.isHostGone };
    const { status, headers } = end;
    const location = [headers.location].flat()[0];
    if (!REDIRECTS.has(status) || location === undefined || location === '')
      return { ...ended(url.href), outcome: 'answered', finalStatus: status, finalHeaders: headers };
    history.push({ status, url: url.href, headers });
    [next, from] = [location, url.href];
  }
}

/** The host of a link, `example.org:443`, by which links wait for one another; the link itself for one that has none. */
export function hostOfLink(link: string): string {
  const url = URL.parse(link);
  return url === null ? link.slice(0, 100) : url.host;
}

/** An address without names, passwords and fragments, which are nothing for the other side; or why there is none. */
function addressToAsk(text: string, from: string | undefined, urlChars: number): URL | string {
  const redirects = from === undefined ? '' : 'it redirects to ';
  if (text.length > urlChars) return `${redirects}an address of more than ${urlChars} characters`;
  const url = URL.parse(text, from);
  if (url === null) return `${redirects === '' ? 'it is' : redirects + 'what is'} no address`;
  [url.username, url.password, url.hash] = ['', '', ''];
  return url;
}

type AddressEnd = HeadersEnd | { kind: 'refused'; why: string };

/** Judges the address anew, then asks it, in its host's turn. */
async function askAddress(
  follower: LinkFollower,
  url: URL,
  leftMs: number,
  signal: AbortSignal,
): Promise<{ end: AddressEnd; ms: number }> {
  const { turns, monotonicMs } = follower;
  const addressMs = Math.min({ ...LIMITS, ...follower.limits }.addressMs, leftMs);
  let ms = 0;
  const ask = (method: 'HEAD' | 'GET') =>
    turns.take(url.host, signal, async () => {
      const beganMs = monotonicMs();
      const end = await withinTime(addressMs - ms, addressMs, signal, (until) =>
        checkAndAsk(follower, method, url, until),
      );
      ms += monotonicMs() - beganMs;
      return end;
    });
  const first = await ask('HEAD');
  signal.throwIfAborted();
  const isNoAnswer =
    first.kind === 'answered'
      ? saysNothing(first.status)
      : first.kind === 'lost' && !first.isHostGone && !first.isTimeout;
  if (!isNoAnswer || ms >= addressMs) return { end: first, ms };
  const second = await ask('GET');
  signal.throwIfAborted();
  // Who answers HEAD and not GET has answered.
  return { end: second.kind === 'lost' && first.kind === 'answered' ? first : second, ms };
}

async function checkAndAsk(
  { allowed, resolve, userAgent }: LinkFollower,
  method: 'HEAD' | 'GET',
  url: URL,
  signal: AbortSignal,
): Promise<AddressEnd> {
  const reach = await mayReach(url, { allowed, resolve, signal });
  if (reach.kind === 'refused') return reach;
  if (reach.kind === 'unknown')
    return { kind: 'lost', cause: reach.cause, isHostGone: true, isTimeout: signal.aborted };
  return await askForHeaders({ method, url, addresses: reach.addresses, userAgent, signal });
}

/** Aborts the work after a time, without leaving a timer behind. */
async function withinTime<Result>(
  ms: number,
  saidMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal.reason);
  const timer = setTimeout(
    () => stop.abort(new Error(`no answer within ${Math.round(saidMs / 100) / 10} s`)),
    Math.max(1, ms),
  );
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await work(stop.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
