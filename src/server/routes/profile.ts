import { z } from 'zod';
import type { UserRecord } from '../../store/users/users.ts';
import type { App } from '../app-type.ts';
import { changeWithDeed, longDeed } from '../audit.ts';
import { entering, PASSWORD_WORK_MS, patiently, requireSession, throttled } from '../auth/signed-in.ts';
import { ProblemError } from '../problems.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';
import { codeSchema, nameSchema, passwordSchema, sessionRecordSchema, userSchema } from './sign-in-schemas.ts';

const tags = ['profile'];
const done = z.null().meta({ description: 'Done' });
const ownPassword = z.strictObject({ password: passwordSchema });
const linkedSchema = z.object({
  provider: z.string(),
  accountId: z.string(),
  handle: z
    .string()
    .nullable()
    .meta({ description: 'As the service wrote it when you last came by it; null where it never did' }),
  linkedAt: z.iso.datetime(),
});

/** What somebody who signed in changes of their own account. Nothing of it can be done by an API token. */
export function profileRoutes(app: App, { sources: { users } }: { sources: ServerSources }): void {
  app.get(
    '/api/v1/me',
    {
      schema: {
        ...{ operationId: 'getProfile', summary: 'Your account: ways in, open sessions', tags },
        response: {
          200: jsonReply(
            'You',
            z
              .object({
                user: userSchema,
                linked: z.array(linkedSchema).meta({ description: 'Accounts of other services' }),
                sessions: z.array(sessionRecordSchema),
              })
              .meta({ id: 'Profile' }),
          ),
          ...problemReplies(403, 503),
        },
      },
    },
    async (request) => {
      const { userId, sessionId } = requireSession(request);
      const [user, linked, sessions] = await askSource(
        Promise.all([users.findUser(userId), users.listLinked(userId), users.listSessions(userId)]),
      );
      return { user, linked, sessions: sessions.map((each) => ({ ...each, isThis: each.sessionId === sessionId })) };
    },
  );

  app.patch(
    '/api/v1/me',
    {
      schema: {
        ...{ operationId: 'renameSelf', summary: 'Change your name', tags },
        body: z.strictObject({ name: nameSchema }),
        response: { 200: jsonReply('You', userSchema), ...problemReplies(400, 403, 422, 503) },
      },
    },
    async (request) => {
      const { userId, email } = requireSession(request);
      return await changeWithDeed(
        request,
        ({ name }: UserRecord) => ({ action: 'user.rename', target: email, details: { name } }),
        (inside) => inside.users.rename(userId, request.body.name),
      );
    },
  );

  app.put(
    '/api/v1/me/password',
    {
      schema: {
        ...{ operationId: 'changePassword', summary: 'Change your password; your other sessions end', tags },
        body: z.strictObject({
          current: passwordSchema.optional().meta({ description: 'Not needed while you have no password' }),
          password: passwordSchema,
        }),
        response: { 204: done, ...problemReplies(400, 401, 403, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { userId, sessionId, email } = requireSession(request);
      const { current = '', password } = request.body;
      const { methods } = await askSource(users.findUser(userId));
      if (methods.includes('password'))
        await throttled({ users, request, account: email }, async () => {
          if (!(await patiently(users.isPasswordOf(userId, current))))
            throw new ProblemError('sign-in.failed', 'The current password is not right.');
        });
      await changeWithDeed(
        request,
        { action: 'user.change-password', target: email },
        (inside) => inside.users.setPassword(userId, password, sessionId),
        PASSWORD_WORK_MS,
      );
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/v1/me/second-factor',
    {
      schema: {
        ...{ operationId: 'beginSecondFactor', summary: 'A secret for an authenticator app, and recovery codes', tags },
        body: ownPassword,
        response: {
          200: jsonReply(
            'Shown once; the next sign-in asks for a code when one was confirmed',
            z.object({ uri: z.string(), recoveryCodes: z.array(z.string()) }).meta({ id: 'SecondFactor' }),
          ),
          ...problemReplies(400, 401, 403, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const { email } = requireSession(request);
      return await throttled({ users, request, account: email }, () =>
        entering({ users, request, reply }, (visit) => users.desk.beginSecondFactor(visit, request.body.password)),
      );
    },
  );

  app.put(
    '/api/v1/me/second-factor',
    {
      schema: {
        ...{ operationId: 'confirmSecondFactor', summary: 'Prove that the app shows the right codes', tags },
        body: z.strictObject({ code: codeSchema }),
        response: { 204: done, ...problemReplies(400, 401, 403, 429, 503) },
      },
    },
    async (request, reply) => {
      const { email } = requireSession(request);
      await throttled({ users, request, account: `code ${email}` }, () =>
        longDeed(request, { action: 'user.add-second-factor', target: email }, () =>
          entering({ users, request, reply }, (visit) => users.desk.confirmSecondFactor(visit, request.body.code)),
        ),
      );
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/v1/me/second-factor/end',
    {
      schema: {
        ...{ operationId: 'endSecondFactor', summary: 'Ask for the password alone again', tags },
        body: ownPassword,
        response: { 204: done, ...problemReplies(400, 401, 403, 429, 503) },
      },
    },
    async (request, reply) => {
      const { email } = requireSession(request);
      await throttled({ users, request, account: email }, () =>
        longDeed(request, { action: 'user.remove-second-factor', target: email }, () =>
          entering({ users, request, reply }, (visit) => users.desk.endSecondFactor(visit, request.body.password)),
        ),
      );
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/api/v1/me/sessions/:sessionId',
    {
      schema: {
        ...{ operationId: 'endOwnSession', summary: 'End one of your sessions', tags },
        params: z.object({ sessionId: z.string().max(64) }),
        response: { 204: done, ...problemReplies(403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { userId } = requireSession(request);
      await changeWithDeed(request, { action: 'session.end' }, async (inside) => {
        if (!(await inside.users.endSession(userId, request.params.sessionId)))
          throw new ProblemError('token.unknown', 'You have no such session.');
      });
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/api/v1/me/linked/:provider',
    {
      schema: {
        ...{ operationId: 'unlinkAccount', summary: 'Sign in by that service no longer', tags },
        params: z.object({ provider: z.string().max(32) }),
        response: { 204: done, ...problemReplies(403, 404, 422, 503) },
      },
    },
    async (request, reply) => {
      const { userId, email } = requireSession(request);
      const { provider } = request.params;
      await changeWithDeed(request, { action: 'user.unlink', target: email, details: { provider } }, async (inside) => {
        if (!(await inside.users.unlink(userId, provider)))
          throw new ProblemError('token.unknown', 'No account of that service is linked.');
      });
      return reply.code(204).send(null);
    },
  );
}
