/** What the pages of collections ask of the database, and change in it. */
import type { Clock } from '../../core/time.ts';
import { nextDue, requireCron, type TimelineSchedule } from '../../jobs/timelines/schedule.ts';
import type { FilterProblem } from '../../core/rules/definition.ts';
import { ENVIRONMENT_LABEL, requireCredential } from '../../store/credentials/credentials.ts';
import {
  addFilterCollection,
  type FilterChange,
  usualFilterCredential,
} from '../../store/filters/filter-collections.ts';
import type { Database, Queryable } from '../../store/db.ts';
import { addCollectionIn } from '../../store/queries/add-collection.ts';
import type { Wanted } from '../../store/queries/collection.ts';
import { type CollectionSummary, collectionSummaries } from '../../store/queries/collection-summaries.ts';
import { setBudget } from '../../store/permits/budgets.ts';
import { findCollection } from '../../store/queries/find-collection.ts';
import { gapsOfCollection } from '../../store/queries/gaps-of-collection.ts';
import { type GapTotal, gapTotalsSince } from '../../store/queries/gaps-of-day.ts';
import { type Kept, keptOfCollection, type SegmentDay, segmentDays } from '../../store/queries/kept-files.ts';
import { type Removal, removeCollection } from '../../store/queries/remove-collection.ts';
import { type LastPost, lastPosts } from '../../store/queries/last-posts.ts';
import { newestNodeSamples, type NodeSample } from '../../store/queries/newest-node-samples.ts';
import { type HourCount, postsByHour } from '../../store/queries/posts-by-hour.ts';
import { recentPosts, type RecentPost } from '../../store/queries/recent-posts.ts';
import { type CollectionRun, runsOfCollection } from '../../store/queries/runs-of-collection.ts';
import { setCredential } from '../../store/queries/set-credential.ts';
import { setKeep } from '../../store/queries/set-keep.ts';
import { setSchedule } from '../../store/queries/set-schedule.ts';
import { setWanted } from '../../store/queries/set-wanted.ts';
import { heardWithin } from '../../store/queries/wanted-spans.ts';
import { type MonthMoney, spendOfMonth } from '../../store/queries/spend-of-month.ts';
import {
  addSeed,
  listSeeds,
  removeSeed,
  type Seed,
  type SeedWish,
} from '../../store/timelines/timeline-collections.ts';

import { type AuditRecord, historyOfCollection } from '../../store/users/audit-log.ts';
import { giveTo, type Visibility } from '../../store/users/collection-rights.ts';

/** A collection to be made. `credential` absent: any that will do. `schedule` and `seeds` are for timelines. */
export type CollectionWish = {
  name: string;
  kind: 'filter' | 'sample' | 'timeline' | 'import';
  api: 'v2' | 'v1.1';
  keep: string;
  zone: string;
  wanted: Wanted;
  credential?: string;
  schedule?: TimelineSchedule;
  /** A month; absent: no limit of its own. */
  budgetMicros?: number;
  seeds: readonly SeedWish[];
  /** Who makes it; null: nobody who is known. */
  ownerId: string | null;
  /** A filter for which none is named may be asked with theirs, when no other will do. */
  ownerEmail: string | null;
  visibility: Visibility;
  /** Of a filter, and of nothing else. */
  filter?: FilterChange;
};

/** `credential` null: any that will do. `addSeeds` and `removeSeeds` of timelines. */
export type CollectionChange = {
  keep?: string;
  credential?: string | null;
  schedule?: TimelineSchedule;
  addSeeds?: readonly SeedWish[];
  removeSeeds?: readonly SeedWish[];
};

export type ShownGap = { from: string; to: string; cause: string; uncoveredMs: number };

/** All that name a collection throw `collection.unknown`. */
export type CollectionSources = {
  summaries(): Promise<CollectionSummary[]>;
  detail(name: string): Promise<CollectionSummary & { seedList: Seed[] }>;
  /** Returns what is worth a second look. Throws `filter.refused`, `collection.exists`, `collection.invalid`, `zone.invalid`, `credential.unknown`, `account.unknown`, `usage.invalid`. */
  create(wish: CollectionWish): Promise<FilterProblem[]>;
  /** All of it or nothing. `isWider`: rows that went before are wanted now. Throws like `create`. */
  change(name: string, change: CollectionChange): Promise<{ isWider: boolean }>;
  setWanted(name: string, wanted: Wanted): Promise<void>;
  kept(name: string): Promise<Kept>;
  /** Throws `collection.invalid` while it is captured. */
  remove(name: string): Promise<Removal>;
  money(): Promise<MonthMoney>;
  /** Of all collections or of one. */
  postsByHour(range: { from: string; to: string; name?: string }): Promise<HourCount[]>;
  /** Those with missing time that overlap it, oldest first, 500 at most. */
  gapsWithin(name: string, within: { from: string; to: string }): Promise<ShownGap[]>;
  /** Of the last 24 hours. */
  gapsOfDay(): Promise<GapTotal[]>;
  /** How much of the last 24 hours was heard, in percent; null for what does not listen. */
  heardOfDay(): Promise<{ collection: string; percent: number | null }[]>;
  nodeSamples(): Promise<NodeSample[]>;
  /** When a post came last, if at `since` or later. */
  lastPosts(since: string): Promise<LastPost[]>;
  recentPosts(name: string, limit: number): Promise<RecentPost[]>;
  runs(
    name: string,
    page: { onlyErrors: boolean; before?: { startedAt: string; runId: string }; limit: number },
  ): Promise<CollectionRun[]>;
  segmentDays(name: string, page: { before?: string; limit: number }): Promise<SegmentDay[]>;
  /** From the audit log, newest first. */
  history(name: string, page: { before?: string; limit: number }): Promise<AuditRecord[]>;
};

const MOST_GAPS = 500;
const DAY_MS = 86_400_000;

export function collectionSources({
  db,
  clock,
  hasEnvironmentToken,
}: {
  db: Database;
  clock: Clock;
  hasEnvironmentToken: () => Promise<boolean>;
}): CollectionSources {
  const idOf = async (name: string, tx: Queryable = db) => (await findCollection(tx, name)).collectionId;

  async function addKind(
    tx: Queryable,
    { filter, kind, ownerEmail, ...wish }: Omit<CollectionWish, 'seeds' | 'ownerId' | 'visibility' | 'budgetMicros'>,
  ): Promise<{ collectionId: number; warnings: FilterProblem[] }> {
    if (kind === 'filter' && filter !== undefined) {
      const { api } = wish;
      const [hasToken, owner] = [await hasEnvironmentToken(), ownerEmail ?? ''];
      const usual = await usualFilterCredential(tx, { api, hasEnvironmentToken: hasToken, owner });
      const credential = wish.credential ?? usual ?? ENVIRONMENT_LABEL;
      const { collection, warnings } = await addFilterCollection(tx, clock, { ...wish, ...filter, credential });
      return { collectionId: collection.collectionId, warnings };
    }
    const backfillMinutes = kind === 'sample' && wish.api === 'v2' ? 5 : 0;
    const made = await addCollectionIn(tx, clock, { ...wish, kind, platform: 'x', backfillMinutes });
    return { collectionId: made.collectionId, warnings: [] };
  }

  return {
    summaries: () => collectionSummaries(db),
    async detail(name) {
      const { collectionId } = await findCollection(db, name);
      const [[summary], seedList] = await Promise.all([collectionSummaries(db, name), listSeeds(db, collectionId)]);
      if (summary === undefined) throw new Error(`collection ${name} went while it was looked at`);
      return { ...summary, seedList };
    },
    async create({ seeds, ownerId, visibility, budgetMicros, ...wish }) {
      if (wish.schedule?.kind === 'cron') requireCron(wish.schedule.expression, wish.schedule.zone);
      return await db.transaction(async (tx) => {
        if (wish.credential !== undefined) await requireCredential(tx, wish.credential);
        const { collectionId, warnings } = await addKind(tx, wish);
        if (budgetMicros !== undefined) await setBudget(tx, `collection:${wish.name}`, budgetMicros);
        for (const seed of seeds) await addSeed(tx, clock, collectionId, seed);
        await giveTo(tx, wish.name, ownerId, visibility);
        return warnings;
      });
    },
    async change(name, { keep, credential, schedule, addSeeds = [], removeSeeds = [] }) {
      if (schedule?.kind === 'cron') requireCron(schedule.expression, schedule.zone);
      return await db.transaction(async (tx) => {
        const collectionId = await idOf(name, tx);
        if (typeof credential === 'string') await requireCredential(tx, credential);
        if (credential !== undefined) await setCredential(tx, name, credential ?? undefined);
        if (schedule !== undefined) await setSchedule(tx, name, schedule, dueAfter(schedule, clock.now()));
        for (const seed of addSeeds) await addSeed(tx, clock, collectionId, seed);
        for (const seed of removeSeeds) await removeSeed(tx, clock, collectionId, seed);
        const { isWider } = keep === undefined ? { isWider: false } : await setKeep(tx, name, keep);
        return { isWider };
      });
    },
    async setWanted(name, wanted) {
      await setWanted(db, name, wanted);
    },
    kept: async (name) => keptOfCollection(db, await idOf(name)),
    remove: (name) => removeCollection(db, name),
    money: () => spendOfMonth(db, clock.now()),
    async postsByHour({ from, to, name }) {
      return postsByHour(db, { from, to, ...(name === undefined ? {} : { only: await idOf(name) }) });
    },
    async gapsWithin(name, within) {
      const gaps = await gapsOfCollection(db, await idOf(name), { within, limit: MOST_GAPS });
      return (
        gaps
          // Years that the platform no longer shows were not missed, and would shade all.
          .filter(({ uncoveredMs, cause }) => uncoveredMs > 0 && cause !== 'horizon')
          .map(({ from, to, cause, uncoveredMs }) => ({ from, to, cause, uncoveredMs }))
          .toReversed()
      );
    },
    gapsOfDay: () => gapTotalsSince(db, new Date(clock.now() - DAY_MS).toISOString()),
    heardOfDay: () => heardWithin(db, { from: new Date(clock.now() - DAY_MS).toISOString() }),
    nodeSamples: () => newestNodeSamples(db),
    lastPosts: (since) => lastPosts(db, since),
    recentPosts: async (name, limit) => recentPosts(db, await idOf(name), limit),
    runs: async (name, page) => runsOfCollection(db, await idOf(name), page),
    async history(name, page) {
      const { createdAt } = await findCollection(db, name);
      return await historyOfCollection(db, { name, createdAt, ...page });
    },
    segmentDays: async (name, page) => segmentDays(db, await idOf(name), page),
  };
}

/** When timelines that wait are due by a new schedule; nothing for one that goes by what each author posts, which only a reading tells. */
function dueAfter(schedule: TimelineSchedule, nowMs: number): { afterMs?: number; at?: string } {
  if (schedule.kind === 'every') return { afterMs: schedule.ms };
  if (schedule.kind === 'adaptive') return {};
  const next = nextDue(schedule, nowMs, undefined);
  return { at: Number.isFinite(next) ? new Date(next).toISOString() : 'infinity' };
}
