/** Tokens for programs. What is kept is a digest: the token is shown once. */
import { createHash, randomBytes } from 'node:crypto';
import { MistnetError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import type { Queryable } from '../db.ts';
import type { UserRole } from './users.ts';

export const TOKEN_PREFIX = 'mistnet_';
const MAX_TOKENS = 100;
/** Noted at most so often: a program that calls each second writes no row each second. */
const USE_NOTED_SEC = 60;

/** Instants ISO 8601 with Z; `expiresAt` null: never. */
export type ApiToken = {
  tokenId: string;
  label: string;
  scopes: string[];
  madeAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
};

type Row = {
  token_id: string;
  label: string;
  scopes: string[];
  made_at: string;
  expires_at: string | null;
  last_used_at: string | null;
};

const COLUMNS = 'token_id, label, scopes, made_at, expires_at, last_used_at';

/** `secret` is shown to the person and then forgotten. Throws `user.refused` beyond 100 tokens. */
export async function makeToken(
  db: Queryable,
  clock: Clock,
  wish: { userId: string; label: string; scopes: readonly string[]; expiresAt: string | null },
): Promise<{ token: ApiToken; secret: string }> {
  const secret = `${TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`;
  const [row] = await db.query<Row>(
    `insert into api_tokens (token_hash, user_id, label, scopes, made_at, expires_at)
      select $1, $2, $3, $4, $5, $6
        where (select count(*) from api_tokens where user_id = $2 and revoked_at is null) < ${MAX_TOKENS} returning ${COLUMNS}`,
    [digestOf(secret), wish.userId, wish.label, wish.scopes, new Date(clock.now()).toISOString(), wish.expiresAt],
  );
  if (row === undefined)
    throw new MistnetError('user.refused', `There are ${MAX_TOKENS} tokens already; revoke some that are not used.`);
  return { token: toToken(row), secret };
}

/** Those that can be used, newest first. */
export async function listTokens(db: Queryable, clock: Clock, userId: string): Promise<ApiToken[]> {
  const rows = await db.query<Row>(
    `select ${COLUMNS} from api_tokens where user_id = $1 and revoked_at is null and (expires_at is null or expires_at > $2)
      order by made_at desc, token_id`,
    [userId, new Date(clock.now()).toISOString()],
  );
  return rows.map(toToken);
}

/** False when the user has no such token. */
export async function revokeToken(db: Queryable, clock: Clock, userId: string, tokenId: string): Promise<boolean> {
  const rows = await db.query(
    'update api_tokens set revoked_at = $3 where token_id = $1 and user_id = $2 and revoked_at is null returning 1',
    [tokenId, userId, new Date(clock.now()).toISOString()],
  );
  return rows.length > 0;
}

/** Whose it is, when it can be used; also notes that it was. */
export async function useToken(
  db: Queryable,
  clock: Clock,
  secret: string,
): Promise<{ userId: string; name: string; email: string; role: UserRole; scopes: string[] } | undefined> {
  const now = new Date(clock.now()).toISOString();
  const [row] = await db.query<{
    token_id: string;
    id: string;
    name: string;
    email: string;
    role: UserRole;
    scopes: string[];
    stale: boolean;
  }>(
    `select t.token_id, u.id, u.name, u.email, u.role, t.scopes,
        coalesce(t.last_used_at < $2::timestamptz - make_interval(secs => ${USE_NOTED_SEC}), true) as stale
      from api_tokens t join auth."user" u on u.id = t.user_id
      where t.token_hash = $1 and t.revoked_at is null and (t.expires_at is null or t.expires_at > $2) and u.active`,
    [digestOf(secret), now],
  );
  if (row === undefined) return undefined;
  if (row.stale) await db.query('update api_tokens set last_used_at = $2 where token_id = $1', [row.token_id, now]);
  const { id, name, email, role, scopes } = row;
  return { userId: id, name, email, role, scopes };
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function toToken(row: Row): ApiToken {
  return {
    ...{ tokenId: row.token_id, label: row.label, scopes: row.scopes },
    ...{ madeAt: row.made_at, expiresAt: row.expires_at, lastUsedAt: row.last_used_at },
  };
}
