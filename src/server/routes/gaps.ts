import { z } from 'zod';
import type { App } from '../app-type.ts';
import { ProblemError } from '../problems.ts';
import { gapsReplySchema, jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';

/** The gap ledger of one collection: when its stream was interrupted, why, and what is missing for good. */
export function gapRoutes(app: App, { sources }: { sources: ServerSources }): void {
  app.get(
    '/api/v1/collections/:name/gaps',
    {
      schema: {
        operationId: 'listGaps',
        summary: 'Interruptions of a collection, newest first',
        tags: ['collections'],
        params: z.object({ name: z.string().max(63) }),
        querystring: z.object({
          before: z.iso.datetime().optional().meta({ description: 'Only gaps that began before this instant' }),
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
        response: { 200: jsonReply('A page of gaps', gapsReplySchema), ...problemReplies(400, 404, 503) },
      },
    },
    async ({ params: { name }, query: { before, limit } }) => {
      // One more than asked tells whether there is a next page.
      const page = { limit: limit + 1, ...(before === undefined ? {} : { before }) };
      const gaps = await askSource(sources.gapsOfCollection(name, page));
      if (gaps === undefined) throw new ProblemError('collection.unknown', `No collection is named "${name}".`);
      const shown = gaps.slice(0, limit);
      return { gaps: shown, next: gaps.length > limit ? (shown.at(-1)?.from ?? null) : null };
    },
  );
}
