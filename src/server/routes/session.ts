import { z } from 'zod';
import type { App } from '../app-type.ts';
import { effectiveRole } from '../caller.ts';
import { roles } from '../permissions.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';

const sessionReplySchema = z
  .object({
    role: z.enum(roles).meta({ description: 'What this request may do; nobody: not signed in' }),
    via: z.enum(['session', 'token', 'loopback', 'none']).meta({ description: 'What proved it' }),
    user: z.object({ userId: z.string(), name: z.string(), email: z.string() }).nullable(),
  })
  .meta({ id: 'Session' });

/** Who the caller is, for the page to show what they may do. */
export function sessionRoutes(app: App): void {
  app.get(
    '/api/v1/session',
    {
      schema: {
        operationId: 'getSession',
        summary: 'Who you are here, and your role',
        tags: ['session'],
        response: { 200: jsonReply('You', sessionReplySchema), ...problemReplies(503) },
      },
    },
    async ({ caller }) => ({ role: effectiveRole(caller), via: caller.via, user: caller.user ?? null }),
  );
}
