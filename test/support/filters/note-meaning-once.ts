/** A program that takes plans and meanings from the database as capture does, once: `node note-meaning-once.ts DATABASE_URL SEGMENTS_FOLDER`. */
import { silentLog } from '../../../src/core/log.ts';
import { systemClock } from '../../../src/core/time.ts';
import { keepPlans } from '../../../src/jobs/keep-plans.ts';
import { openDatabase } from '../../../src/store/db.ts';

const [url = '', segmentsFolder = ''] = process.argv.slice(2);
await using keeper = keepPlans({
  openDb: () => openDatabase(url, { max: 2, applicationName: 'mistnet test filters' }),
  ...{ segmentsFolder, node: 'n1', log: silentLog, clock: systemClock },
  monotonicMs: () => performance.now(),
});
await keeper.refresh();
