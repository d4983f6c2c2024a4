import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/time.ts';
import { followSegments } from '../../src/store/load/follow-segments.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { rebuildCollection } from '../../src/store/rebuild.ts';
import { allRows } from '../support/all-rows.ts';
import { freshDatabase } from '../support/database.ts';
import { eventually, loadAll, memoryLog, temporaryFolder } from '../support/loader.ts';
import { samplePosts } from '../support/sample-posts.ts';
import { writeOpenSegment, writeSealedSegment } from '../support/write-segment.ts';

const START = Date.parse('2026-11-22T13:05:00.000Z');

/** Two collections with half of their posts in common; the first to capture a shared one is now this, now that. */
async function setUp() {
  const test = await freshDatabase();
  const folder = await temporaryFolder();
  for (const name of ['birds', 'demo'])
    await addCollection(test.db, systemClock, { name, kind: 'sample', platform: 'x', api: 'v2' });
  const posts = samplePosts(21, 900, START);
  const write = async (plan: string, from: number, to: number, sequence: number, offsetMs: number, open = false) => {
    const lines = [...posts.slice(from, to).map(({ line }) => line), '{"data":{"id":', '{"errors":[]}'];
    const wish = { segmentsFolder: folder.path, plan, node: 'n1', openedAtMs: START + offsetMs, sequence };
    const frames = lines.map((payload) => ({ payload }));
    await (open ? writeOpenSegment({ ...wish, frames }) : writeSealedSegment({ ...wish, frames }));
  };
  await write('demo', 0, 400, 1, 0);
  await write('demo', 300, 600, 2, 60_000, true);
  await write('birds', 200, 500, 1, 30_000);
  await write('birds', 400, 900, 2, 59_000);
  return {
    db: test.db,
    segmentsFolder: folder.path,
    [Symbol.asyncDispose]: async () => {
      await test[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe('a rebuild', () => {
  it('then a load gives the same rows as the first load, and harms no other collection', async () => {
    await using test = await setUp();
    const { db, segmentsFolder } = test;
    await loadAll({ db, segmentsFolder, batchFrames: 100 });
    const before = await allRows(db);
    expect(before.posts).toHaveLength(900);
    expect(before.observations).toHaveLength(400 + 300 + 300 + 500);

    const rebuilt = await rebuildCollection(db, 'demo');
    expect(rebuilt).toEqual({ observations: 700, posts: 200, segments: 2 });
    const left = await db.query(
      'select c.name, count(*) as rows from observations join collections c using (collection_id) group by c.name',
    );
    expect(left).toEqual([{ name: 'birds', rows: '800' }]);
    expect((await allRows(db)).accounts).toEqual(before.accounts);

    await loadAll({ db, segmentsFolder, batchFrames: 70 });
    expect(await allRows(db)).toEqual(before);
  });

  it('is noticed by a loader that runs', async () => {
    await using test = await setUp();
    const { db, segmentsFolder } = test;
    const stop = new AbortController();
    const following = followSegments({
      ...{ db, segmentsFolder, node: 'n1', clock: systemClock, signal: stop.signal, log: memoryLog() },
    });
    try {
      const count = async () => (await db.query('select from observations')).length;
      await eventually(async () => expect(await count()).toBe(1500));
      await rebuildCollection(db, 'birds');
      await eventually(async () => expect(await count()).toBe(1500));
      const [totals] = await db.query("select sum(loaded) as loaded from load_totals where plan = 'birds'");
      expect(totals).toEqual({ loaded: '800' });
    } finally {
      stop.abort();
      await following;
    }
  });

  it('of a collection that nobody knows says so', async () => {
    await using test = await freshDatabase();
    await expect(rebuildCollection(test.db, 'nobody')).rejects.toMatchObject({ code: 'collection.unknown' });
  });
});
