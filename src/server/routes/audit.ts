import { z } from 'zod';
import { instantText } from '../../core/instant-text.ts';
import type { App } from '../app-type.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';
import { auditRecordSchema, userIdSchema } from './sign-in-schemas.ts';

/** Who did what, when. */
export function auditRoutes(app: App, { sources: { users } }: { sources: ServerSources }): void {
  app.get(
    '/api/v1/audit',
    {
      schema: {
        ...{ operationId: 'listAudit', summary: 'The audit log, newest first', tags: ['users'] },
        querystring: z.object({
          userId: userIdSchema.optional(),
          action: z
            .string()
            .regex(/^[a-z-]{1,40}(\.[a-z-]{1,40})?$/, 'is no action')
            .optional()
            .meta({ description: '`collection.stop`, or `collection` for all that concerns collections' }),
          target: z.string().max(300).optional(),
          from: instantText.optional(),
          to: instantText.optional(),
          before: z
            .string()
            .regex(/^[1-9]\d{0,17}$/, 'is not `next` of a page')
            .optional()
            .meta({ description: '`next` of the page before' }),
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
        response: {
          200: jsonReply(
            'A page of entries',
            z.object({ entries: z.array(auditRecordSchema), next: z.string().nullable() }),
          ),
          ...problemReplies(400, 503),
        },
      },
    },
    async ({ query: { limit, ...query } }) => {
      const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
      // One more than asked tells whether there is a next page.
      const entries = await askSource(users.listAudit({ ...given, limit: limit + 1 }));
      const shown = entries.slice(0, limit);
      return { entries: shown, next: entries.length > limit ? (shown.at(-1)?.entryId ?? null) : null };
    },
  );
}
