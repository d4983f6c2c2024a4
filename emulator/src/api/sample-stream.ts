import type { StreamGate } from './open-stream.ts';
import { postRenderer } from './render-post.ts';
import { inHundredth } from './sample-choice.ts';
import { readStreamParameters, type StreamParameters } from './stream-parameters.ts';
import type { FaceParts } from '../face-parts.ts';
import type { Cursor, LineSource } from '../feed/feed.ts';
import { V2 } from '../http/dialect.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { Route } from '../http/route.ts';

const MINUTE_MS = 60_000;

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

async function stream(exchange: Exchange, parts: FaceParts, gate: StreamGate): Promise<Answer | undefined> {
  const read = readStreamParameters(exchange.url.searchParams, { backfill: parts.access.backfill }, parts);
  if (!read.ok) return read.problem;
  const { parameters } = read;
  return gate.open(exchange, {
    endpoint: 'sample_stream',
    parameters,
    start: () => open(parts, parameters),
  });
}

/** The world makes a sample of its own, in the milliseconds of the sample; one drawn at random is picked from all posts. */
function open(parts: FaceParts, parameters: StreamParameters): { cursor: Cursor; source: LineSource } {
  const { feed, replays, choices, world, posts } = parts;
  if (replays || choices['sample-choice'] === 'milliseconds') return { cursor: feed.open(parameters), source: feed };
  const isSampled = inHundredth(choices);
  const render = postRenderer(world, parameters.fields, parts);
  const cursor = posts.open({
    select: (post) => (isSampled(post) ? { id: post.id, line: render(post) } : undefined),
    backfillMs: parameters.backfillMinutes * MINUTE_MS,
  });
  return { cursor, source: cursor };
}
