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
