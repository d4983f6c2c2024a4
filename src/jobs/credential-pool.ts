/** The credentials that calls may use now: those that are kept, but for refused ones, and the token of the environment. */
import { createHash } from 'node:crypto';
import { MistnetError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { Secret } from '../core/secret.ts';
import type { Clock } from '../core/time.ts';
import type { PooledCredential } from '../platforms/permit-source.ts';
import { usableXCredential } from '../platforms/x/credential-fields.ts';
import { ENVIRONMENT_LABEL, openCredentials } from '../store/credentials/credentials.ts';
import type { Keyring } from '../store/credentials/keyring.ts';
import type { Queryable } from '../store/db.ts';

/**
 * All that can be used now, by label. One that cannot be opened is said in the log and left out. `environmentToken`: of the environment, where
 * there is one.
 */
export async function usableCredentials(options: {
  db: Queryable;
  ring: Keyring;
  clock: Clock;
  environmentToken: string | undefined;
  log: Log;
}): Promise<PooledCredential[]> {
  const { db, ring, clock, environmentToken, log } = options;
  const pool: PooledCredential[] = [];
  for (const { label, kind, fields, refused, level, owner } of await openCredentials(db, ring, 'x')) {
    if (refused !== null) continue;
    try {
      const usable = usableXCredential(label, kind, fields, clock);
      pool.push({ ...usable, isPersonal: owner !== '', ...(level === null ? {} : { level }) });
    } catch (error) {
      if (!(error instanceof MistnetError)) throw error;
      log.warn({ credential: label, cause: error.message }, 'credential.unusable');
    }
  }
  if (environmentToken !== undefined && !pool.some(({ label }) => label === ENVIRONMENT_LABEL)) {
    const fields = new Map([['bearer_token', new Secret(environmentToken)]]);
    const secret = createHash('sha256').update(environmentToken).digest('base64url');
    pool.push({ ...usableXCredential(ENVIRONMENT_LABEL, 'app', fields, clock), secret });
  }
  return pool;
}
