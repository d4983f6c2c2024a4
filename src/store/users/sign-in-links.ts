/** Links that let somebody in once: invitations, and resets of a password. Only a digest of each is kept. */
import { createHash, randomBytes } from 'node:crypto';
import { MistnetError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import type { Database, Queryable } from '../db.ts';
import type { UserRole } from './users.ts';

const HOUR_MS = 3_600_000;
const INVITATION_MS = 7 * 24 * HOUR_MS;
const RESET_MS = 2 * HOUR_MS;

/** Who was invited may have come in by another service instead: then the link is for nobody any more. */
const isNoUser = `not exists (select from auth."user" invited where lower(invited.email) = l.email)`;

export type Invitation = { email: string; name: string; role: UserRole; expiresAt: string };
/** `madeBy`: the name of whoever invited. */
export type OpenInvitation = Invitation & { madeAt: string; madeBy: string | null };

/** Takes the place of an earlier invitation of the same person. Answers the token of the link. */
export async function invite(
  db: Database,
  clock: Clock,
  wish: { email: string; name: string; role: UserRole; madeBy: string | null },
): Promise<{ token: string; expiresAt: string }> {
  const email = wish.email.trim().toLowerCase();
  return await db.transaction(async (tx) => {
    await tx.query(`delete from sign_in_links where purpose = 'invitation' and email = $1 and used_at is null`, [
      email,
    ]);
    return await insertLink(tx, clock, INVITATION_MS, {
      ...{ purpose: 'invitation', email, name: wish.name, role: wish.role, userId: null, madeBy: wish.madeBy },
    });
  });
}

/** Takes the place of an earlier reset of the same person. */
export async function makeReset(
  db: Database,
  clock: Clock,
  wish: { userId: string; email: string; madeBy: string | null },
): Promise<{ token: string; expiresAt: string }> {
  return await db.transaction(async (tx) => {
    await tx.query(`delete from sign_in_links where purpose = 'reset' and user_id = $1 and used_at is null`, [
      wish.userId,
    ]);
    return await insertLink(tx, clock, RESET_MS, {
      ...{ purpose: 'reset', email: wish.email, name: null, role: null, userId: wish.userId, madeBy: wish.madeBy },
    });
  });
}

/** Throws `link.unknown`. */
export async function readInvitation(db: Queryable, clock: Clock, token: string): Promise<Invitation> {
  const [row] = await db.query<{ email: string; name: string; role: UserRole; expires_at: string }>(
    `select email, name, role, expires_at from sign_in_links l
      where token_hash = $1 and purpose = 'invitation' and used_at is null and expires_at > $2 and ${isNoUser}`,
    [digestOf(token), instant(clock)],
  );
  if (row === undefined) throw gone();
  return { email: row.email, name: row.name, role: row.role, expiresAt: row.expires_at };
}

/** Whose password it may set. Throws `link.unknown`. */
export async function readReset(
  db: Queryable,
  clock: Clock,
  token: string,
): Promise<{ userId: string; email: string }> {
  const [row] = await db.query<{ user_id: string; email: string }>(
    `select l.user_id, l.email from sign_in_links l join auth."user" u on u.id = l.user_id and u.active
      where l.token_hash = $1 and l.purpose = 'reset' and l.used_at is null and l.expires_at > $2`,
    [digestOf(token), instant(clock)],
  );
  if (row === undefined) throw gone();
  return { userId: row.user_id, email: row.email };
}

/** Of several at once one wins; for the others it throws `link.unknown`. */
export async function spendLink(tx: Queryable, clock: Clock, token: string): Promise<void> {
  const rows = await tx.query(
    'update sign_in_links set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2 returning 1',
    [digestOf(token), instant(clock)],
  );
  if (rows.length === 0) throw gone();
}

export async function listInvitations(db: Queryable, clock: Clock): Promise<OpenInvitation[]> {
  const rows = await db.query<{
    email: string;
    name: string;
    role: UserRole;
    expires_at: string;
    made_at: string;
    made_by: string | null;
  }>(
    `select l.email, l.name, l.role, l.expires_at, l.made_at, u.name as made_by
      from sign_in_links l left join auth."user" u on u.id = l.made_by
      where l.purpose = 'invitation' and l.used_at is null and l.expires_at > $1 and ${isNoUser}
      order by l.made_at desc`,
    [instant(clock)],
  );
  return rows.map(({ expires_at, made_at, made_by, ...row }) => ({
    ...row,
    expiresAt: expires_at,
    madeAt: made_at,
    madeBy: made_by,
  }));
}

/** False when nobody of this address is invited. */
export async function withdrawInvitation(db: Queryable, email: string): Promise<boolean> {
  const rows = await db.query(
    `delete from sign_in_links where purpose = 'invitation' and email = lower($1) and used_at is null returning 1`,
    [email],
  );
  return rows.length > 0;
}

async function insertLink(
  tx: Queryable,
  clock: Clock,
  lifeMs: number,
  link: {
    purpose: string;
    email: string;
    name: string | null;
    role: UserRole | null;
    userId: string | null;
    madeBy: string | null;
  },
): Promise<{ token: string; expiresAt: string }> {
  const token = randomBytes(32).toString('base64url');
  const expiresAt = new Date(clock.now() + lifeMs).toISOString();
  await tx.query(
    `insert into sign_in_links (token_hash, purpose, email, name, role, user_id, made_by, made_at, expires_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      ...[digestOf(token), link.purpose, link.email, link.name, link.role, link.userId, link.madeBy],
      ...[instant(clock), expiresAt],
    ],
  );
  return { token, expiresAt };
}

function gone(): MistnetError {
  return new MistnetError(
    'link.unknown',
    'This link was used, has expired or was replaced by another. Ask for a new one.',
  );
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function instant(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
