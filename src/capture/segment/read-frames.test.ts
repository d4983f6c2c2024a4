import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeFrame, encodeFrameHead, type Frame } from './format.ts';
import { type ReadEnd, readFrames } from './read-frames.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mistnet-read-frames-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const HEAD = encodeFrameHead({ at: '2026-11-22T13:00:00.000Z', platform: 'x', endpoint: 'e', session: 's' });

function lineOf(payload: string): Buffer {
  return Buffer.concat(encodeFrame(HEAD, Buffer.from(payload)));
}

async function readAll(
  path: string,
  from = 0,
): Promise<{ frames: { payload: string; offset: number; end: number }[]; end: ReadEnd }> {
  const frames: { payload: string; offset: number; end: number }[] = [];
  const reading = readFrames(path, from);
  let step = await reading.next();
  for (; !step.done; step = await reading.next()) {
    frames.push(
      ...step.value.map((frame: Frame) => ({
        payload: frame.payload.toString(),
        offset: frame.offset,
        end: frame.end,
      })),
    );
  }
  return { frames, end: step.value };
}

/** The payloads that come before a file's end or failure. */
async function readUntilFailure(path: string): Promise<{ seen: string[]; failure?: unknown }> {
  const seen: string[] = [];
  try {
    for await (const frames of readFrames(path)) seen.push(...frames.map(({ payload }) => payload.toString()));
  } catch (failure) {
    return { seen, failure };
  }
  return { seen };
}

describe('reading frames', () => {
  it('gives every whole frame and names the torn rest, wherever the file is cut', async () => {
    const lines = ['{"data":{"id":"1"}}', 'half {', 'with\nline end', ''].map(lineOf);
    const whole = Buffer.concat(lines);
    const path = join(folder, 'cut.jsonl');
    for (let bytes = 0; bytes <= whole.length; bytes++) {
      await writeFile(path, whole.subarray(0, bytes));
      const { frames, end } = await readAll(path);
      const complete = frames.at(-1)?.end ?? 0;
      expect(end).toEqual({ end: complete, torn: bytes - complete });
      expect(frames.length).toBe(lines.filter((_, at) => Buffer.concat(lines.slice(0, at + 1)).length <= bytes).length);
    }
  });

  it('goes on from the end of any frame, open or sealed, also over chunk borders', async () => {
    const payloads = Array.from({ length: 900 }, (_, at) => `${at}:${'ü'.repeat((at * 37) % 900)}`);
    const content = Buffer.concat(payloads.map(lineOf));
    await writeFile(join(folder, 'all.jsonl'), content);
    await writeFile(join(folder, 'all.jsonl.zst'), zstdCompressSync(content));
    const { frames: all } = await readAll(join(folder, 'all.jsonl'));
    expect(all.map(({ payload }) => payload)).toEqual(payloads);
    await fc.assert(
      fc.asyncProperty(fc.nat(payloads.length - 1), fc.constantFrom('all.jsonl', 'all.jsonl.zst'), async (at, name) => {
        const { frames } = await readAll(join(folder, name), all[at]?.end);
        expect(frames).toEqual(all.slice(at + 1));
      }),
      { numRuns: 20 },
    );
  });

  it('sees what was appended when it comes back', async () => {
    const path = join(folder, 'growing.jsonl');
    const [first, second] = [lineOf('one'), lineOf('two')];
    await writeFile(path, Buffer.concat([first, second.subarray(0, 20)]));
    const { end } = await readAll(path);
    expect(end).toEqual({ end: first.length, torn: 20 });
    await appendFile(path, second.subarray(20));
    expect((await readAll(path, end.end)).frames.map(({ payload }) => payload)).toEqual(['two']);
  });

  it('of a packed file that is cut anywhere gives whole frames from its beginning, then the failure, and never anything else', async () => {
    const payloads = Array.from({ length: 12 }, (_, at) => `{"data":{"id":"${at}","text":"${'ü'.repeat(at)}"}}`);
    const lines = payloads.map(lineOf);
    const packed = zstdCompressSync(Buffer.concat(lines));
    const first = zstdCompressSync(Buffer.concat(lines.slice(0, 7)));
    // Two zstd frames, as other programs write them, and what follows a compacted file's.
    const skippable = Buffer.concat([Buffer.from('502a4d1804000000', 'hex'), Buffer.alloc(4)]);
    const files = {
      one: packed,
      two: Buffer.concat([
        zstdCompressSync(Buffer.concat(lines.slice(0, 7))),
        zstdCompressSync(Buffer.concat(lines.slice(7))),
      ]),
      followed: Buffer.concat([packed, skippable]),
    };
    const path = join(folder, 'cut.jsonl.zst');
    let failures = 0;
    for (const [name, whole] of Object.entries(files)) {
      const from = { one: 0, two: first.length - 3, followed: packed.length - 3 }[name] ?? 0; // before it all are alike
      for (let bytes = from; bytes <= whole.length; bytes++) {
        await writeFile(path, whole.subarray(0, bytes));
        const { seen, failure } = await readUntilFailure(path);
        expect(seen, `${name}, ${bytes} bytes`).toEqual(payloads.slice(0, seen.length));
        if (failure !== undefined) failures++;
        // Whoever sees no failure has all: of the zstd frames that are there, that is.
        else expect([0, 7, 12], `${name}, ${bytes} bytes`).toContain(seen.length);
        if (bytes === whole.length) expect([failure, seen.length]).toEqual([undefined, 12]);
      }
    }
    expect(failures).toBeGreaterThan(150);
  });

  it('of a file with a damaged byte gives the frames before it as they were, and ends', async () => {
    const payloads = Array.from({ length: 12 }, (_, at) =>
      at % 3 === 0 ? `line\nend ${at}` : `{"data":{"id":"${at}"}}`,
    );
    const content = Buffer.concat(payloads.map(lineOf));
    const path = join(folder, 'flipped.jsonl');
    await fc.assert(
      fc.asyncProperty(fc.nat(content.length - 1), fc.integer({ min: 1, max: 255 }), async (at, bits) => {
        const damaged = Buffer.from(content);
        damaged[at] = (damaged[at] as number) ^ bits;
        await writeFile(path, damaged);
        const { frames, end } = await readAll(path);
        const before = frames.filter((frame) => frame.end <= at);
        expect(before.map(({ payload }) => payload)).toEqual(payloads.slice(0, before.length));
        const ends = payloads.map((_, count) => Buffer.concat(payloads.slice(0, count + 1).map(lineOf)).length);
        expect(before.length).toBe(ends.filter((one) => one <= at).length);
        expect(end.end + end.torn <= content.length).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('stops at bytes that are no frame and guesses nothing after them', async () => {
    const path = join(folder, 'damaged.jsonl');
    const broken = Buffer.from(lineOf('{"data":1}'));
    broken.write('99', broken.indexOf('"bytes":') + 8);
    await writeFile(path, Buffer.concat([lineOf('good'), broken, lineOf('after'.repeat(40))]));
    const { frames, end } = await readAll(path);
    expect(frames.map(({ payload }) => payload)).toEqual(['good']);
    expect(end.damaged?.offset).toBe(lineOf('good').length);
  });
});
