/** Credentials that are not used for a while, and why. */
import type { Pause } from '../../core/permits/pause.ts';
import type { Queryable } from '../db.ts';
import { CREDENTIALS_CHANGED, PERMITS_CHANNEL } from './permits-channel.ts';

export type PauseRow = {
  credential: string;
  endpoint: string;
  resource: string;
  why: Pause['why'];
  sentence: string;
  since: string;
  until: string | null;
  secret: string | null;
};

/** Records why a credential is taken out; a later reason for the same replaces the earlier. Workers hear of it. */
export async function recordPause(db: Queryable, pause: Pause): Promise<void> {
  const { credential, endpoint, resource, why, sentence, sinceMs, untilMs, secret } = pause;
  await db.query(
    `insert into permit_pauses (credential, endpoint, resource, why, sentence, since, until, secret)
      values ($1, $2, $3, $4, $5, $6, $7, $8)
      on conflict (credential, endpoint, resource) do update set why = excluded.why, sentence = excluded.sentence,
        since = excluded.since, until = excluded.until, secret = excluded.secret`,
    [
      ...[credential, endpoint, resource, why, sentence, instant(sinceMs)],
      ...[untilMs === undefined ? null : instant(untilMs), secret ?? null],
    ],
  );
  await db.query('select pg_notify($1, $2)', [PERMITS_CHANNEL, credential]);
}

/** Lets a credential in again, everywhere; workers fetch it anew. Returns how many pauses were ended. */
export async function readmitCredential(db: Queryable, credential: string): Promise<number> {
  const rows = await db.query('delete from permit_pauses where credential = $1 returning 1', [credential]);
  await db.query('select pg_notify($1, $2)', [PERMITS_CHANNEL, CREDENTIALS_CHANGED]);
  return rows.length;
}

/** Ends what was said of other secrets that the credential had; workers fetch it anew where there was something. */
export async function admitSecret(db: Queryable, credential: string, secret: string): Promise<void> {
  const rows = await db.query('delete from permit_pauses where credential = $1 and secret <> $2 returning 1', [
    credential,
    secret,
  ]);
  if (rows.length > 0) await db.query('select pg_notify($1, $2)', [PERMITS_CHANNEL, CREDENTIALS_CHANGED]);
}

/** Those that hold now. */
export async function currentPauses(db: Queryable): Promise<Pause[]> {
  const rows = await db.query<PauseRow>(
    `select credential, endpoint, resource, why, sentence, since, until, secret from permit_pauses
      where until is null or until > clock_timestamp()`,
  );
  return rows.map(rowToPause);
}

export function rowToPause(row: PauseRow): Pause {
  const { credential, endpoint, resource, why, sentence, since, until, secret } = row;
  const at = {
    sinceMs: Date.parse(since),
    ...(until === null ? {} : { untilMs: Date.parse(until) }),
    ...(secret === null ? {} : { secret }),
  };
  return { credential, endpoint, resource, why, sentence, ...at };
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
