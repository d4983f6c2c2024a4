/** Recovery after a crash at every border of a seal, and from every cut of an open segment. */
import { copyFile, cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runToCrashPoint } from '../support/run-to-crash-point.ts';
import { writeOpenSegment } from '../support/write-segment.ts';
import { classifyLine } from '../../src/platforms/x/classify-line.ts';
import { emptyCheckpoint } from '../../src/capture/checkpoint.ts';
import { lockPlan } from '../../src/capture/plan-lock.ts';
import { MANIFEST_SUFFIX, OPEN_SUFFIX, SEALED_SUFFIX } from '../../src/capture/segment/layout.ts';
import { readFrames } from '../../src/capture/segment/read-frames.ts';
import { recoverFile } from '../../src/capture/segment/recover-file.ts';
import { type Recovery, recoverPlan } from '../../src/capture/segment/recover.ts';
import { sealSegment } from '../../src/capture/segment/seal.ts';
import { verifySegment } from '../../src/capture/segment/verify.ts';

const OPENED = Date.parse('2026-11-22T13:05:00.000Z');
const PAYLOADS = [
  '{"data":{"id":"10"}}',
  'not json',
  '{"errors":[{"title":"operational-disconnect"}]}',
  '{"data":{"id":"9"}}',
];

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'mistnet-recover-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const planFolder = () => join(home, 'segments', 'p');

async function openSegment(sequence = 1, node = 'n1') {
  const frames = PAYLOADS.map((payload) => ({ payload }));
  return await writeOpenSegment({
    segmentsFolder: join(home, 'segments'),
    plan: 'p',
    node,
    openedAtMs: OPENED,
    sequence,
    frames,
  });
}

function recover(checkpoint = emptyCheckpoint('n1')): Promise<Recovery> {
  return recoverPlan({
    planFolder: planFolder(),
    plan: 'p',
    node: 'n1',
    quarantineFolder: join(home, 'quarantine'),
    checkpoint,
    classifyLine,
  });
}

async function payloadsOf(path: string): Promise<string[]> {
  const found: string[] = [];
  for await (const frames of readFrames(path)) found.push(...frames.map(({ payload }) => payload.toString()));
  return found;
}

async function expectOneGoodSegment(stem: string): Promise<void> {
  expect((await readdir(dirname(stem))).sort()).toEqual(
    [`${basename(stem)}${SEALED_SUFFIX}`, `${basename(stem)}${MANIFEST_SUFFIX}`].sort(),
  );
  expect(await payloadsOf(`${stem}${SEALED_SUFFIX}`)).toEqual(PAYLOADS);
  expect((await verifySegment(`${stem}${SEALED_SUFFIX}`, classifyLine)).differences).toEqual([]);
}

describe('a crash in the middle of a seal', () => {
  for (const name of ['seal.packed', 'seal.renamed', 'seal.manifest', 'seal.removed'] as const) {
    it(`${name}: recovery leaves the segment sealed, whole and counted once`, async () => {
      const { stem, counts } = await openSegment();
      const crashed = join(home, 'crashed');
      const request = JSON.stringify({ stem, plan: 'p', counts, because: 'age' });
      const ended = await runToCrashPoint('test/support/seal-once.ts', [request], { name, signal: 'SIGKILL' });
      expect(ended, ended.stderr).toMatchObject({ signal: 'SIGKILL' });
      const { checkpoint } = await recover();
      await expectOneGoodSegment(stem);
      expect(checkpoint).toMatchObject({
        sequence: 1,
        totals: { segments: 1, frames: 4, posts: 2, malformed: 1, control: 1 },
      });
      // Again, as after a crash of the recovery itself: nothing changes, nothing counts twice.
      await cp(planFolder(), crashed, { recursive: true });
      expect((await recover(checkpoint)).checkpoint).toEqual(checkpoint);
      await expectOneGoodSegment(stem);
    });
  }

  it('counts a sealed segment that the checkpoint has not heard of, and only that', async () => {
    const first = await openSegment(1);
    await sealSegment({ stem: first.stem, plan: 'p', counts: first.counts, because: 'age' });
    const { checkpoint } = await recover();
    const second = await openSegment(2);
    await sealSegment({ stem: second.stem, plan: 'p', counts: second.counts, because: 'age' });
    expect((await recover(checkpoint)).checkpoint).toMatchObject({ sequence: 2, totals: { segments: 2, posts: 4 } });
  });
});

describe('an open segment cut anywhere', () => {
  it('keeps every whole frame, moves the torn bytes to quarantine, and seals the rest', async () => {
    const { stem } = await openSegment();
    const path = `${stem}${OPEN_SUFFIX}`;
    const whole = await readFile(path);
    const ends: number[] = [];
    for await (const frames of readFrames(path)) ends.push(...frames.map(({ end }) => end));
    await copyFile(path, join(home, 'whole'));
    for (let bytes = 0; bytes <= whole.length; bytes += 7) {
      await rm(planFolder(), { recursive: true });
      await rm(join(home, 'quarantine'), { recursive: true, force: true });
      await openSegment();
      await truncate(path, bytes);
      const complete = ends.filter((end) => end <= bytes);
      const { checkpoint, tornBytes } = await recover();
      const end = complete.at(-1) ?? 0;
      expect(tornBytes).toBe(bytes - end);
      expect(checkpoint.totals.frames).toBe(complete.length);
      if (bytes > end) {
        const [torn = ''] = await readdir(join(home, 'quarantine'));
        expect(await readFile(join(home, 'quarantine', torn))).toEqual(whole.subarray(end, bytes));
      }
      if (complete.length > 0) {
        expect(await payloadsOf(`${stem}${SEALED_SUFFIX}`)).toEqual(PAYLOADS.slice(0, complete.length));
        expect((await verifySegment(`${stem}${SEALED_SUFFIX}`, classifyLine)).differences).toEqual([]);
      } else expect(await readdir(dirname(stem))).toEqual([]);
    }
  });

  it('says why it was sealed, and from which frames', async () => {
    await openSegment();
    const { sealed } = await recover();
    expect(sealed).toMatchObject([
      { sealedBecause: 'recovery', frames: 4, firstId: '10', lastId: '9', firstAt: '2026-11-22T13:05:00.000Z' },
    ]);
  });
});

describe('what recovery leaves alone', () => {
  it("another node's open segment", async () => {
    const { stem } = await openSegment(1, 'other');
    await recover();
    expect((await stat(`${stem}${OPEN_SUFFIX}`)).isFile()).toBe(true);
  });

  it('and what it sweeps: temporary files', async () => {
    const { stem } = await openSegment();
    await writeFile(`${stem}${SEALED_SUFFIX}.tmp`, 'half');
    await recover();
    await expectOneGoodSegment(stem);
  });
});

describe('one segment recovered by hand', () => {
  it('is sealed from its whole frames, the rest in quarantine', async () => {
    const { stem } = await openSegment();
    const { size } = await stat(`${stem}${OPEN_SUFFIX}`);
    await truncate(`${stem}${OPEN_SUFFIX}`, size - 5);
    const recovery = await recoverFile(`${stem}${OPEN_SUFFIX}`, classifyLine);
    expect(recovery).toMatchObject({
      outcome: 'sealed',
      manifest: { frames: 3, plan: 'p', sealedBecause: 'recovery' },
    });
    expect(recovery.tornBytes).toBeGreaterThan(0);
    expect(await readdir(join(home, 'quarantine'))).toHaveLength(1);
    expect(await payloadsOf(`${stem}${SEALED_SUFFIX}`)).toEqual(PAYLOADS.slice(0, 3));
    // The next start of capture counts it once and changes nothing.
    expect((await recover()).checkpoint.totals.frames).toBe(3);
  });

  it('gets back a manifest that is equal to the lost one, but for the reason', async () => {
    const { stem, counts } = await openSegment();
    const before = await sealSegment({ stem, plan: 'p', counts, because: 'age' });
    await rm(`${stem}${MANIFEST_SUFFIX}`);
    const recovery = await recoverFile(`${stem}${SEALED_SUFFIX}`, classifyLine);
    expect(recovery).toMatchObject({ outcome: 'described', manifest: { ...before, sealedBecause: 'recovery' } });
    expect(await recoverFile(`${stem}${SEALED_SUFFIX}`, classifyLine)).toMatchObject({ outcome: 'whole' });
  });

  it('that is damaged stays as it is', async () => {
    const { stem, counts } = await openSegment();
    await sealSegment({ stem, plan: 'p', counts, because: 'age' });
    const whole = await readFile(`${stem}${SEALED_SUFFIX}`);
    const damaged = Buffer.from(whole.subarray(0, -3));
    await writeFile(`${stem}${SEALED_SUFFIX}`, damaged);
    await expect(recoverFile(`${stem}${SEALED_SUFFIX}`, classifyLine)).rejects.toThrow(/is not what its manifest says/);
    await rm(`${stem}${MANIFEST_SUFFIX}`);
    await expect(recoverFile(`${stem}${SEALED_SUFFIX}`, classifyLine)).rejects.toThrow(
      /has no manifest and is not whole/,
    );
    expect(await readFile(`${stem}${SEALED_SUFFIX}`)).toEqual(damaged);
    expect(await readdir(dirname(stem))).toEqual([basename(`${stem}${SEALED_SUFFIX}`)]);
  });

  it('is left alone while its node captures there, and where no plan is', async () => {
    const { stem } = await openSegment();
    await using _capture = await lockPlan(planFolder(), 'n1');
    await expect(recoverFile(`${stem}${OPEN_SUFFIX}`, classifyLine)).rejects.toThrow(/Another mistnet captures/);
    const elsewhere = join(home, basename(`${stem}${OPEN_SUFFIX}`));
    await copyFile(`${stem}${OPEN_SUFFIX}`, elsewhere);
    await expect(recoverFile(elsewhere, classifyLine)).rejects.toThrow(/does not lie where segments lie/);
  });
});
