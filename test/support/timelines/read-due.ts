/** A program that reads what is due of one collection and ends: `node read-due.ts DATABASE_URL EMULATOR_URL FOLDER NODE COLLECTION`. */
import { systemClock } from '../../../src/core/time.ts';
import { createHttpCaller } from '../../../src/platforms/http-call.ts';
import { openDatabase } from '../../../src/store/db.ts';
import { credential, makeDesk, permitsFor, quickAsker } from './desk.ts';

const [url = '', apiUrl = '', folder = '', node = '', collection = ''] = process.argv.slice(2);
await using db = await openDatabase(url, { max: 4, applicationName: 'mistnet test timelines' });
using http = createHttpCaller();
const asker = quickAsker(http, systemClock, permitsFor([credential('first')]));
await using desk = makeDesk({
  ...{ db, clock: systemClock, apiUrl, folder, node, askerOf: () => asker },
  signal: new AbortController().signal,
});
for (const due of await desk.look()) if (due.collection === collection) await desk.read(due);
