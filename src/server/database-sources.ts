/** The server's sources as they are in production: PostgreSQL and the disk. */
import type { Clock } from '../core/time.ts';
import type { Database } from '../store/db.ts';
import { collectionStatuses } from '../store/queries/collection-status.ts';
import { listDatasets } from '../store/queries/datasets.ts';
import { findCollection } from '../store/queries/find-collection.ts';
import { gapsOfCollection } from '../store/queries/gaps-of-collection.ts';
import { createDiskMeter } from './disk-meter.ts';
import type { ServerSources } from './sources.ts';

/** `home`: the data folder whose disk is measured. The database stays the caller's to close. */
export function databaseSources({ db, home, clock }: { db: Database; home: string; clock: Clock }): ServerSources {
  return {
    collectionStatuses: () => collectionStatuses(db),
    gapsOfCollection: async (name, { limit, before }) => {
      const { collectionId } = await findCollection(db, name);
      const gaps = await gapsOfCollection(db, collectionId, { limit, ...(before === undefined ? {} : { before }) });
      return gaps.map((gap) => ({ ...gap, backfilledFrom: gap.backfilledFrom ?? null }));
    },
    builtHours: async ({ collection, before, limit }) => {
      const collectionId = collection === undefined ? undefined : (await findCollection(db, collection)).collectionId;
      return await listDatasets(db, {
        limit,
        ...(collectionId === undefined ? {} : { collectionId }),
        ...(before === undefined ? {} : { before }),
      });
    },
    pingDatabase: async () => {
      await db.query('select 1');
    },
    diskUsage: createDiskMeter({ home, clock }),
  };
}
