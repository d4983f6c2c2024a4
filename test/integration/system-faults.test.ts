/** What goes wrong between the platform and us, through the whole system: noticed, survived, written down. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/time.ts';
import { addCollection as addToStore } from '../../src/store/queries/add-collection.ts';
import { startEmulator } from '../support/system/emulator.ts';
import {
  expectDatabaseToEqual,
  expectOneStory,
  expectSegmentsToHoldTruth,
  gapsOf,
  restfulStatus,
} from '../support/system/evidence.ts';
import { keptSegments, payloads } from '../support/system/kept-frames.ts';
import {
  addCollection,
  ladders,
  openItsDatabase,
  rolePid,
  servedAt,
  startMistnet,
  towards,
  loggedErrors,
} from '../support/system/mistnet.ts';
import { gone, signalProcess } from '../support/system/processes.ts';
import { until } from '../support/system/until.ts';
import { watchStatus } from '../support/system/watch-status.ts';
import { openWorkbench } from '../support/system/workbench.ts';

const HEARTBEAT_MS = 1500;

describe('faults of the platform', () => {
  it('of every kind, one after the other, cost nothing where missed minutes are sent again', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, ['--seed', '11', '--rate', '200']);
    const env = towards(emulator, {
      MISTNET_X_HEARTBEAT_MS: String(HEARTBEAT_MS),
      MISTNET_SEAL_AGE_MS: '3000',
      MISTNET_X_BACKOFF: ladders({ serverMs: 3000, rateMs: 3000 }),
    });
    const mistnet = await startMistnet(bench, env);
    const watch = watchStatus(mistnet.url);
    await addCollection(bench, 'faulty', env);
    await mistnet.statusIs('faulty', 'posts', ({ captured }) => captured > 0);
    for (const kind of ['cut', 'half-line', 'stall', 'disconnect']) {
      await emulator.strike({ kind, after: 30 });
      await emulator.openStream();
    }
    for (const kind of ['http-429', 'http-503']) {
      await emulator.fault({ kind });
      await emulator.strike({ kind: 'cut', after: 10 });
      await mistnet.statusIs(
        'faulty',
        'a reason',
        ({ state, reason }) => state === 'reconnecting' && reason?.includes(kind.slice(5)) === true,
      );
      await emulator.openStream();
    }
    await emulator.strike({ kind: 'duplicate', after: 5, count: 10 });
    await emulator.strike({ kind: 'malformed', after: 5, count: 5 });
    await emulator.strike({ kind: 'huge-line', after: 5, count: 2 });
    await emulator.endOfStream();

    const { lost, segments, status } = await expectOneStory({ bench, collection: 'faulty', env, mistnet, emulator });

    expect(lost).toEqual([]);
    // A line that was torn by a cut is kept as it came, and is malformed too.
    expect(status.quarantined).toBeGreaterThanOrEqual(5);
    expect(status.gaps).toBe(0);
    expect(Math.max(...payloads(segments).map(({ length }) => length))).toBeGreaterThan(5_000_000);
    const causes = (await gapsOf({ bench, collection: 'faulty', env })).map(({ cause }) => cause);
    expect(causes).toEqual(expect.arrayContaining(['cut', 'stall', 'disconnect']));
    expect((await watch.end()).problems).toEqual([]);
    await mistnet.stop();
    expect(await loggedErrors(bench)).toEqual([]);
    await bench.allGone();
  });

  it('leave gaps where nothing is sent again, and every missing post lies in one of them', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, ['--seed', '12', '--rate', '200']);
    const env = towards(emulator, { MISTNET_X_HEARTBEAT_MS: String(HEARTBEAT_MS) });
    const mistnet = await startMistnet(bench, env);
    {
      await using db = await openItsDatabase(bench);
      await addToStore(db, systemClock, { name: 'thin', kind: 'sample', platform: 'x', api: 'v2', backfillMinutes: 0 });
    }
    await mistnet.statusIs('thin', 'posts', ({ captured }) => captured > 0);
    for (const kind of ['cut', 'stall', 'half-line']) {
      await emulator.strike({ kind, after: 50 });
      await emulator.openStream();
    }
    const connections = (await emulator.connections()).length;
    signalProcess(await rolePid(bench, 'capture'), 'SIGKILL');
    await emulator.openStream(connections);
    await emulator.endOfStream();
    const segments = await keptSegments(bench.home, 'thin');
    const suspect = { bench, collection: 'thin', env };
    await expectSegmentsToHoldTruth(suspect, emulator, segments);
    const gaps = await gapsOf(suspect);
    expect(gaps.length).toBeGreaterThanOrEqual(4);
    expect(gaps.every(({ uncoveredMs, from, to }) => uncoveredMs === Date.parse(to) - Date.parse(from))).toBe(true);
    const { gaps: shown } = await mistnet.statusIs('thin', 'its gaps', (status) => status.gaps === gaps.length);
    expect(shown).toBe(gaps.length);
    const listed = await bench.mistnet(['collection', 'gaps', 'thin'], { env });
    expect(listed.stdout).toMatch(/gap of .* \(stall: no byte for 1\.5 s\), .* missing/);
    await mistnet.stop();
    expect(await loggedErrors(bench)).toEqual([]);
  });
});

describe('faults on our own side', () => {
  it('an end in the midst of sealing leaves everything sealed once', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, ['--seed', '13', '--rate', 'max']);
    // Large segments: a seal takes a while, and there is always one under way.
    const env = towards(emulator, { MISTNET_SEAL_BYTES: '6000000' });
    const mistnet = await startMistnet(bench, env);
    await addCollection(bench, 'sealing', env, ['--keep', 'files']);
    const folder = join(bench.home, 'segments/sealing');
    await until(
      'a seal under way',
      async () => (await readdir(folder, { recursive: true })).some((name) => name.endsWith('.jsonl.zst.tmp')),
      { everyMs: 2 },
    );
    const end = await mistnet.stop();
    expect(end.stderr).toContain('Ended. Everything is sealed.');
    const segments = await keptSegments(bench.home, 'sealing');
    expect(segments.filter(({ sealed }) => !sealed)).toEqual([]);
    expect((await readdir(folder, { recursive: true })).filter((name) => /\.tmp$|\d\.jsonl$/.test(name))).toEqual([]);
    const [connection] = await emulator.connections();
    const sent = await emulator.ids(connection?.id ?? '');
    const kept = segments.flatMap(({ frames }) => frames.flatMap(({ id }) => (id === undefined ? [] : [id])));
    expect(kept.length).toBeGreaterThan(1000);
    expect(kept.every((id, index) => id === sent[index])).toBe(true);
    const verify = await bench.mistnet(['segment', 'verify', ...segments.map(({ path }) => path)]);
    expect(verify, verify.stdout).toMatchObject({ code: 0 });
    const list = await bench.mistnet(['collection', 'list', '--json'], { env });
    expect(JSON.parse(list.stdout)).toMatchObject([
      { captured: kept.length, loaded: 0, openSegments: 0, sealedSegments: segments.length },
    ]);
    await bench.allGone();
  });

  it('a server that is killed is started again on the same road; one that is stopped and continued goes on', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, ['--seed', '14', '--rate', '100']);
    const env = towards(emulator);
    const mistnet = await startMistnet(bench, env);
    await addCollection(bench, 'served', env);
    await mistnet.statusIs('served', 'posts', ({ captured }) => captured > 0);
    const server = await rolePid(bench, 'server');
    signalProcess(server, 'SIGKILL');
    await gone(server);
    const [, again = ''] = await mistnet.program.hears(/unexpectedly[\s\S]*Page: +(http:\S+)/);
    const response = await fetch(new URL('/api/v1/status', again));
    expect(response.status).toBe(200);
    const worker = await rolePid(bench, 'worker');
    signalProcess(worker, 'SIGSTOP');
    const sentThen = (await emulator.connections()).reduce((sum, { sent }) => sum + sent, 0);
    await until(
      'posts that nobody loads',
      async () => (await emulator.connections()).reduce((sum, { sent }) => sum + sent, 0) > sentThen + 300,
    );
    signalProcess(worker, 'SIGCONT');
    await emulator.endOfStream();
    await restfulStatus(servedAt(mistnet.program, again), 'served', bench.home);
    await expectDatabaseToEqual({ bench, collection: 'served', env }, await keptSegments(bench.home, 'served'));
    await mistnet.stop();
    expect(await loggedErrors(bench)).toEqual([]);
    await bench.allGone();
  });
});
