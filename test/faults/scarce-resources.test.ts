/** A home that became read-only, and a process that may open no more files: said in one sentence, nothing lost, over when it is over. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { type Emulator, startEmulator } from '../../emulator/src/start-emulator.ts';
import { verifySegment } from '../../src/capture/segment/verify.ts';
import { classifyLine } from '../../src/platforms/x/classify-line.ts';
import { verifyDataset } from '../../src/process/verify-dataset.ts';
import { PLAN, statusOf } from '../support/run-capture.ts';
import { openSmallDisk, type SmallDisk } from '../support/small-disk.ts';
import { keptSegments, postIds } from '../support/system/kept-frames.ts';
import { until } from '../support/system/until.ts';
import { MISTNET, openWorkbench, type Program, projectRoot } from '../support/system/workbench.ts';
import { makeTweet, rawLine } from '../support/tweets.ts';

const MIB = 1024 * 1024;

async function diskOf(context: TestContext, bytes: number): Promise<SmallDisk> {
  const disk = await openSmallDisk(bytes);
  if ('refused' in disk) context.skip(disk.refused);
  return disk as SmallDisk;
}

const captureArgs = (home: string, emulator: Emulator, sealBytes: number) => [
  join(projectRoot, 'test/support/run-capture.ts'),
  ...[home, emulator.url, String(sealBytes)],
];

/** Ends a capture and holds what it kept against what was sent: without a gap, in order. */
async function expectAllKept(program: Program, home: string, emulator: Emulator): Promise<void> {
  program.child.kill('SIGTERM');
  expect(await program.ended).toMatchObject({ code: 0 });
  const segments = await keptSegments(home, PLAN);
  expect(segments.filter(({ sealed }) => !sealed)).toEqual([]);
  for (const { path } of segments) expect((await verifySegment(path, classifyLine)).differences, path).toEqual([]);
  const names = await readdir(join(home, 'segments', PLAN), { recursive: true });
  expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  const ids = postIds(segments);
  expect(ids).toEqual((await sentIds(emulator.url)).slice(0, ids.length));
  expect(await statusOf(home)).toMatchObject({
    state: 'stopped',
    captured: ids.length,
    sealedSegments: segments.length,
  });
}

describe('a disk that becomes read-only', () => {
  it('holds capture up, which says so, and goes on without a loss', async (context) => {
    await using disk = await diskOf(context, 8 * MIB);
    await using emulator = await startEmulator({ seed: 61, rate: 3 });
    await using bench = await openWorkbench();
    const home = join(disk.path, 'home');
    await mkdir(home);
    const program = bench.start(process.execPath, captureArgs(home, emulator, 100_000));
    await until('a sealed segment', async () => ((await statusOf(home))?.sealedSegments ?? 0) > 0);
    // As long as a segment is open the system refuses; after each seal there is an instant without one.
    await until('a read-only disk', () => disk.remount('ro').then(() => true), { everyMs: 5 });
    await program.hears(/segment\.trouble .*EROFS: read-only file system/);
    await disk.remount('rw');
    const { captured } = (await statusOf(home)) ?? { captured: 0 };
    await until('more posts', async () => ((await statusOf(home))?.captured ?? 0) > captured + 5);
    await until('the all-clear', async () => (await statusOf(home))?.state === 'connected');
    await expectAllKept(program, home, emulator);
  });

  it('is a sentence for who starts or builds there, and leaves no trace', async (context) => {
    await using disk = await diskOf(context, 8 * MIB);
    await using bench = await openWorkbench();
    await mkdir(join(disk.path, 'in'));
    await mkdir(join(disk.path, 'home'));
    await writeFile(join(disk.path, 'in/a.jsonl'), `${rawLine(makeTweet(1))}\n`);
    await disk.remount('ro');
    const from = ['--from', join(disk.path, 'in'), '--hour', '2022-10-01T13Z'];
    const built = await bench.mistnet(['dataset', 'build', ...from, '--output', join(disk.path, 'out')]);
    expect(built).toMatchObject({ code: 1, stdout: '' });
    expect(built.stderr).toMatch(/^mistnet: Cannot make the folder \S+: EROFS: read-only file system[^\n]*\.\n$/);
    const started = await bench.mistnet(['start'], { env: { MISTNET_HOME: join(disk.path, 'home') } });
    expect(started).toMatchObject({ code: 1 });
    expect(started.stderr).toMatch(/^mistnet: The data folder \S+ cannot be used: EROFS[^\n]*\n$/);
  });
});

describe('a process that may open no more files', () => {
  it('goes on capturing, says so, and seals when it may again', async () => {
    await using emulator = await startEmulator({ seed: 62, rate: 100 });
    await using bench = await openWorkbench();
    const home = join(bench.folder, 'home');
    const program = bench.start(process.execPath, captureArgs(home, emulator, 30_000));
    const limitTo = (most: string) => execFileSync('prlimit', ['--pid', String(program.pid), `--nofile=${most}:`]);
    await until('a sealed segment', async () => ((await statusOf(home))?.sealedSegments ?? 0) > 1);
    limitTo('3');
    await program.hears(/segment\.trouble .*EMFILE: too many open files/);
    limitTo('1024');
    const { captured } = (await statusOf(home)) ?? { captured: 0 };
    await until('more posts', async () => ((await statusOf(home))?.captured ?? 0) > captured + 200);
    await until('the all-clear', async () => (await statusOf(home))?.state === 'connected');
    await expectAllKept(program, home, emulator);
  });

  it('says in one sentence that it can build no hour, and leaves no trace of it', async () => {
    await using bench = await openWorkbench();
    const inputs = await mkdtemp(join(tmpdir(), 'mistnet-scarce-'));
    try {
      await writeFile(join(inputs, 'a.jsonl'), `${rawLine(makeTweet(1))}\n`);
      const output = join(bench.folder, 'out');
      const args = ['dataset', 'build', '--from', inputs, '--hour', '2022-10-01T13Z', '--output', output];
      let refused = 0;
      for (const most of [23, 25, 28]) {
        const { code, stderr, stdout } = await bench.start('prlimit', [`--nofile=${most}`, MISTNET, ...args]).ended;
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
        expect(stderr).toMatch(/^mistnet: [^\n]*EMFILE[^\n]*\n$/);
        refused++;
        const left = await readdir(output, { recursive: true }).catch(() => []);
        expect(left.filter((name) => name !== '2022-10-01')).toEqual([]);
      }
      expect(refused).toBe(3);
      expect(await bench.mistnet(args)).toMatchObject({ code: 0 });
      expect(await verifyDataset(join(output, '2022-10-01/2022-10-01_13_manifest.json'))).toMatchObject({
        differences: [],
      });
    } finally {
      await rm(inputs, { recursive: true, force: true });
    }
  });
});

async function sentIds(url: string): Promise<string[]> {
  const truth = (await (await fetch(`${url}/_emulator/truth`)).json()) as { connections: { id: string }[] };
  const texts = await Promise.all(
    truth.connections.map(async ({ id }) => (await fetch(`${url}/_emulator/truth/ids?connection=${id}`)).text()),
  );
  return texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
}
