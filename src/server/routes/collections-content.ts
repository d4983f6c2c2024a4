/** What is in a collection: posts over time, the newest ones, readings, files. */
import { z } from 'zod';
import type { Clock } from '../../core/time.ts';
import type { App } from '../app-type.ts';
import { requireAccess } from '../caller.ts';
import type { RecentFeed } from '../recent-feed.ts';
import { jsonReply, problemReplies, streamReply } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';
import { countBuckets, DAY_MS, HOUR_MS, LONGEST_DAYS, LONGEST_HOURS } from '../time-buckets.ts';
import {
  historyReplySchema,
  nameParams,
  recentPostsSchema,
  runsReplySchema,
  segmentDaysSchema,
  timeBucketsSchema,
} from './collections-schemas.ts';

const run = /^(\d{4}-\d\d-\d\dT[0-9:.]+Z)~([0-9a-f-]{36})$/;

export function collectionContentRoutes(
  app: App,
  { sources, feed, clock }: { sources: ServerSources; feed: RecentFeed; clock: Clock },
): void {
  const { collections } = sources;

  app.get(
    '/api/v1/collections/:name/posts-over-time',
    {
      schema: {
        operationId: 'getPostsOverTime',
        summary: 'Posts captured by hour or day, with the gaps of that time',
        tags: ['collections'],
        params: nameParams,
        querystring: z.object({
          bucket: z.enum(['hour', 'day']).default('hour'),
          count: z.coerce
            .number()
            .int()
            .min(1)
            .max(LONGEST_HOURS)
            .default(48)
            .meta({
              description: `How many buckets, the running one last; at most ${LONGEST_HOURS} hours or ${LONGEST_DAYS} days`,
            }),
        }),
        response: { 200: jsonReply('Buckets and gaps', timeBucketsSchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const { name } = request.params;
      await requireAccess(request, name, 'view');
      const { bucket, count } = request.query;
      const step = bucket === 'hour' ? HOUR_MS : DAY_MS;
      const shown = bucket === 'hour' ? count : Math.min(count, LONGEST_DAYS);
      const toMs = (Math.floor(clock.now() / step) + 1) * step;
      const [from, to] = [new Date(toMs - shown * step).toISOString(), new Date(toMs).toISOString()];
      const [hours, gaps] = await askSource(
        Promise.all([collections.postsByHour({ from, to, name }), collections.gapsWithin(name, { from, to })]),
      );
      return {
        bucket,
        from,
        to,
        counts: countBuckets(hours, { fromMs: toMs - shown * step, step, count: shown }),
        gaps,
      };
    },
  );

  app.get(
    '/api/v1/collections/:name/recent-posts',
    {
      schema: {
        operationId: 'listRecentPosts',
        summary: 'The posts that came last, newest first',
        tags: ['collections'],
        params: nameParams,
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) }),
        response: { 200: jsonReply('Posts', recentPostsSchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const { name } = request.params;
      await requireAccess(request, name, 'view');
      return { posts: await askSource(collections.recentPosts(name, request.query.limit)) };
    },
  );

  app.get(
    '/api/v1/collections/:name/events',
    {
      schema: {
        operationId: 'listenToCollection',
        summary: 'Server-sent events: posts as they come, at most twenty at a time',
        tags: ['collections'],
        params: nameParams,
        response: {
          200: streamReply('Events until the listener goes', 'text/event-stream'),
          ...problemReplies(404, 503),
        },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      await requireAccess(request, name, 'view');
      const mayGoOn = async () => {
        const caller = await request.callers.callerOf(request);
        return (await request.callers.accessTo(caller, name)) !== 'none';
      };
      return reply
        .type('text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store, no-transform')
        .header('x-accel-buffering', 'no')
        .send(feed.listen(name, mayGoOn));
    },
  );

  app.get(
    '/api/v1/collections/:name/runs',
    {
      schema: {
        operationId: 'listCollectionRuns',
        summary: 'Readings of timelines, newest first, and the errors of those that failed',
        tags: ['collections'],
        params: nameParams,
        querystring: z.object({
          errors: z.enum(['true', 'false']).default('false').meta({ description: 'true: only those with an error' }),
          before: z
            .string()
            .regex(run, 'is not `next` of a page')
            .optional()
            .meta({ description: '`next` of the page before' }),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
        response: { 200: jsonReply('A page of readings', runsReplySchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const { name } = request.params;
      await requireAccess(request, name, 'view');
      const { errors, before, limit } = request.query;
      const [, startedAt = '', runId = ''] = run.exec(before ?? '') ?? [];
      const runs = await askSource(
        collections.runs(name, {
          onlyErrors: errors === 'true',
          ...(before === undefined ? {} : { before: { startedAt, runId } }),
          limit: limit + 1,
        }),
      );
      const shown = runs.slice(0, limit);
      const last = shown.at(-1);
      return {
        runs: shown,
        next: runs.length > limit && last !== undefined ? `${last.startedAt}~${last.runId}` : null,
      };
    },
  );

  app.get(
    '/api/v1/collections/:name/history',
    {
      schema: {
        operationId: 'listCollectionHistory',
        summary: 'Who changed what of a collection on the page or by the API, newest first',
        tags: ['collections'],
        params: nameParams,
        querystring: z.object({
          before: z
            .string()
            .regex(/^[1-9]\d{0,17}$/, 'is not `next` of a page')
            .optional()
            .meta({ description: '`next` of the page before' }),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
        response: { 200: jsonReply('A page of changes', historyReplySchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const { name } = request.params;
      await requireAccess(request, name, 'view');
      const { before, limit } = request.query;
      const page = { limit: limit + 1, ...(before === undefined ? {} : { before }) };
      const changes = await askSource(collections.history(name, page));
      const shown = changes.slice(0, limit);
      return {
        changes: shown.map(({ entryId, at, who, via, action, details }) => ({
          ...{ changeId: entryId, at, who, via, action, details: shownDetails(details) },
        })),
        next: changes.length > limit ? (shown.at(-1)?.entryId ?? null) : null,
      };
    },
  );

  app.get(
    '/api/v1/collections/:name/segment-days',
    {
      schema: {
        operationId: 'listSegmentDays',
        summary: 'What lies in files as it arrived, by UTC day, newest first',
        tags: ['collections'],
        params: nameParams,
        querystring: z.object({
          before: z.iso.date().optional().meta({ description: '`next` of the page before' }),
          limit: z.coerce.number().int().min(1).max(100).default(14),
        }),
        response: { 200: jsonReply('A page of days', segmentDaysSchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const { name } = request.params;
      await requireAccess(request, name, 'view');
      const { before, limit } = request.query;
      const days = await askSource(
        collections.segmentDays(name, { limit: limit + 1, ...(before === undefined ? {} : { before }) }),
      );
      const shown = days.slice(0, limit);
      return { days: shown, next: days.length > limit ? (shown.at(-1)?.day ?? null) : null };
    },
  );
}

/** Whoever sees the collection sees these; addresses of those that it is shared with stay in the audit log. */
const SHOWN = [
  ...['kind', 'keep', 'credential', 'schedule', 'addSeeds', 'removeSeeds', 'reason', 'visibility', 'outcome'],
  ...['monthlyMicros', 'budgetMicros'],
];

function shownDetails(details: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(details).filter(([key]) => SHOWN.includes(key)));
}
