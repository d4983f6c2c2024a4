/** What the server asks about accounts that are followed. */
import type { Clock } from '../../core/time.ts';
import { requireCollectable } from '../../jobs/accounts/require-collectable.ts';
import type { CheckedBatch } from '../../jobs/accounts/check-accounts.ts';
import type { ImportOutcome } from '../../jobs/accounts/import-accounts.ts';
import { setActive, unfollow } from '../../store/accounts/change-followed.ts';
import { findFollowed, historyOf, listSets } from '../../store/accounts/find-followed.ts';
import type { FollowedAccount } from '../../store/accounts/followed-account.ts';
import {
  countFollowedByState,
  type FollowedEntry,
  type FollowedPage,
  pageFollowed,
} from '../../store/accounts/page-followed.ts';
import {
  type AccountFigures,
  type AccountPosts,
  figuresOfAccount,
  postsOfAccount,
} from '../../store/accounts/posts-of-account.ts';
import type { Database } from '../../store/db.ts';
import { type AccountRun, runsOfAccount } from '../../store/timelines/runs-of-account.ts';

export type AccountImport = { lines: string[]; set?: string; dryRun: boolean; withProtected: boolean };

export type AccountDetail = FollowedAccount &
  Awaited<ReturnType<typeof historyOf>> &
  AccountFigures & {
    holdings: Pick<AccountPosts, 'posts' | 'collections'>;
    postsByDay: AccountPosts['byDay'];
    runs: AccountRun[];
  };

/** Each throws `account.unknown` for a uid that is not followed. */
export type AccountSources = {
  page(page: FollowedPage): Promise<FollowedEntry[]>;
  counts(): ReturnType<typeof countFollowedByState>;
  sets(): ReturnType<typeof listSets>;
  one(uid: string): Promise<AccountDetail>;
  /** Asks the platform; as slow as that is. */
  add(wish: AccountImport): Promise<ImportOutcome[]>;
  /** As it is once it was looked at, which asks the platform. Throws `account.refused` where it cannot be collected again. */
  requireCollectable(uid: string): Promise<FollowedAccount>;
  /** Answers whether that changed anything. */
  setActive(uid: string, active: boolean): Promise<{ account: FollowedAccount; hasChanged: boolean }>;
  remove(uid: string): Promise<FollowedAccount>;
};

/** What asks the platform, with a connection and leave of its own for each call. */
export type AccountAsking = {
  importLines(lines: AsyncIterable<string>, wish: Omit<AccountImport, 'lines'>): AsyncIterable<ImportOutcome>;
  check(accounts: readonly FollowedAccount[]): AsyncIterable<CheckedBatch>;
};

const SHOWN_DAYS = 90;
const SHOWN_RUNS = 20;
const DAY_MS = 86_400_000;

export function accountSources({
  db,
  clock,
  asking,
}: {
  db: Database;
  clock: Clock;
  asking: AccountAsking;
}): AccountSources {
  return {
    page: (page) => pageFollowed(db, page),
    counts: () => countFollowedByState(db),
    sets: () => listSets(db),
    async one(uid) {
      const found = await findFollowed(db, uid);
      const since = `${new Date(clock.now() - SHOWN_DAYS * DAY_MS).toISOString().slice(0, 10)}T00:00:00Z`;
      const [history, { byDay: days, ...holdings }, runs] = await Promise.all([
        historyOf(db, found),
        postsOfAccount(db, found, since),
        runsOfAccount(db, found, SHOWN_RUNS),
      ]);
      const figures = await figuresOfAccount(db, found, { profiles: history.profiles, since });
      return { ...found, ...history, ...figures, holdings, postsByDay: days, runs };
    },
    async add({ lines, ...wish }) {
      return await Array.fromAsync(asking.importLines(each(lines), wish));
    },
    async requireCollectable(uid) {
      return await requireCollectable(db, await findFollowed(db, uid), (accounts) => asking.check(accounts));
    },
    async setActive(uid, active) {
      const found = await findFollowed(db, uid);
      return { account: { ...found, active }, hasChanged: await setActive(db, found, active) };
    },
    async remove(uid) {
      return await db.transaction(async (tx) => {
        const found = await findFollowed(tx, uid);
        await unfollow(tx, clock, found);
        return found;
      });
    },
  };
}

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}
