import { z } from 'zod';
import type { UserRecord } from '../../store/users/users.ts';
import type { FastifyRequest } from 'fastify';
import type { App } from '../app-type.ts';
import { changeWithDeed, noteDeed } from '../audit.ts';
import { entering, PASSWORD_WORK_MS, throttled } from '../auth/signed-in.ts';
import { isDirectlyLocal, visitOf } from '../auth/visit.ts';
import { ProblemError } from '../problems.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';
import { resetMail } from '../auth/mails.ts';
import {
  addressReplySchema,
  codeSchema,
  emailSchema,
  newEmailSchema,
  linkTokenSchema,
  nameSchema,
  passwordSchema,
  roleSchema,
  signInReplySchema,
} from './sign-in-schemas.ts';

const tags = ['session'];
const done = z.null().meta({ description: 'Done' });
/** An address of the page itself, never of another host. */
const pagePath = z
  .string()
  .max(500)
  .regex(/^\/(?![/\\])[^\s\\]*$/, 'is no address of the page');

/** The ways in: first run, password and code, other services, invitation and forgotten password. */
export function signInRoutes(app: App, { sources: { users } }: { sources: ServerSources }): void {
  app.post(
    '/api/v1/setup',
    {
      schema: {
        ...{ operationId: 'setUp', summary: 'Make the first administrator, while there is no user', tags },
        body: z.strictObject({
          ...{ name: nameSchema, email: newEmailSchema, password: passwordSchema },
          code: z.string().max(64).optional().meta({ description: 'The set-up code; needed but at this machine' }),
        }),
        response: { 204: done, ...problemReplies(400, 403, 409, 422, 429, 503) },
      },
    },
    async (request, reply) => {
      const { code = '', ...wish } = request.body;
      if (await askSource(users.hasUsers())) throw new ProblemError('setup.done', 'There is a user already: sign in.');
      if (!isDirectlyLocal(request, users.publicUrl))
        await throttled({ users, request, account: 'setup' }, async () => {
          if (!users.isSetupCode(code))
            throw new ProblemError('setup.code-needed', 'Enter the set-up code that mistnet printed when it started.');
        });
      const user = await changeWithDeed(
        request,
        (made: UserRecord) => ({
          action: 'user.add',
          target: made.email,
          details: { role: made.role, first: true },
          who: made,
        }),
        (inside) => inside.users.addFirstUser(wish),
        PASSWORD_WORK_MS,
      );
      await entering({ users, request, reply }, (visit) => users.desk.enterAs(visit, user.userId));
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/api/v1/sign-in',
    {
      schema: {
        ...{ operationId: 'signIn', summary: 'Sign in with address and password', tags },
        body: z.strictObject({ email: emailSchema, password: passwordSchema, remember: z.boolean().default(true) }),
        response: { 200: jsonReply('What comes next', signInReplySchema), ...problemReplies(400, 401, 403, 429, 503) },
      },
    },
    async (request, reply) => {
      const { email, password, remember } = request.body;
      const next = await recorded(request, email, () =>
        throttled({ users, request, account: email }, () =>
          entering({ users, request, reply }, (visit) =>
            users.desk.signIn(visit, { email: email.toLowerCase(), password, rememberMe: remember }),
          ),
        ),
      );
      if (next === 'in') await started(request, email, 'password');
      return { next };
    },
  );

  app.post(
    '/api/v1/sign-in/code',
    {
      schema: {
        ...{ operationId: 'enterCode', summary: 'The second step: a code of the app, or a recovery code', tags },
        body: z.strictObject({ code: codeSchema, kind: z.enum(['app', 'recovery']).default('app') }),
        response: { 200: jsonReply('In', signInReplySchema), ...problemReplies(400, 401, 403, 429, 503) },
      },
    },
    async (request, reply) => {
      const { code, kind } = request.body;
      // Who it is stands in a cookie of the step before; the library counts wrong codes for each account.
      const userId = await recorded(request, 'second factor', () =>
        throttled({ users, request, account: `code ${request.ip}` }, () =>
          entering({ users, request, reply }, (visit) => users.desk.enterCode(visit, { code, kind })),
        ),
      );
      await started(request, userId, kind === 'app' ? 'password and code' : 'password and recovery code');
      return { next: 'in' as const };
    },
  );

  app.post(
    '/api/v1/sign-in/with/:provider',
    {
      schema: {
        ...{
          operationId: 'beginSignInWith',
          summary: 'Begin to sign in by another service, or to link its account',
          tags,
        },
        params: z.object({ provider: z.string().max(32) }),
        body: z.strictObject({ backTo: pagePath.default('/'), link: z.boolean().default(false) }),
        response: { 200: jsonReply('Where to go', addressReplySchema), ...problemReplies(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { backTo, link } = request.body;
      if (link && request.caller.via !== 'session') throw new ProblemError('sign-in.required', 'Sign in first.');
      const { provider } = request.params;
      return {
        url: await entering({ users, request, reply }, (visit) => users.desk.begin(visit, { provider, backTo, link })),
      };
    },
  );

  app.get(
    '/api/v1/sign-in/callback/:provider',
    {
      schema: {
        ...{
          operationId: 'comeBackFromService',
          summary: 'Where a service sends people back to; leads on to the page',
          tags,
        },
        params: z.object({ provider: z.string().max(32) }),
        response: { 302: z.null().meta({ description: 'On to the page' }), ...problemReplies(400, 401, 503) },
      },
    },
    async (request, reply) => {
      const { provider } = request.params;
      const at = request.url.indexOf('?');
      const query = at < 0 ? '' : request.url.slice(at);
      // What follows is the library's: it may link an account, make a user, begin a session.
      await noteDeed(request, { action: 'sign-in.return', details: { by: provider } });
      const { location, arrived } = await entering({ users, request, reply }, (visit) =>
        users.desk.comeBack(visit, { provider, query }),
      );
      if (arrived === undefined) await noteDeed(request, { action: 'sign-in.fail', details: { by: provider } });
      else if (arrived.isLink) {
        const user = await askSource(users.findUser(arrived.userId));
        await noteDeed(request, { action: 'user.link', target: user.email, details: { provider }, who: user });
      } else await started(request, arrived.userId, provider);
      return reply.redirect(location);
    },
  );

  app.post(
    '/api/v1/password-resets',
    {
      schema: {
        ...{ operationId: 'askForReset', summary: 'Ask for a mail that lets one set a new password', tags },
        body: z.strictObject({ email: emailSchema }),
        response: {
          202: z.null().meta({ description: 'If there is such a user, a mail is on its way' }),
          ...problemReplies(400, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const { email } = request.body;
      const waitSec = await askSource(users.beginAttempt({ account: `reset ${email}`, address: request.ip }));
      if (waitSec > 0) throw new ProblemError('sign-in.throttled', 'Too many requests for mails. Try again later.');
      // Not awaited: how long it takes would tell whether there is such a user.
      void sendReset(request, email);
      return reply.code(202).send(null);
    },
  );

  app.post(
    '/api/v1/password-resets/:token',
    {
      schema: {
        ...{ operationId: 'resetPassword', summary: 'Set a new password by the link of a mail', tags },
        params: linkTokenSchema,
        body: z.strictObject({ password: passwordSchema }),
        response: { 204: done, ...problemReplies(400, 404, 422, 503) },
      },
    },
    async (request, reply) => {
      const { token } = request.params;
      const { userId } = await askSource(users.readReset(token));
      const user = await changeWithDeed(
        request,
        (changed: UserRecord) => ({ action: 'user.reset-password', target: changed.email, who: changed }),
        async (inside) => {
          await inside.users.spendLink(token);
          return await inside.users.setPassword(userId, request.body.password);
        },
        PASSWORD_WORK_MS,
      );
      await askSource(users.forgiveAttempt({ account: user.email, address: request.ip }));
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/v1/invitations/:token',
    {
      schema: {
        ...{ operationId: 'readInvitation', summary: 'Who the link of an invitation is for', tags },
        params: linkTokenSchema,
        response: {
          200: jsonReply('The invitation', z.object({ email: z.string(), name: z.string(), role: roleSchema })),
          ...problemReplies(400, 404, 503),
        },
      },
    },
    async ({ params: { token } }) => await askSource(users.readInvitation(token)),
  );

  app.post(
    '/api/v1/invitations/:token',
    {
      schema: {
        ...{ operationId: 'acceptInvitation', summary: 'Become a user by the link of an invitation', tags },
        params: linkTokenSchema,
        body: z.strictObject({ name: nameSchema, password: passwordSchema }),
        response: { 204: done, ...problemReplies(400, 404, 409, 422, 503) },
      },
    },
    async (request, reply) => {
      const { token } = request.params;
      const { name, password } = request.body;
      const { email, role } = await askSource(users.readInvitation(token));
      const user = await changeWithDeed(
        request,
        (made: UserRecord) => ({ action: 'user.add', target: email, details: { role, by: 'invitation' }, who: made }),
        async (inside) => {
          await inside.users.spendLink(token);
          return await inside.users.addUser({ email, role, name, password });
        },
        PASSWORD_WORK_MS,
      );
      await entering({ users, request, reply }, (visit) => users.desk.enterAs(visit, user.userId));
      return reply.code(204).send(null);
    },
  );

  /** Writes a failed sign-in down before it is answered. */
  async function recorded<T>(request: FastifyRequest, account: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const isRefusal = error instanceof ProblemError && error.code !== 'sign-in.throttled';
      if (isRefusal) await noteDeed(request, { action: 'sign-in.fail', target: account, details: { why: error.code } });
      throw error;
    }
  }

  async function started(request: FastifyRequest, who: string, by: string): Promise<void> {
    const user = await askSource(users.findUser(who));
    await noteDeed(request, { action: 'session.start', details: { by }, who: user });
  }

  async function sendReset(request: FastifyRequest, email: string): Promise<void> {
    try {
      const user = await users.findUser(email);
      if (!user.active || user.email !== email.toLowerCase() || !users.hasMail) return;
      const { token } = await changeWithDeed(request, { action: 'user.ask-reset', target: user.email }, (inside) =>
        inside.users.makeReset({ userId: user.userId, email: user.email, madeBy: null }),
      );
      const { publicUrl } = visitOf(request, users.publicUrl);
      await users.send(resetMail({ ...user, link: `${publicUrl}/reset-password/${token}` }));
    } catch (error) {
      request.log.warn({ err: error }, 'reset.not-sent');
    }
  }
}
