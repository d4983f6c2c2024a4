/** One request that wants nothing but the answer's head: the body is not read, the connection is not kept. */
import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestEncrypted } from 'node:https';
import type { LookupFunction } from 'node:net';
import { causeText } from '../../core/errors.ts';
import type { ResolvedAddress } from './may-reach.ts';

/** Names in lower case, as received; a name that came several times has a list. */
export type AnswerHeaders = Record<string, string | string[]>;

/** `lost`: no head of an answer came. `isHostGone`: nobody took the connection, so that other links to the host will fare the same. */
export type HeadersEnd =
  | { kind: 'answered'; status: number; headers: AnswerHeaders }
  | { kind: 'lost'; cause: string; isHostGone: boolean; isTimeout: boolean };

/** A larger head is no answer. Pages with long policies have been seen with 20 KiB. */
const MAX_HEADER_BYTES = 32 * 1024;

/** Connects to one of the addresses that are given and to no other. Never throws for what a network or a server does. */
export function askForHeaders(wish: {
  method: 'HEAD' | 'GET' | 'POST';
  url: URL;
  addresses: ResolvedAddress[];
  userAgent: string;
  /** Of a POST: what is sent, and as what. */
  content?: { body: string; headers: Record<string, string> };
  /** Ends it whenever it aborts; its reason is the cause. */
  signal: AbortSignal;
}): Promise<HeadersEnd> {
  const { method, url, addresses, userAgent, content, signal } = wish;
  const { promise, resolve } = Promise.withResolvers<HeadersEnd>();
  let isConnected = false;
  const lost = (cause: string) => {
    resolve({ kind: 'lost', cause, isHostGone: !isConnected, isTimeout: signal.aborted });
  };
  if (signal.aborted) {
    lost(causeText(signal.reason));
    return promise;
  }
  const call = (url.protocol === 'https:' ? requestEncrypted : requestPlain)(url, {
    ...{ method, signal, agent: false, maxHeaderSize: MAX_HEADER_BYTES, lookup: lookUpAmong(addresses) },
    headers: { 'user-agent': userAgent, accept: '*/*', connection: 'close', ...content?.headers },
  });
  call.once('socket', (socket) =>
    socket.once('connect', () => {
      isConnected = true;
    }),
  );
  call.once('response', (response) => {
    resolve({ kind: 'answered', status: response.statusCode ?? 0, headers: headersOf(response) });
    response.on('error', () => {}); // the head is all that was wanted
    call.destroy();
  });
  call.on('error', (error) => lost(signal.aborted ? causeText(signal.reason) : wordsFor(error)));
  // An upgrade nobody asked for, or a connection that ends without a word, brings no error.
  call.once('close', () => lost('the connection ended without an answer'));
  call.end(content?.body);
  return promise;
}

/** What was checked is what is connected to: a name server that answers anew would not be heard. */
function lookUpAmong(addresses: ResolvedAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, addresses);
    else callback(null, first?.address ?? '', first?.family ?? 4);
  };
}

function wordsFor(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'HPE_HEADER_OVERFLOW') return `an answer with more than ${MAX_HEADER_BYTES / 1024} KiB of headers`;
  if (code?.startsWith('HPE_') === true) return `an answer that is not HTTP (${code})`;
  const text = causeText(error);
  return code === undefined || text.includes(code) ? text : `${text} (${code})`;
}

/** Sessions and keys of ours or theirs are nothing to keep. */
const SECRET_NAME = /cookie|token|secret|auth|session|csrf|xsrf|api-?key|password|signature/;
const MAX_VALUE = 2_048;

function headersOf({ rawHeaders }: IncomingMessage): AnswerHeaders {
  const kept = new Map<string, string[]>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    if (SECRET_NAME.test(name)) continue;
    const value = asUtf8(rawHeaders[at + 1] ?? '');
    const whole = value.length <= MAX_VALUE || name === 'location' ? value : `${value.slice(0, MAX_VALUE)}…[cut]`;
    kept.set(name, [...(kept.get(name) ?? []), whole]);
  }
  return Object.fromEntries(
    [...kept].map(([name, [first = '', ...more]]) => [name, more.length === 0 ? first : [first, ...more]]),
  );
}

/** Node reads headers as Latin-1; addresses in them are often written in UTF-8. */
function asUtf8(text: string): string {
  const utf8 = Buffer.from(text, 'latin1').toString('utf8');
  return utf8.includes('\uFFFD') ? text : utf8;
}
