/** A program that runs a day's retention: `node retain-once.ts URL SEGMENTS_FOLDER NOW_MS`. */
import { silentLog } from '../../src/core/log.ts';
import { retainRows } from '../../src/jobs/tasks/retain-rows.ts';
import { openDatabase } from '../../src/store/db.ts';

const [url = '', segmentsFolder = '', nowMs = ''] = process.argv.slice(2);
await using db = await openDatabase(url, { max: 4, applicationName: 'mistnet test retention' });
await retainRows({
  ...{ db, segmentsFolder, node: 'n1', log: silentLog, clock: { now: () => Number(nowMs) } },
  signal: new AbortController().signal,
});
