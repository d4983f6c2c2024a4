import { z } from 'zod';
import type { App } from '../app-type.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';

const okSchema = z.object({ status: z.literal('ok') });

/** For supervisors and load balancers. `healthz`: this process answers. `readyz`: it can reach the database as well. */
export function healthRoutes(app: App, { pingDatabase }: { pingDatabase: () => Promise<void> }): void {
  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'getHealth',
        summary: 'The server process answers',
        tags: ['nodes'],
        response: { 200: jsonReply('Yes', okSchema) },
      },
    },
    async () => ({ status: 'ok' as const }),
  );
  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'getReadiness',
        summary: 'The server process answers and reaches the database',
        tags: ['nodes'],
        response: { 200: jsonReply('Yes', okSchema), ...problemReplies(503) },
      },
    },
    async () => {
      await pingDatabase();
      return { status: 'ok' as const };
    },
  );
}
