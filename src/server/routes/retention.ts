import { z } from 'zod';
import type { App } from '../app-type.ts';
import { requireAccess, sees, sightOf } from '../caller.ts';
import { jsonReply, problemReplies, retentionReplySchema } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { RetentionPage, ServerSources } from '../sources.ts';

const collectionName = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const before = /^(\d{4}-\d\d-\d\d)~([a-z0-9_]{1,32})$/;

/** What went out of the database day by day, and what stayed because its files were not found whole. */
export function retentionRoutes(app: App, { sources }: { sources: ServerSources }): void {
  app.get(
    '/api/v1/retention-runs',
    {
      schema: {
        operationId: 'listRetentionRuns',
        summary: 'Daily runs of retention on each node, newest first',
        tags: ['storage'],
        querystring: z.object({
          collection: z
            .string()
            .regex(collectionName, 'is not the name of a collection')
            .optional()
            .meta({ description: 'Leaves out of `collections` and `lacking` what concerns other collections' }),
          before: z
            .string()
            .refine((text) => parseBefore(text) !== undefined, 'is not `next` of a page')
            .optional()
            .meta({ description: '`next` of the page before' }),
          limit: z.coerce.number().int().min(1).max(100).default(30),
        }),
        response: { 200: jsonReply('A page of runs', retentionReplySchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const { collection, before: text, limit } = request.query;
      if (collection !== undefined) await requireAccess(request, collection, 'view');
      const sight = await sightOf(request);
      const after = text === undefined ? undefined : parseBefore(text);
      const page: RetentionPage = {
        // One more than asked tells whether there is a next page.
        limit: limit + 1,
        ...(collection === undefined ? {} : { collection }),
        ...(after === undefined ? {} : { before: after }),
      };
      const runs = await askSource(sources.retentionRuns(page));
      const shown = runs.slice(0, limit).map((run) => ({
        ...run,
        collections: run.collections.filter((each) => sees(sight, each.collection)),
        lacking: run.lacking.filter((each) => sees(sight, each.collection)),
      }));
      const last = shown.at(-1);
      return { runs: shown, next: runs.length > limit && last !== undefined ? `${last.day}~${last.node}` : null };
    },
  );
}

/** `2026-11-22~node`: the last run of a page. Undefined for anything else. */
function parseBefore(text: string): { day: string; node: string } | undefined {
  const [, day = '', node = ''] = before.exec(text) ?? [];
  return z.iso.date().safeParse(day).success ? { day, node } : undefined;
}
