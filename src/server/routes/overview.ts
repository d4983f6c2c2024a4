import type { App } from '../app-type.ts';
import { sightOf } from '../caller.ts';
import type { Overview } from '../overview.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import { overviewSchema } from './collections-schemas.ts';

/** A day of every collection, the month's money, and how the nodes fare. */
export function overviewRoutes(app: App, { overview }: { overview: Overview }): void {
  app.get(
    '/api/v1/overview',
    {
      schema: {
        operationId: 'getOverview',
        summary: 'The last 24 hours of every collection that you see, money of the month, nodes',
        tags: ['status'],
        response: { 200: jsonReply('The overview, some seconds old at most', overviewSchema), ...problemReplies(503) },
      },
    },
    async (request) => overview(await askSource(sightOf(request))),
  );
}
