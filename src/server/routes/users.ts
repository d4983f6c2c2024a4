import { z } from 'zod';
import type { UserRecord } from '../../store/users/users.ts';
import type { App } from '../app-type.ts';
import { changeWithDeed, type Deed } from '../audit.ts';
import { invitationMail, resetMail } from '../auth/mails.ts';
import { visitOf } from '../auth/visit.ts';
import { ProblemError } from '../problems.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';
import {
  emailSchema,
  newEmailSchema,
  invitationSchema,
  linkReplySchema,
  nameSchema,
  personSchema,
  roleSchema,
  userIdSchema,
  userSchema,
} from './sign-in-schemas.ts';

const tags = ['users'];
const userParams = z.object({ userId: userIdSchema });

/** People: who there is, who is invited, what they may do. */
export function userRoutes(app: App, { sources: { users } }: { sources: ServerSources }): void {
  app.get(
    '/api/v1/people',
    {
      schema: {
        ...{ operationId: 'listPeople', summary: 'Names of those with whom a collection can be shared', tags },
        response: { 200: jsonReply('By name', z.object({ people: z.array(personSchema) })), ...problemReplies(503) },
      },
    },
    async () => ({ people: await askSource(users.listPeople()) }),
  );

  app.get(
    '/api/v1/users',
    {
      schema: {
        ...{ operationId: 'listUsers', summary: 'All users by name, and open invitations', tags },
        response: {
          200: jsonReply(
            'Users',
            z.object({
              users: z.array(userSchema),
              invitations: z.array(invitationSchema),
              hasMail: z.boolean().meta({ description: 'Links are sent by mail; else they are handed to you' }),
            }),
          ),
          ...problemReplies(503),
        },
      },
    },
    async () => {
      const [all, invitations] = await askSource(Promise.all([users.listUsers(), users.listInvitations()]));
      return { users: all, invitations, hasMail: users.hasMail };
    },
  );

  app.post(
    '/api/v1/users/invitations',
    {
      schema: {
        ...{ operationId: 'inviteUser', summary: 'Invite somebody; a link that works once', tags },
        body: z.strictObject({ email: newEmailSchema, name: nameSchema, role: roleSchema }),
        response: { 201: jsonReply('The link', linkReplySchema), ...problemReplies(400, 409, 422, 503) },
      },
    },
    async (request, reply) => {
      const { email, name, role } = request.body;
      if ((await askSource(users.listUsers())).some((user) => user.email === email.toLowerCase()))
        throw new ProblemError('user.exists', `There is a user with the address ${email} already.`);
      const { user } = request.caller;
      const deed = { action: 'user.invite', target: email.toLowerCase(), details: { role } };
      const { token, expiresAt } = await changeWithDeed(request, deed, (inside) =>
        inside.users.invite({ email, name, role, madeBy: user?.userId ?? null }),
      );
      const link = `${visitOf(request, users.publicUrl).publicUrl}/invitation/${token}`;
      const sent = await sendOrNot(() =>
        users.send(invitationMail({ email, name, invitedBy: user?.name ?? 'Somebody', link })),
      );
      return reply.code(201).send({ link: sent ? null : link, sent, expiresAt });
    },
  );

  app.delete(
    '/api/v1/users/invitations/:email',
    {
      schema: {
        ...{ operationId: 'withdrawInvitation', summary: 'The link of that invitation works no longer', tags },
        params: z.object({ email: emailSchema }),
        response: { 204: z.null().meta({ description: 'Withdrawn' }), ...problemReplies(400, 404, 503) },
      },
    },
    async (request, reply) => {
      const { email } = request.params;
      await changeWithDeed(request, { action: 'user.withdraw-invitation', target: email }, async (inside) => {
        if (!(await inside.users.withdrawInvitation(email)))
          throw new ProblemError('link.unknown', `Nobody with the address ${email} is invited.`);
      });
      return reply.code(204).send(null);
    },
  );

  app.patch(
    '/api/v1/users/:userId',
    {
      schema: {
        ...{ operationId: 'changeUser', summary: 'Give a role, deactivate or activate', tags },
        params: userParams,
        body: z.strictObject({ role: roleSchema.optional(), active: z.boolean().optional() }),
        response: { 200: jsonReply('The user', userSchema), ...problemReplies(400, 404, 422, 503) },
      },
    },
    async (request) => {
      const { userId } = request.params;
      const { role, active } = request.body;
      const { user } = await changeWithDeed(
        request,
        ({ deeds }: { user: UserRecord; deeds: Deed[] }) => deeds,
        async (inside) => {
          let user = await inside.users.findUser(userId);
          const deeds: Deed[] = [];
          if (role !== undefined && role !== user.role) {
            user = await inside.users.setRole(user.userId, role);
            deeds.push({ action: 'user.grant', target: user.email, details: { role } });
          }
          if (active !== undefined && active !== user.active) {
            user = await inside.users.setActive(user.userId, active);
            deeds.push({ action: active ? 'user.activate' : 'user.deactivate', target: user.email });
          }
          return { user, deeds };
        },
      );
      return user;
    },
  );

  app.post(
    '/api/v1/users/:userId/reset',
    {
      schema: {
        ...{ operationId: 'offerReset', summary: 'A link by which the user sets a new password', tags },
        params: userParams,
        response: { 201: jsonReply('The link', linkReplySchema), ...problemReplies(404, 422, 503) },
      },
    },
    async (request, reply) => {
      const user = await askSource(users.findUser(request.params.userId));
      if (!user.active) throw new ProblemError('user.refused', 'This user is inactive; activate them first.');
      const madeBy = request.caller.user?.userId ?? null;
      const deed = { action: 'user.offer-reset', target: user.email };
      const { token, expiresAt } = await changeWithDeed(request, deed, (inside) =>
        inside.users.makeReset({ ...user, madeBy }),
      );
      const link = `${visitOf(request, users.publicUrl).publicUrl}/reset-password/${token}`;
      const sent = await sendOrNot(() => users.send(resetMail({ ...user, link })));
      return reply.code(201).send({ link: sent ? null : link, sent, expiresAt });
    },
  );

  app.delete(
    '/api/v1/users/:userId/second-factor',
    {
      schema: {
        ...{ operationId: 'removeSecondFactor', summary: 'For somebody who lost the device', tags },
        params: userParams,
        response: { 200: jsonReply('The user', userSchema), ...problemReplies(404, 503) },
      },
    },
    (request) =>
      changeWithDeed(
        request,
        ({ email }: UserRecord) => ({ action: 'user.remove-second-factor', target: email }),
        (inside) => inside.users.removeSecondFactor(request.params.userId),
      ),
  );

  /** A mail that cannot be sent must not cost the link: then it is handed to whoever asked. */
  async function sendOrNot(send: () => Promise<void>): Promise<boolean> {
    if (!users.hasMail) return false;
    try {
      await send();
      return true;
    } catch (error) {
      app.log.warn({ err: error }, 'mail.not-sent');
      return false;
    }
  }
}
