/** A loader as a process of its own, to be killed or told to stop: `node test/support/load-forever.ts URL SEGMENTS_FOLDER BATCH_FRAMES`. */
import { systemClock } from '../../src/core/time.ts';
import { openDatabase } from '../../src/store/db.ts';
import { followSegments } from '../../src/store/load/follow-segments.ts';
import type { StoreLog } from '../../src/store/store-log.ts';

const [url = '', segmentsFolder = '', batchFrames = '100'] = process.argv.slice(2);
await using db = await openDatabase(url, { max: 4, applicationName: 'mistnet test loader' });
/** What it says, an event a line. */
const say = (_fields: object, event: string) => void process.stdout.write(`${event}\n`);
const log: StoreLog = { info: say, warn: say, error: say };
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
process.stdout.write('ready\n');
await followSegments({
  ...{ db, segmentsFolder, node: 'n1', clock: systemClock, log, batchFrames: Number(batchFrames) },
  signal: stop.signal,
});
