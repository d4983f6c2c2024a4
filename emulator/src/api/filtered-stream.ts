import type { StreamGate } from './open-stream.ts';
import { queryablePost } from './queryable-post.ts';
import { postRenderer } from './render-post.ts';
import type { RuleBook, StreamRule } from './rule-book.ts';
import { readStreamParameters, type StreamParameters } from './stream-parameters.ts';
import type { FaceParts } from '../face-parts.ts';
import type { Select } from '../feed/timeline-feed.ts';
import { V2 } from '../http/dialect.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { Route } from '../http/route.ts';
import type { Post } from '../world/model.ts';

const MINUTE_MS = 60_000;

/** `GET /2/tweets/search/stream`: all posts that match the app's rules, each once, with the rules that it matched. */
export function filteredStreamRoutes(parts: FaceParts, gate: StreamGate): Route[] {
  return [
    {
      method: 'GET',
      path: '/2/tweets/search/stream',
      callers: ['app'],
      dialect: V2,
      handle: (exchange) => stream(exchange, parts, gate),
    },
  ];
}

async function stream(exchange: Exchange, parts: FaceParts, gate: StreamGate): Promise<Answer | undefined> {
  const { posts, rules, access, world } = parts;
  const { caller, url } = exchange;
  const read = readStreamParameters(url.searchParams, { now: world.now(), backfill: access.backfill }, parts);
  if (!read.ok) return read.problem;
  const { parameters } = read;
  const book = rules.of(caller.kind === 'nobody' ? '' : caller.app.id);
  return gate.open(exchange, {
    endpoint: 'filtered_stream',
    parameters,
    lacksRules: book.size === 0,
    start: () => {
      const cursor = posts.open({
        select: matching(parts, book, parameters),
        backfillMs: parameters.backfillMinutes * MINUTE_MS,
        span: parameters.span,
        revision: () => book.changes.length,
      });
      return { cursor, source: cursor };
    },
  });
}

function matching(parts: FaceParts, book: RuleBook, { fields, span }: StreamParameters): Select<Post> {
  const { world, choices } = parts;
  const render = postRenderer(world, fields, parts);
  const renderRule = choices['untagged-rule'] === 'empty' ? withTag : withTagIfAny;
  return (post) => {
    // A recovery asks with the rules of today what it missed.
    const rules = book.match(
      queryablePost(world, post, post.at),
      span === undefined ? post.at : Number.POSITIVE_INFINITY,
    );
    if (rules.length === 0) return undefined;
    return { id: post.id, line: `${render(post).slice(0, -1)},"matching_rules":[${rules.map(renderRule).join(',')}]}` };
  };
}

function withTag({ id, tag }: StreamRule): string {
  return `{"id":"${id}","tag":${JSON.stringify(tag ?? '')}}`;
}

function withTagIfAny(rule: StreamRule): string {
  return rule.tag === undefined ? `{"id":"${rule.id}"}` : withTag(rule);
}
