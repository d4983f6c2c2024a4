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

type Known = { platform: string; account_id: string; handle: string; state: AccountState; profile: string | null };

const DAY_MS = 24 * 3_600_000;
/** Public accounts are looked at weekly; one that is not is looked at daily at first, for such states often pass. */
const CHECK_AGAIN_MS = { public: 7 * DAY_MS, protected: DAY_MS, suspended: DAY_MS, gone: DAY_MS } as const;

/**
 * Notes sights of accounts that are followed; sights of others are left out. A name that differs, by its capitals alone too, is a rename; a
 * profile that differs in more than its counts is a version of its own. A sight that is older than the last one changes nothing. A handful of
 * statements, however many sights there are.
 */
export async function noteSights(tx: Queryable, sights: readonly AccountSight[]): Promise<SightNews[]> {
  const [first, rest] = firstOfEach(sights);
  if (first.length === 0) return [];
  // In the order of keys: two that note the same accounts wait for each other, never in a circle.
  const rows = await tx.query<Known>(
    `select platform, account_id, handle, state, (select p.profile::text from account_profiles p
        where (p.platform, p.account_id) = (f.platform, f.account_id) order by observed_at desc limit 1) as profile
      from followed_accounts f join unnest($1::text[], $2::text[], $3::timestamptz[]) as s (platform, account_id, at) using (platform, account_id)
      where checked_at <= s.at order by platform, account_id for update of f`,
    [...keysOf(first), first.map(instantOf)],
  );
  const known = new Map(rows.map((row) => [`${row.platform} ${row.account_id}`, row]));
  const changes = first.flatMap((sight) => {
    const before = known.get(keyOf(sight));
    return before === undefined ? [] : [changeOf(sight, before)];
  });
  await writeChanges(tx, changes);
  return [...changes.map(({ news }) => news), ...(rest.length === 0 ? [] : await noteSights(tx, rest))];
}

type Change = { sight: AccountSight & { handle: string }; news: SightNews };

function changeOf(sight: AccountSight, known: Known): Change {
  const { accountId, state, handle = known.handle, profile } = sight;
  return {
    sight: { ...sight, handle },
    news: {
      accountId,
      ...(handle === known.handle ? {} : { renamed: { from: known.handle, to: handle } }),
      ...(state === known.state ? {} : { stateChanged: { from: known.state, to: state } }),
      profileChanged: profile !== undefined && !isSameProfile(profile, known.profile),
    },
  };
}

async function writeChanges(tx: Queryable, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  const sights = changes.map(({ sight }) => sight);
  await tx.query(
    `update followed_accounts f set handle = s.handle, state = s.state, checked_at = s.at, check_after = s.again,
        state_since = case when f.state = s.state then f.state_since else s.at end
      from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::timestamptz[])
        as s (platform, account_id, at, handle, state, again)
      where f.platform = s.platform and f.account_id = s.account_id`,
    [...seenColumns(sights)],
  );
  const sightsWhere = (isSo: (news: SightNews) => boolean) =>
    changes.filter(({ news }) => isSo(news)).map(({ sight }) => sight);
  await insertNames(
    tx,
    sightsWhere(({ renamed }) => renamed !== undefined),
  );
  await insertStates(
    tx,
    sightsWhere(({ stateChanged }) => stateChanged !== undefined),
  );
  await insertProfiles(
    tx,
    sightsWhere(({ profileChanged }) => profileChanged),
  );
}

/** The first look at accounts: they are followed from now on. Returns the uids that were not followed before. */
export async function follow(
  tx: Queryable,
  sights: readonly (AccountSight & { handle: string })[],
): Promise<ReadonlySet<string>> {
  const [first] = firstOfEach(sights);
  if (first.length === 0) return new Set();
  const rows = await tx.query<{ account_id: string }>(
    `insert into followed_accounts (platform, account_id, handle, state, state_since, checked_at, check_after, added_at)
      select platform, account_id, handle, state, at, at, again, at
        from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::timestamptz[])
          as s (platform, account_id, at, handle, state, again) order by platform, account_id
      on conflict do nothing returning account_id`,
    [...seenColumns(first)],
  );
  const added = new Set(rows.map(({ account_id }) => account_id));
  const fresh = first.filter(({ accountId }) => added.has(accountId));
  await insertNames(tx, fresh);
  await insertStates(tx, fresh);
  await insertProfiles(tx, fresh);
  return added;
}

async function insertNames(
  tx: Queryable,
  sights: readonly { handle: string }[] & readonly AccountSight[],
): Promise<void> {
  if (sights.length === 0) return;
  await tx.query(
    `insert into account_names (platform, account_id, noted_at, handle)
      select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[]) on conflict do nothing`,
    [...keysOf(sights), sights.map(instantOf), sights.map(({ handle }) => handle)],
  );
}

async function insertStates(tx: Queryable, sights: readonly AccountSight[]): Promise<void> {
  if (sights.length === 0) return;
  await tx.query(
    `insert into account_states (platform, account_id, since, state, endpoint, evidence)
      select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[]) on conflict do nothing`,
    [
      ...keysOf(sights),
      sights.map(instantOf),
      sights.map(({ state }) => state),
      sights.map(({ endpoint }) => endpoint),
      sights.map(({ evidence }) => evidence),
    ],
  );
}

async function insertProfiles(tx: Queryable, sights: readonly AccountSight[]): Promise<void> {
  const shown = sights.filter(({ profile }) => profile !== undefined);
  if (shown.length === 0) return;
  await tx.query(
    `insert into account_profiles (platform, account_id, observed_at, profile)
      select platform, account_id, at, profile::json from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[])
        as s (platform, account_id, at, profile) on conflict do nothing`,
    // PostgreSQL's json takes any escape but would refuse the character itself; the escape is the same text.
    [...keysOf(shown), shown.map(instantOf), shown.map(({ profile }) => JSON.stringify(profile))],
  );
}

/** One statement may change a row once: the first sight of each account, and those that come after in a turn of their own. */
function firstOfEach<Sight extends AccountSight>(sights: readonly Sight[]): [Sight[], Sight[]] {
  const seen = new Set<string>();
  const first: Sight[] = [];
  const rest: Sight[] = [];
  for (const sight of sights) {
    (seen.has(keyOf(sight)) ? rest : first).push(sight);
    seen.add(keyOf(sight));
  }
  return [first, rest];
}

function seenColumns(sights: readonly (AccountSight & { handle: string })[]): unknown[] {
  return [
    ...keysOf(sights),
    sights.map(instantOf),
    sights.map(({ handle }) => handle),
    sights.map(({ state }) => state),
    sights.map(({ atMs, state }) => new Date(atMs + CHECK_AGAIN_MS[state]).toISOString()),
  ];
}

function keysOf(sights: readonly AccountSight[]): [string[], string[]] {
  return [sights.map(({ platform }) => platform), sights.map(({ accountId }) => accountId)];
}

function keyOf({ platform, accountId }: AccountSight): string {
  return `${platform} ${accountId}`;
}

function instantOf({ atMs }: AccountSight): string {
  return new Date(atMs).toISOString();
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
