import { describe, expect, it } from 'vitest';
import type { Gap } from '../../src/capture/gap.ts';
import type { CaptureStatus } from '../../src/capture/status.ts';
import { parseUtcHour } from '../../src/core/time.ts';
import { COLLECTIONS_CHANNEL, listen } from '../../src/store/listen.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { collectionStatuses } from '../../src/store/queries/collection-status.ts';
import { findDataset, listDatasets, recordDataset } from '../../src/store/queries/datasets.ts';
import { findCollection } from '../../src/store/queries/find-collection.ts';
import { gapsOfCollection } from '../../src/store/queries/gaps-of-collection.ts';
import { hoursToBuild } from '../../src/store/queries/hours-to-build.ts';
import { listCollections } from '../../src/store/queries/list-collections.ts';
import { acquirePlanLease, releasePlanLease, renewPlanLease } from '../../src/store/queries/plan-lease.ts';
import { plansOfNode } from '../../src/store/queries/plans-of-node.ts';
import { segmentsOfHour } from '../../src/store/queries/segments-of-hour.ts';
import { setWanted } from '../../src/store/queries/set-wanted.ts';
import { heardWithin } from '../../src/store/queries/wanted-spans.ts';
import { storeCaptureStatus, storeGaps } from '../../src/store/store-capture.ts';
import { freshDatabase } from '../support/database.ts';
import { eventually } from '../support/loader.ts';

const NOW = Date.parse('2026-11-22T15:30:00.000Z');
const clock = { now: () => NOW };
const sample = { kind: 'sample', platform: 'x', api: 'v2' } as const;

async function withDemo() {
  const test = await freshDatabase();
  const demo = await addCollection(test.db, clock, { ...sample, name: 'demo' });
  return { ...test, demo };
}

describe('collections', () => {
  it('are added with their plan, listed by name, found, stopped and started', async () => {
    await using test = await withDemo();
    const { db } = test;
    await addCollection(db, clock, {
      ...sample,
      name: 'birds',
      keep: 'days:30',
      zone: 'Europe/Vienna',
      backfillMinutes: 5,
    });
    expect((await listCollections(db)).map(({ name }) => name)).toEqual(['birds', 'demo']);
    expect(await findCollection(db, 'birds')).toEqual({
      ...{ ...sample, collectionId: expect.any(Number), name: 'birds', keep: 'days:30', zone: 'Europe/Vienna' },
      ...{ wanted: 'active', createdAt: '2026-11-22T15:30:00.000Z' },
    });
    expect((await setWanted(db, 'birds', 'stopped')).wanted).toBe('stopped');
    await setWanted(db, 'birds', 'stopped');
    const plans = await plansOfNode(db, 'n1');
    expect(plans.map(({ plan }) => plan)).toEqual([
      { ...sample, format: 1, plan: 'birds', backfillMinutes: 5, wanted: 'stopped', revision: 2 },
      { ...sample, format: 1, plan: 'demo', backfillMinutes: 0, wanted: 'active', revision: 1 },
    ]);
  });

  it('are refused in one sentence: a bad name, keep or zone, a name that exists', async () => {
    await using test = await withDemo();
    const add = async (wish: object) => addCollection(test.db, clock, { ...sample, name: 'new', ...wish });
    for (const name of ['', 'Demo', '-demo', 'a b', 'x'.repeat(64), 'ä'])
      await expect(add({ name })).rejects.toMatchObject({ code: 'collection.invalid' });
    await expect(add({ keep: 'days:0' })).rejects.toMatchObject({ code: 'collection.invalid' });
    await expect(add({ zone: 'Mars/Olympus' })).rejects.toMatchObject({ code: 'zone.invalid' });
    await expect(add({ name: 'demo' })).rejects.toMatchObject({ code: 'collection.exists' });
    expect(await listCollections(test.db)).toHaveLength(1);
  });

  it('that nobody knows are answered with the names that may have been meant', async () => {
    await using test = await withDemo();
    const ask = async (name: string) => findCollection(test.db, name).catch((error: Error) => error.message);
    expect(await ask('dmeo')).toBe('There is no collection "dmeo". Did you mean demo?');
    expect(await ask('elephants')).toBe(
      'There is no collection "elephants". mistnet collection list shows those that exist.',
    );
    await expect(setWanted(test.db, 'dem', 'stopped')).rejects.toMatchObject({ code: 'collection.unknown' });
  });

  it('tell a listener when they change, also after its connection was cut', async () => {
    await using test = await withDemo();
    const heard: (string | undefined)[] = [];
    const stop = new AbortController();
    const listening = listen(test.url, COLLECTIONS_CHANNEL, (name) => heard.push(name), stop.signal);
    try {
      await eventually(async () => expect(heard).toEqual([undefined]));
      await setWanted(test.db, 'demo', 'stopped');
      await eventually(async () => expect(heard).toEqual([undefined, 'demo']));
      await test.db.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mistnet listen'",
      );
      await eventually(async () => expect(heard).toEqual([undefined, 'demo', undefined]));
    } finally {
      stop.abort();
      await listening;
    }
  });
});

const status: CaptureStatus = {
  ...{ plan: 'demo', node: 'n1', state: 'connected', captured: 10, malformed: 1, control: 2, bytes: 7000 },
  ...{ openSegments: 1, sealedSegments: 3, postsPerSecond: 5, lastByteAt: '2026-11-22T15:29:59.000Z' },
  observedAt: '2026-11-22T15:29:59.500Z',
};

describe('the status of a collection', () => {
  it('is starting before capture said anything, then what capture says', async () => {
    await using test = await withDemo();
    const [before] = await collectionStatuses(test.db);
    expect(before).toEqual({
      ...{
        name: 'demo',
        kind: 'sample',
        state: 'starting',
        captured: 0,
        loaded: 0,
        quarantined: 0,
        openSegments: 0,
        sealedSegments: 0,
      },
      ...{ gaps: 0, lastByteAt: null, postsPerSecond: 0, bytes: 0 },
      ...{ keep: 'all', uncoveredMs: 0, interruptions: 0, heardPercent: null, heldBack: 0 },
    });
    await storeCaptureStatus(test.db, [status, { ...status, plan: 'unknown' }]);
    expect(await collectionStatuses(test.db, 'demo')).toEqual([
      {
        ...{
          name: 'demo',
          kind: 'sample',
          state: 'connected',
          captured: 10,
          loaded: 0,
          quarantined: 0,
          openSegments: 1,
          sealedSegments: 3,
        },
        ...{ gaps: 0, lastByteAt: '2026-11-22T15:29:59.000Z', postsPerSecond: 5, bytes: 7000 },
        ...{ keep: 'all', uncoveredMs: 0, interruptions: 0, heardPercent: 100, heldBack: 0 },
      },
    ]);
  });

  it('adds nodes up and takes the best state', async () => {
    await using test = await withDemo();
    const second = { ...status, node: 'n2', state: 'paused', reason: 'The token was refused.', captured: 5 } as const;
    await storeCaptureStatus(test.db, [status, second]);
    expect(await collectionStatuses(test.db)).toMatchObject([{ state: 'connected', captured: 15, sealedSegments: 6 }]);
    await storeCaptureStatus(test.db, [{ ...status, state: 'failed', observedAt: '2026-11-22T15:30:01.000Z' }]);
    expect(await collectionStatuses(test.db)).toMatchObject([{ state: 'paused', reason: 'The token was refused.' }]);
  });

  it('is failed when a node fell silent, although its last word is stored again and again', async () => {
    await using test = await withDemo();
    await storeCaptureStatus(test.db, [status]);
    await test.db.query("update plan_status set stored_at = now() - interval '11 seconds'");
    await storeCaptureStatus(test.db, [status]);
    const [silent] = await collectionStatuses(test.db);
    expect(silent).toMatchObject({
      state: 'failed',
      captured: 10,
      postsPerSecond: 0,
      reason: expect.stringContaining('n1'),
    });
    await setWanted(test.db, 'demo', 'stopped');
    expect((await collectionStatuses(test.db))[0]?.state).toBe('stopped');
    await storeCaptureStatus(test.db, [{ ...status, observedAt: '2026-11-22T15:30:02.000Z' }]);
    expect((await collectionStatuses(test.db))[0]?.state).toBe('connected');
  });
});

describe('gaps', () => {
  it('are stored once by their id, take news, and count only what stays uncovered', async () => {
    await using test = await withDemo();
    const gap: Gap = {
      ...{ gapId: 'g1', plan: 'demo', node: 'n1', cause: 'cut', evidence: 'the connection closed', uncoveredMs: 4000 },
      ...{ from: '2026-11-22T14:00:00.000Z', to: '2026-11-22T14:00:04.000Z' },
    };
    const later = { ...gap, gapId: 'g2', from: '2026-11-22T14:10:00.000Z', to: '2026-11-22T14:10:09.000Z' };
    await storeGaps(test.db, [gap, later, later]);
    await storeGaps(test.db, [gap]);
    expect(await gapsOfCollection(test.db, test.demo.collectionId)).toEqual([later, gap]);
    expect((await collectionStatuses(test.db))[0]?.gaps).toBe(2);
    const filled = { ...later, backfilledFrom: later.from, uncoveredMs: 0 };
    await storeGaps(test.db, [filled]);
    expect(await gapsOfCollection(test.db, test.demo.collectionId, { limit: 1 })).toEqual([filled]);
    const before = { from: filled.from, gapId: filled.gapId };
    expect(await gapsOfCollection(test.db, test.demo.collectionId, { before })).toEqual([gap]);
    const within = { from: '2026-11-22T14:00:03.000Z', to: '2026-11-22T14:10:00.000Z' };
    expect(await gapsOfCollection(test.db, test.demo.collectionId, { within })).toEqual([gap]);
    expect((await collectionStatuses(test.db))[0]?.gaps).toBe(1);
    // What the platform no longer shows is told of, and nobody missed it.
    const years = {
      ...gap,
      gapId: 'g3',
      cause: 'horizon',
      from: '2010-01-01T00:00:00.000Z',
      uncoveredMs: 4e11,
    } as const;
    await storeGaps(test.db, [years]);
    expect((await collectionStatuses(test.db))[0]).toMatchObject({ gaps: 1, uncoveredMs: 4000, interruptions: 3 });
  });
});

describe('how much of its time a collection heard', () => {
  const day = { from: '2026-11-20T00:00:00Z', to: '2026-11-21T00:00:00Z' };
  const gap = (gapId: string, from: string, seconds: number): Gap => ({
    ...{ gapId, plan: 'demo', node: 'n1', cause: 'cut', evidence: 'the connection closed', from },
    ...{ to: new Date(Date.parse(from) + 2 * seconds * 1000).toISOString(), uncoveredMs: seconds * 1000 },
  });
  /** Wanted from 06:00 to 12:00 and from 18:00 on, of 20 November. */
  async function withSpans() {
    const test = await withDemo();
    await test.db.query('delete from wanted_spans');
    await test.db.query(
      `insert into wanted_spans (collection_id, from_at, to_at) values ($1, '2026-11-20T06:00Z', '2026-11-20T12:00Z'),
        ($1, '2026-11-20T18:00Z', null)`,
      [test.demo.collectionId],
    );
    return test;
  }
  const percent = async ({ db }: Awaited<ReturnType<typeof withSpans>>, within: { from: string; to?: string } = day) =>
    (await heardWithin(db, within)).find(({ collection }) => collection === 'demo')?.percent;

  it('is all without gaps, and is nothing to tell of where it was not meant to listen', async () => {
    await using test = await withSpans();
    expect(await percent(test)).toBe(100);
    expect(await percent(test, { from: '2026-11-20T12:00:00Z', to: '2026-11-20T18:00:00Z' })).toBeNull();
    await addCollection(test.db, clock, { ...sample, kind: 'timeline', name: 'people' });
    expect(await heardWithin(test.db, day)).toEqual([{ collection: 'demo', percent: 100 }]);
  });

  it('lacks what stays uncovered of the time it was wanted, cut at both ends of what is asked for', async () => {
    await using test = await withSpans();
    // Of twelve hours: ten minutes, half of a gap that begins before the stop, none of one in between.
    await storeGaps(test.db, [
      gap('g1', '2026-11-20T07:00:00.000Z', 600),
      gap('g2', '2026-11-20T11:50:00.000Z', 1200),
      gap('g3', '2026-11-20T13:00:00.000Z', 3600),
    ]);
    expect(await percent(test)).toBe(97.22);
    expect(await percent(test, { from: '2026-11-20T07:05:00Z', to: '2026-11-20T07:15:00Z' })).toBe(50);
    await storeGaps(test.db, [gap('g4', '2026-11-20T18:00:00.000Z', 1)]);
    expect(await percent(test, { from: '2026-11-20T18:00:00Z', to: '2026-11-21T00:00:00Z' })).toBe(99.99);
  });

  it('lacks the silence that lasts now, unless nobody has told of the stream for a while', async () => {
    await using test = await withSpans();
    const { db } = test;
    await db.query(
      `update wanted_spans set to_at = null, from_at = now() - interval '100 minutes' where to_at is null`,
    );
    const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    const silent = { ...status, state: 'paused', lastByteAt: ago(25) } as const;
    await storeCaptureStatus(db, [silent]);
    const hundred = { from: ago(100) };
    expect(Math.round((await percent(test, hundred)) ?? 0)).toBe(75);
    await storeCaptureStatus(db, [{ ...silent, state: 'connected', observedAt: new Date().toISOString() }]);
    expect(await percent(test, hundred)).toBe(100);
    await storeCaptureStatus(db, [{ ...silent, observedAt: new Date(Date.now() + 1000).toISOString() }]);
    await db.query("update plan_status set stored_at = now() - interval '11 seconds'");
    expect(await percent(test, hundred)).toBe(100);
  });

  it('counts from a start to a stop and from the next start on', async () => {
    await using test = await withDemo();
    const spans = async () =>
      (await test.db.query<{ open: boolean }>('select to_at is null as open from wanted_spans order by from_at')).map(
        ({ open }) => open,
      );
    expect(await spans()).toEqual([true]);
    await setWanted(test.db, 'demo', 'stopped');
    await setWanted(test.db, 'demo', 'stopped');
    expect(await spans()).toEqual([false]);
    await setWanted(test.db, 'demo', 'active');
    await setWanted(test.db, 'demo', 'active');
    expect(await spans()).toEqual([false, true]);
    await addCollection(test.db, clock, { ...sample, name: 'resting', wanted: 'stopped' });
    expect(await spans()).toEqual([false, true]);
  });
});

describe('plan leases', () => {
  it('belong to one node until they expire or are given back; the fence tells holders apart', async () => {
    await using test = await withDemo();
    const { db } = test;
    const first = await acquirePlanLease(db, { plan: 'demo', node: 'n1' });
    expect(first).toMatchObject({ node: 'n1', fence: 1, copy: 0 });
    expect(await acquirePlanLease(db, { plan: 'demo', node: 'n2' })).toBeUndefined();
    expect(await plansOfNode(db, 'n2')).toEqual([]);
    expect(await plansOfNode(db, 'n1')).toMatchObject([{ heldBy: 'n1' }]);
    expect(await acquirePlanLease(db, { plan: 'demo', node: 'n1' })).toMatchObject({ fence: 1 });
    if (first === undefined) throw new Error('no lease');
    expect(await renewPlanLease(db, first, -1)).toMatchObject({ fence: 1 });
    const second = await acquirePlanLease(db, { plan: 'demo', node: 'n2' });
    expect(second).toMatchObject({ node: 'n2', fence: 2 });
    expect(await renewPlanLease(db, first)).toBeUndefined();
    if (second === undefined) throw new Error('no lease');
    await releasePlanLease(db, second);
    expect(await acquirePlanLease(db, { plan: 'demo', node: 'n1' })).toMatchObject({ fence: 3 });
  });

  it('go to exactly one of many that ask at once', async () => {
    await using test = await withDemo();
    const wishes = Array.from({ length: 8 }, (_, at) => acquirePlanLease(test.db, { plan: 'demo', node: `n${at}` }));
    expect((await Promise.all(wishes)).filter((lease) => lease !== undefined)).toHaveLength(1);
  });
});

describe('hours and datasets', () => {
  const hour = parseUtcHour('2026-11-22T13Z');
  const segment = async (db: Awaited<ReturnType<typeof withDemo>>['db'], name: string, at: string, state: string) =>
    db.query(
      `insert into segments (plan, node, segment, hour, state, frames, bytes, sealed_at)
        values ('demo', 'n1', $1, $2, $3, 5, 100, case when $3 = 'open' then null else now() end)`,
      [name, at, state],
    );

  it('an hour is to be built when it is finished and all its segments are sealed, again when late ones come', async () => {
    await using test = await withDemo();
    const { db, demo } = test;
    const ask = async (now: string) => {
      const found = await hoursToBuild(db, {
        node: 'n1',
        clock: { now: () => Date.parse(now) },
        since: '2026-11-01T00:00:00Z',
      });
      return found.map((one) => `${one.hour} ${one.why}`);
    };
    await segment(db, 'a', '2026-11-22T13:00:00Z', 'loaded');
    await segment(db, 'b', '2026-11-22T13:00:00Z', 'open');
    expect(await segmentsOfHour(db, { collectionId: demo.collectionId, node: 'n1', hour })).toEqual({
      ...{ open: 1, sealed: 1, frames: 10, bytes: 200 },
    });
    expect(await ask('2026-11-22T15:00:00Z')).toEqual([]);
    await db.query("update segments set state = 'sealed', sealed_at = now() where segment = 'b'");
    expect(await ask('2026-11-22T14:05:59Z')).toEqual([]);
    expect(await ask('2026-11-22T14:06:00Z')).toEqual(['2026-11-22T13Z missing']);
    const dataset = {
      ...{ collectionId: demo.collectionId, hour, revision: 1, partial: true, report: '13\t10' },
      ...{ manifest: { posts: 10 }, folder: '/data/1', builtAt: new Date(Date.now() + 1000).toISOString() },
    };
    await recordDataset(db, dataset);
    expect(await ask('2026-11-22T15:00:00Z')).toEqual(['2026-11-22T13Z partial']);
    await recordDataset(db, { ...dataset, revision: 2, partial: false });
    expect(await ask('2026-11-22T15:00:00Z')).toEqual([]);
    await segment(db, 'c', '2026-11-22T13:00:00Z', 'sealed');
    await db.query("update segments set sealed_at = now() + interval '1 minute' where segment = 'c'");
    expect(await ask('2026-11-22T15:00:00Z')).toEqual(['2026-11-22T13Z late']);
  });

  it('a later revision supersedes the one before, in whatever order they are recorded', async () => {
    await using test = await withDemo();
    const { db, demo } = test;
    const { collectionId } = demo;
    const dataset = (revision: number, builtAt: string) => ({
      ...{ collectionId, hour, revision, partial: false, report: `r${revision}`, manifest: {}, folder: `/${revision}` },
      builtAt,
    });
    await recordDataset(db, dataset(1, '2026-11-22T14:10:00.000Z'));
    await recordDataset(db, dataset(3, '2026-11-22T14:30:00.000Z'));
    await recordDataset(db, dataset(2, '2026-11-22T14:20:00.000Z'));
    await recordDataset(db, dataset(3, '2026-11-22T14:31:00.000Z'));
    expect(await findDataset(db, { collectionId, hour })).toMatchObject({
      revision: 3,
      builtAt: '2026-11-22T14:31:00.000Z',
    });
    const all = await db.query('select revision, superseded_at from datasets order by revision');
    expect(all).toEqual([
      { revision: 1, superseded_at: '2026-11-22T14:30:00.000Z' },
      { revision: 2, superseded_at: '2026-11-22T14:30:00.000Z' },
      { revision: 3, superseded_at: null },
    ]);
  });

  it('are listed newest first, page by page, each once', async () => {
    await using test = await withDemo();
    const birds = await addCollection(test.db, clock, { ...sample, name: 'birds' });
    const hours = ['2026-11-22T11Z', '2026-11-22T12Z', '2026-11-22T13Z'].map(parseUtcHour);
    for (const one of hours)
      for (const { collectionId } of [test.demo, birds])
        await recordDataset(test.db, {
          ...{ collectionId, hour: one, revision: 1, partial: false, report: '', manifest: {}, folder: '' },
          builtAt: '2026-11-22T14:10:00.000Z',
        });
    const seen: string[] = [];
    for (let page = await listDatasets(test.db, { limit: 2 }); page.length > 0; ) {
      seen.push(...page.map((one) => `${one.hour} ${one.collection}`));
      const last = page.at(-1);
      if (last === undefined) break;
      page = await listDatasets(test.db, { limit: 2, before: last });
    }
    expect(seen).toEqual([...hours].reverse().flatMap((one) => [`${one} birds`, `${one} demo`]));
    expect(await listDatasets(test.db, { collectionId: birds.collectionId })).toHaveLength(3);
  });
});
