import { setImmediate as nextTurn } from 'node:timers/promises';
import { type LegacyCall, type LegacyEndpoint, shapeOf } from './endpoint.ts';
import { invalidParameter, PARAMETERS_MISSING, QUERY_INVALID, Refused } from './errors.ts';
import { exactNumber } from './exact-number.ts';
import { renderStatus } from './render-status.ts';
import { parseLegacyQuery } from './search-query.ts';
import { queryablePost } from '../api/queryable-post.ts';
import type { Answer } from '../http/exchange.ts';
import { conjunction, type QueryNode } from '../query/ast.ts';
import { compileQuery } from '../query/compile-query.ts';
import { queryOptions } from '../query/query-options.ts';
import { comparePosts, type Post, type PostTime, startOf } from '../world/model.ts';

const DEFAULT_COUNT = 15;
const MOST_COUNT = 100;
const MOST_CHARS = 500;
const DAY_MS = 86_400_000;
/** How far back the index goes. */
const WINDOW_MS = 7 * DAY_MS;
/** So many posts are looked at for one page: the platform's index never held everything either. */
const MOST_LOOKED_AT = 150_000;
/** Other calls get their turn after so many. */
const LOOKED_AT_A_TURN = 2000;
/** Reposts are found by their words, quotes aren't found by what they quote. */
const OPTIONS = queryOptions('search', { keywordsMatchReposts: true });

export const SEARCH_ENDPOINTS: readonly LegacyEndpoint[] = [
  { methods: ['GET'], path: 'search/tweets', handle: searchTweets },
];

/** Posts of the last seven days, newest first (`result_type` changes nothing but what is repeated in the answer). */
async function searchTweets(call: LegacyCall): Promise<Answer> {
  const { world, at, parameters, monotonicMs } = call;
  const query = parameters.text('q');
  if (query === undefined || query.trim() === '') return PARAMETERS_MISSING;
  if (Array.from(query).length > MOST_CHARS) return QUERY_INVALID;
  const count = parameters.count('count', DEFAULT_COUNT, MOST_COUNT);
  const bounds = boundsOf(call);
  const shape = { ...shapeOf(call), inSearch: true };
  const started = monotonicMs();
  const posts = await find(call, query, bounds, Math.max(1, count));
  const statuses = posts.map((post) => renderStatus(world, post, at, shape));
  const seconds = Math.round(monotonicMs() - started) / 1000;
  return { status: 200, body: { statuses, search_metadata: metadata(call, query, posts, count, seconds) } };
}

interface Bounds {
  readonly after: PostTime;
  readonly before: PostTime | undefined;
}

/** `until` names a day, which is left out. */
function boundsOf({ parameters, world, at }: LegacyCall): Bounds {
  const since = parameters.id('since_id');
  const max = parameters.id('max_id');
  const day = parameters.text('until');
  const until = day === undefined ? undefined : Date.parse(`${day} UTC`);
  if (day !== undefined && !(/^\d{4}-\d{1,2}-\d{1,2}$/.test(day) && Number.isFinite(until))) {
    throw new Refused(invalidParameter('until'));
  }
  const oldest = startOf(Math.min(at, world.now()) - WINDOW_MS);
  return {
    after: latest(oldest, since),
    before: earliest(max && { at: max.at, slot: max.slot + 1 }, until === undefined ? undefined : startOf(until)),
  };
}

async function find(call: LegacyCall, source: string, bounds: Bounds, count: number): Promise<Post[]> {
  const { world, at } = call;
  const { root, range } = parseLegacyQuery(source);
  const whole = [root, circleOf(call), languageOf(call)].filter((node) => node !== undefined);
  const matches = whole.length === 0 ? () => true : compileQuery(conjunction(whole), OPTIONS);
  const after = latest(bounds.after, range.after);
  const before = earliest(bounds.before, range.before);
  const found: Post[] = [];
  let looked = 0;
  for (const post of candidates(call, root, { after, before })) {
    if (matches(queryablePost(world, post, at))) found.push(post);
    if (found.length === count || ++looked === MOST_LOOKED_AT) break;
    if (looked % LOOKED_AT_A_TURN === 0) await nextTurn();
  }
  return found;
}

/** Where an author is demanded, only that account's posts are looked at. */
function* candidates(
  { world, at }: LegacyCall,
  root: QueryNode | undefined,
  range: { after: PostTime; before: PostTime | undefined },
): Iterable<Post> {
  const author = root && demandedAuthor(root);
  if (author === undefined) return yield* world.posts(range, 'newest-first', at);
  const account = world.accountByHandle(author, at) ?? world.accountById(author, at);
  if (account === undefined) return;
  for (const post of world.postsOf(account, range, at)) if (world.postStateAt(post, at) === 'public') yield post;
}

function demandedAuthor(root: QueryNode): string | undefined {
  if (root.kind === 'or') return undefined;
  const clauses =
    root.kind === 'clause' ? [root] : root.parts.flatMap((part) => (part.kind === 'clause' ? [part] : []));
  for (const { negated, term } of clauses) {
    if (!negated && term.kind === 'operator' && term.name === 'from' && term.value.kind === 'text')
      return term.value.text;
  }
  return undefined;
}

/** `geocode`: latitude, longitude, radius with its unit. */
function circleOf({ parameters }: LegacyCall): QueryNode | undefined {
  const text = parameters.text('geocode');
  if (text === undefined) return undefined;
  const [, latitude, longitude, radius, unit] =
    /^\s*(-?\d+(?:\.\d+)?)[, ](-?\d+(?:\.\d+)?)[, ](\d+(?:\.\d+)?)(km|mi)\s*$/.exec(text) ?? [];
  if (unit !== 'km' && unit !== 'mi') throw new Refused(QUERY_INVALID);
  const value = {
    kind: 'circle' as const,
    center: [Number(longitude), Number(latitude)] as const,
    radius: Number(radius),
    unit: unit === 'km' ? ('km' as const) : ('mi' as const),
  };
  return { kind: 'clause', negated: false, term: { kind: 'operator', name: 'point_radius', value }, position: 1 };
}

function languageOf({ parameters }: LegacyCall): QueryNode | undefined {
  const text = parameters.text('lang');
  if (text === undefined) return undefined;
  const value = { kind: 'text' as const, text };
  return { kind: 'clause', negated: false, term: { kind: 'operator', name: 'lang', value }, position: 1 };
}

/** What the answer tells of itself; `next_results` only on full pages. Keys in the order of the recordings. */
function metadata(
  call: LegacyCall,
  query: string,
  posts: readonly Post[],
  count: number,
  completed_in: number,
): object {
  const { parameters } = call;
  const q = encodeURIComponent(query).replaceAll('%20', '+');
  const type = parameters.text('result_type');
  const countText = parameters.text('count') === undefined ? '' : `&count=${count}`;
  const entities = `&include_entities=${parameters.flag('include_entities', true) ? 1 : 0}`;
  const last = posts.length >= Math.max(1, count) ? posts.at(-1) : undefined;
  const newest = posts.at(0)?.id ?? parameters.text('max_id') ?? '0';
  const since = parameters.text('since_id') ?? '0';
  const nextId = last === undefined ? undefined : String(BigInt(last.id) - 1n);
  return {
    completed_in,
    max_id: exactNumber(newest),
    max_id_str: newest,
    ...(nextId !== undefined && {
      next_results: `?max_id=${nextId}&q=${q}${countText}${entities}${type === undefined ? '' : `&result_type=${type}`}`,
    }),
    query: q,
    refresh_url: `?since_id=${newest}&q=${q}${type === undefined ? '' : `&result_type=${type}`}${entities}`,
    count,
    since_id: exactNumber(since),
    since_id_str: since,
  };
}

function latest(one: PostTime, other: PostTime | undefined): PostTime {
  return other !== undefined && comparePosts(other, one) > 0 ? other : one;
}

function earliest(one: PostTime | undefined, other: PostTime | undefined): PostTime | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return comparePosts(one, other) < 0 ? one : other;
}
