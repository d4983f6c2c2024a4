/**
 * One round of torture: a whole mistnet in a home of its own collects from an emulator while its processes are killed and the connection
 * is maltreated; at the end truth, segments, database and datasets must tell one story, but for recorded gaps.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { type EmulatorProgram, startEmulator } from './emulator.ts';
import { expectOneStory, gapsOf } from './evidence.ts';
import { addCollection, postmasterPid, type RunningMistnet, rolePid, startMistnet, towards } from './mistnet.ts';
import { gone, signalProcess } from './processes.ts';
import { planTorture, type TortureStep, type Victim } from './torture-plan.ts';
import { until } from './until.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

const COLLECTION = 'tortured';
const RATE = 200;
const HEARTBEAT_MS = 3000;
/** A role that dies again and again is started with growing pauses, up to half a minute. */
const BACK_WITHIN_MS = 90_000;

export type TortureReport = {
  kills: Record<Victim, number>;
  faults: Record<string, number>;
  connections: number;
  /** Different posts that were sent. */
  posts: number;
  /** Of these, lost in gaps that are recorded. */
  lost: number;
  gaps: number;
};

/** Runs the steps of the seed. Throws the first difference found; `say` hears each step before it is done, so the last one said is the one that failed. */
export async function tortureRound(seed: number, kills: number, say: (line: string) => void): Promise<TortureReport> {
  await using bench = await openWorkbench();
  const emulator = await startEmulator(bench, ['--seed', String(seed), '--rate', String(RATE)]);
  const env = towards(emulator, {
    MISTNET_SEAL_AGE_MS: '1000',
    MISTNET_X_HEARTBEAT_MS: String(HEARTBEAT_MS),
    MISTNET_PORT: String(await freePort()), // the same after every start, so that the page is found again
  });
  let mistnet = await startMistnet(bench, env);
  await addCollection(bench, COLLECTION, env);
  await mistnet.statusIs(COLLECTION, 'posts', ({ captured }) => captured > 0);
  const report: TortureReport = {
    kills: { capture: 0, worker: 0, server: 0, postgres: 0, supervisor: 0 },
    faults: {},
    ...{ connections: 0, posts: 0, lost: 0, gaps: 0 },
  };
  for (const [number, step] of planTorture(seed, kills).entries()) {
    say(`seed ${seed} step ${number + 1}: ${describeStep(step)}`);
    mistnet = await doStep(step, { bench, emulator, mistnet, env });
    for (const { victim } of step.kills) report.kills[victim]++;
    for (const { kind } of step.faults) report.faults[kind] = (report.faults[kind] ?? 0) + 1;
  }
  await emulator.forgetFaults();
  await emulator.openStream((await emulator.connections()).length - 1);
  await emulator.endOfStream();
  const suspect = { bench, collection: COLLECTION, env };
  const { lost } = await expectOneStory({ ...suspect, mistnet, emulator });
  report.lost = lost.length;
  report.gaps = (await gapsOf(suspect)).length;
  report.posts = (await emulator.allIds()).length;
  report.connections = (await emulator.connections()).length;
  await mistnet.stop();
  await bench.allGone();
  return report;
}

type Scene = {
  bench: Workbench;
  emulator: EmulatorProgram;
  mistnet: RunningMistnet;
  env: Record<string, string | undefined>;
};

/** Does one step and waits until what was killed is back; answers with the mistnet that runs then. */
async function doStep({ kills, faults }: TortureStep, scene: Scene): Promise<RunningMistnet> {
  const { bench, emulator, env } = scene;
  let { mistnet } = scene;
  for (const fault of faults) await emulator.fault(fault);
  const supervisor = kills.find(({ victim }) => victim === 'supervisor');
  const others = kills.filter((kill) => kill !== supervisor);
  await Promise.all(
    others.map(async ({ victim, after }) => {
      const pid = await pidOf(bench, victim);
      await sentMore(emulator, after);
      signalProcess(pid, 'SIGKILL');
      await gone(pid);
    }),
  );
  if (supervisor !== undefined) {
    await sentMore(emulator, supervisor.after);
    signalProcess(mistnet.program.pid, 'SIGKILL');
    expect(await mistnet.program.ended).toMatchObject({ signal: 'SIGKILL' });
    mistnet = await startMistnet(bench, env);
  }
  await Promise.all(
    others.map(({ victim }) => until(`another ${victim}`, () => pidOf(bench, victim), { withinMs: BACK_WITHIN_MS })),
  );
  const { captured } = await mistnet.statusIs(COLLECTION, 'an answer', () => true, BACK_WITHIN_MS);
  await mistnet.statusIs(COLLECTION, 'more posts', (status) => status.captured > captured, BACK_WITHIN_MS);
  return mistnet;
}

function pidOf(bench: Workbench, victim: Exclude<Victim, 'supervisor'> | Victim): Promise<number> {
  if (victim === 'supervisor') throw new Error('the supervisor is known by its program');
  return victim === 'postgres' ? postmasterPid(bench) : rolePid(bench, victim);
}

/** Waits until so many posts more were sent, or for as long as they take at a rest: while nobody listens nothing is sent. */
async function sentMore(emulator: EmulatorProgram, posts: number): Promise<void> {
  const goal = (await sent(emulator)) + posts;
  const restMs = (posts / RATE) * 1000;
  const end = performance.now() + restMs;
  await until(`${posts} posts more`, async () => (await sent(emulator)) >= goal || performance.now() > end, {
    everyMs: 10,
  });
}

async function sent(emulator: EmulatorProgram): Promise<number> {
  return (await emulator.connections()).reduce((sum, connection) => sum + connection.sent, 0);
}

function describeStep({ kills, faults }: TortureStep): string {
  const killed = kills.map(({ victim, after }) => `${victim} after ${after}`).join(', ');
  return `kill ${killed}${faults.map(({ kind, after, count }) => `; ${kind} ×${count} after ${after}`).join('')}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
