/** A program that indexes what waits for it: `node index-once.ts DATABASE_URL`. */
import { openDatabase } from '../../src/store/db.ts';
import { indexAll } from './index-all.ts';

await using db = await openDatabase(process.argv[2] ?? '', { max: 2, applicationName: 'mistnet test' });
await indexAll(db);
