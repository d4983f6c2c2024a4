/** People who may sign in. They are never deleted: what they did stays theirs; inactive, they cannot sign in. */
import { randomBytes } from 'node:crypto';
import { MistnetError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import type { Database, Queryable } from '../db.ts';
import { hashPassword, requireGoodPassword } from './password.ts';

export const userRoles = ['viewer', 'collector', 'administrator'] as const;
export type UserRole = (typeof userRoles)[number];

/** Instants ISO 8601 with Z. `methods`: ways in, `password` or the id of a provider. */
export type UserRecord = {
  userId: string;
  name: string;
  email: string;
  role: UserRole;
  active: boolean;
  hasSecondFactor: boolean;
  methods: string[];
  madeAt: string;
  lastSeenAt: string | null;
};

export type NewUser = { email: string; name: string; role: UserRole; password?: string };

type Row = {
  id: string;
  name: string;
  email: string;
  role: UserRole;
  active: boolean;
  second: boolean;
  methods: string[];
  made_at: string;
  last_seen_at: string | null;
};

const SELECT = `
  select u.id, u.name, u.email, u.role, u.active, coalesce(u."twoFactorEnabled", false) as second, u."createdAt" as made_at,
      coalesce((select array_agg(case a."providerId" when 'credential' then 'password' else a."providerId" end order by 1)
        from auth.account a where a."userId" = u.id and (a."providerId" <> 'credential' or a.password is not null)), '{}') as methods,
      (select max(s."updatedAt") from auth.session s where s."userId" = u.id) as last_seen_at
    from auth."user" u`;

/** First and second lock of PostgreSQL's advisory ones, held while a change must not cross another: "mist", "user". */
const LOCK = [0x6d697374, 0x75736572];
const EMAIL = /^[^\s@<>"(),:;\\]+@[^\s@<>"(),:;\\]+$/;

/** Who a demo's visitors become. Of no account anywhere else: without a password, and nobody when the demo has ended. */
export const DEMO_EMAIL = 'administrator@demo.invalid';

/** Whether anybody has been made who is more than the demo's. */
export async function hasUsers(db: Queryable): Promise<boolean> {
  return (await db.query('select 1 from auth."user" where email <> $1 limit 1', [DEMO_EMAIL])).length > 0;
}

export async function listUsers(db: Queryable): Promise<UserRecord[]> {
  return (await db.query<Row>(`${SELECT} order by lower(u.name), u.id`)).map(toUser);
}

/** By address or id. Throws `user.unknown`. */
export async function findUser(db: Queryable, who: string): Promise<UserRecord> {
  const [row] = await db.query<Row>(`${SELECT} where u.email = lower($1) or u.id = $1`, [who]);
  if (row === undefined) throw new MistnetError('user.unknown', `There is no user "${who}".`);
  return toUser(row);
}

/** Throws `user.exists`, `user.refused` (address, name) and `password.weak`. Without a password they come in another way. */
export async function addUser(db: Database, clock: Clock, wish: NewUser): Promise<UserRecord> {
  return await insertUser(db, clock, wish, async () => {});
}

/** The first user, who is administrator; of several at once one is made. Throws `user.exists` for the others, and as `addUser`. */
export async function addFirstUser(db: Database, clock: Clock, wish: Omit<NewUser, 'role'>): Promise<UserRecord> {
  return await insertUser(db, clock, { ...wish, role: 'administrator' }, async (tx) => {
    if (await hasUsers(tx)) throw new MistnetError('user.exists', 'There is a user already: sign in.');
  });
}

async function insertUser(
  db: Database,
  clock: Clock,
  wish: NewUser,
  check: (tx: Queryable) => Promise<void>,
): Promise<UserRecord> {
  const { role, password } = wish;
  const [email, name] = [requireEmail(wish.email), requireName(wish.name)];
  if (password !== undefined) requireGoodPassword(password, { email, name });
  const kept = password === undefined ? null : await hashPassword(password);
  return await db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1, $2)', LOCK);
    await check(tx);
    const [id, now] = [makeUserId(), new Date(clock.now()).toISOString()];
    const made = await tx.query(
      `insert into auth."user" (id, name, email, "emailVerified", "createdAt", "updatedAt", "twoFactorEnabled", role, active)
        values ($1, $2, $3, true, $4, $4, false, $5, true) on conflict (email) do nothing returning id`,
      [id, name, email, now, role],
    );
    if (made.length === 0) throw new MistnetError('user.exists', `There is a user with the address ${email} already.`);
    if (kept !== null) await putPassword(tx, id, kept, now);
    return await findUser(tx, id);
  });
}

/** Throws `user.unknown`; `user.refused` when nobody else could administer any more. */
export async function setRole(db: Database, who: string, role: UserRole): Promise<UserRecord> {
  return await changeUser(db, who, async (tx, user) => {
    if (role !== 'administrator') await requireAnotherAdministrator(tx, user);
    await tx.query('update auth."user" set role = $2, "updatedAt" = now() where id = $1', [user.userId, role]);
  });
}

/** An inactive user's sessions and tokens end with it. Throws `user.unknown`; `user.refused` when nobody else could administer any more. */
export async function setActive(db: Database, clock: Clock, who: string, active: boolean): Promise<UserRecord> {
  return await changeUser(db, who, async (tx, user) => {
    if (!active) await requireAnotherAdministrator(tx, user);
    await tx.query('update auth."user" set active = $2, "updatedAt" = now() where id = $1', [user.userId, active]);
    if (active) return;
    await endSessions(tx, user.userId);
    await tx.query('update api_tokens set revoked_at = $2 where user_id = $1 and revoked_at is null', [
      user.userId,
      new Date(clock.now()).toISOString(),
    ]);
  });
}

/** Ends all sessions of the user but the one named. Throws `user.unknown`, `password.weak`. */
export async function setPassword(
  db: Database,
  clock: Clock,
  who: string,
  password: string,
  keptSession = '',
): Promise<UserRecord> {
  const user = await findUser(db, who);
  requireGoodPassword(password, user);
  const kept = await hashPassword(password);
  return await changeUser(db, user.userId, async (tx) => {
    await putPassword(tx, user.userId, kept, new Date(clock.now()).toISOString());
    await endSessions(tx, user.userId, keptSession);
  });
}

export async function renameUser(db: Database, who: string, name: string): Promise<UserRecord> {
  return await changeUser(db, who, async (tx, { userId }) => {
    await tx.query('update auth."user" set name = $2, "updatedAt" = now() where id = $1', [userId, requireName(name)]);
  });
}

/** For somebody who has lost the device: the next sign-in asks for the password alone. */
export async function removeSecondFactor(db: Database, who: string): Promise<UserRecord> {
  return await changeUser(db, who, async (tx, { userId }) => {
    await tx.query('delete from auth."twoFactor" where "userId" = $1', [userId]);
    await tx.query('update auth."user" set "twoFactorEnabled" = false, "updatedAt" = now() where id = $1', [userId]);
  });
}

/** The demo's administrator; made when there is none. */
export async function demoUser(db: Database, clock: Clock): Promise<UserRecord> {
  const [row] = await db.query<Row>(`${SELECT} where u.email = $1`, [DEMO_EMAIL]);
  if (row !== undefined) return toUser(row);
  return await addUser(db, clock, { email: DEMO_EMAIL, name: 'Demo administrator', role: 'administrator' });
}

/** One change at a time, so that the last two administrators cannot both go. */
async function changeUser(
  db: Database,
  who: string,
  change: (tx: Queryable, user: UserRecord) => Promise<void>,
): Promise<UserRecord> {
  return await db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1, $2)', LOCK);
    const user = await findUser(tx, who);
    await change(tx, user);
    return await findUser(tx, user.userId);
  });
}

async function requireAnotherAdministrator(tx: Queryable, { userId, role, active }: UserRecord): Promise<void> {
  if (role !== 'administrator' || !active) return;
  const others = await tx.query(
    `select 1 from auth."user" where role = 'administrator' and active and id <> $1 and email <> $2 limit 1`,
    [userId, DEMO_EMAIL],
  );
  if (others.length === 0)
    throw new MistnetError('user.refused', 'This is the last administrator. Make somebody else administrator first.');
}

async function putPassword(tx: Queryable, userId: string, kept: string, now: string): Promise<void> {
  await tx.query(
    `insert into auth.account (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")
      values ($1, $2, 'credential', $2, $3, $4, $4)
      on conflict ("providerId", "accountId") do update set password = excluded.password, "updatedAt" = excluded."updatedAt"`,
    [makeUserId(), userId, kept, now],
  );
}

async function endSessions(tx: Queryable, userId: string, kept = ''): Promise<void> {
  await tx.query('delete from auth.session where "userId" = $1 and id <> $2', [userId, kept]);
}

function requireEmail(text: string): string {
  const email = text.trim().toLowerCase();
  if (EMAIL.test(email) && email.length <= 254) return email;
  throw new MistnetError('user.refused', `"${text}" is no e-mail address.`);
}

function requireName(text: string): string {
  // Signs that would hide or turn what stands beside the name.
  const name = text.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ').trim();
  if (name !== '' && name.length <= 100) return name;
  throw new MistnetError('user.refused', 'A name has 1 to 100 characters.');
}

function makeUserId(): string {
  return randomBytes(16).toString('hex');
}

function toUser({ id, second, made_at, last_seen_at, ...row }: Row): UserRecord {
  return { userId: id, hasSecondFactor: second, madeAt: made_at, lastSeenAt: last_seen_at, ...row };
}
