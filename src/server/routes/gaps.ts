import { z } from 'zod';
import { instantText } from '../../core/instant-text.ts';
import type { App } from '../app-type.ts';
import { requireAccess } from '../caller.ts';
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
          before: z
            .string()
            .refine((text) => parseBefore(text) !== undefined, 'is not `next` of a page')
            .optional()
            .meta({ description: '`next` of the page before' }),
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
        response: { 200: jsonReply('A page of gaps', gapsReplySchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const { name } = request.params;
      const { before, limit } = request.query;
      await requireAccess(request, name, 'view');
      const after = before === undefined ? undefined : parseBefore(before);
      // One more than asked tells whether there is a next page.
      const page = { limit: limit + 1, ...(after === undefined ? {} : { before: after }) };
      const gaps = await askSource(sources.gapsOfCollection(name, page));
      const shown = gaps.slice(0, limit);
      const last = shown.at(-1);
      return { gaps: shown, next: gaps.length > limit && last !== undefined ? `${last.from}~${last.gapId}` : null };
    },
  );
}

/** `2026-11-22T13:00:00.000Z~gap-id`: the last gap of a page. Undefined for anything else. */
function parseBefore(text: string): { from: string; gapId: string } | undefined {
  const at = text.indexOf('~');
  const [from, gapId] = [text.slice(0, at), text.slice(at + 1)];
  return at > 0 && gapId !== '' && instantText.safeParse(from).success ? { from, gapId } : undefined;
}
