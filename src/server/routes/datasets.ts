import { z } from 'zod';
import type { App } from '../app-type.ts';
import { listPublishedHours } from '../published-datasets.ts';
import { datasetsReplySchema, jsonReply, problemReplies } from '../reply-schemas.ts';

/** Which hours are built, with a link to each file. */
export function datasetRoutes(app: App, { datasetsFolder }: { datasetsFolder: string }): void {
  app.get(
    '/api/v1/datasets',
    {
      schema: {
        operationId: 'listDatasets',
        summary: 'Published hours, newest first',
        tags: ['datasets'],
        querystring: z.object({
          collection: z
            .string()
            .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'is not the name of a collection')
            .optional(),
          before: z
            .string()
            .regex(/^\d{4}-\d{2}-\d{2}T\d{2}Z(~[a-z0-9][a-z0-9_-]{0,62})?$/, 'is an hour like 2026-11-22T13Z')
            .refine((text) => !Number.isNaN(Date.parse(`${text.slice(0, 13)}:00:00Z`)), 'is no hour of the calendar')
            .optional()
            .meta({ description: 'Only hours before this one; `next` of the page before' }),
          limit: z.coerce.number().int().min(1).max(500).default(24),
        }),
        response: { 200: jsonReply('A page of hours', datasetsReplySchema), ...problemReplies(400) },
      },
    },
    ({ query }) => listPublishedHours(datasetsFolder, query),
  );
}
