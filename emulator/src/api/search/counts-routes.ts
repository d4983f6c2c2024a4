import { Buckets, type Granularity, GRANULARITIES } from './count-buckets.ts';
import { countPosts, EXACTLY } from './count-posts.ts';
import { PostSearch } from './post-search.ts';
import { readQuery } from './query-parameter.ts';
import { readAnchor, tokenAt, unlessAbandoned } from './search-routes.ts';
import { DAY_MS, readWindow, type SearchWindow } from './search-window.ts';
import type { FaceParts } from '../../face-parts.ts';
import { V2 } from '../../http/dialect.ts';
import type { Answer, Exchange } from '../../http/exchange.ts';
import type { Route } from '../../http/route.ts';
import { queryOptions } from '../../query/query-options.ts';
import { UNLIMITED } from '../../query/query-limits.ts';
import { comparePosts, type PostTime, startOf } from '../../world/model.ts';
import { isoSecond } from '../iso-second.ts';
import { PageTokens } from '../page-token.ts';
import { ParameterReader, type ParameterRule, Parameters } from '../parameters.ts';
import { invalidRequest } from '../problems.ts';
import { inVocabulary } from '../vocabulary.ts';

type Reach = 'recent' | 'all';

/** The recordings end ten seconds before they were asked for. */
const LAG_MS = 10_000;
/** What one page of the archive spans at most. */
const PAGE_MS = 31 * DAY_MS;

/** `GET /2/tweets/counts/recent` and `/all`. */
export function countsRoutes(parts: FaceParts): Route[] {
  return [countsRoute(parts, 'recent'), countsRoute(parts, 'all')];
}

function countsRoute({ world, access, vocabulary, search, choices }: FaceParts, reach: Reach): Route {
  const reader = new ParameterReader(RULES, []);
  const tokens = new PageTokens(world.seed);
  const options = queryOptions('search', { keywordsMatchReposts: search.findsReposts });
  const handle = async ({ url, response }: Exchange): Promise<Answer | undefined> => {
    const parameters = reader.read(url.searchParams);
    if (!(parameters instanceof Parameters)) return parameters;
    const at = world.now();
    const limits = (reach === 'recent' ? access.queries.recent : access.queries.archive) ?? UNLIMITED;
    const query = readQuery(url.searchParams, limits);
    const window = readWindow(parameters, { now: at, reach, lagMs: LAG_MS, wholeDays: true, choices });
    const purpose = `counts ${url.searchParams.get('query')}`;
    const anchor = readAnchor(tokens, purpose, parameters);
    if ('message' in query || Array.isArray(window) || (anchor !== undefined && 'message' in anchor)) {
      return invalidRequest([
        ...('message' in query ? [query] : []),
        ...(Array.isArray(window) ? window : []),
        ...(anchor !== undefined && 'message' in anchor ? [anchor] : []),
      ]);
    }
    const page = reach === 'all' ? pageOf(window, anchor) : window;
    const buckets = new Buckets(page.start, page.end, parameters.choice('granularity') as Granularity);
    const walk = new PostSearch(world, query, options, at, () => response.destroyed);
    const isCounted = await unlessAbandoned(
      countPosts(walk, page, buckets, search.countsExactly ? EXACTLY : undefined).then(() => true),
    );
    if (isCounted === undefined) return undefined;
    const next_token = page.start > window.start ? tokenAt(tokens, purpose, startOf(page.start)) : undefined;
    const data = buckets.list.map(({ start, end, count }) => ({
      end: isoSecond(end),
      start: isoSecond(start),
      tweet_count: count,
    }));
    const meta = { total_tweet_count: buckets.total, ...(next_token !== undefined && { next_token }) };
    return { status: 200, body: inVocabulary(vocabulary, { ...(data.length > 0 && { data }), meta }) };
  };
  return { method: 'GET', path: `/2/tweets/counts/${reach}`, callers: ['app'], dialect: V2, handle };
}

const RULES: readonly ParameterRule[] = [
  { name: 'query', kind: 'text' },
  { name: 'start_time', kind: 'instant' },
  { name: 'end_time', kind: 'instant' },
  { name: 'since_id', kind: 'id' },
  { name: 'until_id', kind: 'id' },
  { name: 'next_token', kind: 'text' },
  { name: 'pagination_token', kind: 'text' },
  { name: 'granularity', kind: 'choice', values: Object.keys(GRANULARITIES), fallback: 'hour' },
  // All of a count is always shown.
  { name: 'search_count.fields', kind: 'choices', values: ['end', 'start', 'tweet_count', 'post_count'] },
];

/** The newest days that are left, whole ones as far as there are. */
function pageOf(window: SearchWindow, anchor: PostTime | undefined): SearchWindow {
  const end = anchor === undefined ? window.end : Math.max(window.start, Math.min(window.end, anchor.at));
  const before = end < window.end ? startOf(end) : window.before;
  if (end - window.start <= PAGE_MS) return { ...window, end, before };
  const start = Math.ceil((end - PAGE_MS) / DAY_MS) * DAY_MS;
  const after = startOf(start);
  return { start, end, after: comparePosts(after, window.after) > 0 ? after : window.after, before };
}
