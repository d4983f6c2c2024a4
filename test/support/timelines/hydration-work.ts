/** What a worker asks for lists of ids with; for tests in this process and for programs that are killed. */
import { join } from 'node:path';
import { silentLog } from '../../../src/core/log.ts';
import type { Clock } from '../../../src/core/time.ts';
import type { HydrationWork } from '../../../src/jobs/hydrations/hydrate-ids.ts';
import { openImportPages } from '../../../src/jobs/imports/open-import-pages.ts';
import type { Asker } from '../../../src/platforms/make-call.ts';
import { createLegacyXReads, createXReads } from '../../../src/platforms/x/read/x-reads.ts';
import type { Database } from '../../../src/store/db.ts';

/** `folder`: of the node. */
export function hydrationWork(options: {
  db: Database;
  clock: Clock;
  apiUrl: string;
  folder: string;
  node: string;
  asker: Asker;
}): HydrationWork {
  const { db, clock, apiUrl, folder, node, asker } = options;
  const log = silentLog;
  const { signal } = new AbortController();
  const segmentsFolder = join(folder, 'segments');
  return {
    ...{ db, clock, signal, node, log, segmentsFolder },
    askerOf: () => asker,
    questionsOf: ({ api, fields }) => {
      const { chosen, without } = fields ?? {};
      const wish = { apiUrl, fields: chosen, ...(without === undefined ? {} : { without }) };
      const reads = api === 'v2' ? createXReads(wish) : createLegacyXReads({ apiUrl });
      return (ids) => reads.posts(ids);
    },
    openPages: ({ name, api }) =>
      openImportPages({
        ...{ collection: name, api, node, log, clock, segmentsFolder, sealAgeMs: 60_000, sealBytes: 2 ** 22 },
        ...{ runFolder: join(folder, 'run'), quarantineFolder: join(folder, 'quarantine') },
      }),
  };
}
