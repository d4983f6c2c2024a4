/**
 * Capture killed, and told to stop, at every named border between two durable steps, on a folder that a crash before had left untidy:
 * what was on the disk stays where it was, once; what was on the wire is asked for again.
 */
import { appendFile, copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../emulator/src/start-emulator.ts';
import { readGaps } from '../../src/capture/gap.ts';
import { OPEN_SUFFIX } from '../../src/capture/segment/layout.ts';
import { sealSegment } from '../../src/capture/segment/seal.ts';
import { verifySegment } from '../../src/capture/segment/verify.ts';
import type { CrashPointName } from '../../src/core/crash-point.ts';
import { compareIds } from '../../src/core/ids.ts';
import { snowflakeToMs } from '../../src/core/snowflake.ts';
import { classifyLine } from '../../src/platforms/x/classify-line.ts';
import { PLAN, statusOf } from '../support/run-capture.ts';
import { type CrashPoint, runToCrashPoint } from '../support/run-to-crash-point.ts';
import { keptSegments, postIds } from '../support/system/kept-frames.ts';
import { until } from '../support/system/until.ts';
import { wholeFrames } from '../support/whole-frames.ts';
import { writeOpenSegment } from '../support/write-segment.ts';

/** Segments so small that each second has several seals. */
const SEAL_BYTES = 20_000;

const POINTS: [name: CrashPointName, nth: number][] = [
  ['recover.unproven-removed', 1],
  ['recover.torn-kept', 1],
  ['recover.torn-cut', 1],
  ['recover.finished', 1],
  ['gap.recorded', 1],
  ['segment.created', 1],
  ['segment.written', 7],
  ['segment.synced', 1],
  // The first in the main thread, by recovery, the others in the sealing thread.
  ['seal.packed', 1],
  ['seal.renamed', 2],
  ['seal.manifest', 2],
  ['seal.removed', 2],
  ['checkpoint.saved', 4],
  // Of plan.json, of the checkpoint, and in the sealing thread of a manifest.
  ['file.written', 3],
  ['file.replaced', 4],
];

// Each has a home and a platform of its own, and waits most of the time.
describe.concurrent.each(['SIGKILL', 'SIGTERM'] as const)('capture that gets a %s', (signal) => {
  it.each(POINTS)('at %s, time %i, keeps what was durable, once, and goes on', async (name, nth) => {
    const home = await mkdtemp(join(tmpdir(), 'mistnet-crash-point-'));
    await using emulator = await startEmulator({ seed: 41, rate: 30 });
    try {
      await leaveUntidy(home);
      const untidy = await wholeFrames(home, PLAN);
      expect(untidy.size).toBe(120);
      const startedAtMs = Date.now();

      const ended = await captureUntil(home, emulator, { name, nth, signal });
      expect(ended, ended.stderr).toMatchObject(signal === 'SIGKILL' ? { signal } : { code: 0 });
      const durable = await wholeFrames(home, PLAN);
      expect(lacking(untidy, durable)).toEqual([]);
      if (signal === 'SIGTERM') await expectTidy(home);

      await captureMore(home, emulator, { already: durable.size, beyondMs: Date.now() + 500 });
      await expectTidy(home);
      const segments = await keptSegments(home, PLAN);
      const kept = await wholeFrames(home, PLAN);
      expect(lacking(durable, kept)).toEqual([]);
      expect(await statusOf(home)).toMatchObject({
        state: 'stopped',
        captured: kept.size,
        sealedSegments: segments.length,
      });
      const ids = postIds(segments);
      const keptIds = new Set(ids);
      // What the platform sent again from before the start is not ours to judge; after the last post nothing was waited for.
      const wanted = (await sentIds(emulator)).filter(
        (id) => (snowflakeToMs(id) ?? 0) > startedAtMs && compareIds(id, ids.at(-1) ?? '') <= 0,
      );
      expect(wanted.length).toBeGreaterThan(10);
      expect(wanted.filter((id) => !keptIds.has(id))).toEqual([]);
      expect(await readdir(join(home, 'quarantine'))).toHaveLength(1);
      // The silence before, and the one after the signal; when nothing came in between, the second begins where the first did.
      const gaps = await readGaps(join(home, 'segments', PLAN, 'gaps.jsonl'));
      expect(gaps.length).toBeGreaterThanOrEqual(1);
      for (const [at, gap] of gaps.entries())
        expect(Date.parse(gap.to)).toBeGreaterThan(Date.parse(gaps[at - 1]?.to ?? gap.from));
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
});

/** As a crash may leave it: a sealed segment, one whose open file was not removed, and one that ends in half a line. */
async function leaveUntidy(home: string): Promise<void> {
  const fromMs = Date.now() - 20_000;
  for (let sequence = 1; sequence <= 3; sequence++) {
    const frames = Array.from({ length: 40 }, (_, n) => ({ payload: `{"data":{"id":"${sequence * 1000 + n}"}}` }));
    const openedAtMs = fromMs + sequence * 1000;
    const wish = { segmentsFolder: join(home, 'segments'), plan: PLAN, node: 'n1', openedAtMs, sequence, frames };
    const { stem, counts } = await writeOpenSegment(wish);
    const open = `${stem}${OPEN_SUFFIX}`;
    if (sequence === 2) await copyFile(open, `${open}.copy`);
    if (sequence < 3) await sealSegment({ stem, plan: PLAN, counts, because: 'age' });
    else await appendFile(open, '{"at":"2026-11-22T13:05:00.000Z","platform":"x","end');
    if (sequence === 2) await copyFile(`${open}.copy`, open).then(() => rm(`${open}.copy`));
  }
}

const captureUntil = (home: string, emulator: Emulator, point: CrashPoint) =>
  runToCrashPoint('test/support/run-capture.ts', [home, emulator.url, String(SEAL_BYTES)], point);

/** Captures on until posts of a later instant are there, all that was missed before them too, then stops. */
async function captureMore(
  home: string,
  emulator: Emulator,
  { already, beyondMs }: { already: number; beyondMs: number },
): Promise<void> {
  const stop = new AbortController();
  const args = [home, emulator.url, String(SEAL_BYTES)];
  const earlier = (await connections(emulator)).length;
  const ended = runToCrashPoint('test/support/run-capture.ts', args, undefined, stop.signal);
  try {
    const sent = await until('a live connection', async () => {
      const last = (await connections(emulator)).at(earlier);
      return last?.lastId != null && (snowflakeToMs(last.lastId) ?? 0) > beyondMs ? last.sent : undefined;
    });
    await until('all that was sent', async () => ((await statusOf(home))?.captured ?? 0) >= already + sent);
  } finally {
    stop.abort();
  }
  expect(await ended).toMatchObject({ code: 0 });
}

function lacking(before: Map<string, string>, after: Map<string, string>): string[] {
  return [...before].filter(([place, payload]) => after.get(place) !== payload).map(([place]) => place);
}

async function expectTidy(home: string): Promise<void> {
  const names = await readdir(join(home, 'segments', PLAN), { recursive: true });
  expect(names.filter((name) => /\.tmp$|\d\.jsonl$/.test(name))).toEqual([]);
  for (const { path } of await keptSegments(home, PLAN))
    expect((await verifySegment(path, classifyLine)).differences, path).toEqual([]);
}

type Connection = { id: string; sent: number; lastId: string | null };

async function connections({ url }: Emulator): Promise<Connection[]> {
  return ((await (await fetch(`${url}/_emulator/truth`)).json()) as { connections: Connection[] }).connections;
}

async function sentIds(emulator: Emulator): Promise<string[]> {
  const texts = await Promise.all(
    (await connections(emulator)).map(async ({ id }) =>
      (await fetch(`${emulator.url}/_emulator/truth/ids?connection=${id}`)).text(),
    ),
  );
  return texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
}
