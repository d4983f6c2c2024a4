/** Searches that people keep, each for themselves. */
import { z } from 'zod';
import type { App } from '../app-type.ts';
import { ProblemError } from '../problems.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';
import { savedSearchesSchema, savedSearchSchema, searchWordsSchema } from './post-schemas.ts';

export function savedSearchRoutes(app: App, { sources: { posts } }: { sources: Pick<ServerSources, 'posts'> }): void {
  app.get(
    '/api/v1/saved-searches',
    {
      schema: {
        operationId: 'listSavedSearches',
        summary: 'Your saved searches by name',
        tags: ['posts'],
        response: { 200: jsonReply('Saved searches', savedSearchesSchema), ...problemReplies(503) },
      },
    },
    async ({ caller }) => ({ searches: await askSource(posts.saved(caller.user?.userId ?? null)) }),
  );
  app.post(
    '/api/v1/saved-searches',
    {
      schema: {
        operationId: 'saveSearch',
        summary: 'Keeps a search under a name; one of the same name is replaced',
        tags: ['posts'],
        body: z.strictObject({ name: z.string().trim().min(1).max(100), query: searchWordsSchema }),
        response: { 200: jsonReply('The saved search', savedSearchSchema), ...problemReplies(400, 409, 503) },
      },
    },
    async ({ caller, body: { name, query } }) => {
      const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
      const saved = await askSource(
        posts.save(caller.user?.userId ?? null, { name, query: Object.fromEntries(given) }),
      );
      if (saved === 'full') throw new ProblemError('search.full', 'You have 200 saved searches; remove one first.');
      return saved;
    },
  );
  app.delete(
    '/api/v1/saved-searches/:searchId',
    {
      schema: {
        operationId: 'removeSavedSearch',
        summary: 'Removes a saved search of yours',
        tags: ['posts'],
        params: z.object({ searchId: z.string().regex(/^\d{1,19}$/u, 'is not a number') }),
        response: { 204: z.null().meta({ description: 'Removed' }), ...problemReplies(400, 404, 503) },
      },
    },
    async ({ caller, params: { searchId } }, reply) => {
      const removed = await askSource(posts.forget(caller.user?.userId ?? null, searchId));
      if (!removed) throw new ProblemError('search.unknown', 'You have no such saved search.');
      return reply.code(204).send(null);
    },
  );
}
