import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { encodeFrame, encodeFrameHead } from '../../src/capture/segment/format.ts';
import { noFrames } from '../../src/capture/segment/frame-counts.ts';
import { MANIFEST_SUFFIX, OPEN_SUFFIX, SEALED_SUFFIX } from '../../src/capture/segment/layout.ts';
import { sealSegment } from '../../src/capture/segment/seal.ts';
import { systemClock } from '../../src/core/time.ts';
import { followSegments } from '../../src/store/load/follow-segments.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { postsByHour } from '../../src/store/queries/posts-by-hour.ts';
import { type TestDatabase, freshDatabase } from '../support/database.ts';
import { eventually, loadAll, loadedOfCollection, memoryLog, temporaryFolder, truthOfPlan } from '../support/loader.ts';
import { sampleLine, samplePosts, snowflakeAt } from '../support/sample-posts.ts';
import { writeOpenSegment, writeSealedSegment } from '../support/write-segment.ts';

const START = Date.parse('2026-11-22T13:05:00.000Z');
const clock = { now: () => START + 60_000 };

async function setUp(names = ['demo']): Promise<AsyncDisposable & TestDatabase & { segmentsFolder: string }> {
  const folder = await temporaryFolder();
  const test = await freshDatabase();
  for (const name of names) await addCollection(test.db, clock, { name, kind: 'sample', platform: 'x', api: 'v2' });
  return {
    ...test,
    segmentsFolder: folder.path,
    [Symbol.asyncDispose]: async () => {
      await test[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const wish = { plan: 'demo', node: 'n1', openedAtMs: START, sequence: 1 };

describe('the loader', () => {
  it('loads sealed and open segments: every post frame once, nothing else', async () => {
    await using test = await setUp();
    const { segmentsFolder, db } = test;
    const posts = samplePosts(7, 1200, START);
    const frames = posts.map(({ line }) => ({ payload: line }));
    await writeSealedSegment({ ...wish, segmentsFolder, frames: frames.slice(0, 700) });
    const more = [...frames.slice(700), { payload: '{"disconnect":{"reason":"x"}}' }, { payload: '{"data":{"id":' }];
    await writeOpenSegment({ ...wish, segmentsFolder, sequence: 2, openedAtMs: START + 60_000, frames: more });
    await loadAll({ db, segmentsFolder, clock, batchFrames: 100 });
    const truth = await truthOfPlan(segmentsFolder, 'demo');
    const loaded = await loadedOfCollection(db, 'demo');
    expect(truth).toMatchObject({ posts: 1200, malformed: 1, control: 1 });
    expect(loaded.ids).toEqual(truth.ids);
    expect(loaded.distinctIds).toEqual(posts.map(({ id }) => id).sort());
    expect(loaded.ledger).toEqual({ loaded: '1200', quarantined: '1', control: '1' });
    expect(loaded.totals).toEqual(loaded.ledger);
    const states = await db.query<{ state: string }>('select state from segments order by segment');
    expect(states.map(({ state }) => state)).toEqual(['loaded', 'open']);
    const quarantined = await db.query('select reason, captured_at from quarantined_frames');
    expect(quarantined).toEqual([{ reason: 'not JSON', captured_at: '2026-11-22T13:06:00.501Z' }]);
  });

  it('keeps the payload as received and the counts of each meeting', async () => {
    await using test = await setUp();
    const { segmentsFolder, db } = test;
    const id = snowflakeAt(START, 5);
    const first = sampleLine({ id, atMs: START, account: 1, likes: 3 }).replace('{"data"', '{ "unknown": 1e2, "data"');
    const second = sampleLine({ id, atMs: START, account: 1, likes: 9, handle: 'renamed' });
    await writeSealedSegment({ ...wish, segmentsFolder, frames: [{ payload: first }, { payload: second }] });
    await loadAll({ db, segmentsFolder, clock });
    const posts = await db.query('select post_id, payload::text as payload, posted_at, altered from posts');
    expect(posts).toEqual([{ post_id: id, payload: first, posted_at: new Date(START).toISOString(), altered: null }]);
    const seen = await db.query<{ likes: string }>('select likes from observations order by content_offset');
    expect(seen.map(({ likes }) => likes)).toEqual(['3', '9']);
    const accounts = await db.query('select handle, followers, first_seen_at, seen_at from accounts');
    expect(accounts).toEqual([
      {
        handle: 'renamed',
        followers: '9',
        first_seen_at: new Date(START).toISOString(),
        seen_at: new Date(START + 1).toISOString(),
      },
    ]);
  });

  it('keeps the payload captured first, in whatever order segments are loaded', async () => {
    await using test = await setUp();
    const { segmentsFolder, db } = test;
    const id = snowflakeAt(START, 5);
    const line = (likes: number) => sampleLine({ id, atMs: START, account: 1, likes });
    const later = { ...wish, segmentsFolder, sequence: 2, openedAtMs: START + 60_000 };
    await writeSealedSegment({ ...later, frames: [{ payload: line(9) }] });
    await loadAll({ db, segmentsFolder, clock });
    await writeSealedSegment({ ...wish, segmentsFolder, frames: [{ payload: line(3) }] });
    await loadAll({ db, segmentsFolder, clock });
    expect(await db.query('select payload::text as payload from posts')).toEqual([{ payload: line(3) }]);
    expect(await db.query('select likes from observations order by captured_at')).toEqual([
      { likes: '3' },
      { likes: '9' },
    ]);
  });

  it('keeps what PostgreSQL would refuse in text, and says which column it altered', async () => {
    await using test = await setUp();
    const { segmentsFolder, db } = test;
    const id = (sequence: number) => snowflakeAt(START, sequence);
    const nul = sampleLine({ id: id(1), atMs: START, account: 1, text: 'a\u0000b' });
    const lone = sampleLine({ id: id(2), atMs: START, account: 2, text: 'a\ud83d b', handle: 'x\u0000' });
    const notUtf8 = Buffer.from(sampleLine({ id: id(3), atMs: START, account: 3, text: 'a?b' }));
    notUtf8[notUtf8.indexOf('?')] = 0xff;
    const date = sampleLine({ id: id(4), atMs: START, account: 4 }).replace(
      /"created_at":"[^"]*"/,
      '"created_at":"soon"',
    );
    const frames = [nul, lone, notUtf8, date].map((payload) => ({ payload }));
    await writeSealedSegment({ ...wish, segmentsFolder, frames });
    await loadAll({ db, segmentsFolder, clock });
    const rows = await db.query(
      'select text, altered, payload::text as payload, posted_at is null as dateless from posts order by post_id',
    );
    expect(rows).toMatchObject([
      { text: 'a\ufffdb', altered: ['text'], payload: nul },
      { text: 'a\ufffd b', altered: ['text'], payload: lone },
      { text: 'a\ufffdb', altered: ['payload'], payload: notUtf8.toString('utf8') },
      { altered: ['posted_at'], dateless: true, payload: date },
    ]);
    const accounts = await db.query(
      "select handle, altered from accounts where altered is not null and handle like 'x%'",
    );
    expect(accounts).toEqual([{ handle: 'x\ufffd', altered: ['handle'] }]);
  });

  it('isolates and quarantines the one row that PostgreSQL refuses', async () => {
    await using test = await setUp();
    const { segmentsFolder, db } = test;
    const posts = samplePosts(3, 300, START);
    // 50,000 levels: V8 reads them, PostgreSQL's parser runs out of its stack.
    const deep = `{"data":{"id":"${snowflakeAt(START, 1)}","text":"t"},"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    const frames = posts.map(({ line }) => ({ payload: line }));
    frames.splice(137, 0, { payload: deep });
    await writeSealedSegment({ ...wish, segmentsFolder, frames });
    await loadAll({ db, segmentsFolder, clock });
    const loaded = await loadedOfCollection(db, 'demo');
    expect(loaded.distinctIds).toEqual(posts.map(({ id }) => id).sort());
    expect(loaded.ledger).toEqual({ loaded: '300', quarantined: '1', control: '0' });
    const [row] = await db.query<{ reason: string }>('select reason from quarantined_frames');
    expect(row?.reason).toMatch(/^refused by PostgreSQL: stack depth limit exceeded \(54001\)$/);
  });

  it('puts ids without an instant into the default partition and others by the month of the id', async () => {
    await using test = await setUp();
    const { segmentsFolder, db } = test;
    const ids = ['20', '29999999999', '30000000000', '9007199254740993', '9223372036854775807', '9223372036854775808'];
    const frames = ids.map((id) => ({ payload: `{"data":{"id":"${id}","text":"t"}}` }));
    await writeSealedSegment({ ...wish, segmentsFolder, frames });
    await loadAll({ db, segmentsFolder, clock });
    const rows = await db.query(
      'select post_id, id_at, tableoid::regclass::text as part from posts order by length(post_id), post_id',
    );
    expect(rows).toEqual([
      { post_id: '20', id_at: '-infinity', part: 'posts_default' },
      { post_id: '29999999999', id_at: '-infinity', part: 'posts_default' },
      { post_id: '30000000000', id_at: '2010-11-04T01:43:01.809Z', part: 'posts_2010_11' },
      { post_id: '9007199254740993', id_at: '2010-11-28T22:14:18.305Z', part: 'posts_2010_11' },
      { post_id: '9223372036854775807', id_at: '2080-07-10T17:30:30.208Z', part: 'posts_2080_07' },
      { post_id: '9223372036854775808', id_at: '-infinity', part: 'posts_default' },
    ]);
  });

  it('follows an open segment over a torn frame and its seal, as one ledger', async () => {
    await using test = await setUp();
    const { segmentsFolder, db } = test;
    const posts = samplePosts(11, 60, Date.now());
    const openedAtMs = Date.now();
    const stop = new AbortController();
    const log = memoryLog();
    const { stem } = await writeOpenSegment({
      ...{ ...wish, segmentsFolder, openedAtMs },
      frames: posts.slice(0, 20).map(({ line }) => ({ payload: line })),
    });
    const following = followSegments({ db, segmentsFolder, node: 'n1', clock: systemClock, signal: stop.signal, log });
    try {
      const count = async () => (await loadedOfCollection(db, 'demo')).ids.length;
      await eventually(async () => expect(await count()).toBe(20));
      const at = new Date(openedAtMs).toISOString();
      const head = encodeFrameHead({ at, platform: 'x', endpoint: 'sample', session: 's1' });
      const bytes = Buffer.concat(posts.slice(20).flatMap(({ line }) => encodeFrame(head, Buffer.from(line))));
      await appendFile(`${stem}${OPEN_SUFFIX}`, bytes.subarray(0, bytes.length - 5));
      await eventually(async () => expect(await count()).toBe(59));
      await appendFile(`${stem}${OPEN_SUFFIX}`, bytes.subarray(bytes.length - 5));
      await eventually(async () => expect(await count()).toBe(60));
      const counts = { ...noFrames(), frames: 60, posts: 60, firstAt: at, lastAt: at };
      await sealSegment({ stem, plan: 'demo', counts, because: 'age' });
      await eventually(async () => expect(await db.query('select state from segments')).toEqual([{ state: 'loaded' }]));
      expect((await loadedOfCollection(db, 'demo')).ids).toEqual(posts.map(({ id }) => id).sort());
    } finally {
      stop.abort();
      await following;
    }
    expect(log.events).toEqual([]);
  });

  it('records damage in a sealed segment, loads what is whole, and counts what is lost as quarantined', async () => {
    await using test = await setUp();
    const { segmentsFolder, db } = test;
    const posts = samplePosts(5, 3000, START);
    const frames = posts.map(({ line }) => ({ payload: line }));
    const { stem } = await writeSealedSegment({ ...wish, segmentsFolder, frames });
    const { length } = await readFile(`${stem}${SEALED_SUFFIX}`);
    await truncate(`${stem}${SEALED_SUFFIX}`, Math.floor(length / 2));
    const log = memoryLog();
    await loadAll({ db, segmentsFolder, clock, log });
    const { ledger, totals, ids } = await loadedOfCollection(db, 'demo');
    expect(ids.length).toBeGreaterThan(0);
    expect(ledger).toEqual({ loaded: String(ids.length), quarantined: String(3000 - ids.length), control: '0' });
    expect(totals).toEqual(ledger);
    expect(await db.query('select state, damage from segments')).toMatchObject([
      { state: 'loaded', damage: expect.stringContaining('unpacked') },
    ]);
    expect(log.events.map(({ event }) => event)).toEqual(['load.segment-damaged']);
  });

  it('waits for the manifest: a packed file alone is not sealed yet', async () => {
    await using test = await setUp();
    const { segmentsFolder, db } = test;
    const frames = samplePosts(5, 10, START).map(({ line }) => ({ payload: line }));
    const { stem, manifest } = await writeSealedSegment({ ...wish, segmentsFolder, frames });
    await writeFile(`${stem}${MANIFEST_SUFFIX}`, '{"format":1');
    const log = memoryLog();
    await loadAll({ db, segmentsFolder, clock, log });
    expect((await loadedOfCollection(db, 'demo')).ids).toEqual([]);
    expect(log.events.map(({ event }) => event)).toEqual(['load.manifest-unreadable']);
    await writeFile(`${stem}${MANIFEST_SUFFIX}`, JSON.stringify(manifest));
    await loadAll({ db, segmentsFolder, clock });
    expect((await loadedOfCollection(db, 'demo')).ids).toHaveLength(10);
  });

  it('registers, but does not load, segments of a collection that keeps files only, of other nodes, or of unknown plans', async () => {
    await using test = await setUp();
    const { segmentsFolder, db } = test;
    await addCollection(db, clock, { name: 'files', kind: 'sample', platform: 'x', api: 'v2', keep: 'files' });
    const frames = samplePosts(5, 10, START).map(({ line }) => ({ payload: line }));
    // A mark of a page and a broken line: the line was captured, the mark is no post.
    const marked = [...frames, { payload: '{"mistnet":{"page":1}}' }, { payload: '{"data":' }];
    await writeSealedSegment({ ...wish, plan: 'files', segmentsFolder, frames: marked });
    await writeSealedSegment({ ...wish, node: 'n2', segmentsFolder, frames });
    await writeSealedSegment({ ...wish, plan: 'stranger', segmentsFolder, frames });
    const log = memoryLog();
    await loadAll({ db, segmentsFolder, clock, log });
    expect(await db.query('select plan, state, frames, loaded from segments')).toEqual([
      { plan: 'files', state: 'sealed', frames: '12', loaded: '0' },
    ]);
    expect(log.events).toEqual([{ level: 'warn', event: 'load.plan-unknown', fields: { plan: 'stranger' } }]);
    const span = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' };
    expect((await postsByHour(db, span)).map(({ collection, posts }) => [collection, posts])).toEqual([['files', 11]]);
  });

  it('loads each frame once with two loaders on the same folder', async () => {
    await using test = await setUp();
    const { segmentsFolder, db } = test;
    const posts = samplePosts(9, 4000, START);
    for (let part = 0; part < 4; part++) {
      const some = posts.slice(part * 1000, (part + 1) * 1000).map(({ line }) => ({ payload: line }));
      const again = posts.slice(0, 50).map(({ line }) => ({ payload: line }));
      const frames = [...some, ...again];
      await writeSealedSegment({
        ...wish,
        segmentsFolder,
        sequence: part + 1,
        openedAtMs: START + part * 1000,
        frames,
      });
    }
    const options = { db, segmentsFolder, clock, batchFrames: 60 };
    await Promise.all([loadAll(options), loadAll(options)]);
    const truth = await truthOfPlan(segmentsFolder, 'demo');
    const loaded = await loadedOfCollection(db, 'demo');
    expect(loaded.ids).toEqual(truth.ids);
    expect(loaded.distinctIds).toEqual(truth.distinctIds);
    expect(loaded.totals).toEqual({ loaded: '4200', quarantined: '0', control: '0' });
    expect(loaded.ledger).toEqual(loaded.totals);
  });
});
