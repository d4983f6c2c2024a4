/** One running stream against the emulator, in this process: clocks that jump, disks that refuse, stops at any moment. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../emulator/src/start-emulator.ts';
import { readGaps } from '../../src/capture/gap.ts';
import { STOP_WISHED } from '../../src/capture/run-stream.ts';
import { hourFolderMs, OPEN_SUFFIX, SEALED_SUFFIX } from '../../src/capture/segment/layout.ts';
import { verifySegment } from '../../src/capture/segment/verify.ts';
import { compareIds } from '../../src/core/ids.ts';
import { HOUR_MS, systemClock } from '../../src/core/time.ts';
import { classifyLine } from '../../src/platforms/x/classify-line.ts';
import { sampleStream } from '../../src/platforms/x/sample-stream.ts';
import { type CaptureWish, PLAN, quickLadders, runCapture, statusOf } from '../support/run-capture.ts';
import { isClosedOrLive } from '../support/system/emulator.ts';
import { keptSegments, postIds } from '../support/system/kept-frames.ts';
import { until } from '../support/system/until.ts';

let home = '';
let emulator: Emulator & AsyncDisposable;
/** When the newest capture was started: what the status file said before counts no more. */
let startedAtMs = 0;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'mistnet-capture-'));
});
afterEach(async () => {
  await emulator[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

/** A connection kept for the next question may be closed by the server at the very moment at which that is asked. */
const CLOSE = { connection: 'close' };
const planFolder = () => join(home, 'segments', PLAN);
const gaps = () => readGaps(join(planFolder(), 'gaps.jsonl'));
const filesEndingIn = async (end: string) =>
  (await readdir(planFolder(), { recursive: true }))
    .filter((name) => name.endsWith(end))
    .map((name) => join(planFolder(), name));
const openSegments = async () => (await filesEndingIn(OPEN_SUFFIX)).filter((path) => basename(path) !== 'gaps.jsonl');

/** Starts a capture in this process. `end` stops it for a reason and waits until everything is sealed. */
function capture(more: Partial<CaptureWish> = {}) {
  startedAtMs = Date.now();
  const stop = new AbortController();
  const done = runCapture({ home, url: emulator.url, signal: stop.signal, ...more });
  done.catch(() => undefined); // told to whoever ends it
  const end = async (reason = 'shutdown') => {
    stop.abort(reason);
    await done;
  };
  return { done, end };
}

/** What capture said of itself since it was started. */
async function freshStatus() {
  const written = await stat(join(home, 'run', `${PLAN}.json`));
  return written.mtimeMs >= startedAtMs ? await statusOf(home) : undefined;
}

async function captured(atLeast: number) {
  return await until(`${atLeast} posts`, async () => {
    const status = await freshStatus();
    return status?.state === 'connected' && status.captured >= atLeast;
  });
}

async function capturedMore(posts: number) {
  // Twice a status: the first may have been on its way already.
  for (let look = 0; look < 2; look++) {
    const before = (await statusOf(home))?.captured ?? 0;
    await until(`${posts} posts more`, async () => ((await freshStatus())?.captured ?? 0) >= before + posts);
  }
}

async function fault(kind: string, after = 0): Promise<void> {
  const response = await fetch(`${emulator.url}/_emulator/faults`, {
    headers: CLOSE,
    method: 'POST',
    body: JSON.stringify({ kind, after }),
  });
  expect(response.status).toBe(201);
}

type Connection = { id: string; openedAt: string; closedAt: string | null; sent: number; lastId: string | null };

async function connections(): Promise<Connection[]> {
  const response = await fetch(`${emulator.url}/_emulator/truth`, { headers: CLOSE });
  return ((await response.json()) as { connections: Connection[] }).connections;
}

async function sentIds(): Promise<string[]> {
  const ids: string[] = [];
  for (const { id } of await connections()) {
    const text = await (await fetch(`${emulator.url}/_emulator/truth/ids?connection=${id}`, { headers: CLOSE })).text();
    ids.push(...text.split('\n').filter((line) => line !== ''));
  }
  return ids;
}

async function expectAllSealedAndSound(): Promise<void> {
  expect(await openSegments()).toEqual([]);
  expect(await filesEndingIn('.tmp')).toEqual([]);
  for (const path of await filesEndingIn(SEALED_SUFFIX))
    expect((await verifySegment(path, classifyLine)).differences, path).toEqual([]);
}

describe('the clock', () => {
  it('that jumps forth and back over hours never puts two hours into one segment', async () => {
    emulator = await startEmulator({ seed: 21, rate: 300 });
    let offsetMs = 0;
    const clock = { now: () => Date.parse('2026-11-22T13:30:00.000Z') + performance.now() - began + offsetMs };
    const began = performance.now();
    const run = capture({ clock });
    await captured(50);
    for (const jumpHours of [1, -2, 30, -29]) {
      offsetMs += jumpHours * HOUR_MS;
      await capturedMore(50);
    }
    await run.end();

    const segments = await keptSegments(home, PLAN);
    const hours = new Set(segments.map(({ hour }) => hour));
    expect([...hours]).toEqual(
      expect.arrayContaining(['2026-11-22T12Z', '2026-11-22T13Z', '2026-11-22T14Z', '2026-11-23T18Z']),
    );
    for (const { frames, path } of segments) {
      const hour = hourFolderMs(dirname(path));
      for (const { at } of frames) expect(Math.floor((Date.parse(at) - hour) / HOUR_MS), path).toBe(0);
    }
    await expectAllSealedAndSound();
    const ids = postIds(segments);
    expect(new Set(ids).size).toBe(ids.length);
    expect((await sentIds()).slice(0, ids.length)).toEqual(ids);
  });

  it('that stands an hour earlier or later after a restart gives no name twice, no gap backwards, and loses nothing', async () => {
    emulator = await startEmulator({ seed: 31, rate: 50 });
    let offsetMs = 0;
    const clock = { now: () => Date.now() + offsetMs };
    const asked: string[] = [];
    for (const nextMs of [0, -HOUR_MS, HOUR_MS, 0]) {
      offsetMs = nextMs;
      const adapter = sampleStream({ apiUrl: emulator.url, gzip: false, ladders: quickLadders });
      const run = capture({
        clock,
        adapter: {
          ...adapter,
          request: (wish) => {
            asked.push(String(wish.backfillMinutes));
            return adapter.request(wish);
          },
        },
      });
      await captured(((await statusOf(home))?.captured ?? 0) + 50);
      await run.end();
    }
    await expectAllSealedAndSound();
    const segments = await keptSegments(home, PLAN);
    const names = segments.map(({ segment }) => segment.replace(/^.*-/, ''));
    expect(names).toEqual([...new Set(names)]);
    for (const { frames, path } of segments)
      for (const { at } of frames) expect(Math.floor((Date.parse(at) - hourFolderMs(dirname(path))) / HOUR_MS)).toBe(0);
    expect(asked).toEqual(['0', '5', '5', '5']);
    const found = await gaps();
    expect(found.map(({ cause }) => cause)).toEqual(['restart', 'restart', 'restart']);
    for (const { from, to, uncoveredMs } of found) {
      expect(Date.parse(to)).toBeGreaterThanOrEqual(Date.parse(from));
      expect(uncoveredMs).toBeLessThanOrEqual(Date.parse(to) - Date.parse(from));
    }
    expect(found.filter(({ evidence }) => evidence.includes('clock was set back'))).toHaveLength(2);
    // Forwards it looks like an hour or more of silence, and all but the five minutes that were sent again is said to be missing.
    expect(found.filter(({ uncoveredMs }) => uncoveredMs > HOUR_MS - 6 * 60_000)).toHaveLength(1);
    const last = postIds(segments).at(-1) ?? '';
    const kept = new Set(postIds(segments));
    expect((await sentIds()).filter((id) => compareIds(id, last) <= 0 && !kept.has(id))).toEqual([]);
  });

  it('that is set back during a wait does not make it wait an hour', async () => {
    emulator = await startEmulator({ seed: 22, rate: 100 });
    let offsetMs = 0;
    const ladders = { ...quickLadders, server: { firstMs: 3000, doubling: true, maxMs: 3000 } } as const;
    const run = capture({
      clock: { now: () => Date.now() + offsetMs },
      adapter: sampleStream({ apiUrl: emulator.url, gzip: false, ladders }),
    });
    await captured(10);
    await fault('http-503');
    await fault('cut', 10);
    await until('the wait', async () => (await freshStatus())?.state === 'reconnecting', { everyMs: 5 });
    offsetMs = -HOUR_MS;
    await until('a new connection', async () => (await freshStatus())?.state === 'connected', { withinMs: 10_000 });
    await run.end();
    for (const { from, to } of await gaps()) expect(Date.parse(to)).toBeGreaterThanOrEqual(Date.parse(from));
  });
});

describe('a stop', () => {
  it('at any moment seals everything and leaves no socket, no timer, no thread', async () => {
    emulator = await startEmulator({ seed: 23, rate: 'max' });
    const before = process.getActiveResourcesInfo().filter((name) => /Worker|Timeout|TCPSocket/.test(name)).length;
    const seed = Date.now() % 100_000;
    for (let round = 0; round < 8; round++) {
      const run = capture({ settings: { sealBytes: 300_000 } });
      const afterMs = (seed * (round + 1) * 7919) % 400;
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      await run.end();
      await expectAllSealedAndSound();
    }
    const after = () => process.getActiveResourcesInfo().filter((name) => /Worker|Timeout|TCPSocket/.test(name)).length;
    await until(`nothing left (seed ${seed})`, () => after() <= before + 1);
    const status = await statusOf(home);
    const segments = await keptSegments(home, PLAN);
    const frames = segments.reduce((sum, segment) => sum + segment.frames.length, 0);
    expect(status).toMatchObject({ state: 'stopped', openSegments: 0, sealedSegments: segments.length });
    expect((status?.captured ?? 0) + (status?.control ?? 0)).toBe(frames);
  });

  it('that a person wished is no gap, and one that nobody wished is', async () => {
    emulator = await startEmulator({ seed: 24, rate: 200 });
    let run = capture();
    await captured(20);
    await run.end(STOP_WISHED);
    run = capture();
    await captured(60);
    await run.end('shutdown');
    expect(await gaps()).toEqual([]);
    run = capture();
    await captured(100);
    await run.end(STOP_WISHED);
    expect(await gaps()).toMatchObject([{ cause: 'restart' }]);
  });

  it('that a person wished while nothing was heard ends that silence', async () => {
    emulator = await startEmulator({ seed: 25, rate: 200 });
    const run = capture();
    await captured(20);
    for (let refusals = 0; refusals < 20; refusals++) await fault('http-503');
    await fault('cut', 10);
    await until('the refusal', async () => (await freshStatus())?.reason?.includes('503'));
    await run.end(STOP_WISHED);
    expect(await gaps()).toMatchObject([{ cause: 'cut' }]);
  });

  it('before anything came still counts the silence until the next start', async () => {
    emulator = await startEmulator({ seed: 26, rate: 200 });
    const stop = capture({ url: 'http://127.0.0.1:9' });
    await until('a try', async () => (await freshStatus())?.state === 'reconnecting');
    await stop.end('shutdown');
    const run = capture();
    await captured(10);
    await run.end();
    const evidence = expect.stringMatching(/capture was restarted meanwhile$/) as string;
    expect(await gaps()).toMatchObject([{ cause: 'unreachable', evidence }]);
  });

  it('keeps the cause of a silence in which it was restarted, more than once', async () => {
    emulator = await startEmulator({ seed: 28, rate: 200 });
    let run = capture();
    await captured(20);
    for (let refusals = 0; refusals < 60; refusals++) await fault('http-503');
    await fault('cut', 10);
    for (let restart = 0; restart < 2; restart++) {
      await until('the refusal', async () => (await freshStatus())?.reason?.includes('503'));
      await run.end('shutdown');
      run = capture();
    }
    await until('the gap', async () => (await gaps()).length > 0);
    await run.end('shutdown');
    const [gap, ...more] = await gaps();
    expect(gap).toMatchObject({ cause: 'cut' });
    expect(gap?.evidence.split('; capture was restarted meanwhile')).toHaveLength(2);
    expect(more).toEqual([]);
  });
});

describe('a second capture', () => {
  it('into the same folder as the same node is refused, and harms nothing', async () => {
    emulator = await startEmulator({ seed: 27, rate: 300 });
    const run = capture();
    await captured(20);
    await expect(capture().done).rejects.toMatchObject({ code: 'home.in-use' });
    await captured(100);
    await run.end();
    await expectAllSealedAndSound();
    const ids = postIds(await keptSegments(home, PLAN));
    expect((await sentIds()).slice(0, ids.length)).toEqual(ids);
  });
});

describe('a seal that fails', () => {
  it('holds up nothing, is said, and is done when it can be', async () => {
    emulator = await startEmulator({ seed: 28, rate: 300 });
    let offsetMs = 0;
    const run = capture({
      clock: { now: () => systemClock.now() + offsetMs },
      settings: { sealBytes: 50_000 },
    });
    // The name that the first seal wants to write is taken by a folder.
    const [first = ''] = await until('an open segment', async () => {
      const open = await openSegments();
      return open.length > 0 ? open : undefined;
    });
    const obstacle = `${first}.zst.tmp`;
    await mkdir(join(obstacle, 'x'), { recursive: true });
    await until('the alarm', async () => (await freshStatus())?.reason?.startsWith('Cannot write'));
    await capturedMore(150);
    expect((await filesEndingIn(SEALED_SUFFIX)).length).toBeGreaterThan(1);
    expect(await openSegments()).toContain(first);
    await rm(obstacle, { recursive: true });
    offsetMs = 11_000;
    await until('the seal', async () => (await filesEndingIn(SEALED_SUFFIX)).includes(`${first}.zst`));
    await until('the all-clear', async () => (await freshStatus())?.state === 'connected');
    await run.end();
    await expectAllSealedAndSound();
    const segments = await keptSegments(home, PLAN);
    expect((await sentIds()).slice(0, postIds(segments).length)).toEqual(postIds(segments));
    expect(await statusOf(home)).toMatchObject({ sealedSegments: segments.length, captured: postIds(segments).length });
  });
});

describe('a disk that is full', () => {
  it('stops nothing for good: what came before is kept, the alarm is raised, and it goes on by itself', async () => {
    emulator = await startEmulator({ seed: 29, rate: 3000, maxBehindSec: 2 });
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, '../support/run-capture.ts'), home, emulator.url],
      {
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    );
    const exited = once(child, 'exit');
    try {
      await captured(200);
      // No file may grow beyond this: writes are taken in part and then refused, as on a full disk.
      execFileSync('prlimit', ['--pid', String(child.pid), '--fsize=40000:']);
      await fault('huge-line');
      const alarm = await until('the alarm', async () => {
        const status = await freshStatus();
        return status?.state === 'failed' ? status : undefined;
      });
      expect(alarm.reason).toMatch(/^Cannot write: EFBIG/);
      await until('the platform to give up on us', async () => {
        return (await connections())[0]?.closedAt !== null;
      });
      execFileSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited:']);
      await until('the way back', async () => (await freshStatus())?.state === 'connected');
      await until('all that was missed to be sent again', async () => (await connections()).every(isClosedOrLive), {
        withinMs: 90_000,
      });
      await capturedMore(300);
    } finally {
      child.kill('SIGTERM');
    }
    expect(await exited).toEqual([0, null]);

    await expectAllSealedAndSound();
    const kept = new Set(postIds(await keptSegments(home, PLAN)));
    const sent = await sentIds();
    const last = sent.findLastIndex((id) => kept.has(id));
    const lost = sent.slice(0, last).filter((id) => !kept.has(id));
    const found = await gaps();
    expect(found.map(({ cause }) => cause)).toContain('disk');
    expect(
      found.filter(({ cause }) => cause === 'disk').every(({ evidence }) => /held up for \d+ s/.test(evidence)),
    ).toBe(true);
    // The platform sent the missed minutes again: nothing that it ever sent is missing.
    expect(lost).toEqual([]);
  });
});

describe('the file of gaps', () => {
  it('is whole again after a line that a kill had torn', async () => {
    emulator = await startEmulator({ seed: 30, rate: 200 });
    let run = capture();
    await captured(20);
    await run.end();
    await appendFile(join(planFolder(), 'gaps.jsonl'), '{"gapId":"torn');
    run = capture();
    await captured(40);
    await run.end();
    expect(await gaps()).toMatchObject([{ cause: 'restart' }]);
    expect(await readFile(join(planFolder(), 'gaps.jsonl'), 'utf8')).not.toContain('torn');
  });
});
