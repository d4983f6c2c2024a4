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
};

/** Records why a credential is taken out; a later reason for the same replaces the earlier. Workers hear of it. */
export async function recordPause(db: Queryable, pause: Pause): Promise<void> {
  const { credential, endpoint, resource, why, sentence, sinceMs, untilMs } = pause;
  await db.query(
    `insert into permit_pauses (credential, endpoint, resource, why, sentence, since, until) values ($1, $2, $3, $4, $5, $6, $7)
      on conflict (credential, endpoint, resource) do update set why = excluded.why, sentence = excluded.sentence,
        since = excluded.since, until = excluded.until`,
    [credential, endpoint, resource, why, sentence, instant(sinceMs), untilMs === undefined ? null : instant(untilMs)],
  );
  await db.query('select pg_notify($1, $2)', [PERMITS_CHANNEL, credential]);
}

/** Lets a credential in again, everywhere; workers fetch it anew. Returns how many pauses were ended. */
export async function readmitCredential(db: Queryable, credential: string): Promise<number> {
  const rows = await db.query('delete from permit_pauses where credential = $1 returning 1', [credential]);
  await db.query('select pg_notify($1, $2)', [PERMITS_CHANNEL, CREDENTIALS_CHANGED]);
  return rows.length;
}

/** Those that hold now. */
export async function currentPauses(db: Queryable): Promise<Pause[]> {
  const rows = await db.query<PauseRow>(
    `select credential, endpoint, resource, why, sentence, since, until from permit_pauses
      where until is null or until > clock_timestamp()`,
  );
  return rows.map(rowToPause);
}

export function rowToPause(row: PauseRow): Pause {
  const { credential, endpoint, resource, why, sentence, since, until } = row;
  const at = { sinceMs: Date.parse(since), ...(until === null ? {} : { untilMs: Date.parse(until) }) };
  return { credential, endpoint, resource, why, sentence, ...at };
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
