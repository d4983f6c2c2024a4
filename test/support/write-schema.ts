/** Writes test/golden/schema.sql from the migrations: `node test/support/write-schema.ts`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '../../src/store/db.ts';
import { dumpSchema } from '../../src/store/dump-schema.ts';
import { TEMPLATE, databaseUrl, startTestServer } from './postgres-global-setup.ts';

await using server = await startTestServer();
await using db = await openDatabase(databaseUrl(server.url, TEMPLATE), { max: 1, applicationName: 'mistnet test' });
const path = join(import.meta.dirname, '../golden/schema.sql');
await writeFile(path, await dumpSchema(db));
process.stdout.write(`${path}\n`);
