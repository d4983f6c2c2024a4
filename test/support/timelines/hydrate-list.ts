/** A program that works on a list of ids until it ends: `node hydrate-list.ts DATABASE_URL EMULATOR_URL FOLDER NODE LIST`. */
import { systemClock } from '../../../src/core/time.ts';
import { hydrateIds } from '../../../src/jobs/hydrations/hydrate-ids.ts';
import { createHttpCaller } from '../../../src/platforms/http-call.ts';
import { openDatabase } from '../../../src/store/db.ts';
import { credential, permitsFor, quickAsker } from './desk.ts';
import { hydrationWork } from './hydration-work.ts';

const [url = '', apiUrl = '', folder = '', node = '', list = ''] = process.argv.slice(2);
await using db = await openDatabase(url, { max: 8, applicationName: 'mistnet test hydrations' });
using http = createHttpCaller();
const asker = quickAsker(http, systemClock, permitsFor([credential('first')]));
const work = hydrationWork({ db, clock: systemClock, apiUrl, folder, node, asker });
await hydrateIds(work, Number(list), new AbortController().signal);
