/** Posts: search, what the matches have in common, one post, a search as a file. */
import { Readable } from 'node:stream';
import { z } from 'zod';
import { instantText } from '../../core/instant-text.ts';
import { SearchTooSlow } from '../../store/search/bounded.ts';
import type { FoundPost } from '../../store/search/find-posts.ts';
import type { App } from '../app-type.ts';
import { sightOf } from '../caller.ts';
import { ProblemError } from '../problems.ts';
import { jsonReply, problemReplies, streamReply } from '../reply-schemas.ts';
import { downloadPolicy } from '../security-headers.ts';
import { askSource } from '../source-call.ts';
import { postKinds } from '../../core/post.ts';
import type { ServerSources } from '../sources.ts';
import type { PostQuery } from '../sources/posts.ts';
import {
  postDetailSchema,
  postFacetsSchema,
  postPlacesSchema,
  postsReplySchema,
  postTimelineSchema,
} from './post-schemas.ts';

const things = ['media', 'links', 'geo'] as const;

const searchQuery = z.object({
  q: z.string().max(1000).optional().meta({
    description:
      'Words that all must be there; "a phrase", OR, -without, begin*, #tag, @name, from:name, link:example.org',
  }),
  author: z
    .string()
    .max(100)
    .optional()
    .meta({ description: 'Name with or without @, as it was when captured, or the id' }),
  hashtag: z.string().max(100).optional(),
  lang: z.string().max(20).optional().meta({ description: 'As the platform says, like de' }),
  kind: z.enum(postKinds).optional(),
  has: z
    .string()
    .regex(/^(media|links|geo)(,(media|links|geo)){0,2}$/u, 'is not media, links or geo, with commas between')
    .optional(),
  from: instantText.optional().meta({ description: 'Posted at this instant or later' }),
  to: instantText.optional().meta({ description: 'Posted before this instant' }),
  collection: z.string().max(63).optional(),
  near: z
    .string()
    .max(60)
    .refine((text) => nearOf(text) !== undefined, 'is not latitude,longitude,km like 48.2,16.37,200')
    .optional()
    .meta({ description: 'Written within so many km of a point, as far as posts say it: latitude,longitude,km' }),
});

/** `2026-11-22 13:00:00.5+00~x~123`: the last post of a page, as `next` says it. */
const BEFORE =
  /^(-infinity|\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?\+00(?: BC)?)~([a-z]{1,20})~([\w.:-]{1,200})$/u;

const postParams = z.object({
  platform: z.string().regex(/^[a-z]{1,20}$/u),
  postId: z.string().regex(/^[\w.:-]{1,200}$/u),
});

export function postRoutes(app: App, { sources: { posts } }: { sources: Pick<ServerSources, 'posts'> }): void {
  app.get(
    '/api/v1/posts',
    {
      schema: {
        operationId: 'searchPosts',
        summary: 'Posts of the collections you may see, newest first',
        tags: ['posts'],
        querystring: searchQuery.extend({
          before: z.string().regex(BEFORE, 'is not `next` of a page').optional(),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
        response: { 200: jsonReply('A page of posts', postsReplySchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const { before, limit, ...query } = request.query;
      const page = { limit, after: parseBefore(before) };
      const { posts: found, last } = await askSearch(posts.search(toQuery(query), await sightOf(request), page));
      return { posts: found, next: last === undefined ? null : `${last.at}~${last.platform}~${last.postId}` };
    },
  );
  app.get(
    '/api/v1/posts/facets',
    {
      schema: {
        operationId: 'getPostFacets',
        summary: 'How many posts a search finds, their languages, hashtags, authors, kinds and collections',
        tags: ['posts'],
        querystring: searchQuery,
        response: { 200: jsonReply('Facets', postFacetsSchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => await askSearch(posts.facets(toQuery(request.query), await sightOf(request))),
  );
  app.get(
    '/api/v1/posts/timeline',
    {
      schema: {
        operationId: 'getPostTimeline',
        summary: 'When the posts of a search were posted, in at most about 120 buckets',
        tags: ['posts'],
        querystring: searchQuery,
        response: { 200: jsonReply('Buckets', postTimelineSchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => await askSearch(posts.timeline(toQuery(request.query), await sightOf(request))),
  );
  app.get(
    '/api/v1/posts/places',
    {
      schema: {
        operationId: 'getPostPlaces',
        summary: 'Where the posts of a search were written, for those that say',
        tags: ['posts'],
        querystring: searchQuery,
        response: { 200: jsonReply('Cells of a grid', postPlacesSchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => await askSearch(posts.places(toQuery(request.query), await sightOf(request))),
  );
  app.get(
    '/api/v1/posts/download',
    {
      schema: {
        operationId: 'downloadPosts',
        summary: 'All posts of a search, newest first: a line of JSON each, with the payload as received',
        tags: ['posts'],
        querystring: searchQuery,
        response: { 200: streamReply('Lines', 'application/x-ndjson'), ...problemReplies(400, 404, 503) },
      },
    },
    async (request, reply) => {
      const lines = posts.lines(toQuery(request.query), await sightOf(request));
      // What is wrong with the search is said before a file begins.
      const first = await askSearch(lines.next());
      return reply
        .type('application/x-ndjson; charset=utf-8')
        .header('content-security-policy', downloadPolicy)
        .header('content-disposition', 'attachment; filename="posts.jsonl"')
        .send(Readable.from(resumed(first, lines), { objectMode: false, highWaterMark: 64 * 1024 }));
    },
  );
  app.get(
    '/api/v1/posts/:platform/:postId',
    {
      schema: {
        operationId: 'getPost',
        summary: 'One post: as shown, as received, each meeting with its counts, what the platform said later',
        tags: ['posts'],
        params: postParams,
        response: { 200: jsonReply('The post', postDetailSchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const { platform, postId } = request.params;
      const found = await askSource(posts.view(request.params, await sightOf(request)));
      if (found === undefined) throw new ProblemError('post.unknown', `No post ${platform}/${postId} is here.`);
      return found;
    },
  );
}

async function* resumed(first: IteratorResult<string>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  try {
    if (first.done !== true) yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

function toQuery({ q, has, near, ...query }: z.infer<typeof searchQuery>): PostQuery {
  return {
    ...query,
    text: q,
    has: things.filter((thing) => has?.split(',').includes(thing) === true),
    ...(near === undefined ? {} : { near: nearOf(near) }),
  };
}

const FARTHEST_KM = 20_100;

function nearOf(text: string): PostQuery['near'] {
  if (!/^-?\d{1,3}(\.\d{1,9})?,-?\d{1,3}(\.\d{1,9})?,\d{1,5}(\.\d{1,9})?$/u.test(text)) return undefined;
  const [latitude = Number.NaN, longitude = Number.NaN, km = Number.NaN] = text.split(',').map(Number);
  const isSomewhere = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && km > 0 && km <= FARTHEST_KM;
  return isSomewhere ? { latitude, longitude, km } : undefined;
}

function parseBefore(text: string | undefined): FoundPost | undefined {
  const [, at, platform, postId] = BEFORE.exec(text ?? '') ?? [];
  return at === undefined || platform === undefined || postId === undefined ? undefined : { at, platform, postId };
}

/** A search may take longer than other questions, and PostgreSQL ends it by itself: so it is waited for. */
async function askSearch<T>(call: Promise<T>): Promise<T> {
  try {
    return await askSource(call, SEARCH_DEADLINE_MS);
  } catch (error) {
    if (!(error instanceof SearchTooSlow)) throw error;
    throw new ProblemError(
      'search.too-slow',
      `${error.message} Add a word, a hashtag, an author or a time, and it has less to look through.`,
      { cause: error },
    );
  }
}

/** A little more than a search of several statements is given. */
const SEARCH_DEADLINE_MS = 20_000;
