/** The server's sources on a real database. */
import type { Clock } from '../core/time.ts';
import type { JobDesk } from '../jobs/job-list.ts';
import type { Database } from '../store/db.ts';
import { collectionStatuses } from '../store/queries/collection-status.ts';
import { compactionsOfCollections } from '../store/queries/compactions.ts';
import { listDatasets } from '../store/queries/datasets.ts';
import { findCollection } from '../store/queries/find-collection.ts';
import { gapsOfCollection } from '../store/queries/gaps-of-collection.ts';
import { retentionRuns } from '../store/queries/retention-runs.ts';
import { withNodePace } from './disk-forecast.ts';
import { patientRecords } from './patient-records.ts';
import type { DiskUsage } from './reply-schemas.ts';
import type { ChangingSources, ServerSources } from './sources.ts';
import { type AccountAsking, accountSources } from './sources/accounts.ts';
import { collectionSources } from './sources/collections.ts';
import { type ExportPlace, exportSources } from './sources/exports.ts';
import { type FilterAsking, filterSources } from './sources/filters.ts';
import { jobSources } from './sources/jobs.ts';
import { type Installation, operationsSources } from './sources/operations.ts';
import { postSources } from './sources/posts.ts';
import type { DisturbedRole } from '../jobs/nodes/disturbed-roles.ts';
import type { OpenUsers } from './sources/users.ts';

export type StoreSourcesOptions = {
  db: Database;
  /** See `openUsers`. */
  users: OpenUsers;
  clock: Clock;
  /** See `createDiskMeter`. */
  diskUsage: () => Promise<DiskUsage>;
  /** See `roleWatch`. */
  disturbedRoles: () => Promise<DisturbedRole[]>;
  accountAsking: AccountAsking;
  filterAsking: FilterAsking;
  openJobDesk: () => Promise<JobDesk>;
  installation: Installation;
  exportPlace: ExportPlace;
};

/** Disposing of it closes what was opened on the way; the database stays its owner's. */
export function storeSources(options: StoreSourcesOptions): ServerSources & AsyncDisposable {
  const {
    db,
    users,
    clock,
    diskUsage,
    disturbedRoles,
    accountAsking,
    filterAsking,
    installation,
    openJobDesk,
    exportPlace,
  } = options;
  const jobs = jobSources({ db, clock, openDesk: openJobDesk });
  /** On the database, or inside a transaction of it. */
  const changingOn = (place: Database): ChangingSources => ({
    accounts: accountSources({ db: place, clock, asking: accountAsking }),
    collections: collectionSources({ db: place, clock, hasEnvironmentToken: () => filterAsking.hasEnvironmentToken() }),
    filters: filterSources({ db: place, clock, asking: filterAsking }),
    exports: exportSources({ db: place, clock, place: exportPlace }),
    jobs: jobs.on(place),
    operations: operationsSources({ db: place, clock, installation }),
    users: users.on(place),
  });
  const nowMs = () => performance.now();
  const recordsOf = patientRecords(nowMs);
  return {
    ...changingOn(db),
    async inTransaction(work) {
      const result = await db.transaction((tx) => work(changingOn(tx)));
      users.forget(); // whoever was asked in between knows it as it was before
      return result;
    },
    posts: postSources({ db, clock }),
    users,
    [Symbol.asyncDispose]: () => jobs[Symbol.asyncDispose](),
    diskUsage: withNodePace(db, { node: installation.node, nowMs }, diskUsage),
    disturbedRoles,
    collectionStatuses: () => collectionStatuses(db, undefined, recordsOf),
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
    async pingDatabase() {
      await db.query('select 1');
    },
  };
}
