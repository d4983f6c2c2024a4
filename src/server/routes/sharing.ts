import { z } from 'zod';
import type { Sharing } from '../../store/users/collection-rights.ts';
import type { App } from '../app-type.ts';
import { changeWithDeed } from '../audit.ts';
import { requireAccess } from '../caller.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';
import { sharingSchema, userIdSchema } from './sign-in-schemas.ts';

const params = z.object({ name: z.string().max(63) });

/** Who owns a collection, and with whom it is shared. */
export function sharingRoutes(app: App, { sources: { users } }: { sources: ServerSources }): void {
  app.get(
    '/api/v1/collections/:name/sharing',
    {
      schema: {
        ...{ operationId: 'getSharing', summary: 'Who sees and changes a collection', tags: ['collections'] },
        params,
        response: { 200: jsonReply('Owner, visibility, shares', sharingSchema), ...problemReplies(404, 503) },
      },
    },
    async (request) => {
      const { name } = request.params;
      await requireAccess(request, name, 'view');
      return await askSource(users.readSharing(name));
    },
  );

  app.put(
    '/api/v1/collections/:name/sharing',
    {
      schema: {
        ...{ operationId: 'setSharing', summary: 'Change owner, visibility and shares', tags: ['collections'] },
        params,
        body: z.strictObject({
          ownerId: userIdSchema.nullable(),
          visibility: z.enum(['everybody', 'private']),
          shares: z.array(z.strictObject({ userId: userIdSchema, access: z.enum(['view', 'edit']) })).max(500),
        }),
        response: { 200: jsonReply('As it is now', sharingSchema), ...problemReplies(400, 403, 404, 503) },
      },
    },
    async (request) => {
      const { name } = request.params;
      await requireAccess(request, name, 'own');
      return await changeWithDeed(
        request,
        ({ owner, visibility, shares }: Sharing) => ({
          ...{ action: 'collection.share', target: name },
          details: {
            ...{ owner: owner?.email ?? null, visibility },
            shares: shares.map(({ email, access }) => `${email}: ${access}`),
          },
        }),
        (inside) => inside.users.setSharing(name, request.body),
      );
    },
  );
}
