/** Hours that are finished and loaded are compacted by the worker, and nothing that is made from segments changes by it. */
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyCheckpoint, saveCheckpoint } from '../../src/capture/checkpoint.ts';
import { hourFolder } from '../../src/capture/segment/layout.ts';
import { silentLog } from '../../src/core/log.ts';
import { systemClock } from '../../src/core/time.ts';
import { buildCollectionHour } from '../../src/jobs/tasks/build-hour.ts';
import { HourCompactor } from '../../src/jobs/tasks/compact-hours.ts';
import { followSegments } from '../../src/store/load/follow-segments.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { compactionsOfCollections } from '../../src/store/queries/compactions.ts';
import { hoursToBuild } from '../../src/store/queries/hours-to-build.ts';
import { rebuildCollection } from '../../src/store/rebuild.ts';
import { freshDatabase } from '../support/database.ts';
import { eventually, loadAll, memoryLog, temporaryFolder } from '../support/loader.ts';
import { samplePosts } from '../support/sample-posts.ts';
import { allRows } from '../support/all-rows.ts';
import { writeSealedSegment } from '../support/write-segment.ts';

const START = Date.parse('2026-11-22T13:05:00.000Z');
const HOUR = '2026-11-22T13Z';
const signal = new AbortController().signal;

/** Five minutes of a collection, sealed; the clock stands at 14:06, when the hour is finished. */
async function setUp({ keep = 'all' } = {}) {
  const test = await freshDatabase();
  const home = await temporaryFolder();
  const segmentsFolder = join(home.path, 'segments');
  await addCollection(test.db, systemClock, { name: 'demo', kind: 'sample', platform: 'x', api: 'v2', keep });
  const posts = samplePosts(21, 400, START);
  for (let at = 0; at < 5; at++) {
    const lines = [...posts.slice(at * 70, at * 70 + 100).map(({ line }) => line), '{"data":{"id":', '{"errors":[]}'];
    const frames = lines.map((payload) => ({ payload }));
    const wish = { segmentsFolder, plan: 'demo', node: 'n1', openedAtMs: START + at * 60_000, sequence: at + 1 };
    await writeSealedSegment({ ...wish, frames });
  }
  const planFolder = join(segmentsFolder, 'demo');
  const counted = (sequence: number) => saveCheckpoint(planFolder, { ...emptyCheckpoint('n1'), sequence });
  await counted(5);
  const clock = { ms: Date.parse('2026-11-22T14:06:00.000Z'), now: () => clock.ms };
  const compactor = new HourCompactor({ db: test.db, segmentsFolder, node: 'n1', clock, signal, log: silentLog });
  const folder = hourFolder(planFolder, START);
  const packedFiles = async () => (await readdir(folder)).filter((name) => name.endsWith('.zst')).length;
  const build = (datasets = 'datasets') =>
    buildCollectionHour(
      {
        ...{
          db: test.db,
          segmentsFolder,
          datasetsFolder: join(home.path, datasets),
          runFolder: join(home.path, 'run'),
        },
        ...{ version: 'test', clock, signal, xzLevel: 'none' },
      },
      'demo',
      HOUR,
    );
  return {
    ...{ db: test.db, segmentsFolder, clock, compactor, counted, packedFiles, build },
    [Symbol.asyncDispose]: async () => {
      await test[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

describe('what people see of it', () => {
  it('are hours, segments and sizes, also of files that were put together before the database was told', async () => {
    await using test = await setUp();
    const nothing = { collection: 'demo', hours: 0, segments: 0, bytes: 0, segmentsBytes: 0, compressedBytes: 0 };
    expect(await compactionsOfCollections(test.db)).toEqual([{ ...nothing, lastAt: null, troubles: [] }]);
    await loadAll(test);
    await test.compactor.look();
    const [done] = await compactionsOfCollections(test.db);
    expect(done).toMatchObject({ hours: 1, segments: 5, lastAt: '2026-11-22T14:06:00.000Z', troubles: [] });
    expect(done?.segmentsBytes).toBeGreaterThan(done?.compressedBytes ?? 0);
    await test.db.query('delete from compactions');
    await test.compactor.look(); // it knows what it did
    expect(await compactionsOfCollections(test.db)).toEqual([{ ...nothing, lastAt: null, troubles: [] }]);
    test.clock.ms += 60_000;
    await new HourCompactor({ ...test, node: 'n1', signal, log: silentLog }).look();
    expect(await compactionsOfCollections(test.db, 'demo')).toEqual([{ ...done, lastAt: '2026-11-22T14:07:00.000Z' }]);
  });

  it('are troubles with their reasons, until they are over', async () => {
    await using test = await setUp();
    await loadAll(test);
    const folder = hourFolder(join(test.segmentsFolder, 'demo'), START);
    const name = (await readdir(folder)).find((file) => file.endsWith('-3.jsonl.zst')) ?? '';
    const bytes = await readFile(join(folder, name));
    await truncate(join(folder, name), bytes.length - 9);
    await test.compactor.look();
    expect(await compactionsOfCollections(test.db)).toMatchObject([
      {
        ...{ hours: 1, segments: 4 },
        troubles: [
          {
            ...{ node: 'n1', hour: '2026-11-22T13:00:00.000Z', segment: name.slice(0, -'.jsonl.zst'.length) },
            reason: expect.stringContaining('cannot be unpacked'),
          },
        ],
      },
    ]);
    await writeFile(join(folder, name), bytes);
    await new HourCompactor({ ...test, node: 'n1', signal, log: silentLog }).look(); // alone it stays as it is, and is whole
    expect(await compactionsOfCollections(test.db)).toMatchObject([{ hours: 1, segments: 4, troubles: [] }]);
  });

  it('leave out folders that are no plan of this database', async () => {
    await using test = await setUp();
    await loadAll(test);
    await test.compactor.look();
    await using other = await freshDatabase();
    await new HourCompactor({ ...test, db: other.db, node: 'n1', signal, log: silentLog }).look();
    expect(await compactionsOfCollections(other.db)).toEqual([]);
  });
});

describe('the hours of a node', () => {
  it('are compacted when they are finished, counted and loaded, and not before', async () => {
    await using test = await setUp();
    await test.compactor.look();
    expect(await test.packedFiles()).toBe(5); // the database knows nothing of it
    await loadAll(test);
    await test.counted(4);
    await test.compactor.look();
    expect(await test.packedFiles()).toBe(5);
    await test.counted(5);
    test.clock.ms -= 1;
    await test.compactor.look();
    expect(await test.packedFiles()).toBe(5);
    test.clock.ms += 1;
    await test.compactor.look();
    expect(await test.packedFiles()).toBe(1);
    await test.compactor.look();
    expect(await test.packedFiles()).toBe(1);
  });

  it('wait for the last segment that is not loaded', async () => {
    await using test = await setUp();
    await loadAll(test);
    const third = "where segment like '%-3'";
    await test.db.query(`update segments set state = 'sealed' ${third}`);
    await test.compactor.look();
    expect(await test.packedFiles()).toBe(5);
    await test.db.query(`update segments set state = 'loaded' ${third}`);
    await test.compactor.look();
    expect(await test.packedFiles()).toBe(1);
  });

  it('of a collection that keeps files alone are compacted when all is sealed', async () => {
    await using test = await setUp({ keep: 'files' });
    await loadAll(test);
    await test.compactor.look();
    expect(await test.packedFiles()).toBe(1);
    expect(await test.db.query('select from posts')).toHaveLength(0);
  });

  it('give the same rows when they are rebuilt afterwards, to the segment and offset', async () => {
    await using test = await setUp();
    await loadAll({ ...test, batchFrames: 40 });
    const before = await allRows(test.db);
    expect(before.observations).toHaveLength(500);
    await test.compactor.look();
    expect(await test.packedFiles()).toBe(1);
    await rebuildCollection(test.db, 'demo');
    expect(await test.db.query('select from observations')).toHaveLength(0);
    await loadAll({ ...test, batchFrames: 33 });
    expect(await allRows(test.db)).toEqual(before);
  });

  it('give the rows of the first load to a database that never saw them', async () => {
    await using test = await setUp();
    await loadAll(test);
    const before = await allRows(test.db);
    await test.compactor.look();
    await using other = await freshDatabase();
    await addCollection(other.db, systemClock, { name: 'demo', kind: 'sample', platform: 'x', api: 'v2' });
    await loadAll({ db: other.db, segmentsFolder: test.segmentsFolder, connections: 1 });
    const after = await allRows(other.db);
    // Accounts depend on which connection met them first, within an hour.
    const tables = ['posts', 'payloads', 'observations', 'quarantined', 'totals'] as const;
    for (const table of tables) expect(after[table]).toEqual(before[table]);
  });

  it('are compacted under a loader that runs, which goes on and loads nothing twice', async () => {
    await using test = await setUp();
    const stop = new AbortController();
    const log = memoryLog();
    const following = followSegments({ ...test, node: 'n1', clock: systemClock, signal: stop.signal, log });
    const observations = async () => (await test.db.query('select from observations')).length;
    try {
      await eventually(async () => {
        await test.compactor.look();
        expect(await test.packedFiles()).toBe(1);
      });
      expect(await observations()).toBe(500);
      await rebuildCollection(test.db, 'demo');
      await eventually(async () => expect(await observations()).toBe(500));
      const [totals] = await test.db.query(
        'select sum(loaded) as loaded, sum(quarantined) as quarantined from load_totals',
      );
      expect(totals).toEqual({ loaded: '500', quarantined: '5' });
      expect(log.events.filter(({ level }) => level !== 'info')).toEqual([]);
    } finally {
      stop.abort();
      await following;
    }
  });

  it('give the same dataset, and one built before is known again', async () => {
    await using test = await setUp();
    await loadAll(test);
    const before = await test.build();
    expect(before).toMatchObject({ isNew: true, manifest: { revision: 1, counts: { tweets: 380 } } });
    await test.compactor.look();
    expect(await test.packedFiles()).toBe(1);
    const { now } = test.clock;
    const since = new Date(START - 86_400_000).toISOString();
    await loadAll(test);
    await test.db.query('update datasets set built_at = now()'); // the test's clock stands still, the ledger's does not
    expect(await hoursToBuild(test.db, { node: 'n1', clock: { now }, since })).toEqual([]);
    expect(await test.build()).toMatchObject({ isNew: false, manifest: { revision: 1 } });
    const anew = await test.build('elsewhere');
    expect(anew.isNew).toBe(true);
    expect(anew.manifest).toEqual(before.manifest);
    for (const { file } of Object.values(before.manifest.outputs))
      expect(await readFile(join(anew.dayFolder, file))).toEqual(await readFile(join(before.dayFolder, file)));
  });
});
