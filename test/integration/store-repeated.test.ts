import { expect, it } from 'vitest';
import { payloadOfRow } from '../../src/jobs/imports/sfm-row.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { freshDatabase } from '../support/database.ts';
import { loadAll, loadedOfCollection, temporaryFolder } from '../support/loader.ts';
import { sampleLine, snowflakeAt } from '../support/sample-posts.ts';
import { writeSealedSegment } from '../support/write-segment.ts';

const START = Date.parse('2026-11-22T13:05:00.000Z');
const clock = { now: () => START + 600_000 };
const POSTS = 3000;

/**
 * PostgreSQL refuses the first of the repeated posts while megabytes after it are still on their way to it: the loader must neither
 * die of what it was about to send, nor begin anew for ever.
 */
it('megabytes of posts that are there already are loaded as meetings, by a loader that did not know', async () => {
  await using folder = await temporaryFolder();
  await using test = await freshDatabase();
  const { db } = test;
  await addCollection(db, clock, { name: 'demo', kind: 'sample', platform: 'x', api: 'v2' });
  const frames = Array.from({ length: POSTS }, (_, at) => ({
    payload: sampleLine({
      id: snowflakeAt(START + at * 20, 7),
      atMs: START + at * 20,
      account: at,
      text: 'long '.repeat(3000),
    }),
  }));
  const ids = frames.map((_, at) => snowflakeAt(START + at * 20, 7)).sort();
  const wish = { segmentsFolder: folder.path, plan: 'demo', node: 'n1', frames };
  for (let sequence = 1; sequence <= 3; sequence++) {
    await writeSealedSegment({ ...wish, openedAtMs: START + sequence * 60_000, sequence });
    // Each time a loader that has just begun and remembers nothing, as after a crash.
    await loadAll({ db, segmentsFolder: folder.path, clock, batchFrames: POSTS, batchBytes: 2 ** 30 });
    const loaded = await loadedOfCollection(db, 'demo');
    expect(loaded.distinctIds).toEqual(ids);
    expect(loaded.totals).toEqual({ loaded: String(POSTS * sequence), quarantined: '0', control: '0' });
    expect(loaded.ids).toHaveLength(POSTS * sequence);
  }
});

/** Columns of another tool's export stand for a post only as long as the post itself is not there, wherever the two come. */
it.each([
  ['before', [0, 1]],
  ['behind', [1, 0]],
])('a row of a table gives way to a payload that comes %s it, in a batch or in another', async (_, order) => {
  await using folder = await temporaryFolder();
  await using test = await freshDatabase();
  const { db } = test;
  await addCollection(db, clock, { name: 'old', kind: 'sample', platform: 'x', api: 'v2' });
  const id = (n: number) => snowflakeAt(START + n, n);
  const poor = (n: number) => ({
    payload: payloadOfRow({ twitter_id: id(n), text: 'poor' }, id(n)),
    endpoint: 'import/sfm-csv',
  });
  const real = (n: number) => ({ payload: sampleLine({ id: id(n), atMs: START, account: 1, text: 'real' }) });
  // 1: both in one batch; 2: in two segments; 3: poor twice and never better.
  const together = order.map((at) => [poor(1), real(1)][at] ?? real(1));
  const apart = order.map((at) => [poor(2), real(2)][at] ?? real(2));
  const wish = { segmentsFolder: folder.path, plan: 'old', node: 'n1' };
  for (const [at, frames] of [[...together, poor(3)], apart.slice(0, 1), [...apart.slice(1), poor(3)]].entries())
    await writeSealedSegment({ ...wish, openedAtMs: START + at * 60_000, sequence: at + 1, frames });
  await loadAll({ db, segmentsFolder: folder.path, clock });
  const rows = await db.query('select post_id, text, captured_at from posts order by post_id');
  expect(rows).toMatchObject([
    { post_id: id(1), text: 'real' },
    { post_id: id(2), text: 'real' },
    { post_id: id(3), text: 'poor', captured_at: new Date(START + 2).toISOString() },
  ]);
});
