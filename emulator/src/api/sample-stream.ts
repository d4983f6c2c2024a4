import type { StreamGate } from './open-stream.ts';
import { invalidRequest } from './problems.ts';
import { readStreamParameters } from './stream-parameters.ts';
import type { FaceParts } from '../face-parts.ts';
import { V2 } from '../http/dialect.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { Route } from '../http/route.ts';

/** `GET /2/tweets/sample/stream`: the 1 % of all posts. */
export function sampleStreamRoutes(parts: FaceParts, gate: StreamGate): Route[] {
  return [
    {
      method: 'GET',
      path: '/2/tweets/sample/stream',
      callers: ['app'],
      dialect: V2,
      handle: (exchange) => stream(exchange, parts, gate),
    },
  ];
}

async function stream(exchange: Exchange, { feed, access }: FaceParts, gate: StreamGate): Promise<Answer | undefined> {
  const read = readStreamParameters(exchange.url.searchParams, { backfill: access.backfill });
  if (!read.ok) return invalidRequest(read.errors);
  const { parameters } = read;
  return gate.open(exchange, {
    endpoint: 'sample_stream',
    parameters,
    start: () => ({ cursor: feed.open(parameters), source: feed }),
  });
}
