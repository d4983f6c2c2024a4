/** Rows go when nobody keeps them any more, files stay, and whoever shares a post keeps it. */
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compactHour } from '../../src/archive/compact-hour.ts';
import { hourFolder, SEALED_SUFFIX } from '../../src/capture/segment/layout.ts';
import { silentLog } from '../../src/core/log.ts';
import { systemClock } from '../../src/core/time.ts';
import { retainRows } from '../../src/jobs/tasks/retain-rows.ts';
import { runWorker } from '../../src/jobs/worker.ts';
import type { Database } from '../../src/store/db.ts';
import { ensurePartitionsAhead } from '../../src/store/load/partitions.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { findCollection } from '../../src/store/queries/find-collection.ts';
import { collectionStatuses } from '../../src/store/queries/collection-status.ts';
import { retentionRuns } from '../../src/store/queries/retention-runs.ts';
import { setKeep } from '../../src/store/queries/set-keep.ts';
import { rebuildCollection } from '../../src/store/rebuild.ts';
import { partitionsOf } from '../../src/store/retention/observation-days.ts';
import { allRows } from '../support/all-rows.ts';
import { freshDatabase } from '../support/database.ts';
import { eventually, loadAll, temporaryFolder } from '../support/loader.ts';
import { runToCrashPoint } from '../support/run-to-crash-point.ts';
import { samplePosts } from '../support/sample-posts.ts';
import { writeSealedSegment } from '../support/write-segment.ts';

const NOW = Date.parse('2026-11-22T09:00:00.000Z');
const signal = new AbortController().signal;
const at = (day: string) => Date.parse(`2026-${day}T13:05:00.000Z`);

type Wish = { plan: string; day: string; from: number; to: number; node?: string };

/** Posts `from` to `to` of a day, captured by a plan on that day; each day has posts of its own, made on it. */
async function setUp(keeps: Record<string, string>, segments: Wish[]) {
  const test = await freshDatabase();
  const home = await temporaryFolder();
  const segmentsFolder = join(home.path, 'segments');
  for (const [name, keep] of Object.entries(keeps))
    await addCollection(test.db, systemClock, { name, kind: 'sample', platform: 'x', api: 'v2', keep });
  const stems: string[] = [];
  const write = async ({ plan, day, from, to, node = 'n1' }: Wish) => {
    const lines = [...samplePosts(at(day) % 1000, to, at(day)).slice(from), { line: '{"data":{"id":' }];
    const wish = { segmentsFolder, plan, node, openedAtMs: at(day), sequence: stems.length + 1 };
    stems.push((await writeSealedSegment({ ...wish, frames: lines.map(({ line }) => ({ payload: line })) })).stem);
  };
  for (const wish of segments) await write(wish);
  const retain = (nowMs = NOW, node = 'n1') =>
    retainRows({ db: test.db, segmentsFolder, node, clock: { now: () => nowMs }, signal, log: silentLog });
  return {
    ...{ db: test.db, url: test.url, home: home.path, segmentsFolder, stems, write, retain },
    load: (node = 'n1') => loadAll({ db: test.db, segmentsFolder, node, connections: 1 }),
    [Symbol.asyncDispose]: async () => {
      await test[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** How many observations there are of each day of capture and collection, like `11-10 birds: 50`. */
async function observed(db: Database): Promise<string[]> {
  const rows = await db.query<{ line: string }>(
    `select to_char(captured_at at time zone 'UTC', 'MM-DD') || ' ' || name || ': ' || count(*) as line
      from observations join collections using (collection_id) group by to_char(captured_at at time zone 'UTC', 'MM-DD'), name order by 1`,
  );
  return rows.map(({ line }) => line);
}

const posts = async (db: Database) => (await db.query('select from posts')).length;
const orphans = async (db: Database) =>
  (
    await db.query(
      'select from observations o where not exists (select from posts p where p.post_id = o.post_id and p.platform = o.platform)',
    )
  ).length;

/** The rows of what was captured from a day on, and all that no retention touches. */
async function rowsFrom(db: Database, day: string) {
  const { observations, ...rows } = await allRows(db);
  const isKept = ({ row }: { row: { captured_at: string } }) => row.captured_at >= `2026-${day}`;
  return { ...rows, segments: [], observations: (observations as { row: { captured_at: string } }[]).filter(isKept) };
}

const threeDays: Wish[] = ['11-01', '11-14', '11-15', '11-22'].map((day) => ({ plan: 'birds', day, from: 0, to: 50 }));

describe('retention', () => {
  it('of days:7 drops what is older, with its posts, and leaves the rest and the files as they are', async () => {
    await using test = await setUp({ birds: 'days:7' }, [
      ...threeDays,
      { plan: 'birds', day: '10-20', from: 0, to: 50 },
    ]);
    await test.load();
    const [before] = await collectionStatuses(test.db);
    const kept = (await rowsFrom(test.db, '11-15')).observations;
    expect(await test.retain()).toEqual({
      node: 'n1',
      day: '2026-11-22',
      observations: 150,
      posts: 150,
      partitions: 4,
      unverified: 0,
    });
    expect(await observed(test.db)).toEqual(['11-15 birds: 50', '11-22 birds: 50']);
    expect([await posts(test.db), await orphans(test.db)]).toEqual([100, 0]);
    expect((await rowsFrom(test.db, '01-01')).observations).toEqual(kept);
    expect(await partitionsOf(test.db, 'posts')).toEqual(['posts_2026_11', 'posts_2026_12']);
    expect(await partitionsOf(test.db, 'observations')).toEqual(
      ['15', '22', '23', '24'].map((day) => `observations_2026_11_${day}`),
    );
    for (const stem of test.stems) expect((await readFile(`${stem}${SEALED_SUFFIX}`)).length).toBeGreaterThan(0);
    expect(await collectionStatuses(test.db)).toEqual([before]); // what was loaded counts as loaded
    expect(await test.retain()).toMatchObject({ observations: 0, posts: 0, partitions: 0, unverified: 0 });
    expect(await test.db.query('select day::text, observations, posts, partitions from retention_runs')).toEqual([
      { day: '2026-11-22', observations: '150', posts: '150', partitions: 4 },
    ]);
  });

  it('deletes rows in a day that another collection keeps, and a shared post stays while anybody has it', async () => {
    await using test = await setUp({ birds: 'days:7', demo: 'all' }, [
      ...threeDays,
      { plan: 'demo', day: '11-01', from: 30, to: 80 },
      { plan: 'demo', day: '11-14', from: 0, to: 10 },
    ]);
    await test.load();
    const demo = (await rowsFrom(test.db, '01-01')).observations.filter(({ row }) =>
      JSON.stringify(row).includes('"collection_id":2'),
    );
    expect(await test.retain()).toMatchObject({ observations: 100, posts: 30 + 40, partitions: 0, unverified: 0 });
    expect(await observed(test.db)).toEqual(['11-01 demo: 50', '11-14 demo: 10', '11-15 birds: 50', '11-22 birds: 50']);
    expect([await posts(test.db), await orphans(test.db)]).toEqual([160, 0]);
    const after = (await rowsFrom(test.db, '01-01')).observations.filter(({ row }) =>
      JSON.stringify(row).includes('"collection_id":2'),
    );
    expect(after).toEqual(demo);
    const [run] = await retentionRuns(test.db);
    expect(run).toMatchObject({
      ...{ node: 'n1', day: '2026-11-22', ranAt: new Date(NOW).toISOString(), observations: 100, posts: 70 },
      ...{ collections: [{ collection: 'birds', observations: 100, unverified: 0 }], lacking: [] },
    });
  });

  it('says of each run what went of which collection, what stayed and why; a dropped day counts for all in it', async () => {
    await using test = await setUp({ birds: 'days:7', demo: 'days:7' }, [
      ...threeDays,
      { plan: 'demo', day: '11-14', from: 0, to: 10 },
      { plan: 'demo', day: '11-02', from: 0, to: 10 },
      { plan: 'birds', day: '11-03', from: 0, to: 10, node: 'n2' },
    ]);
    await test.load();
    await test.load('n2');
    await rm(`${test.stems[5]}${SEALED_SUFFIX}`);
    const nameOf = (at: number) => test.stems[at]?.split('/').at(-1);
    expect(await test.retain()).toMatchObject({ observations: 110, unverified: 2 });
    const [run, ...others] = await retentionRuns(test.db);
    expect(others).toEqual([]);
    expect(run).toMatchObject({
      collections: [
        { collection: 'birds', observations: 100, unverified: 1 },
        { collection: 'demo', observations: 10, unverified: 1 },
      ],
      lacking: [
        { collection: 'demo', node: 'n1', segment: nameOf(5), reason: 'it is not there or open' },
        {
          ...{ collection: 'birds', node: 'n2', segment: nameOf(6) },
          reason: 'its node has not found it whole within the last two days',
        },
      ],
    });
    const { collectionId } = await findCollection(test.db, 'demo');
    const [ofDemo] = await retentionRuns(test.db, { collectionId });
    expect([ofDemo?.collections.length, ofDemo?.lacking.length, ofDemo?.observations]).toEqual([1, 1, 110]);
    // Again on the same day: what went adds up, what stays is as of now.
    await test.write({ plan: 'demo', day: '11-01', from: 0, to: 5 });
    await test.load();
    await test.retain(NOW, 'n2');
    await test.retain();
    const [n1, n2] = await retentionRuns(test.db);
    expect([n1?.observations, n1?.unverified, n1?.lacking.map(({ collection }) => collection)]).toEqual([
      ...[115, 1, ['demo']],
    ]);
    expect(n1?.collections).toEqual([
      { collection: 'birds', observations: 100, unverified: 0 },
      { collection: 'demo', observations: 15, unverified: 1 },
    ]);
    expect([n2?.node, n2?.observations]).toEqual(['n2', 10]);
    await test.retain(NOW + 86_400_000);
    const days = async (options: Parameters<typeof retentionRuns>[1]) =>
      (await retentionRuns(test.db, options)).map(({ day, node }) => `${day.slice(8)} ${node}`);
    expect(await days({ limit: 2 })).toEqual(['23 n1', '22 n1']);
    expect(await days({ limit: 2, before: { day: '2026-11-22', node: 'n1' } })).toEqual(['22 n2']);
  });

  it('keeps rows whose segment is damaged or gone, until it is back', async () => {
    await using test = await setUp({ birds: 'days:7' }, [
      ...threeDays,
      { plan: 'birds', day: '11-01', from: 50, to: 60 },
      { plan: 'birds', day: '11-02', from: 0, to: 10 },
    ]);
    await test.load();
    const damaged = `${test.stems[4]}${SEALED_SUFFIX}`;
    const gone = `${test.stems[5]}${SEALED_SUFFIX}`;
    const [bytes, others] = [await readFile(damaged), await readFile(gone)];
    await truncate(damaged, bytes.length - 1);
    await rm(gone);
    expect(await test.retain()).toMatchObject({ observations: 100, posts: 100, partitions: 1, unverified: 2 });
    expect(await observed(test.db)).toEqual([
      '11-01 birds: 10',
      '11-02 birds: 10',
      '11-15 birds: 50',
      '11-22 birds: 50',
    ]);
    await writeFile(damaged, bytes);
    await writeFile(gone, others);
    expect(await test.retain()).toMatchObject({ observations: 20, posts: 20, partitions: 2, unverified: 0 });
    expect(await observed(test.db)).toEqual(['11-15 birds: 50', '11-22 birds: 50']);
  });

  it('waits for the node that holds a segment to look at it', async () => {
    await using test = await setUp({ birds: 'days:7' }, [
      ...threeDays,
      { plan: 'birds', day: '11-01', from: 20, to: 70, node: 'n2' },
    ]);
    await test.load();
    await test.load('n2');
    expect(await test.retain()).toMatchObject({ observations: 100, posts: 20 + 50, unverified: 1 });
    expect(await test.retain(NOW, 'n2')).toMatchObject({ observations: 50, posts: 50, partitions: 1, unverified: 0 });
    expect(await observed(test.db)).toEqual(['11-15 birds: 50', '11-22 birds: 50']);
  });

  it('then a rebuild and the next retention give the rows of the first load within the kept days', async () => {
    await using test = await setUp({ birds: 'days:7', demo: 'all' }, [
      ...threeDays,
      { plan: 'birds', day: '11-15', from: 40, to: 90 },
      { plan: 'demo', day: '11-14', from: 25, to: 75 },
      { plan: 'demo', day: '11-15', from: 45, to: 95 },
    ]);
    // A post that was met first on a day that goes, and again on one that stays, keeps its first payload.
    const again = samplePosts(at('11-01') % 1000, 5, at('11-01')).map(({ line }) => ({
      payload: line.replace('äöü', 'again'),
    }));
    await writeSealedSegment({
      ...{
        segmentsFolder: test.segmentsFolder,
        plan: 'birds',
        node: 'n1',
        openedAtMs: at('11-22') + 600_000,
        sequence: 99,
        frames: again,
      },
    });
    await test.load();
    await test.retain();
    const before = await rowsFrom(test.db, '01-01');
    const folder = hourFolder(join(test.segmentsFolder, 'birds'), at('11-15'));
    expect(await compactHour({ folder, plan: 'birds', node: 'n1', isReady: () => true, signal })).toMatchObject({
      outcome: 'compacted',
    });
    await rebuildCollection(test.db, 'birds');
    await test.load();
    expect((await observed(test.db)).length).toBeGreaterThan(5); // all that lies there
    await test.retain(NOW + 60_000);
    expect(await rowsFrom(test.db, '01-01')).toEqual(before);
    await test.retain(NOW + 86_400_000); // a compacted segment verifies too
    expect(await observed(test.db)).toEqual(['11-14 demo: 50', '11-15 demo: 50', '11-22 birds: 55']);
    expect(await orphans(test.db)).toBe(0);
  });

  for (const name of ['retention.verified', 'retention.detached', 'retention.months-dropped'] as const) {
    it(`killed at ${name}: the next run finishes it, and loading goes on meanwhile`, async () => {
      await using test = await setUp({ birds: 'days:7' }, threeDays);
      await test.load();
      const args = [test.url, test.segmentsFolder, String(NOW)];
      const ended = await runToCrashPoint('test/support/retain-once.ts', args, { name, signal: 'SIGKILL' });
      expect(ended, ended.stderr).toMatchObject({ signal: 'SIGKILL' });
      expect(await test.db.query('select from retention_runs')).toHaveLength(0);
      await test.write({ plan: 'birds', day: '11-01', from: 40, to: 60 }); // late, on a day that is half gone
      await test.load();
      expect((await observed(test.db))[0]).toBe(name === 'retention.verified' ? '11-01 birds: 70' : '11-01 birds: 20');
      expect(await orphans(test.db)).toBe(0);
      await test.retain();
      expect(await observed(test.db)).toEqual(['11-15 birds: 50', '11-22 birds: 50']);
      expect([await posts(test.db), await orphans(test.db)]).toEqual([100, 0]);
      const left = await test.db.query("select relname from pg_class where relname like 'retired_%'");
      expect(left).toEqual([]);
    });
  }

  it('never takes a post from a loader that has not committed its observation', async () => {
    await using test = await setUp({ birds: 'days:7', demo: 'all' }, [
      ...threeDays,
      { plan: 'demo', day: '11-01', from: 0, to: 0 },
    ]);
    await test.load();
    await ensurePartitionsAhead(test.db, NOW);
    const client = await test.db.pool.connect();
    try {
      await client.query('begin');
      await client.query('lock table only posts, only observations in row exclusive mode');
      await client.query(
        `insert into observations (collection_id, captured_at, segment_id, content_offset, platform, post_id, id_at)
          select 2, captured_at, segment_id, content_offset, platform, post_id, id_at from observations where captured_at < '2026-11-10'`,
      );
      const retained = test.retain();
      await eventually(async () => {
        const waiting = await test.db.query(
          "select from pg_locks where not granted and mode = 'ShareRowExclusiveLock'",
        );
        expect(waiting).toHaveLength(1);
      });
      await client.query('commit');
      expect(await retained).toMatchObject({ unverified: 0 });
    } finally {
      client.release();
    }
    expect((await observed(test.db))[0]).toBe('11-01 demo: 50');
    expect([await posts(test.db), await orphans(test.db)]).toEqual([150, 0]);
  });
});

describe('a change of what is kept', () => {
  it('to files lets everything go and counts nothing as loaded; back to all loads it again', async () => {
    await using test = await setUp({ birds: 'all', demo: 'all' }, [
      ...threeDays,
      { plan: 'demo', day: '11-22', from: 30, to: 60 },
    ]);
    await test.load();
    const before = await rowsFrom(test.db, '01-01');
    expect(await setKeep(test.db, 'birds', 'files')).toEqual({ before: 'all', isWider: false });
    expect(await collectionStatuses(test.db, 'birds')).toMatchObject([{ loaded: 0, quarantined: 0, keep: 'files' }]);
    await test.load();
    await test.retain();
    expect(await observed(test.db)).toEqual(['11-22 demo: 30']);
    expect([await posts(test.db), await orphans(test.db)]).toEqual([30, 0]);
    expect(await collectionStatuses(test.db, 'birds')).toMatchObject([{ loaded: 0 }]);
    await setKeep(test.db, 'birds', 'all');
    await test.load();
    expect(await collectionStatuses(test.db, 'birds')).toMatchObject([{ loaded: 200, quarantined: 4 }]);
    expect(await rowsFrom(test.db, '01-01')).toEqual(before);
  });

  it('says when rows that went are wanted again', async () => {
    await using test = await setUp({ birds: 'days:7' }, threeDays);
    await test.load();
    await test.retain();
    expect(await setKeep(test.db, 'birds', 'days:7')).toEqual({ before: 'days:7', isWider: false });
    expect(await setKeep(test.db, 'birds', 'days:3')).toEqual({ before: 'days:7', isWider: false });
    expect(await setKeep(test.db, 'birds', 'all')).toEqual({ before: 'days:3', isWider: true });
    await expect(setKeep(test.db, 'birds', 'days:0')).rejects.toMatchObject({ code: 'collection.invalid' });
    await expect(setKeep(test.db, 'bird', 'all')).rejects.toMatchObject({ code: 'collection.unknown' });
    await rebuildCollection(test.db, 'birds');
    await test.load();
    expect(await observed(test.db)).toHaveLength(4);
  });
});

describe('the worker', () => {
  it('runs retention once a day', async () => {
    await using test = await setUp({ birds: 'days:7' }, threeDays);
    await test.load();
    const stop = new AbortController();
    const events: string[] = [];
    const log = { ...silentLog, info: (_: object, event: string) => void events.push(event) };
    const running = runWorker({
      ...{ db: test.db, databaseUrl: test.url, node: 'n1', segmentsFolder: test.segmentsFolder, version: 'test', log },
      ...{ datasetsFolder: join(test.home, 'datasets'), runFolder: join(test.home, 'run'), compact: false },
      ...{ clock: { now: () => NOW }, signal: stop.signal },
    });
    try {
      await eventually(async () => expect(await observed(test.db)).toEqual(['11-15 birds: 50', '11-22 birds: 50']));
      await eventually(async () => expect(await test.db.query('select from retention_runs')).toHaveLength(1));
    } finally {
      stop.abort();
      await running;
    }
    expect(events.filter((event) => event === 'retention.ran')).toHaveLength(1);
  });
});
