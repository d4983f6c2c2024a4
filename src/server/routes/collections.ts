/** Collections: listed, made, looked at, changed, started and stopped. What is in them: collections-content.ts. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Removal } from '../../store/queries/remove-collection.ts';
import { filterDefinitionSchema } from '../../core/rules/definition.ts';
import type { App } from '../app-type.ts';
import { changeWithDeed } from '../audit.ts';
import { besideFields } from '../beside-fields.ts';
import { requireAccess, sees, sightOf } from '../caller.ts';
import { fateWords, isEmpty, scheduleOf, tracksWords } from '../collection-words.ts';
import { FieldErrors } from '../field-errors.ts';
import { requireNameable } from '../own-credentials.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';
import {
  collectionName,
  detailSchema,
  fateSchema,
  FILTER_BODY_BYTES,
  keepSchema,
  nameParams,
  scheduleSchema,
  seedSchema,
  summariesReplySchema,
} from './collections-schemas.ts';

const MOST_SEEDS = 1_000;
const seeds = z.array(seedSchema).max(MOST_SEEDS);
const credentialLabel = z.string().min(1).max(63);

export const newCollectionSchema = z
  .strictObject({
    name: collectionName,
    kind: z.enum(['filter', 'sample', 'timeline', 'import']),
    api: z.enum(['v2', 'v1.1']).default('v2'),
    keep: keepSchema.default('all'),
    zone: z.string().max(60).default('UTC'),
    visibility: z
      .enum(['everybody', 'private'])
      .default('everybody')
      .meta({ description: 'private: its owner, those it is shared with, and administrators' }),
    start: z.boolean().default(true).meta({ description: 'Whether it collects from now on' }),
    credential: credentialLabel.optional().meta({ description: 'Label of a credential; absent: any that will do' }),
    schedule: scheduleSchema.optional(),
    budgetMicros: z
      .number()
      .int()
      .min(0)
      .max(1_000_000_000_000_000)
      .optional()
      .meta({ description: 'What it may spend a UTC month, in millionths; absent: no limit of its own' }),
    seeds: seeds.default([]),
    definition: filterDefinitionSchema
      .optional()
      .meta({ description: 'What a filter asks for; for filters only, and they need it' }),
    reason: z.string().trim().max(500).default('').meta({ description: 'Why, for the history of a filter' }),
  })
  .meta({ id: 'NewCollection' });

/** `warnings`: as a check gives them. */
const madeSchema = detailSchema
  .extend({
    warnings: z.array(z.object({ field: z.string(), line: z.number().int().optional(), message: z.string() })),
  })
  .meta({ id: 'MadeCollection' });

const removalSchema = z
  .object({
    outcome: z
      .enum(['gone', 'emptied'])
      .meta({ description: 'gone: nothing is left; emptied: it stays listed, with files only' }),
  })
  .meta({ id: 'Removal' });

/** A change is waited for: who hears that the database is away would make it twice. */
const CHANGE_MS = 10_000;
/** Counting its rows may take a while. */
const COUNT_MS = 20_000;

const changeSchema = z
  .strictObject({
    keep: keepSchema.optional(),
    credential: credentialLabel.nullable().optional().meta({ description: 'null: any that will do' }),
    schedule: scheduleSchema.optional(),
    addSeeds: seeds.optional(),
    removeSeeds: seeds.optional(),
  })
  .meta({ id: 'CollectionChange' });

export function collectionRoutes(app: App, { sources }: { sources: ServerSources }): void {
  const { collections, operations } = sources;

  app.get(
    '/api/v1/collections',
    {
      schema: {
        operationId: 'listCollections',
        summary: 'All collections that you may see, by name, stopped ones too',
        tags: ['collections'],
        response: { 200: jsonReply('Collections', summariesReplySchema), ...problemReplies(503) },
      },
    },
    async (request) => {
      const [summaries, money, sight] = await askSource(
        Promise.all([collections.summaries(), collections.money(), sightOf(request)]),
      );
      return {
        collections: summaries.filter(({ name }) => sees(sight, name)).map((summary) => toSummary(summary, money)),
      };
    },
  );

  app.post(
    '/api/v1/collections',
    {
      bodyLimit: FILTER_BODY_BYTES,
      schema: {
        operationId: 'createCollection',
        summary: 'Makes a collection; it is yours',
        tags: ['collections'],
        body: newCollectionSchema,
        response: { 201: jsonReply('The new collection', madeSchema), ...problemReplies(400, 409, 503) },
      },
    },
    async (request, reply) => {
      const { start, credential, schedule, budgetMicros, definition, reason, ...wish } = request.body;
      if (wish.kind !== 'timeline' && (schedule !== undefined || wish.seeds.length > 0))
        throw new FieldErrors([
          { field: 'seeds', message: 'Only collections of timelines have seeds and a schedule.' },
        ]);
      if ((wish.kind === 'filter') !== (definition !== undefined))
        throw new FieldErrors([{ field: 'definition', message: 'Filters have a definition, and nothing else has.' }]);
      if (credential !== undefined) await requireNameable(operations, request, credential);
      const budget = budgetMicros === undefined ? {} : { budgetMicros };
      const deed = {
        ...{ action: 'collection.create', target: wish.name },
        details: { kind: wish.kind, keep: wish.keep, ...budget },
      };
      const made = {
        ...wish,
        ...budget,
        ownerId: request.caller.user?.userId ?? null,
        ownerEmail: request.caller.user?.email ?? null,
        wanted: start && wish.kind !== 'import' ? ('active' as const) : ('stopped' as const),
        ...(credential === undefined ? {} : { credential }),
        ...(schedule === undefined ? {} : { schedule }),
        ...(definition === undefined
          ? {}
          : {
              filter: {
                definition,
                reason: reason === '' ? 'The first version.' : reason,
                by: request.caller.user?.name ?? request.caller.via,
              },
            }),
      };
      const warnings = await besideFields(
        changeWithDeed(request, deed, (inside) => inside.collections.create(made), CHANGE_MS),
      );
      reply.code(201).header('location', `/api/v1/collections/${wish.name}`);
      return { ...(await detailOf(request, wish.name)), warnings };
    },
  );

  app.get(
    '/api/v1/collections/:name',
    {
      schema: {
        operationId: 'getCollection',
        summary: 'One collection: what it collects and how',
        tags: ['collections'],
        params: nameParams,
        response: { 200: jsonReply('The collection', detailSchema), ...problemReplies(404, 503) },
      },
    },
    async (request) => {
      await requireAccess(request, request.params.name, 'view');
      return await detailOf(request, request.params.name);
    },
  );

  app.patch(
    '/api/v1/collections/:name',
    {
      schema: {
        operationId: 'changeCollection',
        summary: 'Changes what stays in the database, the credential, the schedule, or what timelines are followed',
        tags: ['collections'],
        params: nameParams,
        body: changeSchema,
        response: {
          200: jsonReply('The collection as it is now', detailSchema),
          ...problemReplies(400, 403, 404, 503),
        },
      },
    },
    async (request) => {
      const { name } = request.params;
      await requireAccess(request, name, 'edit');
      const { credential } = request.body;
      if (typeof credential === 'string') {
        const { credential: present } = await askSource(collections.detail(name));
        await requireNameable(operations, request, credential, present);
      }
      const change = Object.fromEntries(Object.entries(request.body).filter(([, value]) => value !== undefined));
      const deed = { action: 'collection.change', target: name, details: change };
      await besideFields(changeWithDeed(request, deed, (inside) => inside.collections.change(name, change), CHANGE_MS));
      return await detailOf(request, name);
    },
  );

  app.get(
    '/api/v1/collections/:name/fate',
    {
      schema: {
        operationId: 'previewDeletion',
        summary: 'What deleting a collection would do to its data',
        tags: ['collections'],
        params: nameParams,
        response: {
          200: jsonReply('What there is, and what becomes of it', fateSchema),
          ...problemReplies(403, 404, 503),
        },
      },
    },
    async (request) => {
      const { name } = request.params;
      await requireAccess(request, name, 'own');
      const kept = await askSource(collections.kept(name), COUNT_MS);
      return { ...kept, isEmpty: isEmpty(kept), sentences: fateWords(kept) };
    },
  );

  app.delete(
    '/api/v1/collections/:name',
    {
      schema: {
        operationId: 'deleteCollection',
        summary: 'Gives a collection up: see previewDeletion for what becomes of its data',
        tags: ['collections'],
        params: nameParams,
        body: z.strictObject({
          name: z.string().max(63).meta({ description: 'Its name once more, typed by a person' }),
        }),
        response: {
          200: jsonReply('What became of it', removalSchema),
          ...problemReplies(400, 403, 404, 409, 503),
        },
      },
    },
    async (request) => {
      const { name } = request.params;
      await requireAccess(request, name, 'own');
      if (request.body.name !== name)
        throw new FieldErrors([{ field: 'name', message: `Type the collection's name, ${name}, to delete it.` }]);
      const outcome = await changeWithDeed(
        request,
        (became: Removal) => ({ action: 'collection.delete', target: name, details: { outcome: became } }),
        (inside) => inside.collections.remove(name),
        COUNT_MS,
      );
      return { outcome };
    },
  );

  for (const [verb, wanted, summary] of [
    ['start', 'active', 'Collects from now on'],
    ['stop', 'stopped', 'Stops collecting; what was collected stays'],
  ] as const)
    app.post(
      `/api/v1/collections/:name/${verb}`,
      {
        schema: {
          operationId: `${verb}Collection`,
          summary,
          tags: ['collections'],
          params: nameParams,
          response: {
            200: jsonReply('The collection as it is wanted now', detailSchema),
            ...problemReplies(400, 403, 404, 409, 503),
          },
        },
      },
      async (request) => {
        const { name } = request.params;
        await requireAccess(request, name, 'edit');
        const deed = { action: `collection.${verb}`, target: name };
        await besideFields(
          changeWithDeed(request, deed, (inside) => inside.collections.setWanted(name, wanted), CHANGE_MS),
        );
        return await detailOf(request, name);
      },
    );

  async function detailOf(request: FastifyRequest, name: string) {
    const [detail, money, access] = await askSource(
      Promise.all([collections.detail(name), collections.money(), request.callers.accessTo(request.caller, name)]),
    );
    return {
      ...toSummary(detail, money),
      access: access === 'none' ? ('view' as const) : access,
      schedule: detail.kind === 'timeline' ? (scheduleOf(detail.schedule) ?? { kind: 'adaptive' as const }) : null,
      seeds: detail.seedList,
      accounts: detail.accounts,
    };
  }
}

type Summary = Awaited<ReturnType<ServerSources['collections']['summaries']>>[number];
type Money = Awaited<ReturnType<ServerSources['collections']['money']>>;

function toSummary(
  {
    collectionId: _id,
    seeds: _seeds,
    accounts: _accounts,
    schedule: _schedule,
    ...summary
  }: Summary & { seedList?: unknown },
  money: Money,
) {
  const spent = money.collections.find(({ collection }) => collection === summary.name);
  return {
    ...summary,
    tracks: tracksWords({ ...summary, seeds: _seeds, accounts: _accounts }),
    spentMicros: spent?.spentMicros ?? 0,
    budgetMicros: spent?.budgetMicros ?? null,
  };
}
