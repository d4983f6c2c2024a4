/** What people type when they sign in or are made users, and what is told of them. */
import { z } from 'zod';
import { userRoles } from '../../store/users/users.ts';
import { scopes } from '../caller.ts';

export const emailSchema = z.string().trim().min(3).max(254);
/** Of somebody who becomes a user. What is typed to sign in is compared, not judged. */
export const newEmailSchema = emailSchema.regex(/^[^\s@]+@[^\s@]+$/, 'is no e-mail address');
/** Longer ones are refused by the policy with its sentence; this bounds the work. */
export const passwordSchema = z.string().min(1).max(1024);
export const nameSchema = z.string().trim().min(1).max(100);
export const codeSchema = z.string().trim().min(4).max(64);
export const linkTokenSchema = z.object({
  token: z.string().regex(/^[A-Za-z0-9_-]{20,100}$/, 'is no token of a link'),
});
export const roleSchema = z.enum(userRoles);
export const scopeSchema = z.enum(scopes);
export const userIdSchema = z.string().min(1).max(64);
const instant = z.iso.datetime();

export const signInReplySchema = z
  .object({
    next: z
      .enum(['in', 'second-factor'])
      .meta({ description: 'second-factor: send a code to /api/v1/sign-in/code next' }),
  })
  .meta({ id: 'SignInReply' });

export const addressReplySchema = z
  .object({ url: z.string().meta({ description: 'Where to send the browser' }) })
  .meta({ id: 'SignInAddress' });

export const personSchema = z
  .object({ userId: z.string(), name: z.string(), email: z.string() })
  .meta({ id: 'Person' });

export const userSchema = z
  .object({
    ...{ userId: z.string(), name: z.string(), email: z.string(), role: roleSchema, active: z.boolean() },
    hasSecondFactor: z.boolean(),
    methods: z.array(z.string()).meta({ description: 'Ways in: password, or the id of a service' }),
    madeAt: instant,
    lastSeenAt: instant.nullable().meta({ description: 'Of sessions that are open' }),
  })
  .meta({ id: 'User' });

export const invitationSchema = z
  .object({
    ...{ email: z.string(), name: z.string(), role: roleSchema, madeAt: instant, expiresAt: instant },
    madeBy: z.string().nullable(),
  })
  .meta({ id: 'Invitation' });

export const linkReplySchema = z
  .object({
    link: z.string().nullable().meta({ description: 'To be handed to the person; null when it was sent by mail' }),
    sent: z.boolean(),
    expiresAt: instant,
  })
  .meta({ id: 'OneTimeLink' });

export const apiTokenSchema = z
  .object({
    ...{ tokenId: z.string(), label: z.string(), scopes: z.array(z.string()), madeAt: instant },
    ...{ expiresAt: instant.nullable(), lastUsedAt: instant.nullable() },
  })
  .meta({ id: 'ApiToken' });

export const sessionRecordSchema = z
  .object({
    ...{ sessionId: z.string(), address: z.string().nullable(), browser: z.string().nullable() },
    ...{ madeAt: instant, lastSeenAt: instant, expiresAt: instant },
    isThis: z.boolean().meta({ description: 'The one that asks' }),
  })
  .meta({ id: 'OpenSession' });

export const sharingSchema = z
  .object({
    owner: personSchema.nullable(),
    visibility: z.enum(['everybody', 'private']),
    shares: z.array(personSchema.extend({ access: z.enum(['view', 'edit']), role: z.string() })),
  })
  .meta({ id: 'Sharing' });

export const auditRecordSchema = z
  .object({
    ...{ entryId: z.string(), at: instant, userId: z.string().nullable(), who: z.string() },
    ...{ via: z.string(), address: z.string().nullable(), action: z.string(), target: z.string().nullable() },
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' });
