/** A disk with no room left, a real one: nothing durable is lost, what is wrong is said, and with room again it goes on by itself. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { startEmulator } from '../../emulator/src/start-emulator.ts';
import { readGaps } from '../../src/capture/gap.ts';
import { sealSegment } from '../../src/capture/segment/seal.ts';
import { verifySegment } from '../../src/capture/segment/verify.ts';
import { compareIds } from '../../src/core/ids.ts';
import { snowflakeToMs } from '../../src/core/snowflake.ts';
import { classifyLine } from '../../src/platforms/x/classify-line.ts';
import { collectInputFiles } from '../../src/process/input-files.ts';
import { verifyDataset } from '../../src/process/verify-dataset.ts';
import { build } from '../support/hours.ts';
import { PLAN, statusOf } from '../support/run-capture.ts';
import { runToCrashPoint } from '../support/run-to-crash-point.ts';
import { openSmallDisk, type SmallDisk } from '../support/small-disk.ts';
import { keptSegments, postIds } from '../support/system/kept-frames.ts';
import { until } from '../support/system/until.ts';
import { makeTweet, rawLine } from '../support/tweets.ts';
import { wholeFrames } from '../support/whole-frames.ts';
import { writeOpenSegment } from '../support/write-segment.ts';

const MIB = 1024 * 1024;

async function diskOf(context: TestContext, bytes: number): Promise<SmallDisk> {
  const disk = await openSmallDisk(bytes);
  if ('refused' in disk) context.skip(disk.refused);
  return disk as SmallDisk;
}

describe('capture on a full disk', () => {
  it('says so, is killed and started again, waits, and with room again has lost nothing', async (context) => {
    await using disk = await diskOf(context, 8 * MIB);
    await using emulator = await startEmulator({ seed: 51, rate: 60 });
    const home = join(disk.path, 'home');
    await mkdir(home);
    const startedAtMs = Date.now();
    const start = () => {
      const stop = new AbortController();
      const kill = new AbortController();
      const args = [home, emulator.url, '100000'];
      const ended = runToCrashPoint('test/support/run-capture.ts', args, undefined, stop.signal, kill.signal);
      return { stop, kill: () => kill.abort(), ended };
    };
    const alarm = () =>
      until('the alarm', async () => {
        const status = await statusOf(home);
        return status?.state === 'failed' && Date.now() - Date.parse(status.observedAt) < 3000 && status.reason;
      });
    let run = start();
    try {
      await until('sealed segments', async () => ((await statusOf(home))?.sealedSegments ?? 0) > 1);
      await disk.fill();
      expect(await alarm()).toMatch(/^Cannot write: ENOSPC/);
      run.kill();
      await run.ended;
      const before = await wholeFrames(home, PLAN);
      expect(before.size).toBeGreaterThan(60);
      run = start();
      expect(await alarm()).toMatch(/^Cannot write: .*ENOSPC/);
      await disk.empty();
      await until('the way back', async () => (await statusOf(home))?.state === 'connected');
      const backAtMs = Date.now();
      const sent = await until('posts that were sent since', async () =>
        (await sentIds(emulator.url)).findLast((id) => (snowflakeToMs(id) ?? 0) > backAtMs),
      );
      await until('them', async () => {
        const payloads = [...(await wholeFrames(home, PLAN).catch(() => new Map<string, string>())).values()];
        return payloads.some((payload) => payload.includes(sent));
      });
      run.stop.abort();
      expect(await run.ended).toMatchObject({ code: 0 });

      const segments = await keptSegments(home, PLAN);
      expect(segments.filter(({ sealed }) => !sealed)).toEqual([]);
      for (const { path } of segments) expect((await verifySegment(path, classifyLine)).differences, path).toEqual([]);
      const kept = postIds(segments);
      const keptIds = new Set(kept);
      const after = await wholeFrames(home, PLAN);
      expect([...before].filter(([place, payload]) => after.get(place) !== payload)).toEqual([]);
      const last = kept.at(-1) ?? '';
      const wanted = (await sentIds(emulator.url)).filter(
        (id) => (snowflakeToMs(id) ?? 0) > startedAtMs && compareIds(id, last) <= 0,
      );
      expect(wanted.filter((id) => !keptIds.has(id))).toEqual([]); // sent again, all of it
      const gaps = await readGaps(join(home, 'segments', PLAN, 'gaps.jsonl'));
      expect(gaps.length).toBeGreaterThan(0);
      const names = await readdir(join(home, 'segments', PLAN), { recursive: true });
      expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
      expect(await statusOf(home)).toMatchObject({ state: 'stopped', sealedSegments: segments.length });
    } finally {
      run.stop.abort();
      await run.ended;
    }
  });

  it('that has room for a part of a seal keeps the open file, and seals it when there is room', async (context) => {
    await using disk = await diskOf(context, 2 * MIB);
    const frames = Array.from({ length: 300 }, (_, n) => ({ payload: rawLine(makeTweet(n)) }));
    const { stem, counts } = await writeOpenSegment({
      ...{ segmentsFolder: disk.path, plan: PLAN, node: 'n1', openedAtMs: Date.parse('2026-11-22T13:05:00Z') },
      ...{ sequence: 1, frames },
    });
    const open = await readFile(`${stem}.jsonl`);
    let refused = 0;
    for (let room = 0; ; room += 4096) {
      await disk.fill(room);
      try {
        await sealSegment({ stem, plan: PLAN, counts, because: 'age' });
        break;
      } catch (error) {
        refused++;
        expect(error).toMatchObject({ code: 'ENOSPC' });
        expect(await readFile(`${stem}.jsonl`)).toEqual(open);
        expect((await readdir(dirname(stem))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      }
    }
    expect(refused).toBeGreaterThan(3);
    expect((await readdir(dirname(stem))).sort()).toEqual(
      [`${basename(stem)}.jsonl.zst`, `${basename(stem)}.manifest.json`].sort(),
    );
    expect((await verifySegment(`${stem}.jsonl.zst`, classifyLine)).differences).toEqual([]);
  });
});

describe('the dataset of an hour on a full disk', () => {
  it.each([['none'], [0]] as const)(
    'is not built in parts (xz %s): the old one stays, the sentence is one, no file is left, and it is built when there is room',
    async (xzLevel, context?: TestContext) => {
      await using disk = await diskOf(context as TestContext, 8 * MIB);
      const inputs = await mkdtemp(join(tmpdir(), 'mistnet-full-'));
      try {
        const put = (name: string, from: number, to: number) =>
          writeFile(
            join(inputs, name),
            Array.from({ length: to - from }, (_, n) => `${rawLine(makeTweet(from + n))}\n`).join(''),
          );
        const output = join(disk.path, 'out');
        const buildHere = async () =>
          build({ nodes: [{ name: 'one', files: await collectInputFiles(inputs) }], output, xzLevel });
        const names = async () => (await readdir(join(output, '2022-10-01'), { recursive: true })).sort();
        await put('a.jsonl', 0, 20);
        const first = await buildHere();
        const before = await names();
        await put('b.jsonl', 20, 3000);
        const sentences: string[] = [];
        for (let room = 0; ; room += room < 20_000 ? 20_000 : 400_000) {
          await disk.fill(room);
          try {
            await buildHere();
            break;
          } catch (error) {
            expect(error).toMatchObject({ code: 'file.unwritable', message: expect.stringMatching(/^[^\n]*\.$/) });
            sentences.push(String(error));
            expect(await names()).toEqual(before);
            expect(await verifyDataset(first.manifestPath)).toMatchObject({
              differences: [],
              manifest: { revision: 1 },
            });
          }
        }
        console.info(sentences.join('\n'));
        expect(sentences.length).toBeGreaterThan(4);
        expect(await verifyDataset(first.manifestPath)).toMatchObject({
          differences: [],
          manifest: { revision: 2, counts: { tweets: 3000 } },
        });
        expect((await names()).filter((name) => name.startsWith('.'))).toEqual([]);
        expect(await readFile(join(first.dayFolder, '2022-10-01_report.txt'), 'utf8')).toBe('hour\ttweets\n13\t3000\n');
      } finally {
        await rm(inputs, { recursive: true, force: true });
      }
    },
  );
});

async function sentIds(url: string): Promise<string[]> {
  const truth = (await (await fetch(`${url}/_emulator/truth`)).json()) as { connections: { id: string }[] };
  const texts = await Promise.all(
    truth.connections.map(async ({ id }) => (await fetch(`${url}/_emulator/truth/ids?connection=${id}`)).text()),
  );
  return texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
}
