/** What a look at accounts showed, into their histories: names, profiles, states. The uid is the identity; everything else may change. */
import type { Queryable } from '../db.ts';
import type { AccountState, StateEvidence } from './followed-account.ts';

/** One look at one account. `handle` and `profile` are absent when the platform did not show them. */
export type AccountSight = StateEvidence & {
  platform: string;
  accountId: string;
  atMs: number;
  state: AccountState;
  handle?: string;
  /** The account object as received. */
  profile?: Record<string, unknown>;
};

/** What was new in a sight, for people. */
export type SightNews = {
  accountId: string;
  renamed?: { from: string; to: string };
  stateChanged?: { from: AccountState; to: AccountState };
  profileChanged: boolean;
};

type Known = { account_id: string; handle: string; state: AccountState; profile: string | null };

const DAY_MS = 24 * 3_600_000;
/** Public accounts are looked at weekly; one that is not is looked at daily at first, for such states often pass. */
const CHECK_AGAIN_MS = { public: 7 * DAY_MS, protected: DAY_MS, suspended: DAY_MS, gone: DAY_MS } as const;

/**
 * Notes sights of accounts that are followed; sights of others are left out. A name that differs, by its capitals alone too, is a rename; a
 * profile that differs in more than its counts is a version of its own. A sight that is older than the last one changes nothing. One statement
 * for all of a batch would save little: batches are of 100 and come a few times a minute at most.
 */
export async function noteSights(tx: Queryable, sights: readonly AccountSight[]): Promise<SightNews[]> {
  const news: SightNews[] = [];
  for (const sight of sights) {
    const at = new Date(sight.atMs).toISOString();
    const [known] = await tx.query<Known>(
      `select account_id, handle, state, (select p.profile::text from account_profiles p
          where (p.platform, p.account_id) = (f.platform, f.account_id) order by observed_at desc limit 1) as profile
        from followed_accounts f where platform = $1 and account_id = $2 and checked_at <= $3 for update`,
      [sight.platform, sight.accountId, at],
    );
    if (known === undefined) continue;
    news.push(await noteSight(tx, sight, known, at));
  }
  return news;
}

async function noteSight(tx: Queryable, sight: AccountSight, known: Known, at: string): Promise<SightNews> {
  const { platform, accountId, atMs, state, handle = known.handle, profile } = sight;
  const key = [platform, accountId];
  const isRenamed = handle !== known.handle;
  const isOther = state !== known.state;
  const profileChanged = profile !== undefined && !isSameProfile(profile, known.profile);
  await tx.query(
    `update followed_accounts set handle = $3, state = $4, checked_at = $5, check_after = $6,
        state_since = case when state = $4 then state_since else $5 end where platform = $1 and account_id = $2`,
    [...key, handle, state, at, new Date(atMs + CHECK_AGAIN_MS[state]).toISOString()],
  );
  if (isRenamed)
    await tx.query(
      'insert into account_names (platform, account_id, noted_at, handle) values ($1, $2, $3, $4) on conflict do nothing',
      [...key, at, handle],
    );
  if (isOther) await insertState(tx, sight, at);
  if (profileChanged) await insertProfile(tx, sight, at);
  return {
    accountId,
    ...(isRenamed ? { renamed: { from: known.handle, to: handle } } : {}),
    ...(isOther ? { stateChanged: { from: known.state, to: state } } : {}),
    profileChanged,
  };
}

/** The first look at an account: it is followed from now on. False when it was followed already. */
export async function follow(tx: Queryable, sight: AccountSight & { handle: string }): Promise<boolean> {
  const { platform, accountId, handle, state, atMs, profile } = sight;
  const at = new Date(atMs).toISOString();
  const rows = await tx.query(
    `insert into followed_accounts (platform, account_id, handle, state, state_since, checked_at, check_after, added_at)
      values ($1, $2, $3, $4, $5, $5, $6, $5) on conflict do nothing returning account_id`,
    [platform, accountId, handle, state, at, new Date(atMs + CHECK_AGAIN_MS[state]).toISOString()],
  );
  if (rows.length === 0) return false;
  await tx.query('insert into account_names (platform, account_id, noted_at, handle) values ($1, $2, $3, $4)', [
    platform,
    accountId,
    at,
    handle,
  ]);
  await insertState(tx, sight, at);
  if (profile !== undefined) await insertProfile(tx, sight, at);
  return true;
}

async function insertState(tx: Queryable, sight: AccountSight, at: string): Promise<void> {
  const { platform, accountId, state, endpoint, evidence } = sight;
  await tx.query(
    `insert into account_states (platform, account_id, since, state, endpoint, evidence) values ($1, $2, $3, $4, $5, $6)
      on conflict do nothing`,
    [platform, accountId, at, state, endpoint, evidence],
  );
}

async function insertProfile(tx: Queryable, { platform, accountId, profile }: AccountSight, at: string): Promise<void> {
  await tx.query(
    `insert into account_profiles (platform, account_id, observed_at, profile) values ($1, $2, $3, $4)
      on conflict do nothing`,
    // PostgreSQL's json takes any escape but would refuse the character itself; the escape is the same text.
    [platform, accountId, at, JSON.stringify(profile)],
  );
}

/** Counts and what follows the newest post change all the time; everything else is what a profile says. */
const RESTLESS = new Set([
  'public_metrics',
  'most_recent_tweet_id',
  'most_recent_post_id',
  'followers_count',
  'friends_count',
  'statuses_count',
  'favourites_count',
  'listed_count',
  'status',
]);

function isSameProfile(profile: Record<string, unknown>, known: string | null): boolean {
  return known !== null && steady(profile) === steady(JSON.parse(known) as Record<string, unknown>);
}

function steady(profile: Record<string, unknown>): string {
  const entries = Object.entries(profile).filter(([name]) => !RESTLESS.has(name));
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
