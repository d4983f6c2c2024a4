import { z } from 'zod';
import { HOUR_MS, msToUtcHour, type UtcHour } from '../../core/time.ts';
import type { App } from '../app-type.ts';
import { requireAccess, sightOf } from '../caller.ts';
import { datasetToReply } from '../dataset-reply.ts';
import { datasetsReplySchema, jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { HourPage, ServerSources } from '../sources.ts';

const collectionName = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** Which hours are built, with a link to each file. */
export function datasetRoutes(app: App, { sources }: { sources: ServerSources }): void {
  app.get(
    '/api/v1/datasets',
    {
      schema: {
        operationId: 'listDatasets',
        summary: 'Built hours in their current revision, newest first',
        tags: ['datasets'],
        querystring: z.object({
          collection: z.string().regex(collectionName, 'is not the name of a collection').optional(),
          before: z
            .string()
            .refine((text) => parseBefore(text) !== undefined, 'is not an hour like 2026-11-22T13Z')
            .optional()
            .meta({ description: 'Only hours before this one, like 2026-11-22T13Z; or `next` of the page before' }),
          limit: z.coerce.number().int().min(1).max(500).default(24),
        }),
        response: { 200: jsonReply('A page of hours', datasetsReplySchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const { collection, before, limit } = request.query;
      if (collection !== undefined) await requireAccess(request, collection, 'view');
      const sight = await sightOf(request);
      const after = before === undefined ? undefined : parseBefore(before);
      const page: HourPage = {
        // One more than asked tells whether there is a next page.
        limit: limit + 1,
        ...(collection === undefined ? {} : { collection }),
        ...(sight === 'all' ? {} : { among: [...sight] }),
        ...(after === undefined ? {} : { before: after }),
      };
      const datasets = await askSource(sources.builtHours(page));
      const shown = datasets.slice(0, limit);
      const last = shown.at(-1);
      return {
        datasets: shown.map(datasetToReply),
        next: datasets.length > limit && last !== undefined ? `${last.hour}~${last.collection}` : null,
      };
    },
  );
}

/** `2026-11-22T13Z` (all hours before it) or `2026-11-22T13Z~demo` (what follows that row); undefined for anything else. */
function parseBefore(text: string): { hour: UtcHour; collection: string } | undefined {
  const [hour = '', collection, ...rest] = text.split('~');
  const ms = Date.parse(`${hour.slice(0, 13)}:00:00Z`);
  if (rest.length > 0 || Number.isNaN(ms) || msToUtcHour(ms) !== hour) return undefined;
  // Everything of the hour before has a name beyond the empty one.
  if (collection === undefined) return { hour: msToUtcHour(ms - HOUR_MS), collection: '' };
  return collectionName.test(collection) ? { hour: msToUtcHour(ms), collection } : undefined;
}
