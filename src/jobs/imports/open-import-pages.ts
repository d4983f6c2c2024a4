import { join } from 'node:path';
import { openPageLog, type PageLog } from '../../capture/page-log.ts';
import { type CapturePlan, savePlan } from '../../capture/plan.ts';
import type { Log } from '../../core/log.ts';
import type { Clock } from '../../core/time.ts';
import { classifyLine } from '../../platforms/x/classify-line.ts';

/** Where a collection of kind `import` is written on this node. `segmentClock` dates its segments when the present doesn't. */
export type ImportPlace = {
  collection: string;
  api: CapturePlan['api'];
  node: string;
  segmentsFolder: string;
  runFolder: string;
  quarantineFolder: string;
  sealAgeMs: number;
  sealBytes: number;
  clock: Clock;
  segmentClock?: Clock;
  log: Log;
};

/** Holds the collection's segments on this node until it is disposed of. Its plan is beside them, so that they say what they are without a database. */
export async function openImportPages({ collection, api, ...place }: ImportPlace): Promise<PageLog> {
  const plan: CapturePlan = {
    ...{ format: 1, plan: collection, kind: 'import', platform: 'x', api },
    ...{ backfillMinutes: 0, wanted: 'stopped', revision: 1 },
  };
  await savePlan(join(place.segmentsFolder, collection), plan);
  return await openPageLog({ ...place, plan, classifyLine });
}
