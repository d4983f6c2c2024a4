/** An hour's segments in one file: the same frames at the same places, whatever dies and whoever reads. */
import { createHash, randomBytes } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compactHour } from '../../src/archive/compact-hour.ts';
import { readContent } from '../../src/capture/segment/content.ts';
import { type Checkpoint, emptyCheckpoint } from '../../src/capture/checkpoint.ts';
import {
  hourFolder,
  listHourSegments,
  makeSegmentName,
  MANIFEST_SUFFIX,
  sealedPlace,
  SEALED_SUFFIX,
  type ContentRange,
  type SegmentFiles,
} from '../../src/capture/segment/layout.ts';
import { PartContents } from '../../src/capture/segment/part-contents.ts';
import { readFrames } from '../../src/capture/segment/read-frames.ts';
import { recoverFile } from '../../src/capture/segment/recover-file.ts';
import { recoverPlan } from '../../src/capture/segment/recover.ts';
import { verifySegment } from '../../src/capture/segment/verify.ts';
import type { CrashPointName } from '../../src/core/crash-point.ts';
import { classifyLine } from '../../src/platforms/x/classify-line.ts';
import { collectInputFiles } from '../../src/process/input-files.ts';
import { temporaryFolder } from '../support/loader.ts';
import { samplePosts } from '../support/sample-posts.ts';
import { runToCrashPoint } from '../support/run-to-crash-point.ts';
import { keptSegments } from '../support/system/kept-frames.ts';
import { writeOpenSegment, writeSealedSegment } from '../support/write-segment.ts';

const START = Date.parse('2026-11-22T13:05:00.000Z');
const signal = new AbortController().signal;

/** A home with the given segments of plan `p`; each is a list of payloads. */
async function homeWith(segments: (string | Buffer)[][], { node = 'n1', firstSequence = 1 } = {}) {
  const home = await temporaryFolder();
  for (const [at, payloads] of segments.entries())
    await writeSealedSegment({
      ...{ segmentsFolder: join(home.path, 'segments'), plan: 'p', node, openedAtMs: START + at * 60_000 },
      ...{ sequence: firstSequence + at, frames: payloads.map((payload) => ({ payload })) },
    });
  const folder = hourFolder(join(home.path, 'segments', 'p'), START);
  return { ...home, folder, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
}

const compact = (folder: string, isReady = () => true) =>
  compactHour({ folder, plan: 'p', node: 'n1', isReady, signal });

/** Every frame as the program itself finds it: segment, offset, instant, payload. */
async function framesIn(folder: string) {
  const found: { segment: string; offset: number; at: string; payload: string }[] = [];
  for (const files of await listHourSegments('p', folder)) {
    const { path, within } = sealedPlace(files);
    for await (const frames of readFrames(path, 0, within))
      for (const { offset, at, payload } of frames)
        found.push({ segment: files.segment, offset, at, payload: payload.toString('latin1') });
  }
  return found;
}

/** The same, found by the reader that is written from the description alone. */
async function framesKept(home: string) {
  const segments = await keptSegments(home, 'p');
  return segments.flatMap(({ frames }) =>
    frames.map(({ segment, offset, at, payload }) => ({ segment, offset, at, payload: payload.toString('latin1') })),
  );
}

const minutes = (count: number, perSegment = 20) => {
  const posts = samplePosts(5, count * perSegment, START);
  return Array.from({ length: count }, (_, at) => [
    ...posts.slice(at * perSegment, (at + 1) * perSegment).map(({ line }) => line),
    '{"data":{"id":',
    '{"errors":[{"title":"x"}]}',
  ]);
};

describe('compaction', () => {
  it('of any split of any frames gives the same frames at the same places, for both readers', async () => {
    const payload = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map((id) => Buffer.from(`{"data":{"id":"${id}"}}`)),
      fc.integer({ min: 1, max: 4 }).map((size) => Buffer.alloc(size * 100_000, 'x')),
    );
    const splits = fc.array(fc.array(payload, { minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(splits, async (segments) => {
        await using home = await homeWith(segments);
        const before = await framesIn(home.folder);
        expect(before.map((frame) => frame.payload)).toEqual(
          segments.flat().map((bytes) => Buffer.from(bytes).toString('latin1')),
        );
        expect(await compact(home.folder)).toMatchObject({ outcome: 'compacted', damaged: [] });
        expect(await framesIn(home.folder)).toEqual(before);
        expect(await framesKept(home.path)).toEqual(before);
      }),
      { numRuns: 25 },
    );
  });

  it('is read by several at once, in any order, through contents that stay open', async () => {
    await using home = await homeWith(minutes(6, 300));
    await compact(home.folder);
    const segments = await listHourSegments('p', home.folder);
    const digests = segments.map(({ part }) => part?.manifest.contentSha256);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(5), { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(5), { maxLength: 12 }),
        fc.nat(5),
        async (first, second, broken) => {
          await using contents = new PartContents();
          const digestOf = async (at: number) => {
            const { path, within } = sealedPlace(segments[at] as SegmentFiles);
            const hash = createHash('sha256');
            for await (const chunk of contents.read(path, within as ContentRange)) hash.update(chunk);
            return hash.digest('hex');
          };
          const readAll = async (order: number[]) => {
            for (const at of order) expect(await digestOf(at)).toBe(digests[at]);
          };
          const { path, within } = sealedPlace(segments[broken] as SegmentFiles);
          for await (const _ of contents.read(path, within as ContentRange)) break; // whoever stops early leaves nothing wrong
          await Promise.all([readAll(first), readAll(second)]);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('leaves out a segment whose content is another than its manifest says, though it unpacks', async () => {
    await using home = await homeWith(minutes(4));
    const name = (await readdir(home.folder)).find((file) => file.endsWith('-2.jsonl.zst')) ?? '';
    const content = zstdDecompressSync(await readFile(join(home.folder, name)));
    content[content.length - 3] = (content[content.length - 3] as number) ^ 1;
    await writeFile(join(home.folder, name), zstdCompressSync(content));
    const before = (await framesIn(home.folder)).filter(({ segment }) => !name.startsWith(segment));
    expect(await compact(home.folder)).toMatchObject({
      outcome: 'compacted',
      manifest: { parts: [{ sequence: 1 }, { sequence: 3 }, { sequence: 4 }] },
      damaged: [{ segment: name.slice(0, -SEALED_SUFFIX.length), reason: 'its content is not what its manifest says' }],
    });
    expect(await readdir(home.folder)).toContain(name);
    expect((await framesIn(home.folder)).filter(({ segment }) => !name.startsWith(segment))).toEqual(before);
  });

  it('makes a lost manifest anew of what the file says of itself', async () => {
    await using home = await homeWith(minutes(5));
    const before = await framesIn(home.folder);
    await compact(home.folder);
    const [path = '', manifestPath = ''] = ['.jsonl.zst', '.manifest.json'].map((suffix) =>
      join(home.folder, `n1-20261122T130500Z-1-5${suffix}`),
    );
    const manifest = await readFile(manifestPath, 'utf8');
    await rm(manifestPath);
    expect(await recoverFile(path, classifyLine)).toMatchObject({ outcome: 'described', manifest: { frames: 110 } });
    expect(JSON.parse(await readFile(manifestPath, 'utf8'))).toEqual(JSON.parse(manifest));
    expect(await framesIn(home.folder)).toEqual(before);
    const packed = await readFile(path);
    expect(zstdDecompressSync(packed).length).toBe(JSON.parse(manifest).bytes); // other readers pass over it
    const trailerAt = packed.lastIndexOf(Buffer.from([0x50, 0x2a, 0x4d, 0x18]));
    for (const [change, says] of [
      [() => packed.subarray(0, -1), /does not say either where its segments begin/],
      [() => packed.subarray(0, trailerAt), /does not say either/],
      [() => Buffer.concat([zstdCompressSync('other'), packed.subarray(trailerAt)]), /is not what it says/],
      [() => Buffer.concat([zstdCompressSync('more'), packed]), /is not what it says/],
    ] as const) {
      await writeFile(path, change());
      await rm(manifestPath, { force: true });
      await expect(recoverFile(path, classifyLine)).rejects.toThrow(says);
      expect(await readdir(home.folder)).toEqual([basename(path)]);
    }
    const other = join(home.folder, 'n1-20261122T130500Z-1-6.jsonl.zst');
    await writeFile(other, packed);
    await expect(recoverFile(other, classifyLine)).rejects.toThrow(/says of itself that it is n1-20261122T130500Z-1-5/);
  });

  it('unpacks what stands before the parts and nothing else, wherever the chunks of a reader end', async () => {
    await using home = await temporaryFolder();
    const path = join(home.path, 'x.jsonl.zst');
    const trailer = Buffer.alloc(5_000, 1);
    trailer.writeUInt32LE(0x184d2a50, 0);
    trailer.writeUInt32LE(trailer.length - 8, 4);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -30, max: 5_030 }), fc.integer({ min: 1, max: 2 }), async (before, chunks) => {
        const content = randomBytes(chunks * 262_144 - before);
        const frame = zstdCompressSync(content);
        await writeFile(path, Buffer.concat([frame, trailer]));
        const found: Buffer[] = [];
        for await (const chunk of readContent(path)) found.push(chunk);
        expect(Buffer.concat(found).equals(content)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('leaves one file that is verified and printed like a segment, and is found again at any offset', async () => {
    await using home = await homeWith(minutes(5));
    const before = await framesIn(home.folder);
    const inputsBefore = await collectInputFiles(home.folder);
    await compact(home.folder);
    const [file = '', ...more] = (await readdir(home.folder)).filter((name) => name.endsWith('.zst'));
    expect([file, more]).toEqual(['n1-20261122T130500Z-1-5.jsonl.zst', []]);
    expect(await readdir(home.folder)).toHaveLength(2);
    const path = join(home.folder, file);
    expect(await verifySegment(path, classifyLine)).toMatchObject({ frames: 5 * 22, differences: [] });
    expect(await recoverFile(path, classifyLine)).toMatchObject({ outcome: 'whole' });
    expect(inputsBefore).toHaveLength(5);
    expect(await collectInputFiles(home.folder)).toEqual([path]);
    for (const files of await listHourSegments('p', home.folder)) {
      const ours = before.filter(({ segment }) => segment === files.segment);
      const { path: from, within } = sealedPlace(files);
      for (const { offset, payload } of ours) {
        const first = (await readFrames(from, offset, within).next()).value;
        expect(Array.isArray(first) && [first[0]?.offset, first[0]?.payload.toString('latin1')]).toEqual([
          offset,
          payload,
        ]);
      }
    }
    expect(await compact(home.folder)).toEqual({ outcome: 'nothing', damaged: [] });
  });

  for (const point of [
    'compact.packed',
    'compact.described',
    'compact.renamed',
    'compact.first-removed',
    'compact.removed',
  ] as const) {
    it(`killed at ${point}: readers see each frame once, and the next run finishes or forgets`, async () => {
      await using home = await homeWith(minutes(4));
      const before = await framesIn(home.folder);
      await compactUntil(home.folder, point);
      expect(await framesIn(home.folder)).toEqual(before);
      expect(await framesKept(home.path)).toEqual(before);
      expect(await linesBelow(home.folder)).toBe(4 * 22);
      const planFolder = join(home.path, 'segments', 'p');
      const recovery = await recoverPlan({
        ...{ planFolder, plan: 'p', node: 'n1', quarantineFolder: join(home.path, 'quarantine'), classifyLine },
        checkpoint: emptyCheckpoint('n1'),
      });
      expect(recovery.checkpoint).toMatchObject({ sequence: 4, totals: { segments: 4, frames: 88, posts: 80 } });
      expect(recovery.unreadable).toEqual([]);
      await compact(home.folder);
      expect((await readdir(home.folder)).sort()).toEqual([
        'n1-20261122T130500Z-1-4.jsonl.zst',
        'n1-20261122T130500Z-1-4.manifest.json',
      ]);
      expect(await framesIn(home.folder)).toEqual(before);
    });
  }

  it('forgets what was begun when another segment came before it went on', async () => {
    await using home = await homeWith(minutes(3));
    await compactUntil(home.folder, 'compact.described');
    const late = { segmentsFolder: join(home.path, 'segments'), plan: 'p', node: 'n1' };
    await writeSealedSegment({
      ...late,
      openedAtMs: START + 600_000,
      sequence: 9,
      frames: [{ payload: '{"data":{"id":"7"}}' }],
    });
    const before = await framesIn(home.folder);
    expect(await compact(home.folder)).toMatchObject({ outcome: 'compacted', manifest: { frames: 67 } });
    expect((await readdir(home.folder)).sort()).toEqual([
      'n1-20261122T130500Z-1-9.jsonl.zst',
      'n1-20261122T130500Z-1-9.manifest.json',
    ]);
    expect(await framesIn(home.folder)).toEqual(before);
  });

  it('waits while a segment is open or needed, and leaves other nodes alone', async () => {
    await using home = await homeWith(minutes(3));
    const wish = {
      segmentsFolder: join(home.path, 'segments'),
      plan: 'p',
      openedAtMs: START,
      frames: [{ payload: '{"data":{"id":"7"}}' }],
    };
    await writeSealedSegment({ ...wish, node: 'n2', sequence: 1 });
    await writeSealedSegment({ ...wish, node: 'n2', sequence: 2 });
    expect(await compact(home.folder, () => false)).toMatchObject({ outcome: 'waiting' });
    const { stem } = await writeOpenSegment({ ...wish, node: 'n1', sequence: 4 });
    expect(await compact(home.folder)).toMatchObject({ outcome: 'waiting' });
    await rm(`${stem}.jsonl`);
    expect(await compact(home.folder)).toMatchObject({ outcome: 'compacted', manifest: { frames: 66 } });
    expect((await readdir(home.folder)).filter((name) => name.startsWith('n2-') && name.endsWith('.zst'))).toHaveLength(
      2,
    );
  });

  it('leaves a damaged segment its own file, and what came late gets a second compacted file', async () => {
    await using home = await homeWith(minutes(5));
    const [, second] = await listHourSegments('p', home.folder);
    await truncate(`${second?.stem}${SEALED_SUFFIX}`, 200);
    expect(await compact(home.folder)).toMatchObject({
      outcome: 'compacted',
      manifest: { frames: 88 },
      damaged: [{ segment: second?.segment }],
    });
    expect((await readdir(home.folder)).filter((name) => name.endsWith('.zst')).sort()).toEqual([
      'n1-20261122T130500Z-1-5.jsonl.zst',
      `${second?.segment}.jsonl.zst`,
    ]);
    const late = { segmentsFolder: join(home.path, 'segments'), plan: 'p', node: 'n1' };
    for (const sequence of [11, 12])
      await writeSealedSegment({
        ...late,
        openedAtMs: START + sequence * 60_000,
        sequence,
        frames: [{ payload: '{"data":{"id":"7"}}' }],
      });
    expect(await compact(home.folder)).toMatchObject({
      outcome: 'compacted',
      manifest: { frames: 2, parts: [{}, {}] },
    });
    const segments = await listHourSegments('p', home.folder);
    expect(segments.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 11, 12]);
    expect(new Set(segments.map((files) => sealedPlace(files).path)).size).toBe(3);
  });

  it('removes nothing beside a compacted file that is damaged', async () => {
    await using home = await homeWith(minutes(2));
    const kept = join(home.path, 'kept');
    await mkdir(kept);
    for (const name of await readdir(home.folder)) await copyFile(join(home.folder, name), join(kept, name));
    await compact(home.folder);
    const path = join(home.folder, 'n1-20261122T130500Z-1-2.jsonl.zst');
    const bytes = await readFile(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 0xff;
    await writeFile(path, bytes);
    expect((await verifySegment(path, classifyLine)).differences.length).toBeGreaterThan(0);
    for (const name of await readdir(kept)) await copyFile(join(kept, name), join(home.folder, name));
    await expect(compact(home.folder)).rejects.toMatchObject({ code: 'segment.damaged' });
    expect((await readdir(home.folder)).sort()).toEqual(
      [...(await readdir(kept)), basename(path), `${basename(path, SEALED_SUFFIX)}${MANIFEST_SUFFIX}`].sort(),
    );
  });

  it('whose manifest is lost is passed over where its segments are, and read as a plain file where they are not', async () => {
    await using home = await homeWith(minutes(2));
    const own = await collectInputFiles(home.folder);
    const copy = join(home.path, 'copy');
    await mkdir(copy);
    for (const path of own) await copyFile(path, join(copy, basename(path)));
    await compact(home.folder);
    const name = 'n1-20261122T130500Z-1-2.jsonl.zst';
    await copyFile(join(home.folder, name), join(copy, name));
    expect((await collectInputFiles(copy)).map((path) => basename(path))).toEqual(own.map((path) => basename(path)));
    for (const path of own) await rm(join(copy, basename(path)));
    expect((await collectInputFiles(copy)).map((path) => basename(path))).toEqual([name]);
    await rm(join(home.folder, name.replace(SEALED_SUFFIX, MANIFEST_SUFFIX)));
    const recovery = await recoverPlan({
      ...{
        planFolder: join(home.path, 'segments', 'p'),
        plan: 'p',
        node: 'n1',
        quarantineFolder: home.path,
        classifyLine,
      },
      checkpoint: emptyCheckpoint('n1'),
    });
    expect(recovery).toMatchObject({
      checkpoint: { sequence: 2 },
      unreadable: [{ segment: 'n1-20261122T130500Z-1-2' }],
    });
  });

  it('is not read by capture when all in it is counted, and is when it is not', async () => {
    await using home = await homeWith(minutes(3));
    await compact(home.folder);
    await writeFile(join(home.folder, 'n1-20261122T130500Z-1-3.manifest.json'), '{');
    const recover = (checkpoint: Checkpoint) =>
      recoverPlan({
        ...{ planFolder: join(home.path, 'segments', 'p'), plan: 'p', node: 'n1', quarantineFolder: home.path },
        ...{ classifyLine, checkpoint },
      });
    expect(await recover({ ...emptyCheckpoint('n1'), sequence: 3 })).toMatchObject({ unreadable: [] });
    for (const uncounted of [[2], [3]])
      expect((await recover({ ...emptyCheckpoint('n1'), sequence: 3, uncounted })).unreadable).toHaveLength(1);
    expect((await recover({ ...emptyCheckpoint('n1'), sequence: 2 })).checkpoint.sequence).toBe(3);
  });

  it('ends in good order when it is aborted', async () => {
    await using home = await homeWith(minutes(3));
    const before = await readdir(home.folder);
    const stop = AbortSignal.abort(new Error('stop'));
    await expect(
      compactHour({ folder: home.folder, plan: 'p', node: 'n1', isReady: () => true, signal: stop }),
    ).rejects.toThrow(/abort/i);
    expect(await readdir(home.folder)).toEqual(before);
    expect(makeSegmentName('n1', START, 1)).toBe('n1-20261122T130500Z-1');
  });
});

/** Lines of all files that a build of the folder would read. */
async function linesBelow(folder: string): Promise<number> {
  let lines = 0;
  for (const path of await collectInputFiles(folder))
    for await (const frames of readFrames(path)) lines += frames.length;
  return lines;
}

async function compactUntil(folder: string, name: CrashPointName): Promise<void> {
  const ended = await runToCrashPoint('test/support/compact-once.ts', [folder, 'p', 'n1'], { name, signal: 'SIGKILL' });
  expect(ended, ended.stderr).toMatchObject({ signal: 'SIGKILL' });
}
