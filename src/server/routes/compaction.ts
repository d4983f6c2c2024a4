import { z } from 'zod';
import type { App } from '../app-type.ts';
import { requireAccess } from '../caller.ts';
import { compactionReplySchema, jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';

/** How far a collection's segments were put together into one file an hour, and what stands in the way. */
export function compactionRoutes(app: App, { sources }: { sources: ServerSources }): void {
  app.get(
    '/api/v1/collections/:name/compaction',
    {
      schema: {
        operationId: 'getCompaction',
        summary: 'What of a collection was put together into one file an hour',
        tags: ['storage'],
        params: z.object({ name: z.string().max(63) }),
        response: {
          200: jsonReply('Sums over all nodes, and troubles', compactionReplySchema),
          ...problemReplies(404, 503),
        },
      },
    },
    async (request) => {
      await requireAccess(request, request.params.name, 'view');
      return askSource(sources.compactionOfCollection(request.params.name));
    },
  );
}
