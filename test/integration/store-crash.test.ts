/** Whatever is killed, and whenever: each frame is in the database once. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/time.ts';
import { openDatabase } from '../../src/store/db.ts';
import { startEmbeddedPostgres } from '../../src/store/embedded/embedded-postgres.ts';
import { followSegments } from '../../src/store/load/follow-segments.ts';
import { migrate } from '../../src/store/migrate.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { freshDatabase } from '../support/database.ts';
import { eventually, loadAll, loadedOfCollection, memoryLog, temporaryFolder, truthOfPlan } from '../support/loader.ts';
import { runToCrashPoint } from '../support/run-to-crash-point.ts';
import { samplePosts, seededRandom } from '../support/sample-posts.ts';
import { writeOpenSegment, writeSealedSegment } from '../support/write-segment.ts';

const START = Date.parse('2026-11-22T13:05:00.000Z');
const KILLS = 12;
const demo = { name: 'demo', kind: 'sample', platform: 'x', api: 'v2' } as const;

/** Five sealed segments and an open one that ends inside a frame, with repeated posts, malformed lines and control lines. */
async function fillFolder(segmentsFolder: string, seed: number, postsPerSegment: number): Promise<void> {
  const posts = samplePosts(seed, postsPerSegment * 6, START);
  for (let part = 0; part < 6; part++) {
    const some = posts.slice(part * postsPerSegment, (part + 1) * postsPerSegment);
    const lines = [...some, ...posts.slice(0, 20)].map(({ line }) => line);
    lines.splice(10, 0, '{"errors":[{"title":"x"}]}', '{"data":{"id":');
    const frames = lines.map((payload) => ({ payload }));
    const wish = {
      segmentsFolder,
      plan: 'demo',
      node: 'n1',
      openedAtMs: START + part * 60_000,
      sequence: part + 1,
      frames,
    };
    if (part < 5) await writeSealedSegment(wish);
    else await writeOpenSegment(wish);
  }
}

describe('the loader', () => {
  it(`loads every frame once over ${KILLS} kill -9 at random instants`, async () => {
    const seed = Number(process.env.MISTNET_TEST_SEED ?? Date.now() % 1_000_000);
    await using test = await freshDatabase();
    await using folder = await temporaryFolder();
    await addCollection(test.db, systemClock, demo);
    await fillFolder(folder.path, seed, 1500);
    const truth = await truthOfPlan(folder.path, 'demo');
    const random = seededRandom(seed);
    for (let kill = 0; kill < KILLS; kill++) {
      const child = spawn(
        process.execPath,
        [join(import.meta.dirname, '../support/load-forever.ts'), test.url, folder.path, '37'],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      try {
        await once(child.stdout, 'data');
        await sleep(random() * 250);
      } finally {
        await killed(child);
      }
    }
    await loadAll({ db: test.db, segmentsFolder: folder.path });
    const loaded = await loadedOfCollection(test.db, 'demo');
    expect({ seed, ids: loaded.ids }).toEqual({ seed, ids: truth.ids }); // MISTNET_TEST_SEED repeats it
    expect(loaded.distinctIds).toEqual(truth.distinctIds);
    expect(loaded.ledger).toEqual({
      ...{ loaded: String(truth.posts), quarantined: String(truth.malformed), control: String(truth.control) },
    });
    expect(loaded.totals).toEqual(loaded.ledger);
  });

  it.each([
    ['load.batch-written', 1],
    ['load.batch-written', 20],
    ['load.batch-committed', 1],
    ['load.batch-committed', 20],
    ['load.segment-marked', 1],
    ['load.segment-marked', 2],
  ] as const)('loads every frame once over a kill and a stop at %s, time %i', async (name, nth) => {
    await using test = await freshDatabase();
    await using folder = await temporaryFolder();
    await addCollection(test.db, systemClock, demo);
    await fillFolder(folder.path, 7, 200);
    const truth = await truthOfPlan(folder.path, 'demo');
    const args = [test.url, folder.path, '20'];
    for (const [signal, end] of [
      ['SIGKILL', { signal: 'SIGKILL' }],
      ['SIGTERM', { code: 0 }],
    ] as const) {
      const ended = await runToCrashPoint('test/support/load-forever.ts', args, { name, nth, signal });
      expect(ended, ended.stderr).toMatchObject(end);
    }
    await loadAll({ db: test.db, segmentsFolder: folder.path });
    const { ids, distinctIds, ledger, totals } = await loadedOfCollection(test.db, 'demo');
    expect({ ids, distinctIds }).toEqual({ ids: truth.ids, distinctIds: truth.distinctIds });
    expect(ledger).toEqual({
      ...{ loaded: String(truth.posts), quarantined: String(truth.malformed), control: String(truth.control) },
    });
    expect(totals).toEqual(ledger);
  });

  it('that may open no more files waits until it may, and has then loaded every frame once', async () => {
    await using test = await freshDatabase();
    await using folder = await temporaryFolder();
    await addCollection(test.db, systemClock, demo);
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, '../support/load-forever.ts'), test.url, folder.path, '37'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
    const limitTo = (most: number) => execFileSync('prlimit', ['--pid', String(child.pid), `--nofile=${most}:`]);
    try {
      await fillFolder(folder.path, 8, 200);
      await eventually(async () => expect((await loadedOfCollection(test.db, 'demo')).ids.length).toBeGreaterThan(0));
      limitTo(3);
      await eventually(async () => expect(said).toMatch(/load\.disk-away/));
      limitTo(1024);
      await eventually(async () => expect(said).toMatch(/load\.disk-back/));
      const truth = await truthOfPlan(folder.path, 'demo');
      await eventually(async () => expect((await loadedOfCollection(test.db, 'demo')).ids).toEqual(truth.ids));
      expect((await loadedOfCollection(test.db, 'demo')).distinctIds).toEqual(truth.distinctIds);
      expect(child.exitCode).toBe(null);
    } finally {
      await killed(child);
    }
  });

  it('goes on by itself after PostgreSQL was killed in the middle of a load, and again', async () => {
    await using folder = await temporaryFolder();
    const segmentsFolder = join(folder.path, 'segments');
    await fillFolder(segmentsFolder, 4, 1000);
    const truth = await truthOfPlan(segmentsFolder, 'demo');
    const signal = new AbortController().signal;
    await using server = await startEmbeddedPostgres({
      ...{ folder: join(folder.path, 'postgres'), logFolder: join(folder.path, 'logs'), signal },
    });
    await using db = await openDatabase(server.url, { max: 4, applicationName: 'mistnet test' });
    await migrate(db);
    await addCollection(db, systemClock, demo);
    const stop = new AbortController();
    const log = memoryLog();
    let batches = 0;
    const following = followSegments({
      ...{ db, segmentsFolder, node: 'n1', clock: systemClock, log, batchFrames: 20, signal: stop.signal },
      onProgress: () => batches++,
    });
    try {
      for (const killAfter of [30, 120]) {
        await eventually(async () => expect(batches).toBeGreaterThan(killAfter));
        const [pid] = (await readFile(join(folder.path, 'postgres/data/postmaster.pid'), 'utf8')).split('\n');
        process.kill(Number(pid), 'SIGKILL');
        await eventually(async () => expect(log.events.at(-1)?.event).toBe('load.database-away'));
        expect(await server.ensureRunning()).toBe(true);
        await eventually(async () => expect(log.events.at(-1)?.event).toBe('load.database-back'));
      }
      await eventually(async () => expect((await loadedOfCollection(db, 'demo')).ids).toEqual(truth.ids));
    } finally {
      stop.abort();
      await following;
    }
    const { ledger, totals, distinctIds } = await loadedOfCollection(db, 'demo');
    expect(distinctIds).toEqual(truth.distinctIds);
    expect(ledger).toEqual({
      ...{ loaded: String(truth.posts), quarantined: String(truth.malformed), control: String(truth.control) },
    });
    expect(totals).toEqual(ledger);
  });
});

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
