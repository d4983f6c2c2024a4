/** `kill -9` at random instants: then truth = segments = database = dataset but for recorded gaps, and nothing twice. */
import { describe, expect, it } from 'vitest';
import { type EmulatorProgram, startEmulator } from '../support/system/emulator.ts';
import { expectOneStory } from '../support/system/evidence.ts';
import {
  addCollection,
  loggedErrors,
  postmasterPid,
  type RunningMistnet,
  rolePid,
  startMistnet,
  towards,
} from '../support/system/mistnet.ts';
import { gone, signalProcess } from '../support/system/processes.ts';
import { until } from '../support/system/until.ts';
import { openWorkbench, type Workbench } from '../support/system/workbench.ts';

/** `test/faults/torture.test.ts` kills many more, of all kinds at once. */
const KILLS = 6;
/** The supervisor's pauses grow with each death; they begin anew when it is started again. */
const KILLS_IN_A_ROW = 4;
const RATE = 300;
const seed = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 1_000_000));

describe(`killed at random instants (TEST_SEED=${seed})`, () => {
  it(`${KILLS} times capture and worker, each at its own instants: nothing is lost and nothing is there twice`, async () => {
    await using bench = await openWorkbench();
    const random = randomFrom(seed);
    const { emulator, env } = await startWorld(bench);
    let mistnet = await startMistnet(bench, env);
    await addCollection(bench, 'killed', env);
    await mistnet.statusIs('killed', 'posts', ({ captured }) => captured > 0);
    for (let kill = 0; kill < KILLS; kill++) {
      if (kill > 0 && kill % KILLS_IN_A_ROW === 0) {
        expect(await loggedErrors(bench)).toEqual([]);
        expectDeaths(mistnet, KILLS_IN_A_ROW);
        await mistnet.stop();
        mistnet = await startMistnet(bench, env);
      }
      const victims = (['capture', 'worker'] as const).map((role) => ({
        role,
        after: Math.floor(random() * RATE * 1.5),
      }));
      const connections = (await emulator.connections()).length;
      await Promise.all(
        victims.map(async ({ role, after }) => {
          const pid = await rolePid(bench, role);
          await moreSent(emulator, after);
          signalProcess(pid, 'SIGKILL');
          await until(`another ${role}`, async () => (await rolePid(bench, role)) !== pid);
        }),
      );
      await emulator.openStream(connections);
    }
    await emulator.endOfStream();
    const { lost } = await expectOneStory({ bench, collection: 'killed', env, mistnet, emulator });
    expect(lost).toEqual([]);
    await mistnet.stop();
    expect(await loggedErrors(bench)).toEqual([]);
    await bench.allGone();
  });

  it(`${KILLS} times the supervisor: its roles end by themselves, PostgreSQL is taken over, nothing is lost`, async () => {
    await using bench = await openWorkbench();
    const random = randomFrom(seed);
    const { emulator, env } = await startWorld(bench);
    let mistnet = await startMistnet(bench, env);
    await addCollection(bench, 'orphaned', env);
    await mistnet.statusIs('orphaned', 'posts', ({ captured }) => captured > 0);
    for (let kill = 0; kill < KILLS; kill++) {
      await moreSent(emulator, Math.floor(random() * RATE));
      const roles = await Promise.all((['capture', 'worker', 'server'] as const).map((role) => rolePid(bench, role)));
      const postmaster = await postmasterPid(bench);
      signalProcess(mistnet.program.pid, 'SIGKILL');
      expect(await mistnet.program.ended).toMatchObject({ signal: 'SIGKILL' });
      // Half of the times the next one starts while the orphans are still ending.
      if (kill % 2 === 0) await Promise.all(roles.map((pid) => gone(pid)));
      mistnet = await startMistnet(bench, env);
      await Promise.all(roles.map((pid) => gone(pid)));
      expect(mistnet.program.said).toContain('Found the PostgreSQL of a mistnet that was killed still running');
      expect(await postmasterPid(bench)).toBe(postmaster);
      await emulator.openStream(kill + 1);
    }
    await expectNoTwoAtOnce(emulator);
    await emulator.endOfStream();
    const { lost } = await expectOneStory({ bench, collection: 'orphaned', env, mistnet, emulator });
    expect(lost).toEqual([]);
    await mistnet.stop();
    expect(await loggedErrors(bench)).toEqual([]);
    await bench.allGone();
  });
});

function expectDeaths({ program }: RunningMistnet, kills: number): void {
  for (const role of ['capture', 'worker'])
    expect(
      program.said.match(new RegExp(`The ${role} ended unexpectedly \\(killed by SIGKILL\\)`, 'g')),
      program.said,
    ).toHaveLength(kills);
}

async function startWorld(bench: Workbench) {
  const emulator = await startEmulator(bench, ['--seed', String(seed), '--rate', String(RATE)]);
  return { emulator, env: towards(emulator, { MISTNET_SEAL_AGE_MS: '1000' }) };
}

/** Waits until the emulator has sent so many posts more. */
async function moreSent(emulator: EmulatorProgram, posts: number): Promise<void> {
  const goal = (await sent(emulator)) + posts;
  await until(`${posts} posts more`, async () => (await sent(emulator)) >= goal, { everyMs: 10 });
}

async function sent(emulator: EmulatorProgram): Promise<number> {
  return (await emulator.connections()).reduce((sum, connection) => sum + connection.sent, 0);
}

/** A stream was never open twice: the successor's capture waited for the end of the one before. */
async function expectNoTwoAtOnce(emulator: EmulatorProgram): Promise<void> {
  const connections = await emulator.connections();
  const overlaps = connections.filter(({ openedAt }, index) => {
    const before = connections[index - 1];
    return before !== undefined && (before.closedAt === null || before.closedAt > openedAt);
  });
  expect(overlaps).toEqual([]);
}

/** Equally spread numbers from 0 to 1 that a seed decides (mulberry32). */
function randomFrom(start: number): () => number {
  let state = start | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
