/** What an export selects, that it is published whole or not at all, and that a killed one goes on to the same bytes. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../src/core/log.ts';
import { systemClock } from '../../src/core/time.ts';
import { exportPosts } from '../../src/jobs/tasks/export-posts.ts';
import { openJobDesk } from '../../src/jobs/job-list.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { runWorker } from '../../src/jobs/worker.ts';
import { exportManifestSchema } from '../../src/share/export-manifest.ts';
import { type ExportSearch, type ExportWish, toExportRequest } from '../../src/share/export-request.ts';
import { resolveWish } from '../../src/share/resolve-wish.ts';
import type { Database } from '../../src/store/db.ts';
import { askForExport, cancelExport, findExport } from '../../src/store/export/exports.ts';
import { indexEndedMonths } from '../../src/store/export/index-months.ts';
import { findAccount } from '../../src/store/export/find-accounts.ts';
import { type ExportBench, exportBench, readRows } from '../support/exports.ts';
import { indexAll } from '../support/index-all.ts';
import { eventually } from '../support/loader.ts';
import { sampleLine, samplePosts, snowflakeAt } from '../support/sample-posts.ts';

const START = Date.parse('2026-11-22T13:00:00.000Z');
const at = (minutes: number) => START + minutes * 60_000;

/** Post `n` was posted `n` minutes after the start by account `n % 3`. */
const post = (n: number, likes = 0, handle?: string) =>
  sampleLine({
    id: snowflakeAt(at(n), n),
    atMs: at(n),
    account: n % 3,
    likes,
    ...(handle === undefined ? {} : { handle }),
  });
const written = (n: number, text: string) => sampleLine({ id: idOf(n), atMs: at(n), account: 1, text });
const idOf = (n: number) => snowflakeAt(at(n), n);

async function idsOf(bench: ExportBench, name: string, wish: Partial<ExportWish>): Promise<number[]> {
  const { folder, manifest } = await bench.export(name, { format: 'ids', ...wish });
  const text = await readFile(join(folder, manifest.files[0]?.file ?? ''), 'utf8');
  const numbers = new Map(Array.from({ length: 100 }, (_, n) => [idOf(n), n]));
  return text
    .split('\n')
    .slice(0, -1)
    .map((id) => numbers.get(id) ?? Number.NaN);
}

describe('a selection', () => {
  it('is a collection, an account by any of its names, a set, or all, within windows of posting and of capture', async () => {
    await using bench = await exportBench();
    const { db } = bench;
    await bench.load(
      'birds',
      [0, 1, 2, 3, 4, 5].map((n) => ({ payload: post(n), atMs: at(n) + 10 })),
    );
    await bench.load(
      'frogs',
      [4, 5, 6, 7].map((n) => ({ payload: post(n), atMs: at(60 + n) })),
    );
    const birds = { kind: 'collection', name: 'birds' } as const;
    expect(await idsOf(bench, 'c', { from: birds })).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await idsOf(bench, 'all', {})).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const posted = { postedFrom: '2026-11-22T13:01:00Z', postedTo: '2026-11-22T13:05:00Z' };
    expect(await idsOf(bench, 'posted', posted)).toEqual([1, 2, 3, 4]);
    expect(await idsOf(bench, 'captured', { capturedFrom: '2026-11-22T15:05:00+01:00' })).toEqual([5, 6, 7]);
    expect(await idsOf(bench, 'both', { ...posted, capturedFrom: '2026-11-22T14:00:00Z', from: birds })).toEqual([]);
    expect(await idsOf(bench, 'day', { postedFrom: '2026-11-22', postedTo: '2026-11-22' })).toHaveLength(8);
    expect(await idsOf(bench, 'next', { postedFrom: '2026-11-23' })).toEqual([]);
    const account = async (wish: string) => {
      const { platform, accountId, handle } = await findAccount(db, wish);
      return { from: { kind: 'account', platform, accountId, handle } as const };
    };
    expect(await idsOf(bench, 'handle', await account('@BIRD1'))).toEqual([1, 4, 7]);
    expect(await idsOf(bench, 'uid', await account('1000002'))).toEqual([2, 5]);
    await bench.load('frogs', [{ payload: post(8, 0, 'swallow'), atMs: at(90) }]); // bird2 has another name now
    await follow(db, '1000002', 'swallow', ['bird2']);
    expect(await idsOf(bench, 'former', await account('bird2'))).toEqual([2, 5, 8]);
    await expect(account('nobody')).rejects.toThrow('"nobody"');
    await follow(db, '1000001', 'bird1', ['swallow']);
    await expect(account('swallow')).rejects.toThrow(
      '2 accounts had the name "swallow": 1000001 (now @bird1), 1000002 (now @swallow)',
    );
    await db.query("insert into account_sets (name, created_at) values ('Singers', now())");
    await expect(idsOf(bench, 'empty', { from: { kind: 'set', name: 'singers' } })).rejects.toThrow('no accounts yet');
    await db.query(
      "insert into account_set_members (set_id, platform, account_id, added_at) select set_id, 'x', '1000002', now() from account_sets",
    );
    expect(await idsOf(bench, 'set', { from: { kind: 'set', name: 'singers' } })).toEqual([2, 5, 8]);
    const seeds = [{ platform: 'x', accountId: '1000002', handle: 'swallow' }];
    expect(await idsOf(bench, 'seeds', { from: { kind: 'collection', name: 'birds', seeds } })).toEqual([2, 5]);
    await expect(resolveWish(db, { collection: 'birds', seeds: ['1000002'], format: 'ids' })).rejects.toThrow(
      '1000002 is no seed of the collection "birds"',
    );
    await db.query(
      "insert into collection_seeds (collection_id, set_id, added_at) select collection_id, set_id, now() from collections, account_sets where collections.name = 'birds'",
    );
    expect(
      (await resolveWish(db, { collection: 'birds', seeds: ['1000002'], format: 'ids' })).request.from,
    ).toMatchObject({
      seeds: [{ accountId: '1000002' }],
    });
    await expect(idsOf(bench, 'none', { from: { kind: 'collection', name: 'bird' } })).rejects.toThrow(
      'Did you mean birds',
    );
  });

  it('of an account is found by an index on months that are over, which is made once, anew where it was left half-made', async () => {
    await using bench = await exportBench();
    const { db } = bench;
    const old = (n: number) => Date.parse('2026-09-05T00:00:00Z') + n * 1000;
    await bench.load(
      'birds',
      [1, 2, 3].map((n) => ({
        payload: sampleLine({ id: snowflakeAt(old(n), n), atMs: old(n), account: n }),
        atMs: at(n),
      })),
    );
    await bench.load('birds', [{ payload: post(4), atMs: at(4) }]);
    expect(await indexEndedMonths(db, Date.parse('2026-10-02T23:00:00Z'))).toEqual([]);
    expect(await indexEndedMonths(db, Date.parse('2026-11-22T00:00:00Z'))).toEqual(['posts_2026_09']);
    expect(await indexEndedMonths(db, Date.parse('2026-11-22T00:00:00Z'))).toEqual([]);
    await db.query("update pg_index set indisvalid = false where indexrelid = 'posts_2026_09_account'::regclass");
    expect(await indexEndedMonths(db, Date.parse('2026-11-22T00:00:00Z'))).toEqual(['posts_2026_09']);
    const plan = await db.withClient(async (client) => {
      await client.query('begin; set local enable_seqscan = off');
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        "explain select from posts p where (p.platform, p.account_id) in (select * from unnest('{x}'::text[], '{1000001}'::text[]))",
      );
      await client.query('rollback');
      return rows.map((row) => row['QUERY PLAN']).join(' ');
    });
    expect(plan).toContain('posts_2026_09_account');
    const from = { kind: 'account', platform: 'x', accountId: '1000002', handle: null } as const;
    expect((await bench.export('one', { format: 'ids', from })).manifest.rows).toBe(1);
  });

  it('has one row a post with its newest counts in the window, or a row each time it was captured', async () => {
    await using bench = await exportBench();
    await bench.load('birds', [
      { payload: post(1, 5), atMs: at(10) },
      { payload: post(2, 7), atMs: at(11) },
      { payload: post(1, 50), atMs: at(20) },
      { payload: post(1, 500), atMs: at(30) },
    ]);
    const likes = async (name: string, wish: Partial<ExportWish>) => {
      const { folder, manifest } = await bench.export(name, { format: 'csv', ...wish });
      expect(manifest.counted).toBe(manifest.rows);
      const [head = [], ...rows] = await readRows('csv', join(folder, `${name}.csv`));
      return rows.map((row) => [row[head.indexOf('likes')], row[head.indexOf('captured_at')]?.slice(11, 16)]);
    };
    expect(await likes('newest', {})).toEqual([
      ['500', '13:10'],
      ['7', '13:11'],
    ]);
    expect(await likes('earlier', { capturedTo: '2026-11-22T13:30:00Z' })).toEqual([
      ['50', '13:10'],
      ['7', '13:11'],
    ]);
    expect(await likes('each', { observations: 'all' })).toEqual([
      ['5', '13:10'],
      ['50', '13:10'],
      ['500', '13:10'],
      ['7', '13:11'],
    ]);
  });
});

describe('an export', () => {
  it('is a folder whose manifest has the size and digest of every other file, with gaps and their minutes', async () => {
    await using bench = await exportBench();
    await bench.load(
      'birds',
      samplePosts(3, 700, START).map(({ line }, n) => ({ payload: line, atMs: START + n * 20 })),
    );
    await bench.db.query(
      `insert into gaps (gap_id, plan, node, from_at, to_at, cause, evidence, uncovered_ms)
        values ('g1', 'birds', 'n1', $1, $2, 'disconnected', 'the connection was reset, "cut"', 90000)`,
      [new Date(at(3)).toISOString(), new Date(at(5)).toISOString()],
    );
    const { folder, manifest } = await bench.export('birds', {
      format: 'csv',
      split: 300,
      from: { kind: 'collection', name: 'birds' },
    });
    const names = await readdir(folder);
    expect(names.toSorted()).toEqual(
      [
        'README.md',
        'birds-0001.csv',
        'birds-0002.csv',
        'birds-0003.csv',
        'data-dictionary.csv',
        'data-dictionary.md',
        'gaps.csv',
        'manifest.json',
      ].toSorted(),
    );
    expect(exportManifestSchema.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')))).toEqual(
      manifest,
    );
    expect(manifest.files.map(({ file }) => file).toSorted()).toEqual(
      names.filter((name) => name !== 'manifest.json').toSorted(),
    );
    for (const { file, bytes, sha256, rows } of manifest.files) {
      const content = await readFile(join(folder, file));
      expect({ file, bytes, sha256 }).toEqual({
        file,
        bytes: content.length,
        sha256: createHash('sha256').update(content).digest('hex'),
      });
      if (rows !== undefined) expect(await readRows('csv', join(folder, file))).toHaveLength(rows + 1);
    }
    expect(manifest.files.map(({ rows }) => rows).filter((rows) => rows !== undefined)).toEqual([300, 300, 100]);
    const page = await readFile(join(folder, 'README.md'), 'utf8');
    expect(page).toContain('1 interruptions, 1 of them with time that is missing for good: 1.5 minutes in all');
    expect(page).toContain('collection birds');
    expect(await readRows('csv', join(folder, 'gaps.csv'))).toContainEqual(
      expect.arrayContaining(['birds', 'n1', '2.0', '1.5', 'disconnected', 'the connection was reset, "cut"']),
    );
    const [, ...dictionary] = await readRows('csv', join(folder, 'data-dictionary.csv'));
    const [head] = await readRows('csv', join(folder, 'birds-0001.csv'));
    expect(dictionary.map(([, column]) => column)).toEqual(head);
    expect(
      dictionary.every(([, , kind, type, description, example]) =>
        [kind, type, description, example].every((cell) => cell !== ''),
      ),
    ).toBe(true);
    expect((await readdir(join(bench.home, 'exports'))).toSorted()).toEqual(['birds']); // nothing else is left
  });

  it('says where cells were cut that a spreadsheet cannot hold', async () => {
    await using bench = await exportBench();
    const long = '🐦'.repeat(20_000);
    await bench.load('birds', [
      { payload: JSON.stringify({ data: { id: idOf(1), text: long, author_id: '7' } }), atMs: at(1) },
    ]);
    const { folder, manifest } = await bench.export('birds', { format: 'xlsx' });
    expect(manifest.stats).toMatchObject({
      cuts: 1,
      firstCuts: [{ row: 1, id: idOf(1), column: 'text', length: 40_000 }],
    });
    const [head = [], row = []] = await readRows('xlsx', join(folder, 'birds.xlsx'));
    const cell = row[head.indexOf('text')] ?? '';
    expect(cell.length).toBeLessThanOrEqual(32_767);
    expect(cell).toMatch(/^(🐦)+ … \[cut: the whole has 40000 characters\]$/u);
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain('1 cells were longer');
  });

  it('says how much of the time between its first and last capture was heard', async () => {
    await using bench = await exportBench();
    await bench.load('birds', [
      { payload: post(0), atMs: at(0) },
      { payload: post(100), atMs: at(100) },
    ]);
    await bench.db.query(
      `insert into gaps (gap_id, plan, node, from_at, to_at, cause, evidence, uncovered_ms)
        values ('g1', 'birds', 'n1', $1, $2, 'cut', 'cut', 600000), ('g2', 'birds', 'n1', $3, 'infinity', 'cut', 'cut', 1)`,
      [10, 25, 101].map((minute) => new Date(at(minute)).toISOString()),
    );
    const { folder } = await bench.export('birds', { format: 'csv', from: { kind: 'collection', name: 'birds' } });
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain('- birds: 90 % of the time between the first');
  });

  it('has what a search finds, and says by what it was found', async () => {
    await using bench = await exportBench();
    const texts = ['Fog over the river', 'fog again #mist', 'clear sky', 'the river, no haze'];
    await bench.load(
      'birds',
      texts.map((text, n) => ({ payload: written(n + 1, text), atMs: at(n + 1) })),
    );
    await bench.load('bees', [{ payload: written(9, 'fog for bees'), atMs: at(9) }]);
    await indexAll(bench.db);
    const birds = { kind: 'collection', name: 'birds' } as const;
    const idsOf = async (name: string, search: ExportSearch, from?: ExportWish['from']) => {
      const { folder } = await bench.export(name, { format: 'csv', search, ...(from === undefined ? {} : { from }) });
      const [header = [], ...rows] = await readRows('csv', join(folder, `${name}.csv`));
      return rows.map((row) => row[header.indexOf('id')]);
    };
    expect(await idsOf('fog', { text: 'fog' })).toEqual([1, 2, 9].map(idOf));
    expect(await idsOf('birdfog', { text: 'fog -again', kind: 'original' }, birds)).toEqual([idOf(1)]);
    expect(await idsOf('mist', { hashtag: '#mist' })).toEqual([idOf(2)]);
    const readme = await readFile(join(bench.home, 'exports/fog/README.md'), 'utf8');
    expect(readme).toContain('what the text index found by the words `fog`');
    await expect(bench.export('none', { format: 'csv', search: { text: '-' } })).rejects.toThrow(/nothing to look for/);
    await expect(bench.export('none', { format: 'csv', search: {} })).rejects.toThrow(/nothing to search for/);
  });

  it('publishes nothing when a row is missing, and nothing into a folder that holds something', async () => {
    await using bench = await exportBench();
    await bench.load(
      'birds',
      [1, 2, 3].map((n) => ({ payload: post(n), atMs: at(n) })),
    );
    await mkdir(join(bench.home, 'exports/taken'), { recursive: true });
    await writeFile(join(bench.home, 'exports/taken/mine.txt'), 'mine');
    await expect(bench.export('taken', { format: 'csv' })).rejects.toThrow('holds something already');
    await expect(bench.export('taken/mine.txt/below', { format: 'csv' })).rejects.toThrow(/not a directory/);
    await bench.db.query('alter table posts rename to all_posts');
    // The two sides of the proof see different tables: the count what was captured, the reader a post less.
    await bench.db.query(
      `create view posts as select * from all_posts where post_id <> '${idOf(2)}' or current_query() not like 'copy%'`,
    );
    await expect(bench.export('less', { format: 'csv' })).rejects.toThrow('2 rows were read, but the database has 3');
    expect(existsSync(join(bench.home, 'exports/less'))).toBe(false);
  });

  it.each(['csv', 'parquet', 'xlsx', 'jsonl'])('that is killed goes on to the same bytes, as %s', async (format) => {
    await using bench = await exportBench();
    await bench.load(
      'birds',
      samplePosts(5, 3000, START).map(({ line }, n) => ({ payload: line, atMs: START + n * 20 })),
    );
    const whole = await bench.export('birds', { format, split: 900 });
    const request = toExportRequest({ from: { kind: 'all' }, format, split: 900 }, 'UTC');
    const folder = join(bench.home, 'again/birds');
    const { db } = bench;
    await askForExport(db, {
      name: 'birds',
      node: 'n1',
      folder,
      request,
      background: true,
      askedAt: new Date().toISOString(),
    });
    for (const killAtRows of ['700', '1800', '2500']) {
      const script = join(import.meta.dirname, '../support/run-export.ts');
      const { signal, stderr } = spawnSync(process.execPath, [script, bench.url, 'birds', killAtRows, '250'], {
        encoding: 'utf8',
      });
      expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
      expect(existsSync(folder)).toBe(false);
    }
    let resumedFrom = 0;
    const rest = { db, version: '9.9.9', clock: systemClock, signal: new AbortController().signal };
    const manifest = await exportPosts(
      { ...rest, onProgress: (progress) => void (resumedFrom = progress.resumedFrom) },
      'birds',
    );
    // A workbook is gone on with from its end alone; of the others at most a checkpoint and a batch of rows is written again.
    if (format === 'xlsx') expect([1800, 2700]).toContain(resumedFrom);
    else expect(resumedFrom).toBeGreaterThan(2000);
    const data = ({ files }: typeof whole.manifest) => files.filter(({ rows }) => rows !== undefined);
    if (manifest === undefined) throw new Error('it did not run');
    expect(data(manifest)).toEqual(data(whole.manifest));
    expect(await readdir(folder)).toEqual(await readdir(whole.folder));
  });

  it('that is killed begins anew when what it had written is not what is stored any more', async () => {
    await using bench = await exportBench();
    const { db } = bench;
    await bench.load(
      'birds',
      samplePosts(5, 1500, START).map(({ line }, n) => ({ payload: line, atMs: START + n * 20 })),
    );
    const folder = join(bench.home, 'exports/birds');
    const request = toExportRequest({ from: { kind: 'all' }, format: 'csv' }, 'UTC');
    await askForExport(db, {
      name: 'birds',
      node: 'n1',
      folder,
      request,
      background: true,
      askedAt: new Date().toISOString(),
    });
    const script = join(import.meta.dirname, '../support/run-export.ts');
    expect(spawnSync(process.execPath, [script, bench.url, 'birds', '1000', '250']).signal).toBe('SIGKILL');
    await bench.load('birds', [{ payload: samplePosts(5, 1, START)[0]?.line ?? '', atMs: at(50) }]); // met again: other counts
    const resumed: number[] = [];
    const rest = { db, version: '9.9.9', clock: systemClock, signal: new AbortController().signal };
    const manifest = await exportPosts(
      { ...rest, onProgress: (progress) => void resumed.push(progress.resumedFrom) },
      'birds',
    );
    expect(resumed.at(-1)).toBe(0);
    expect(manifest?.rows).toBe(1500);
    const { folder: fresh } = await bench.export('fresh', { format: 'csv' });
    expect(await readFile(join(folder, 'birds.csv'))).toEqual(await readFile(join(fresh, 'fresh.csv')));
  });
});

describe('the worker', () => {
  it('writes exports that wait, and stops one that is cancelled', async () => {
    await using bench = await exportBench();
    const { db, home, url } = bench;
    await bench.load(
      'birds',
      samplePosts(5, 1000, START).map(({ line }, n) => ({ payload: line, atMs: START + n * 20 })),
    );
    const ask = (name: string, from: ExportWish['from'], folder = join(home, 'exports', name)) =>
      askForExport(db, {
        ...{ name, node: 'n1', folder, background: true, askedAt: new Date().toISOString() },
        request: toExportRequest({ from, format: 'csv' }, 'UTC'),
      });
    await ask('birds', { kind: 'all' });
    await ask('nothing', { kind: 'collection', name: 'owls' });
    await ask('unwanted', { kind: 'all' });
    await cancelExport(db, 'unwanted', new Date().toISOString());
    await expect(ask('birds', { kind: 'all' })).rejects.toThrow('There is an export "birds" already');
    const stop = new AbortController();
    const worker = runWorker({
      ...{ db, databaseUrl: url, node: 'n1', version: '9.9.9', compact: false, clock: systemClock, log: silentLog },
      ...{
        segmentsFolder: join(home, 'segments'),
        datasetsFolder: join(home, 'datasets'),
        runFolder: join(home, 'run'),
      },
      signal: stop.signal,
    });
    try {
      await eventually(async () => {
        expect((await findExport(db, 'birds')).state).toBe('done');
        expect((await findExport(db, 'nothing')).state).toBe('failed');
      }, 120_000);
      const { reason } = await findExport(db, 'nothing');
      expect(reason).toContain('There is no collection "owls"');
      // It stands among the jobs as what it is, is not tried again by itself, and is when somebody orders it.
      await using desk = await openJobDesk(url, { db, clock: systemClock });
      const jobOf = async (name: string) => (await desk.list({ kind: 'export' })).find(({ what }) => what === name);
      await eventually(async () => expect((await jobOf('nothing'))?.state).toBe('failed'), 30_000);
      const failed = await jobOf('nothing');
      expect(failed).toMatchObject({ tries: 1, cause: reason });
      expect((await jobOf('birds'))?.state).toBe('done');
      await addCollection(db, systemClock, { name: 'owls', kind: 'sample', platform: 'x', api: 'v2' });
      await desk.retry(failed?.id ?? '');
      await eventually(async () => expect((await findExport(db, 'nothing')).state).toBe('done'), 60_000);
      await eventually(async () => expect((await jobOf('nothing'))?.state).toBe('done'), 30_000);
    } finally {
      stop.abort();
      await worker;
    }
    expect(await findExport(db, 'birds')).toMatchObject({ rowsTotal: 1000, rowsDone: 1000 });
    expect((await findExport(db, 'unwanted')).state).toBe('cancelled');
    expect(await readdir(join(home, 'exports'))).toEqual(['birds', 'nothing']);
    expect(await readRows('csv', join(home, 'exports/birds/birds.csv'))).toHaveLength(1001);
  });

  it('takes away what a cancelled export has written', async () => {
    await using bench = await exportBench();
    const { db } = bench;
    await bench.load(
      'birds',
      samplePosts(5, 3000, START).map(({ line }, n) => ({ payload: line, atMs: START + n * 20 })),
    );
    const folder = join(bench.home, 'exports/birds');
    const request = toExportRequest({ from: { kind: 'all' }, format: 'csv' }, 'UTC');
    await askForExport(db, {
      name: 'birds',
      node: 'n1',
      folder,
      request,
      background: true,
      askedAt: new Date().toISOString(),
    });
    const running = db.transaction(async (tx) => {
      await tx.query('lock table collections in access exclusive mode'); // the export waits here, for as long as the cancel takes
      const ended = exportPosts(
        { db, version: '9.9.9', clock: systemClock, signal: new AbortController().signal },
        'birds',
      );
      await eventually(async () => expect((await findExport(db, 'birds')).state).toBe('running'));
      await cancelExport(db, 'birds', new Date().toISOString());
      return await ended;
    });
    expect(await running).toBeUndefined();
    expect((await findExport(db, 'birds')).state).toBe('cancelled');
    expect(await readdir(join(bench.home, 'exports'))).toEqual([]);
    await expect(cancelExport(db, 'birds', new Date().toISOString())).rejects.toThrow('is cancelled already');
  });
});

async function follow(db: Database, accountId: string, handle: string, former: string[]): Promise<void> {
  await db.query(
    `insert into followed_accounts (platform, account_id, handle, state_since, checked_at, check_after, added_at)
      values ('x', $1, $2, now(), now(), now(), now())`,
    [accountId, handle],
  );
  for (const [index, name] of former.entries())
    await db.query(
      "insert into account_names (platform, account_id, noted_at, handle) values ('x', $1, now() - $2 * interval '1 day', $3)",
      [accountId, index + 1, name],
    );
}
