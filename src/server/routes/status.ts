import type { App } from '../app-type.ts';
import { sees, sightOf } from '../caller.ts';
import { jsonReply, problemReplies, statusReplySchema, type CollectionStatus } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';

/** What every collection is doing now: the same figures that the page shows. */
export function statusRoutes(app: App, { readStatus }: { readStatus: () => Promise<CollectionStatus[]> }): void {
  app.get(
    '/api/v1/status',
    {
      schema: {
        operationId: 'getStatus',
        summary: 'State and counts of every collection, at most two seconds old',
        tags: ['status'],
        response: { 200: jsonReply('All collections by name', statusReplySchema), ...problemReplies(503) },
      },
    },
    async (request) => {
      const [collections, sight] = await Promise.all([readStatus(), askSource(sightOf(request))]);
      return { collections: collections.filter(({ name }) => sees(sight, name)) };
    },
  );
}
