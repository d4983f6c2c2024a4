import { ConnectWindow } from './connect-window.ts';
import { invalidRequest, SERVICE_UNAVAILABLE, TOO_MANY_REQUESTS } from './problems.ts';
import { rateLimitHeaders } from './reply.ts';
import { StreamConnection } from './stream-connection.ts';
import { readStreamParameters } from './stream-parameters.ts';
import { openWire } from './wire.ts';
import type { FaceParts } from '../face-parts.ts';
import { acceptsGzip } from '../http/accepts-gzip.ts';
import { V2 } from '../http/dialect.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { Route } from '../http/route.ts';

/** `GET /2/tweets/sample/stream`: the 1 % of all posts. */
export function sampleStreamRoutes(parts: FaceParts): Route[] {
  const connects = new ConnectWindow(parts.connectLimit, parts.clock.now, parts.clock.wallAt);
  return [
    {
      method: 'GET',
      path: '/2/tweets/sample/stream',
      callers: ['app'],
      dialect: V2,
      handle: (exchange) => stream(exchange, parts, connects),
    },
  ];
}

async function stream(exchange: Exchange, parts: FaceParts, connects: ConnectWindow): Promise<Answer | undefined> {
  const { request, response, url } = exchange;
  const read = readStreamParameters(url.searchParams);
  if (!read.ok) return invalidRequest(read.errors);
  const allowance = connects.connect();
  const headers = rateLimitHeaders(allowance);
  if (allowance.refused) return { ...TOO_MANY_REQUESTS, headers };
  const refusal = parts.faults.refusal();
  if (refusal === 'http-429') return { ...TOO_MANY_REQUESTS, headers };
  if (refusal === 'http-503') return { ...SERVICE_UNAVAILABLE, headers };
  const gzip = acceptsGzip(request);
  response.writeHead(200, { ...exchange.headers, ...headers, ...(gzip && { 'content-encoding': 'gzip' }) });
  response.flushHeaders();
  const { feed, truth, faults, keepaliveMs, monotonicMs, streams } = parts;
  await streams.run(
    new StreamConnection({
      cursor: feed.open(read.parameters),
      wire: openWire(response, gzip),
      response,
      record: truth.open(url.pathname),
      faults,
      keepaliveMs,
      monotonicMs,
    }),
  );
  return undefined;
}
