/** The server's sources on a real database. */
import type { Clock } from '../core/time.ts';
import type { JobDesk } from '../jobs/job-list.ts';
import type { Database } from '../store/db.ts';
import { type ExportRecord, listExports } from '../store/export/exports.ts';
import { collectionStatuses } from '../store/queries/collection-status.ts';
import { compactionsOfCollections } from '../store/queries/compactions.ts';
import { listDatasets } from '../store/queries/datasets.ts';
import { findCollection } from '../store/queries/find-collection.ts';
import { gapsOfCollection } from '../store/queries/gaps-of-collection.ts';
import { retentionRuns } from '../store/queries/retention-runs.ts';
import type { DiskUsage, ExportReply } from './reply-schemas.ts';
import type { ServerSources } from './sources.ts';
import { type AccountAsking, accountSources } from './sources/accounts.ts';
import { collectionSources } from './sources/collections.ts';
import { jobSources } from './sources/jobs.ts';

export type StoreSourcesOptions = {
  db: Database;
  clock: Clock;
  /** See `createDiskMeter`. */
  diskUsage: () => Promise<DiskUsage>;
  accountAsking: AccountAsking;
  openJobDesk: () => Promise<JobDesk>;
};

/** Disposing of it closes what was opened on the way; the database stays its owner's. */
export function storeSources(options: StoreSourcesOptions): ServerSources & AsyncDisposable {
  const { db, clock, diskUsage, accountAsking, openJobDesk } = options;
  const jobs = jobSources({ db, clock, openDesk: openJobDesk });
  return {
    accounts: accountSources({ db, clock, asking: accountAsking }),
    collections: collectionSources({ db, clock }),
    jobs,
    [Symbol.asyncDispose]: () => jobs[Symbol.asyncDispose](),
    diskUsage,
    collectionStatuses: () => collectionStatuses(db),
    async gapsOfCollection(name, page) {
      const { collectionId } = await findCollection(db, name);
      const gaps = await gapsOfCollection(db, collectionId, page);
      return gaps.map(({ plan: _plan, backfilledFrom = null, ...gap }) => ({ ...gap, backfilledFrom }));
    },
    async builtHours({ collection: name, ...page }) {
      if (name === undefined) return listDatasets(db, page);
      const { collectionId } = await findCollection(db, name);
      return listDatasets(db, { ...page, collectionId });
    },
    async retentionRuns({ collection: name, ...page }) {
      if (name === undefined) return retentionRuns(db, page);
      const { collectionId } = await findCollection(db, name);
      return retentionRuns(db, { ...page, collectionId });
    },
    async compactionOfCollection(name) {
      await findCollection(db, name);
      const [compaction] = await compactionsOfCollections(db, name);
      if (compaction === undefined) throw new Error(`collection ${name} went while it was looked at`);
      return compaction;
    },
    async exports(limit) {
      return (await listExports(db, limit)).map(toExportReply);
    },
    async exportFolder(name) {
      return (await listExports(db, 1, name)).find(({ state }) => state === 'done')?.folder;
    },
    async pingDatabase() {
      await db.query('select 1');
    },
  };
}

function toExportReply(record: ExportRecord): ExportReply {
  const { name, node, state, background, rowsTotal = null, rowsDone, bytesDone, reason = null, askedAt } = record;
  const { startedAt = null, finishedAt = null } = record;
  const manifest = state === 'done' ? `/files/exports/${name}/manifest.json` : null;
  return {
    name,
    node,
    state,
    background,
    rowsTotal,
    rowsDone,
    bytesDone,
    reason,
    askedAt,
    startedAt,
    finishedAt,
    manifest,
  };
}
