/** A packed file is read back before the open one goes: what a bad disk gives back must never be taken for what was captured. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileMemory } from './file-memory.ts';
import { encodeFrame, encodeFrameHead } from './format.ts';
import { noFrames } from './frame-counts.ts';
import { makeSealMemory, sealSegment } from './seal.ts';

const HEAD = encodeFrameHead({ at: '2026-11-22T13:00:00.000Z', platform: 'x', endpoint: 'e', session: 's' });
const CONTENT = Buffer.concat(
  Array.from({ length: 50 }, (_, at) => encodeFrame(HEAD, Buffer.from(`{"n":${at}}`))).flat(),
);

let folder = '';
let stem = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mistnet-seal-'));
  stem = join(folder, 'n1-20261122T130000Z-1');
  await writeFile(`${stem}.jsonl`, CONTENT);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A disk that gives back something else than was written. */
class BadDisk extends FileMemory {
  readonly #damage: (bytes: Buffer) => Buffer;
  constructor(damage: (bytes: Buffer) => Buffer) {
    super(0);
    this.#damage = damage;
  }
  override async read(file: FileHandle): Promise<Buffer> {
    return this.#damage(Buffer.from(await super.read(file)));
  }
}

const seal = (damage: (bytes: Buffer) => Buffer = (bytes) => bytes) =>
  sealSegment(
    { stem, plan: 'p', counts: { ...noFrames(), frames: 50 }, because: 'age' },
    { content: makeSealMemory(0).content, packed: new BadDisk(damage) },
  );

describe('a seal', () => {
  it('removes the open file when the packed one was read back and holds the same', async () => {
    expect(await seal()).toMatchObject({ frames: 50, bytes: CONTENT.length });
    expect(await readdir(folder)).toEqual(['n1-20261122T130000Z-1.jsonl.zst', 'n1-20261122T130000Z-1.manifest.json']);
  });

  it.each([
    ['with a byte changed', (bytes: Buffer) => bytes.fill((bytes[40] as number) ^ 1, 40, 41)],
    ['cut', (bytes: Buffer) => bytes.subarray(0, -5)],
    ['empty', () => Buffer.alloc(0)],
    ['of other content', () => zstdCompressSync(Buffer.alloc(CONTENT.length, 'x'))],
    ['of less content', () => zstdCompressSync(CONTENT.subarray(0, -1))],
    ['of more content', () => zstdCompressSync(Buffer.concat([CONTENT, Buffer.from('{}\n')]))],
  ])('leaves the open file alone when the packed one comes back %s', async (_how, damage) => {
    await expect(seal(damage)).rejects.toMatchObject({ code: 'segment.damaged' });
    expect(await readdir(folder)).toEqual(['n1-20261122T130000Z-1.jsonl']);
    expect((await readFile(`${stem}.jsonl`)).equals(CONTENT)).toBe(true);
  });
});
