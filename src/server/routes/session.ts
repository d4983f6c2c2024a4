import { z } from 'zod';
import type { App } from '../app-type.ts';
import { noteDeed } from '../audit.ts';
import { isDirectlyLocal } from '../auth/visit.ts';
import { entering } from '../auth/signed-in.ts';
import { effectiveRole } from '../caller.ts';
import { roles } from '../permissions.ts';
import { ProblemError } from '../problems.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';

const sessionReplySchema = z
  .object({
    role: z.enum(roles).meta({ description: 'What this request may do; nobody: not signed in' }),
    via: z.enum(['session', 'token', 'loopback', 'none']).meta({ description: 'What proved it' }),
    user: z.object({ userId: z.string(), name: z.string(), email: z.string() }).nullable(),
    setupNeeded: z.boolean().meta({ description: 'There is no user yet' }),
    demo: z.boolean().meta({ description: 'Invented data; at this machine anybody may enter as administrator' }),
    methods: z
      .object({
        password: z.boolean(),
        x: z.boolean(),
        xLegacy: z.boolean().meta({ description: 'X by OAuth 1.0a, as the provider x-oauth1' }),
        oidc: z.array(z.object({ id: z.string(), name: z.string() })),
      })
      .meta({ description: 'Ways to sign in' }),
  })
  .meta({ id: 'Session' });

/** Who the caller is, for the page to show what they may do; the end of a session; the demo's way in. */
export function sessionRoutes(app: App, { sources: { users } }: { sources: ServerSources }): void {
  const tags = ['session'];
  app.get(
    '/api/v1/session',
    {
      schema: {
        ...{ operationId: 'getSession', summary: 'Who you are here, and your role', tags },
        response: { 200: jsonReply('You', sessionReplySchema), ...problemReplies(503) },
      },
    },
    async (request, reply) => {
      const { caller } = request;
      // A session that is used goes on: the library moves its end from time to time.
      if (caller.via === 'session')
        await entering({ users, request, reply }, (visit) => users.desk.session(visit, { renew: true }));
      const services = users.desk.providers;
      return {
        ...{ role: effectiveRole(caller), via: caller.via, user: caller.user ?? null, demo: users.isDemo },
        setupNeeded: !(await users.hasUsers()),
        methods: {
          password: true,
          x: services.some(({ id }) => id === 'x'),
          xLegacy: users.desk.hasOAuth1,
          oidc: services.filter(({ id }) => id !== 'x'),
        },
      };
    },
  );

  app.delete(
    '/api/v1/session',
    {
      schema: {
        ...{ operationId: 'signOut', summary: 'End the session of this browser', tags },
        response: { 204: z.null().meta({ description: 'Ended' }), ...problemReplies(403, 503) },
      },
    },
    async (request, reply) => {
      if (request.caller.via === 'session') {
        await noteDeed(request, { action: 'session.end' });
        await entering({ users, request, reply }, (visit) => users.desk.signOut(visit));
      }
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/v1/session/demo',
    {
      schema: {
        ...{ operationId: 'enterDemo', summary: 'Enter as administrator of the demo, at its own machine', tags },
        response: { 204: z.null().meta({ description: 'Entered' }), ...problemReplies(403, 503) },
      },
    },
    async (request, reply) => {
      if (!users.isDemo || !isDirectlyLocal(request, users.publicUrl))
        throw new ProblemError('access.denied', 'Only a demo lets people in like this, and only at its own machine.');
      const user = await askSource(users.demoUser());
      await entering({ users, request, reply }, (visit) => users.desk.enterAs(visit, user.userId));
      await noteDeed(request, { action: 'session.start', details: { by: 'demo' }, who: user });
      return reply.code(204).send(null);
    },
  );
}
