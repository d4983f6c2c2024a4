/** Collections of timelines: what each follows, and when. */
import { MistnetError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import type { Queryable } from '../db.ts';
import { findFollowed, findSet } from '../accounts/find-followed.ts';

/** `body`: what the plan says beside its name. */
export type TimelineCollection = {
  collectionId: number;
  name: string;
  api: 'v2' | 'v1.1';
  wanted: 'active' | 'stopped';
  revision: number;
  body: { credential?: string; [name: string]: unknown };
};

export async function timelineCollections(db: Queryable): Promise<TimelineCollection[]> {
  const rows = await db.query<{
    collection_id: number;
    name: string;
    api: TimelineCollection['api'];
    wanted: TimelineCollection['wanted'];
    revision: number;
    body: { credential?: string; [name: string]: unknown };
  }>(
    `select c.collection_id, c.name, c.api, c.wanted, p.revision, p.body from collections c join plans p using (collection_id)
      where c.kind = 'timeline' order by c.name`,
  );
  return rows.map(({ collection_id, ...row }) => ({ ...row, collectionId: collection_id }));
}

/** What one seed is, for people; `accounts`: how many active accounts it stands for now. */
export type Seed = { kind: 'set' | 'account'; name: string; addedAt: string; accounts: number };

export async function listSeeds(db: Queryable, collectionId: number): Promise<Seed[]> {
  const rows = await db.query<{ set_name: string | null; handle: string | null; added_at: string; accounts: string }>(
    `select s.name as set_name, f.handle, seed.added_at,
        case when seed.set_id is null then case when f.active then 1 else 0 end
          else (select count(*) from account_set_members m join followed_accounts a using (platform, account_id)
            where m.set_id = seed.set_id and a.active) end as accounts
      from collection_seeds seed left join account_sets s using (set_id)
        left join followed_accounts f using (platform, account_id)
      where seed.collection_id = $1 and seed.removed_at is null order by seed.seed_id`,
    [collectionId],
  );
  return rows.map(({ set_name, handle, added_at, accounts }) => ({
    kind: set_name === null ? 'account' : 'set',
    name: set_name ?? `@${handle}`,
    addedAt: added_at,
    accounts: Number(accounts),
  }));
}

/** Whether a collection has or ever had a seed; one that never had any follows all active accounts. */
export async function hadSeeds(db: Queryable, collectionId: number): Promise<boolean> {
  return (await db.query('select from collection_seeds where collection_id = $1 limit 1', [collectionId])).length > 0;
}

export type SeedWish = { set: string } | { account: string };

/** Adds a set or an account; false when it is among the seeds already. Throws `account.unknown`. */
export async function addSeed(db: Queryable, clock: Clock, collectionId: number, wish: SeedWish): Promise<boolean> {
  const seed = await seedOf(db, wish);
  const rows = await db.query(
    `insert into collection_seeds (collection_id, set_id, platform, account_id, added_at)
      select $1, $2, $3, $4, $5 where not exists (select from collection_seeds s where s.collection_id = $1
        and s.removed_at is null and (s.set_id, s.platform, s.account_id) is not distinct from ($2::integer, $3::text, $4::text))
      returning seed_id`,
    [collectionId, seed.setId, seed.platform, seed.accountId, new Date(clock.now()).toISOString()],
  );
  return rows.length > 0;
}

/** Takes a seed out; what it was and until when stays noted. Throws `account.unknown`. */
export async function removeSeed(db: Queryable, clock: Clock, collectionId: number, wish: SeedWish): Promise<void> {
  const seed = await seedOf(db, wish);
  const rows = await db.query(
    `update collection_seeds s set removed_at = $5 where collection_id = $1 and removed_at is null
      and (s.set_id, s.platform, s.account_id) is not distinct from ($2::integer, $3::text, $4::text) returning seed_id`,
    [collectionId, seed.setId, seed.platform, seed.accountId, new Date(clock.now()).toISOString()],
  );
  if (rows.length === 0)
    throw new MistnetError(
      'account.unknown',
      `${'set' in wish ? `The set "${wish.set}"` : wish.account} is not among the seeds of this collection.`,
    );
}

async function seedOf(db: Queryable, wish: SeedWish) {
  if ('set' in wish) return { setId: await findSet(db, wish.set), platform: null, accountId: null };
  const { platform, accountId } = await findFollowed(db, wish.account);
  return { setId: null, platform, accountId };
}

/** How many active accounts a collection follows now. */
export async function countFollowed(db: Queryable, collectionId: number): Promise<number> {
  const [row] = await db.query<{ count: string }>(
    `select count(*) from collections c join followed_accounts f using (platform)
      where c.collection_id = $1 and f.active and ${FOLLOWED_BY}`,
    [collectionId],
  );
  return Number(row?.count ?? 0);
}

/**
 * Of `collections c` and `followed_accounts f`: a collection that never had a seed follows all; else its accounts and those of its sets. One whose
 * last seed was taken out follows nobody: to follow, and pay for, everybody is never a consequence of following less.
 */
export const FOLLOWED_BY = `(not exists (select from collection_seeds s where s.collection_id = c.collection_id)
  or exists (select from collection_seeds s
      where s.collection_id = c.collection_id and s.removed_at is null
        and ((s.platform, s.account_id) = (f.platform, f.account_id)
          or exists (select from account_set_members m where m.set_id = s.set_id and (m.platform, m.account_id) = (f.platform, f.account_id)))))`;
