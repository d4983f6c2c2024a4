import { z } from 'zod';
import { instantText } from '../../core/instant-text.ts';
import type { App } from '../app-type.ts';
import { changeWithDeed } from '../audit.ts';
import { requireSession } from '../auth/signed-in.ts';
import { effectiveRole, roleOfScope } from '../caller.ts';
import { mayCall } from '../permissions.ts';
import { ProblemError } from '../problems.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';
import { apiTokenSchema, scopeSchema } from './sign-in-schemas.ts';

const tags = ['profile'];

/** Your tokens for programs. Made and revoked by people alone: a token cannot make others. */
export function tokenRoutes(app: App, { sources: { users } }: { sources: ServerSources }): void {
  app.get(
    '/api/v1/me/tokens',
    {
      schema: {
        ...{ operationId: 'listTokens', summary: 'Your API tokens, newest first', tags },
        response: {
          200: jsonReply('Those that can be used', z.object({ tokens: z.array(apiTokenSchema) })),
          ...problemReplies(403, 503),
        },
      },
    },
    async (request) => ({ tokens: await askSource(users.listTokens(requireSession(request).userId)) }),
  );

  app.post(
    '/api/v1/me/tokens',
    {
      schema: {
        ...{ operationId: 'makeToken', summary: 'Make an API token; it is shown once', tags },
        body: z.strictObject({
          label: z.string().trim().min(1).max(100),
          scopes: z.array(scopeSchema).min(1).max(3),
          expiresAt: instantText.nullable().default(null),
        }),
        response: {
          201: jsonReply(
            'The token: send it as `Authorization: Bearer …`',
            z.object({ token: apiTokenSchema, secret: z.string() }).meta({ id: 'NewApiToken' }),
          ),
          ...problemReplies(400, 403, 422, 503),
        },
      },
    },
    async (request, reply) => {
      const { userId } = requireSession(request);
      const { label, scopes, expiresAt } = request.body;
      const beyond = scopes.find((scope) => !mayCall(effectiveRole(request.caller), roleOfScope[scope]));
      if (beyond !== undefined)
        throw new ProblemError('access.denied', `Your role does not hold what the scope ${beyond} stands for.`);
      const deed = { action: 'token.add', target: label, details: { scopes, expiresAt } };
      const made = await changeWithDeed(request, deed, (inside) =>
        inside.users.makeToken({ userId, label, scopes: [...new Set(scopes)], expiresAt }),
      );
      return reply.code(201).send(made);
    },
  );

  app.delete(
    '/api/v1/me/tokens/:tokenId',
    {
      schema: {
        ...{ operationId: 'revokeToken', summary: 'Revoke one of your API tokens, at once', tags },
        params: z.object({ tokenId: z.uuid() }),
        response: { 204: z.null().meta({ description: 'Revoked' }), ...problemReplies(400, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { userId } = requireSession(request);
      const { tokenId } = request.params;
      await changeWithDeed(request, { action: 'token.revoke', target: tokenId }, async (inside) => {
        if (!(await inside.users.revokeToken(userId, tokenId)))
          throw new ProblemError('token.unknown', 'You have no such token.');
      });
      return reply.code(204).send(null);
    },
  );
}
