/** A program that runs a day's retention and kills itself at a named border: `node crash-retention.ts URL SEGMENTS_FOLDER NOW_MS POINT`. */
import { silentLog } from '../../src/core/log.ts';
import { retainRows } from '../../src/jobs/tasks/retain-rows.ts';
import { openDatabase } from '../../src/store/db.ts';

const [url = '', segmentsFolder = '', nowMs = '', point = ''] = process.argv.slice(2);
await using db = await openDatabase(url, { max: 4, applicationName: 'mistnet test retention' });
await retainRows({
  ...{ db, segmentsFolder, node: 'n1', log: silentLog, clock: { now: () => Number(nowMs) } },
  signal: new AbortController().signal,
  crashPoint: (name) => {
    if (name === point) process.kill(process.pid, 'SIGKILL');
  },
});
