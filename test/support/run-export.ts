/**
 * A program that runs an export of the list and kills itself once so many rows are written:
 * `node run-export.ts URL NAME KILL_AT_ROWS CHECKPOINT_ROWS`.
 */
import { systemClock } from '../../src/core/time.ts';
import { exportPosts } from '../../src/jobs/tasks/export-posts.ts';
import { openDatabase } from '../../src/store/db.ts';

const [url = '', name = '', killAtRows = '', checkpointRows = ''] = process.argv.slice(2);
await using db = await openDatabase(url, { max: 4, applicationName: 'mistnet test export' });
await exportPosts(
  {
    ...{ db, version: '9.9.9', clock: systemClock, checkpointRows: Number(checkpointRows) },
    signal: new AbortController().signal,
    onProgress: ({ rowsDone }) => {
      if (rowsDone >= Number(killAtRows)) process.kill(process.pid, 'SIGKILL');
    },
  },
  name,
);
