/** By what a user gets in: their password, the sessions that are open, accounts of other services. */
import { MistnetError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import type { Database, Queryable } from '../db.ts';
import { hashPassword, isPassword } from './password.ts';

/** Instants ISO 8601 with Z. `sessionId` opens nothing. */
export type SessionRecord = {
  sessionId: string;
  address: string | null;
  browser: string | null;
  madeAt: string;
  lastSeenAt: string;
  expiresAt: string;
};

/** `handle`: as the service wrote it when somebody last came by that account, without `@`; null where it never did. */
export type LinkedAccount = { provider: string; accountId: string; handle: string | null; linkedAt: string };

/** Takes as long whether there is a password or not. */
export async function isPasswordOf(db: Queryable, userId: string, password: string): Promise<boolean> {
  const [row] = await db.query<{ password: string | null }>(
    `select password from auth.account where "userId" = $1 and "providerId" = 'credential'`,
    [userId],
  );
  if (row?.password == null) {
    await hashPassword(password);
    return false;
  }
  return await isPassword(row.password, password);
}

export async function listSessions(db: Queryable, clock: Clock, userId: string): Promise<SessionRecord[]> {
  const rows = await db.query<{
    id: string;
    address: string | null;
    browser: string | null;
    made_at: string;
    seen_at: string;
    expires_at: string;
  }>(
    `select id, nullif("ipAddress", '') as address, nullif("userAgent", '') as browser, "createdAt" as made_at,
        "updatedAt" as seen_at, "expiresAt" as expires_at
      from auth.session where "userId" = $1 and "expiresAt" > $2 order by "updatedAt" desc, id`,
    [userId, new Date(clock.now()).toISOString()],
  );
  return rows.map((row) => ({
    ...{ sessionId: row.id, address: row.address, browser: row.browser },
    ...{ madeAt: row.made_at, lastSeenAt: row.seen_at, expiresAt: row.expires_at },
  }));
}

/** False when the user has no such session. */
export async function endSession(db: Queryable, userId: string, sessionId: string): Promise<boolean> {
  const rows = await db.query('delete from auth.session where id = $1 and "userId" = $2 returning 1', [
    sessionId,
    userId,
  ]);
  return rows.length > 0;
}

export async function listLinked(db: Queryable, userId: string): Promise<LinkedAccount[]> {
  const rows = await db.query<{ provider: string; account_id: string; handle: string | null; linked_at: string }>(
    `select "providerId" as provider, "accountId" as account_id, handle, "createdAt" as linked_at from auth.account
      where "userId" = $1 and "providerId" <> 'credential' order by 1, 4`,
    [userId],
  );
  return rows.map(({ provider, account_id, handle, linked_at }) => ({
    ...{ provider, accountId: account_id, handle, linkedAt: linked_at },
  }));
}

export async function noteHandle(
  db: Queryable,
  { provider, accountId, handle }: Pick<LinkedAccount, 'provider' | 'accountId'> & { handle: string },
): Promise<void> {
  await db.query(
    `update auth.account set handle = $3
      where "providerId" = $1 and "accountId" = $2 and handle is distinct from $3`,
    [provider, accountId, handle],
  );
}

/** False when no account of that service is linked. Throws `user.refused` when it is the only way in. */
export async function unlink(db: Database, userId: string, provider: string): Promise<boolean> {
  return await db.transaction(async (tx) => {
    await tx.query('select 1 from auth."user" where id = $1 for update', [userId]);
    const ways = await tx.query<{ provider: string }>(
      `select "providerId" as provider from auth.account
        where "userId" = $1 and ("providerId" <> 'credential' or password is not null)`,
      [userId],
    );
    if (provider === 'credential' || !ways.some((way) => way.provider === provider)) return false;
    if (ways.every((way) => way.provider === provider))
      throw new MistnetError('user.refused', 'This is the only way to sign in. Set a password first.');
    await tx.query('delete from auth.account where "userId" = $1 and "providerId" = $2', [userId, provider]);
    return true;
  });
}
