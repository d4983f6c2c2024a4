import type { StreamGate } from './open-stream.ts';
import { partitionOf } from './partition.ts';
import { postRenderer } from './render-post.ts';
import { inTenth } from './sample-choice.ts';
import { readStreamParameters } from './stream-parameters.ts';
import type { FaceParts } from '../face-parts.ts';
import { V2 } from '../http/dialect.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { Route } from '../http/route.ts';
import type { Choices } from '../uncertain/choices.ts';
import type { Post } from '../world/model.ts';

const MINUTE_MS = 60_000;

interface VolumeStream {
  readonly path: string;
  readonly endpoint: string;
  readonly partitions: number;
  readonly holds: (choices: Choices) => (post: Post) => boolean;
}

const STREAMS: readonly VolumeStream[] = [
  { path: '/2/tweets/sample10/stream', endpoint: 'sample10_stream', partitions: 2, holds: inTenth },
  { path: '/2/tweets/firehose/stream', endpoint: 'firehose_stream', partitions: 20, holds: () => () => true },
  ...(['en', 'ja', 'ko', 'pt'] as const).map((language) => ({
    path: `/2/tweets/firehose/stream/lang/${language}`,
    endpoint: `firehose_stream_lang_${language}`,
    partitions: language === 'en' ? 8 : 2,
    holds: () => (post: Post) => post.language === language,
  })),
];

/** The streams of a tenth of all posts, of all posts, and of all posts in a language; each in partitions that share nothing. */
export function volumeStreamRoutes(parts: FaceParts, gate: StreamGate): Route[] {
  return STREAMS.map((kind) => ({
    method: 'GET',
    path: kind.path,
    callers: ['app'],
    dialect: V2,
    handle: (exchange) => stream(exchange, parts, gate, kind),
  }));
}

async function stream(
  exchange: Exchange,
  parts: FaceParts,
  gate: StreamGate,
  { endpoint, partitions, holds }: VolumeStream,
): Promise<Answer | undefined> {
  const { posts, access, world, choices } = parts;
  const shape = { partitions, now: world.now(), backfill: access.backfill };
  const read = readStreamParameters(exchange.url.searchParams, shape, parts);
  if (!read.ok) return read.problem;
  const { parameters } = read;
  return gate.open(exchange, {
    endpoint,
    parameters,
    start: () => {
      const render = postRenderer(world, parameters.fields, parts);
      const isHeld = holds(choices);
      const { partition } = parameters;
      const cursor = posts.open({
        select: (post) =>
          isHeld(post) && partitionOf(post, partitions) === partition ? { id: post.id, line: render(post) } : undefined,
        backfillMs: parameters.backfillMinutes * MINUTE_MS,
        span: parameters.span,
      });
      return { cursor, source: cursor };
    },
  });
}
