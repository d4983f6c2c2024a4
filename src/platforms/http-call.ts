/** One HTTP request with an answer of bounded size in bounded time: the only place that makes such requests to platforms. */
import { Agent as PlainAgent, type IncomingMessage, request as requestPlain } from 'node:http';
import { Agent as EncryptedAgent, request as requestEncrypted } from 'node:https';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { causeText } from '../core/errors.ts';
import type { RawAnswer } from './read-adapter.ts';

export type HttpRequest = {
  method: 'GET' | 'POST' | 'DELETE';
  url: URL;
  headers: Record<string, string>;
  body?: string;
  /** For the whole of it, from the connection to the last byte. */
  timeoutMs: number;
  /** The most bytes of a body, packed or unpacked. */
  maxBytes: number;
  signal: AbortSignal;
};

/**
 * How the request ended. `answered`: whatever the status, with the body whole. `lost`: no whole answer came; `maybeServed`: the request
 * was on its way, so that the platform may have worked on it, and billed it.
 */
export type HttpEnd =
  | { kind: 'answered'; answer: RawAnswer }
  | { kind: 'lost'; cause: string; code?: string; maybeServed: boolean };

export type HttpCaller = Disposable & {
  /** Resolves however it ended; it throws neither for what a network or a server does nor for an abort. */
  call(request: HttpRequest): Promise<HttpEnd>;
};

const MAX_SOCKETS = 16;

/** Makes requests over connections that are kept for the next one. Whoever opens it disposes of it. */
export function createHttpCaller(): HttpCaller {
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS };
  const agents = { plain: new PlainAgent(options), encrypted: new EncryptedAgent(options) };
  return {
    call: async (request) => {
      const end = await callOnce(request, agents);
      // A server may close an idle connection at the very moment at which it is used again: nothing was served then.
      const isStale = end.kind === 'lost' && end.isStale && !request.signal.aborted;
      return withoutMark(isStale ? await callOnce(request, agents) : end);
    },
    [Symbol.dispose]: () => {
      agents.plain.destroy();
      agents.encrypted.destroy();
    },
  };
}

type Agents = { plain: PlainAgent; encrypted: EncryptedAgent };
type MarkedEnd = Extract<HttpEnd, { kind: 'answered' }> | (Extract<HttpEnd, { kind: 'lost' }> & { isStale: boolean });

async function callOnce(wish: HttpRequest, agents: Agents): Promise<MarkedEnd> {
  const { timeoutMs, signal } = wish;
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal.reason);
  // Not by AbortSignal.timeout and any: their timers and links would outlive a quick call by a minute, thousands of them.
  const timer = setTimeout(() => stop.abort(new Error(`no whole answer within ${timeoutMs / 1000} s`)), timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await exchange(wish, agents, stop.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

function exchange(wish: HttpRequest, agents: Agents, signal: AbortSignal): Promise<MarkedEnd> {
  const { url, method, body, maxBytes } = wish;
  const isEncrypted = url.protocol === 'https:';
  return new Promise((resolve) => {
    let isSent = false;
    let hasAnswer = false;
    const lost = (error: unknown) => {
      const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
      const isStale = call.reusedSocket && !hasAnswer && (code === 'ECONNRESET' || code === 'EPIPE');
      resolve({
        ...{ kind: 'lost', cause: causeText(signal.aborted ? signal.reason : error), maybeServed: isSent, isStale },
        ...(code === undefined ? {} : { code }),
      });
    };
    const call = (isEncrypted ? requestEncrypted : requestPlain)(url, {
      ...{ method, signal },
      agent: isEncrypted ? agents.encrypted : agents.plain,
      headers: {
        'accept-encoding': 'gzip',
        ...wish.headers,
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      },
    });
    call.once('finish', () => {
      isSent = true;
    });
    call.once('response', (response) => {
      hasAnswer = true;
      readBody(response, maxBytes).then((bytes) => {
        resolve({
          kind: 'answered',
          answer: { status: response.statusCode ?? 0, headers: textHeaders(response), body: bytes },
        });
      }, lost);
    });
    call.on('error', lost); // an error after the first has nobody left to tell
    call.end(body);
  });
}

/** All of the body, unpacked. Throws when it is cut, too large or badly packed. */
async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxBytes) throw new Error(`an answer of more than ${maxBytes} bytes`);
    parts.push(part);
  }
  if (!response.complete) throw new Error('the answer was cut');
  const body = Buffer.concat(parts);
  const packing = response.headers['content-encoding'];
  if (packing === undefined || packing === 'identity' || body.length === 0) return body;
  if (packing !== 'gzip') throw new Error(`an answer packed by ${packing}, which was not asked for`);
  return unpack(body, { maxOutputLength: maxBytes });
}

const unpack = promisify(gunzip) as (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

function textHeaders(response: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)]));
}

function withoutMark(end: MarkedEnd): HttpEnd {
  if (end.kind === 'answered') return end;
  const { isStale: _, ...rest } = end;
  return rest;
}
