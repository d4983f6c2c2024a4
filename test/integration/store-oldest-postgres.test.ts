import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/time.ts';
import { openDatabase } from '../../src/store/db.ts';
import { dumpSchema } from '../../src/store/dump-schema.ts';
import { migrate } from '../../src/store/migrate.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { collectionStatuses } from '../../src/store/queries/collection-status.ts';
import { rebuildCollection } from '../../src/store/rebuild.ts';
import { loadAll, loadedOfCollection, temporaryFolder } from '../support/loader.ts';
import { samplePosts } from '../support/sample-posts.ts';
import { SYSTEM_BIN, hasSystemPostgres, startSystemPostgres } from '../support/system-postgres.ts';
import { writeSealedSegment } from '../support/write-segment.ts';

const START = Date.parse('2026-11-22T13:05:00.000Z');

describe('PostgreSQL 15, the oldest that is supported', () => {
  it('takes the migrations, a load and a rebuild', async ({ skip }) => {
    skip(!hasSystemPostgres, `there is no PostgreSQL 15 in ${SYSTEM_BIN}`);
    await using server = await startSystemPostgres();
    await using folder = await temporaryFolder();
    await using db = await openDatabase(server.url, { max: 4, applicationName: 'mistnet test' });
    await migrate(db);
    expect(await dumpSchema(db)).toBe(await readFile(join(import.meta.dirname, '../golden/schema.sql'), 'utf8'));
    await addCollection(db, systemClock, { name: 'demo', kind: 'sample', platform: 'x', api: 'v2' });
    const posts = samplePosts(2, 800, START);
    const frames = posts.map(({ line }) => ({ payload: line }));
    const wish = { segmentsFolder: folder.path, plan: 'demo', node: 'n1', openedAtMs: START, sequence: 1, frames };
    await writeSealedSegment(wish);
    await loadAll({ db, segmentsFolder: folder.path, batchFrames: 300 });
    const first = await loadedOfCollection(db, 'demo');
    expect(first.distinctIds).toEqual(posts.map(({ id }) => id).sort());
    expect(await collectionStatuses(db)).toMatchObject([{ loaded: 800, state: 'starting' }]);
    await rebuildCollection(db, 'demo');
    await loadAll({ db, segmentsFolder: folder.path });
    expect(await loadedOfCollection(db, 'demo')).toEqual(first);
  });
});
