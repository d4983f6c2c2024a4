/** Filters: checked while they are typed, tried by what they would have brought, kept in versions. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { plainWords } from '../../core/rules/plain-words.ts';
import { filterDefinitionSchema } from '../../core/rules/definition.ts';
import type { App } from '../app-type.ts';
import { changeWithDeed } from '../audit.ts';
import { requireAccess } from '../caller.ts';
import { requireNameable } from '../own-credentials.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';
import type { FilterWish } from '../sources/filters.ts';
import { besideFields } from '../beside-fields.ts';
import { FILTER_BODY_BYTES, nameParams } from './collections-schemas.ts';

const count = z.number().int().nonnegative();
const instant = (description: string) => z.string().meta({ description, format: 'date-time' });

const problemSchema = z
  .object({
    field: z.string().meta({ description: 'words, people, locations, places, countries, languages or raw' }),
    line: count.optional().meta({ description: 'Which of its entries, from 0; absent: the field as a whole' }),
    message: z.string(),
  })
  .meta({ id: 'FilterProblem' });

const checkedShape = {
  problems: z.array(problemSchema).meta({ description: 'What keeps it from being kept' }),
  warnings: z.array(problemSchema).meta({ description: 'What is worth a second look; it can be kept' }),
  words: z.array(z.string()).meta({ description: 'What it asks for, in plain sentences' }),
  rule: z.string().meta({ description: "The whole in the platform's grammar; empty when nothing is asked for" }),
  clauses: count.meta({ description: 'How many alternatives it has' }),
};

const streamSchema = z.object({
  credential: z.string(),
  isSynced: z.boolean().meta({ description: 'Whether the platform has what is wanted' }),
  syncedAt: instant('When that was so last').nullable(),
  error: z.string().nullable(),
  rules: z.array(
    z.object({
      tag: z.string(),
      value: z.string(),
      state: z.enum(['wanted', 'present', 'leaving']),
      presentAt: instant('Since when the platform has it').nullable(),
      error: z.string().nullable(),
    }),
  ),
});

const versionShape = {
  version: count,
  definition: filterDefinitionSchema.meta({ id: 'FilterDefinition' }),
  by: z.string().meta({ description: 'Who wished it' }),
  reason: z.string().meta({ description: 'Why' }),
  createdAt: instant('When'),
};

const wishSchema = z.strictObject({
  definition: filterDefinitionSchema,
  api: z.enum(['v2', 'v1.1']).default('v2'),
  credential: z.string().min(1).max(63).optional(),
  collection: z.string().optional().meta({
    description: 'A filter that is there and may be changed: by its interface and credential, whatever else is said',
  }),
});

/** A change is waited for: who hears that the database is away would make it twice. */
const CHANGE_MS = 10_000;
/** A preview asks the platform. */
const PREVIEW_MS = 25_000;

export function filterRoutes(app: App, { sources }: { sources: ServerSources }): void {
  const { filters, operations } = sources;
  const wishOf = async (request: FastifyRequest<{ Body: z.infer<typeof wishSchema> }>): Promise<FilterWish> => {
    const { collection, credential, definition, api } = request.body;
    if (collection !== undefined) {
      await requireAccess(request, collection, 'edit');
      return { definition, api, collection };
    }
    if (credential !== undefined) await requireNameable(operations, request, credential);
    const owner = request.caller.user?.email;
    return {
      ...{ definition, api },
      ...(credential === undefined ? {} : { credential }),
      ...(owner === undefined ? {} : { owner }),
    };
  };

  app.post(
    '/api/v1/filters/check',
    {
      bodyLimit: FILTER_BODY_BYTES,
      schema: {
        operationId: 'checkFilter',
        summary: 'What a filter asks for in words and as a rule, and what is wrong with it; the platform is not asked',
        tags: ['collections'],
        body: wishSchema,
        response: {
          200: jsonReply('The filter', z.object(checkedShape).meta({ id: 'CheckedFilter' })),
          ...problemReplies(400, 403, 404, 409, 503),
        },
      },
    },
    async (request) => askSource(filters.check(await wishOf(request))),
  );

  app.post(
    '/api/v1/filters/preview',
    {
      bodyLimit: FILTER_BODY_BYTES,
      schema: {
        operationId: 'previewFilter',
        summary:
          'How many posts of the last seven days a filter would have found, by the platform; a paid call now and then',
        tags: ['collections'],
        body: wishSchema,
        response: {
          200: jsonReply(
            'Counts, or why there are none',
            z
              .object({
                hours: z.array(z.object({ start: instant('Begin of the hour'), posts: count })).nullable(),
                isAbout: z.boolean().meta({ description: 'Parts were counted one by one: a post may count twice' }),
                isPart: z.boolean().meta({ description: 'Only the first parts were counted: there will be more' }),
                why: z.string().nullable().meta({ description: 'Why nothing can be told' }),
                postsPerDay: z.number().nonnegative().nullable(),
                costPerDayMicros: count
                  .nullable()
                  .meta({ description: 'At the price of a post, in millionths of a dollar' }),
              })
              .meta({ id: 'FilterPreview' }),
          ),
          ...problemReplies(400, 403, 404, 409, 503),
        },
      },
    },
    async (request) => askSource(filters.preview(await wishOf(request)), PREVIEW_MS),
  );

  app.get(
    '/api/v1/collections/:name/filter',
    {
      schema: {
        operationId: 'getFilter',
        summary: 'What a filter collection asks for now, and the rules that the platform has of it',
        tags: ['collections'],
        params: nameParams,
        response: {
          200: jsonReply(
            'The newest version',
            z
              .object({ ...versionShape, ...checkedShape, stream: streamSchema.nullable() })
              .meta({ id: 'CurrentFilter' }),
          ),
          ...problemReplies(404, 409, 503),
        },
      },
    },
    async (request) => {
      const { name } = request.params;
      await requireAccess(request, name, 'view');
      return askSource(filters.current(name));
    },
  );

  app.put(
    '/api/v1/collections/:name/filter',
    {
      bodyLimit: FILTER_BODY_BYTES,
      schema: {
        operationId: 'changeFilter',
        summary: 'Changes what a filter collection asks for; the version before stays in its history',
        tags: ['collections'],
        params: nameParams,
        body: z.strictObject({
          definition: filterDefinitionSchema,
          reason: z.string().trim().min(1, 'Say why, in a few words.').max(500),
          basedOn: z.int().positive().optional().meta({
            description:
              'The version that you saw: 409 `filter.changed` if there is a newer one. Without it, that is replaced unseen',
          }),
        }),
        response: {
          200: jsonReply('Kept', z.object({ warnings: z.array(problemSchema) }).meta({ id: 'ChangedFilter' })),
          ...problemReplies(400, 403, 404, 409, 503),
        },
      },
    },
    async (request) => {
      const { name } = request.params;
      await requireAccess(request, name, 'edit');
      const { definition, reason, basedOn } = request.body;
      const by = request.caller.user?.name ?? request.caller.via;
      const deed = { action: 'collection.filter', target: name, details: { reason } };
      const save = changeWithDeed(
        request,
        deed,
        (inside) =>
          inside.filters.save(name, { definition, reason, by, ...(basedOn === undefined ? {} : { basedOn }) }),
        CHANGE_MS,
      );
      const warnings = await besideFields(save);
      return { warnings };
    },
  );

  app.get(
    '/api/v1/collections/:name/filter-versions',
    {
      schema: {
        operationId: 'listFilterVersions',
        summary: 'What a filter collection asked for, newest first: who changed it, when and why',
        tags: ['collections'],
        params: nameParams,
        querystring: z.object({
          before: z.coerce.number().int().positive().optional().meta({ description: '`next` of the page before' }),
          limit: z.coerce.number().int().min(1).max(100).default(20),
        }),
        response: {
          200: jsonReply(
            'A page of versions',
            z
              .object({
                versions: z.array(
                  z.object({ ...versionShape, words: z.array(z.string()) }).meta({ id: 'FilterVersion' }),
                ),
                next: z.number().int().nullable(),
              })
              .meta({ id: 'FilterVersions' }),
          ),
          ...problemReplies(400, 404, 409, 503),
        },
      },
    },
    async (request) => {
      const { name } = request.params;
      await requireAccess(request, name, 'view');
      const { before, limit } = request.query;
      const versions = await askSource(
        filters.history(name, { limit: limit + 1, ...(before === undefined ? {} : { before }) }),
      );
      const shown = versions.slice(0, limit);
      const api = (await askSource(sources.collections.detail(name))).api as 'v2' | 'v1.1';
      const worded = shown.map((each) => ({ ...each, words: plainWords(each.definition, api) }));
      return { versions: worded, next: versions.length > limit ? (shown.at(-1)?.version ?? null) : null };
    },
  );

  app.get(
    '/api/v1/collections/:name/matches',
    {
      schema: {
        operationId: 'listMatches',
        summary: 'What each word, person and place of a filter collection found',
        tags: ['collections'],
        params: nameParams,
        querystring: z.object({ days: z.coerce.number().int().min(1).max(31).default(7) }),
        response: {
          200: jsonReply(
            'By kind and text',
            z
              .object({
                days: count,
                seeds: z.array(
                  z.object({
                    seedId: z.number().int(),
                    kind: z.string(),
                    text: z.string(),
                    isCurrent: z.boolean().meta({ description: 'false: only older versions asked for it' }),
                    posts: count,
                    lastAt: instant('The newest post that it found').nullable(),
                  }),
                ),
              })
              .meta({ id: 'FilterMatches' }),
          ),
          ...problemReplies(400, 404, 409, 503),
        },
      },
    },
    async (request) => {
      const { name } = request.params;
      await requireAccess(request, name, 'view');
      const { days } = request.query;
      return { days, seeds: await askSource(filters.seeds(name, days), MATCHES_MS) };
    },
  );
}

/** Counting reads the collection's posts of those days. */
const MATCHES_MS = 10_000;
