import { basename } from 'node:path';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { exportSearchSchema, FORMATS, PRESETS } from '../../share/export-request.ts';
import { MistnetError } from '../../core/errors.ts';
import type { App } from '../app-type.ts';
import { changeWithDeed } from '../audit.ts';
import { requireAccess, type Sight, sees, sightOf } from '../caller.ts';
import { ProblemError } from '../problems.ts';
import { exportedFile } from '../exported-file.ts';
import {
  type ExportReply,
  exportReplySchema,
  exportsReplySchema,
  jsonReply,
  problemReplies,
  streamReply,
} from '../reply-schemas.ts';
import { downloadPolicy } from '../security-headers.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';

const bound = z.string().max(40).optional();
const params = z.object({ name: z.string().max(100) });

const wishSchema = z.strictObject({
  all: z.literal(true).optional().meta({ description: 'Whatever is stored; or one of collection, account and set' }),
  collection: z.string().max(63).optional().meta({ description: 'Posts that this collection met' }),
  seeds: z
    .array(z.string().max(100))
    .min(1)
    .max(1000)
    .optional()
    .meta({ description: 'With collection: of the accounts that it follows these alone, by uid or handle' }),
  account: z.string().max(100).optional().meta({ description: 'Posts of this account: handle, former handle or uid' }),
  set: z.string().max(200).optional().meta({ description: 'Posts of the accounts in this set' }),
  format: z.enum(FORMATS).default('csv'),
  preset: z.enum(PRESETS).optional().meta({ description: 'Columns; full unless said. Not with jsonl and ids' }),
  postedFrom: bound.meta({ description: 'A day, or an instant with its zone; so are the other bounds' }),
  postedTo: bound.meta({ description: 'Exclusive when it is an instant, the whole day when it is a day' }),
  capturedFrom: bound,
  capturedTo: bound,
  search: exportSearchSchema
    .optional()
    .meta({ description: 'Only posts that a search finds by all of these; words as in the search of posts' }),
  zone: z.string().max(64).optional().meta({ description: "In which days begin; the collection's, else UTC" }),
  observations: z.enum(['newest', 'all']).optional(),
  split: z.number().int().positive().optional().meta({ description: 'Rows of a file at most' }),
  excelSafe: z.boolean().optional(),
  honourDeletions: z.boolean().default(true).meta({
    description: 'Leaves out posts that were deleted, withheld everywhere, or whose author is not public any more',
  }),
  name: z.string().max(100).optional().meta({
    description:
      "What it is called; what is exported and the time unless said. The collection's name and a dot come first where the caller does not see all collections",
  }),
});

/** Exports: the list, asking for one, cancelling it, and downloads of the files of those that lie on this machine. */
export function exportRoutes(app: App, { sources }: { sources: ServerSources }): void {
  const find = async (name: string): Promise<ExportReply | undefined> =>
    await askSource(sources.exports.show(name)).catch((error: unknown) => {
      if (error instanceof MistnetError && error.code === 'export.unknown') return undefined;
      throw error;
    });
  /** The export, if the caller may see it; else as if it were not there: no name that may have been meant is told. */
  const visible = async (request: FastifyRequest, name: string): Promise<ExportReply> => {
    const found = await find(name);
    if (found !== undefined && maySee(request, await sightOf(request), found)) return found;
    throw new ProblemError('export.unknown', `There is no export "${name}".`);
  };
  /** One that failed or was cancelled is asked for anew by its name, but not by somebody else. */
  const requireFree = async (request: FastifyRequest, name: string): Promise<void> => {
    const found = await find(name);
    if (found !== undefined && !maySee(request, await sightOf(request), found))
      throw new ProblemError('export.refused', `There is an export "${name}" already; give another name.`);
  };
  app.get(
    '/api/v1/exports',
    {
      schema: {
        operationId: 'listExports',
        summary: 'Exports, newest first, with how far each has come',
        tags: ['exports'],
        querystring: z.object({
          before: z
            .string()
            .regex(/^\d{1,18}$/, 'is not `next` of a page')
            .optional(),
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
        response: { 200: jsonReply('A page of exports', exportsReplySchema), ...problemReplies(400, 503) },
      },
    },
    async (request) => {
      const { before, limit } = request.query;
      const sight = await sightOf(request);
      const { user } = request.caller;
      // One more than asked tells whether there is a next page.
      const found = await askSource(
        sources.exports.list({
          limit: limit + 1,
          ...(before === undefined ? {} : { before }),
          ...(sight === 'all' ? {} : { collections: [...sight] }),
          ...(user === undefined ? {} : { askedBy: user.userId }),
        }),
      );
      const page = found.slice(0, limit);
      return { exports: page, next: found.length > limit ? (page.at(-1)?.exportId ?? null) : null };
    },
  );
  app.post(
    '/api/v1/exports',
    {
      schema: {
        operationId: 'createExport',
        summary: "Asks for an export, which this machine's worker writes",
        tags: ['exports'],
        body: wishSchema,
        response: {
          202: jsonReply('It waits for the worker', exportReplySchema),
          ...problemReplies(400, 403, 404, 409, 503),
        },
      },
    },
    async (request, reply) => {
      const { name: wished, ...wish } = request.body;
      const sight = await sightOf(request);
      if (wish.collection !== undefined) await requireAccess(request, wish.collection, 'view');
      else if (sight !== 'all')
        throw new ProblemError('access.denied', 'Name a collection: you may not see the posts of all of them.');
      const name = sight === 'all' ? wished : ofCollection(wish.collection ?? '', wished);
      if (name !== undefined) await requireFree(request, name);
      const { user } = request.caller;
      const by = {
        ...(name === undefined ? {} : { name }),
        ...(user === undefined ? {} : { userId: user.userId }),
      };
      const asked = await changeWithDeed(
        request,
        (made: ExportReply) => ({ action: 'export.ask', target: made.name, details: { format: wish.format } }),
        (inside) => inside.exports.ask(wish, by),
      );
      return reply.code(202).send(asked);
    },
  );
  app.get(
    '/api/v1/exports/:name',
    {
      schema: {
        operationId: 'showExport',
        summary: 'One export: what it asks for, how far it is, where its files are',
        tags: ['exports'],
        params,
        response: { 200: jsonReply('The export', exportReplySchema), ...problemReplies(404, 503) },
      },
    },
    (request) => visible(request, request.params.name),
  );
  app.delete(
    '/api/v1/exports/:name',
    {
      schema: {
        operationId: 'cancelExport',
        summary: 'Stops an export that waits or runs, and removes what it has written; one that has ended stays',
        tags: ['exports'],
        params,
        response: {
          202: jsonReply('Cancelled, or running still until its worker hears of it', exportReplySchema),
          ...problemReplies(403, 404, 409, 503),
        },
      },
    },
    async (request, reply) => {
      const { name } = await visible(request, request.params.name);
      const cancelled = await changeWithDeed(request, { action: 'export.cancel', target: name }, (inside) =>
        inside.exports.cancel(name),
      );
      return reply.code(202).send(cancelled);
    },
  );
  app.get(
    '/files/exports/:name/:file',
    {
      schema: {
        operationId: 'downloadExportFile',
        summary: 'A file of an export that was published on this machine',
        tags: ['exports'],
        params: z.object({ name: z.string(), file: z.string() }),
        response: { 200: streamReply('The file', 'application/octet-stream'), ...problemReplies(404, 503) },
      },
    },
    async (request, reply) => {
      const { name, file } = request.params;
      await visible(request, name);
      const folder = await askSource(sources.exports.folder(name));
      // Only what a manifest published; the name must be one of its, so no path can lead out of the folder.
      if (folder === undefined || !(await exportedFile(folder, file)))
        throw new ProblemError('file.unknown', `No published file is named ${name}/${file} on this machine.`);
      return reply
        .type('application/octet-stream')
        .header('cache-control', 'no-cache')
        .header('content-security-policy', downloadPolicy)
        .header('content-disposition', `attachment; filename="${basename(file)}"`)
        .sendFile(file, folder, { contentType: false, cacheControl: false, acceptRanges: true, etag: true });
    },
  );
}

/**
 * What somebody who does not see every collection may call an export: its collection's name and a dot come first. So a name that is taken is one that they may see, and
 * no refusal tells of others.
 */
function ofCollection(collection: string, name: string | undefined): string | undefined {
  if (name === undefined || name.startsWith(`${collection}.`)) return name;
  return `${collection}.${name}`;
}

/** Posts of an account, a set or all come from every collection. */
function maySee({ caller }: FastifyRequest, sight: Sight, { request, askedBy }: ExportReply): boolean {
  if (sight === 'all' || (askedBy !== null && askedBy === caller.user?.userId)) return true;
  const from = request.from as { kind?: unknown; name?: unknown } | undefined;
  return from?.kind === 'collection' && typeof from.name === 'string' && sees(sight, from.name);
}
