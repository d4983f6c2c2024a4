/** PostgreSQL may be away: capture goes on, loading catches up, the status recovers. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/store/embedded/embedded-postgres.ts';
import { startEmulator } from '../support/system/emulator.ts';
import { expectOneStory } from '../support/system/evidence.ts';
import { keptSegments, postIds } from '../support/system/kept-frames.ts';
import {
  addCollection,
  postmasterPid,
  startMistnet,
  towards,
  whenServing,
  loggedErrors,
} from '../support/system/mistnet.ts';
import { signalProcess } from '../support/system/processes.ts';
import { until } from '../support/system/until.ts';
import { MISTNET, openWorkbench, type Workbench } from '../support/system/workbench.ts';

const RATE = 300;
/** Ten seconds of posts: that is how long it is away. */
const AWAY_POSTS = RATE * 10;

describe('while PostgreSQL is away', () => {
  it('held still for ten seconds, then killed: the one that comes along goes on, is started again, and nothing is lost', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, ['--seed', '21', '--rate', String(RATE)]);
    const env = towards(emulator, { MISTNET_SEAL_AGE_MS: '2000' });
    const mistnet = await startMistnet(bench, env);
    await addCollection(bench, 'patient', env);
    await mistnet.statusIs('patient', 'posts', ({ loaded }) => loaded > 0);

    const held = await postgresPids(bench);
    for (const pid of held) signalProcess(pid, 'SIGSTOP');
    try {
      await capturedMore(bench, 'patient', AWAY_POSTS);
    } finally {
      for (const pid of held) signalProcess(pid, 'SIGCONT');
    }
    const { captured } = await mistnet.statusIs('patient', 'what came meanwhile', ({ loaded }) => loaded > AWAY_POSTS);

    for (const pid of await postgresPids(bench)) signalProcess(pid, 'SIGKILL');
    await mistnet.program.hears(/PostgreSQL had gone and was started again/);
    await mistnet.statusIs('patient', 'later posts', ({ loaded }) => loaded > captured + RATE);
    expect(mistnet.program.said).not.toMatch(/ended unexpectedly/);

    await emulator.endOfStream();
    const { lost, status } = await expectOneStory({ bench, collection: 'patient', env, mistnet, emulator });
    expect(lost).toEqual([]);
    expect(status.gaps).toBe(0);
    expect(await emulator.connections()).toHaveLength(1);
    await mistnet.stop();
    expect(await loggedErrors(bench)).toEqual([]);
    await bench.allGone();
  });

  it('a server of others: stopped for ten seconds while all runs, and stopped still when all is started', async () => {
    await using bench = await openWorkbench();
    await using database = await startForeignPostgres(bench);
    const emulator = await startEmulator(bench, ['--seed', '22', '--rate', String(RATE)]);
    const env = towards(emulator, { MISTNET_SEAL_AGE_MS: '2000', MISTNET_DATABASE_URL: database.url });
    const mistnet = await startMistnet(bench, env);
    await addCollection(bench, 'foreign', env);
    await mistnet.statusIs('foreign', 'posts', ({ loaded }) => loaded > 0);

    await database.stop();
    await until(
      'an answer without a database',
      async () => (await fetch(new URL('/api/v1/status', mistnet.url))).status === 503,
    );
    await capturedMore(bench, 'foreign', AWAY_POSTS);
    await database.ensureRunning();
    await mistnet.statusIs('foreign', 'what came meanwhile', ({ loaded }) => loaded > AWAY_POSTS);
    expect(mistnet.program.said).not.toMatch(/ended unexpectedly/);
    await mistnet.stop();
    expect(await loggedErrors(bench)).toEqual([]);

    await database.stop();
    const before = (await emulator.connections()).length;
    const again = bench.start(MISTNET, ['start'], { env });
    await again.hears(/does not answer.*Capture starts from its saved plans; the rest waits for the database/);
    await until('a stream', async () => (await emulator.connections()).slice(before).some(({ sent }) => sent > RATE));
    await database.ensureRunning();
    await again.hears(/The database is there; starting the rest\./);
    const last = await whenServing(again);
    await emulator.endOfStream();
    const { lost } = await expectOneStory({ bench, collection: 'foreign', env, emulator, mistnet: last });
    expect(lost).toEqual([]);
    await last.stop();
    expect(await loggedErrors(bench)).toEqual([]);
  });
});

/** A PostgreSQL that mistnet did not start and will not end. */
async function startForeignPostgres(bench: Workbench): Promise<EmbeddedPostgres> {
  const folder = join(bench.folder, 'foreign');
  await mkdir(folder);
  return startEmbeddedPostgres({
    folder: join(folder, 'postgres'),
    logFolder: folder,
    signal: new AbortController().signal,
  });
}

/** All of the embedded server's processes: its backends go on without the first one. */
async function postgresPids(bench: Workbench): Promise<number[]> {
  const first = await postmasterPid(bench);
  const found = await bench.processes();
  return [first, ...found.filter(({ parent }) => parent === first).map(({ pid }) => pid)];
}

/** Waits until so many posts more lie in the segments, whatever the database does. */
async function capturedMore(bench: Workbench, collection: string, posts: number): Promise<void> {
  const count = async () => postIds(await keptSegments(bench.home, collection)).length;
  const goal = (await count()) + posts;
  await until(`${posts} posts more in the segments`, async () => (await count()) >= goal, {
    withinMs: 60_000,
    everyMs: 500,
  });
}
