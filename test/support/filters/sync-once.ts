/** A program that brings rules to a platform once and ends: `node sync-once.ts DATABASE_URL API_URL`. */
import { openDatabase } from '../../../src/store/db.ts';
import { syncNow } from './sync-now.ts';

const [url = '', apiUrl = ''] = process.argv.slice(2);
await using db = await openDatabase(url, { max: 4, applicationName: 'mistnet test filters' });
await syncNow(db, apiUrl);
