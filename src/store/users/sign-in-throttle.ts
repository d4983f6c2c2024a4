/** Slows down whoever guesses passwords, on all servers together: the counts lie in the database. */
import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Clock } from '../../core/time.ts';
import type { Queryable } from '../db.ts';

/** So many wrong ones cost nothing; each further one doubles the pause, up to the longest. */
const FREE = { account: 5, address: 30 };
const LONGEST_SEC = 900;
/** After so long without a failure all is forgotten. */
const FORGET_HOURS = 24;

export type Attempt = { account: string; address: string };

/**
 * Counts an attempt as failed before it is made, so that many at once cannot slip through; `forgiveAttempt` takes it back when it was right. Answers
 * for how many more seconds nothing is tried, 0 when it may be.
 */
export async function beginAttempt(db: Queryable, clock: Clock, attempt: Attempt): Promise<number> {
  const now = new Date(clock.now()).toISOString();
  let waitSec = 0;
  // Always in this order, so that two attempts never wait for each other.
  for (const [subject, free] of subjectsOf(attempt)) {
    const [row] = await db.query<{ wait: string }>(
      `select ceil(extract(epoch from blocked_until - $2::timestamptz))::text as wait from sign_in_failures
        where subject = $1 and blocked_until > $2`,
      [subject, now],
    );
    waitSec = Math.max(waitSec, Number(row?.wait ?? 0));
    if (waitSec > 0) continue;
    await db.query(
      `insert into sign_in_failures as f (subject, failures, last_failed_at, blocked_until) values ($1, 1, $2, $2)
        on conflict (subject) do update set
          failures = case when f.last_failed_at < $2::timestamptz - interval '${FORGET_HOURS} hours' then 1 else f.failures + 1 end,
          last_failed_at = $2,
          blocked_until = case when f.failures + 1 <= $3 or f.last_failed_at < $2::timestamptz - interval '${FORGET_HOURS} hours' then $2
            else $2::timestamptz + make_interval(secs => least(${LONGEST_SEC}, power(2, least(f.failures - $3, 20)))) end`,
      [subject, now, free],
    );
  }
  return waitSec;
}

/** The account's failures are forgotten; of the address only this attempt, or a guesser's own account would wash it clean. */
export async function forgiveAttempt(db: Queryable, { account, address }: Attempt): Promise<void> {
  await db.query('delete from sign_in_failures where subject = $1', [accountSubject(account)]);
  await db.query(
    'update sign_in_failures set failures = greatest(failures - 1, 0), blocked_until = last_failed_at where subject = $1',
    [addressSubject(address)],
  );
}

/** Rows that say nothing any more. */
export async function forgetOldFailures(db: Queryable, clock: Clock): Promise<void> {
  await db.query('delete from sign_in_failures where last_failed_at < $1', [
    new Date(clock.now() - FORGET_HOURS * 3_600_000).toISOString(),
  ]);
}

function subjectsOf({ account, address }: Attempt): [string, number][] {
  return [
    [accountSubject(account), FREE.account],
    [addressSubject(address), FREE.address],
  ];
}

/** A digest: what people type here may be a password in the wrong field. */
function accountSubject(account: string): string {
  return `account:${createHash('sha256').update(account.trim().toLowerCase()).digest('base64url')}`;
}

/** One household has a whole /64 of IPv6. */
function addressSubject(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return `address:${address}`;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((each) => each !== '');
  const missing = 8 - groups.length - (tail ?? '').split(':').filter((each) => each !== '').length;
  const full = tail === undefined ? groups : [...groups, ...Array.from({ length: missing }, () => '0')];
  return `address:${full.slice(0, 4).join(':')}::/64`;
}
