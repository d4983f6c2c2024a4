import { readQuery } from './query-parameter.ts';
import { Abandoned, PostSearch } from './post-search.ts';
import { readWindow } from './search-window.ts';
import type { FaceParts } from '../../face-parts.ts';
import type { CallerKind } from '../../credentials/caller.ts';
import { V2 } from '../../http/dialect.ts';
import type { Answer, Exchange } from '../../http/exchange.ts';
import type { Route } from '../../http/route.ts';
import { queryOptions } from '../../query/query-options.ts';
import { UNLIMITED } from '../../query/query-limits.ts';
import { comparePosts, type Post, type PostTime, type World } from '../../world/model.ts';
import { tweetFieldLists } from '../field-names.ts';
import { DocumentBuilder } from '../objects/document.ts';
import { viewerOf } from '../objects/sight.ts';
import { PageTokens, SEARCH_TOKENS } from '../page-token.ts';
import { ParameterReader, type ParameterRule, Parameters } from '../parameters.ts';
import { invalidRequest, type ParameterError } from '../problems.ts';
import { inVocabulary } from '../vocabulary.ts';

type Reach = 'recent' | 'all';

const MOST_RESULTS: Readonly<Record<Reach, number>> = { recent: 100, all: 500 };
const CALLERS: Readonly<Record<Reach, readonly CallerKind[]>> = { recent: ['app', 'user1', 'user2'], all: ['app'] };
/** The last half minute isn't in the index yet. */
const LAG_MS = 30_000;

/** `GET /2/tweets/search/recent` and `/all`. */
export function searchRoutes(parts: FaceParts): Route[] {
  return [searchRoute(parts, 'recent'), searchRoute(parts, 'all')];
}

function searchRoute({ world, access, vocabulary, search, choices }: FaceParts, reach: Reach): Route {
  const reader = new ParameterReader(rulesOf(reach), tweetFieldLists(vocabulary));
  const tokens = new PageTokens(world.seed);
  const options = queryOptions('search', { keywordsMatchReposts: search.findsReposts });
  const handle = async ({ url, caller, response }: Exchange): Promise<Answer | undefined> => {
    const parameters = reader.read(url.searchParams);
    if (!(parameters instanceof Parameters)) return parameters;
    const at = world.now();
    const limits = (reach === 'recent' ? access.queries.recent : access.queries.archive) ?? UNLIMITED;
    const query = readQuery(url.searchParams, limits);
    const window = readWindow(parameters, { now: at, reach, lagMs: LAG_MS, wholeDays: false, choices });
    const purpose = `search ${url.searchParams.get('query')}`;
    const anchor = readAnchor(tokens, purpose, parameters);
    const errors = [
      ...('message' in query ? [query] : []),
      ...(Array.isArray(window) ? window : []),
      ...(anchor !== undefined && 'message' in anchor ? [anchor] : []),
    ];
    if ('message' in query || Array.isArray(window) || (anchor !== undefined && 'message' in anchor)) {
      return invalidRequest(errors);
    }
    const before = anchor !== undefined && comparePosts(anchor, window.before) < 0 ? anchor : window.before;
    const walk = new PostSearch(world, query, options, at, () => response.destroyed);
    const page = await unlessAbandoned(walk.page({ after: window.after, before }, parameters.integer('max_results')));
    if (page === undefined) return undefined;
    const builder = new DocumentBuilder(world, parameters.fields, viewerOf(caller, at), choices);
    const shown = parameters.choice('sort_order') === 'relevancy' ? byRelevance(world, page.posts, at) : page.posts;
    const document = builder.finish(shown.map((post) => builder.post(post, 'id')));
    const body = { ...document, meta: metaOf(page.posts, page.next && tokenAt(tokens, purpose, page.next)) };
    return { status: 200, body: inVocabulary(vocabulary, body) };
  };
  return { method: 'GET', path: `/2/tweets/search/${reach}`, callers: CALLERS[reach], dialect: V2, handle };
}

function rulesOf(reach: Reach): readonly ParameterRule[] {
  return [
    { name: 'query', kind: 'text' },
    { name: 'start_time', kind: 'instant' },
    { name: 'end_time', kind: 'instant' },
    { name: 'since_id', kind: 'id' },
    { name: 'until_id', kind: 'id' },
    { name: 'max_results', kind: 'integer', least: 10, most: MOST_RESULTS[reach], fallback: 10 },
    { name: 'next_token', kind: 'text' },
    { name: 'pagination_token', kind: 'text' },
    { name: 'sort_order', kind: 'choice', values: ['recency', 'relevancy'], fallback: 'recency' },
  ];
}

/** Where the page begins that `next_token` or `pagination_token` names: tokens are good for their own query alone. */
export function readAnchor(
  tokens: PageTokens,
  purpose: string,
  parameters: Parameters,
): PostTime | ParameterError | undefined {
  const name = parameters.text('next_token') === undefined ? 'pagination_token' : 'next_token';
  const token = parameters.text(name);
  if (token === undefined) return undefined;
  return (
    tokens.readPosts(SEARCH_TOKENS, purpose, token) ?? {
      parameters: { [name]: [token] },
      message: `Invalid '${name}':'${token}'`,
    }
  );
}

export function tokenAt(tokens: PageTokens, purpose: string, { at, slot }: PostTime): string {
  return tokens.ofPosts(SEARCH_TOKENS, purpose, { direction: 'next', at, slot, seen: 0 });
}

/** The result, or undefined when the client has gone: then there is nothing to answer. */
export async function unlessAbandoned<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof Abandoned) return undefined;
    throw error;
  }
}

/** Keys in the order of the recordings. @param posts newest first */
function metaOf(posts: readonly Post[], next_token: string | undefined): object {
  const newest = posts[0];
  const oldest = posts.at(-1);
  return {
    ...(newest !== undefined && oldest !== undefined && { newest_id: newest.id, oldest_id: oldest.id }),
    result_count: posts.length,
    ...(next_token !== undefined && { next_token }),
  };
}

/** What was answered most comes first; pages are cut by time all the same, so that they stay anchored. */
function byRelevance(world: World, posts: readonly Post[], at: number): Post[] {
  const weights = new Map(
    posts.map((post) => {
      const { likes, reposts, replies, quotes } = world.metricsAt(post, at);
      return [post, likes + 2 * (reposts + replies + quotes)] as const;
    }),
  );
  return posts.toSorted((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0));
}
