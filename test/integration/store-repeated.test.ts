import { expect, it } from 'vitest';
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
