/** What the server asks about posts: searches, what their matches have in common, one post, saved searches. */
import type { Clock } from '../../core/time.ts';
import { MistnetError } from '../../core/errors.ts';
import type { Database, Queryable } from '../../store/db.ts';
import { linksOfPost } from '../../store/links/links-of-post.ts';
import {
  facetsOf,
  type Places,
  placesOf,
  type Timeline,
  timelineOf,
  type Total,
} from '../../store/search/describe-matches.ts';
import { waitingSince } from '../../store/search/index-backlog.ts';
import { findPosts, type FoundPost, type SearchPage } from '../../store/search/find-posts.ts';
import { postSummaries, type StoredPost } from '../../store/search/post-summaries.ts';
import { viewPost } from '../../store/search/post-view.ts';
import { removeSearch, type SavedSearch, savedSearches, saveSearch } from '../../store/search/saved-searches.ts';
import {
  type PostSearch,
  searchCondition,
  type SearchCondition,
  type CollectionSight,
} from '../../store/search/search-filter.ts';
import type { Sight } from '../caller.ts';
import type { PostDetail, PostFacets, PostSummary } from '../routes/post-schemas.ts';

/** A search as it is asked for; `collection` by its name. */
export type PostQuery = Omit<PostSearch, 'collectionId'> & { collection?: string | undefined };

/** What collections beyond `sight` met does not exist. Those with a query throw `collection.unknown` and `SearchTooSlow`. */
export type PostSources = {
  /** `last`: where the next page begins; undefined when there is none. */
  search(
    query: PostQuery,
    sight: Sight,
    page: SearchPage,
  ): Promise<{ posts: PostSummary[]; last: FoundPost | undefined }>;
  facets(query: PostQuery, sight: Sight): Promise<PostFacets>;
  timeline(query: PostQuery, sight: Sight): Promise<Timeline>;
  places(query: PostQuery, sight: Sight): Promise<Places>;
  /** Lines of JSON with the payload of each post as received, a page at a time in memory. */
  lines(query: PostQuery, sight: Sight): AsyncGenerator<string>;
  view(key: { platform: string; postId: string }, sight: Sight): Promise<PostDetail | undefined>;
  saved(userId: string | null): Promise<SavedSearch[]>;
  save(userId: string | null, search: { name: string; query: Record<string, string> }): Promise<SavedSearch | 'full'>;
  forget(userId: string | null, searchId: string): Promise<boolean>;
};

/** Posts of one page of a download. */
const LINES_A_PAGE = 500;
const NONE: Total = { count: 0, exact: true };

export function postSources({ db, clock }: { db: Database; clock: Clock }): PostSources {
  return {
    async search(query, sight, page) {
      const { condition, seen, names } = await toCondition(db, query, sight);
      if (condition === undefined) return { posts: [], last: undefined };
      // One more than asked tells whether there is a next page.
      const found = await findPosts(db, condition, { ...page, limit: page.limit + 1 });
      const shown = found.slice(0, page.limit);
      const posts = await postSummaries(db, shown, seen);
      return {
        posts: posts.map((post) => toSummary(post, names)),
        last: found.length > page.limit ? shown.at(-1) : undefined,
      };
    },
    async facets(query, sight) {
      const { condition, names } = await toCondition(db, query, sight);
      if (condition === undefined)
        return { total: NONE, langs: [], hashtags: [], kinds: [], authors: [], collections: [], waitingMs: null };
      const { collections, authors, ...facets } = await facetsOf(db, condition);
      return {
        ...facets,
        waitingMs: await waitingMs(db, clock),
        authors: authors.map(({ value, ...rest }) => ({ accountId: value, ...rest })),
        collections: collections.flatMap(({ value, count }) => {
          const name = names.get(value);
          return name === undefined ? [] : [{ value: name, count }];
        }),
      };
    },
    async timeline(query, sight) {
      const { condition } = await toCondition(db, query, sight);
      return condition === undefined ? { total: NONE, unit: 'hour', buckets: [] } : await timelineOf(db, condition);
    },
    async places(query, sight) {
      const { condition } = await toCondition(db, query, sight);
      return condition === undefined ? { total: NONE, cells: [], withoutPoint: 0 } : await placesOf(db, condition);
    },
    async *lines(query, sight) {
      const { condition, seen, names } = await toCondition(db, query, sight);
      if (condition !== undefined) yield* linesOf(db, condition, { seen, names });
    },
    async view(key, sight) {
      const { names, seen } = await visible(db, sight);
      const view = await viewPost(db, key, seen);
      if (view === undefined) return undefined;
      const { post, meetings, related, versions, ...rest } = view;
      return {
        post: post === undefined ? null : toSummary(post, names),
        payload: post === undefined || post.placeless ? null : post.payload,
        altered: post?.altered ?? [],
        ...rest,
        followedLinks: post === undefined ? [] : await linksOfPost(db, key),
        meetings: meetings.map(({ collectionId, ...meeting }) => ({
          collection: names.get(collectionId) ?? '',
          ...meeting,
        })),
        collections: [...new Set(meetings.map(({ collectionId }) => names.get(collectionId) ?? ''))].sort(),
        related: related.map((each) => toSummary(each, names)),
        versions: versions.map((version) => ({
          postId: version.postId,
          post: version.post === undefined ? null : toSummary(version.post, names),
        })),
      };
    },
    saved: (userId) => savedSearches(db, userId),
    save: (userId, search) => saveSearch(db, userId, { ...search, nowMs: clock.now() }),
    forget: (userId, searchId) => removeSearch(db, userId, searchId),
  };
}

/** Behind a stream the index is some seconds late always. */
async function waitingMs(db: Queryable, clock: Clock): Promise<number | null> {
  const since = await waitingSince(db);
  const waiting = since === undefined ? 0 : Math.max(0, clock.now() - Date.parse(since));
  return waiting < USUAL_WAIT_MS ? null : waiting;
}

const USUAL_WAIT_MS = 60_000;

/** Page after page: between two of them nothing is held, so that a slow reader keeps no connection. */
async function* linesOf(
  db: Database,
  condition: SearchCondition,
  { seen, names }: { seen: CollectionSight; names: Map<number, string> },
): AsyncGenerator<string> {
  for (let after: FoundPost | undefined; ; ) {
    const found: FoundPost[] = await findPosts(db, condition, { limit: LINES_A_PAGE, after });
    for (const post of await postSummaries(db, found, seen)) yield lineOf(post, names);
    after = found.at(-1);
    if (found.length < LINES_A_PAGE || after === undefined) return;
  }
}

/** The payload is put in as it is: nothing of it is read and written again, so no digit and no order is lost. A line break can only stand between its parts. */
function lineOf(post: StoredPost, names: Map<number, string>): string {
  const { platform, postId, at, capturedAt } = post;
  const collections = namesOf(post, names);
  const head = JSON.stringify({ platform, postId, at: at === '-infinity' ? capturedAt : at, capturedAt, collections });
  const payload = post.placeless ? 'null' : post.payload.replaceAll(/[\r\n]+/gu, ' ');
  return `${head.slice(0, -1)},"payload":${payload}}\n`;
}

function toSummary(post: StoredPost, names: Map<number, string>): PostSummary {
  const { collectionIds: _ids, payload: _payload, altered: _altered, placeless: _placeless, at, ...rest } = post;
  return { ...rest, at: at.endsWith('infinity') ? post.capturedAt : at, collections: namesOf(post, names) };
}

function namesOf({ collectionIds }: StoredPost, names: Map<number, string>): string[] {
  return collectionIds.flatMap((id) => names.get(id) ?? []).sort();
}

async function visible(db: Queryable, sight: Sight): Promise<{ names: Map<number, string>; seen: CollectionSight }> {
  const rows = await db.query<{ collection_id: number; name: string }>('select collection_id, name from collections');
  const shown = rows.filter(({ name }) => sight === 'all' || sight.has(name));
  const names = new Map(shown.map(({ collection_id, name }) => [collection_id, name]));
  return { names, seen: sight === 'all' ? 'all' : [...names.keys()] };
}

async function toCondition(db: Queryable, { collection, ...search }: PostQuery, sight: Sight) {
  const { names, seen } = await visible(db, sight);
  const [collectionId] = [...names].find(([, name]) => name === collection) ?? [];
  if (collection !== undefined && collectionId === undefined)
    throw new MistnetError('collection.unknown', `No collection is named "${collection}".`);
  return { condition: searchCondition({ ...search, collectionId }, seen), names, seen };
}
