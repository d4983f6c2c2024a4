import type { App } from '../app-type.ts';
import type { Clock } from '../../core/time.ts';
import { jsonReply, nodeReplySchema } from '../reply-schemas.ts';

/** The server process that answers: its version and how it fares. */
export function nodeRoutes(app: App, { version, clock }: { version: string; clock: Clock }): void {
  const startedMs = clock.now();
  app.get(
    '/api/v1/nodes/self',
    {
      schema: {
        operationId: 'getOwnNode',
        summary: 'Version, age and memory of the server process that answers',
        tags: ['nodes'],
        response: { 200: jsonReply('This process', nodeReplySchema) },
      },
    },
    async () => ({
      version,
      startedAt: new Date(startedMs).toISOString(),
      uptimeSec: Math.max(0, Math.round((clock.now() - startedMs) / 1000)),
      memoryBytes: process.memoryUsage.rss(),
    }),
  );
}
