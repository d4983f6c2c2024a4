import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readInputLines } from './input-lines.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mistnet-lines-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

async function read(name: string, bytes: Buffer) {
  const path = join(folder, name);
  await writeFile(path, bytes);
  const lines: string[] = [];
  const cut: string[] = [];
  const digest = await readInputLines(
    path,
    (chunk, from, to, isWhole) => {
      (isWhole ? lines : cut).push(chunk.toString('utf8', from, to));
    },
    async () => {},
  );
  return { lines, cut, digest };
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
/** More than a chunk, with one line that spans several. */
const wanted = Array.from({ length: 20_000 }, (_, number) =>
  number === 9000 ? 'long '.repeat(400_000) : `line ${number} ü${'x'.repeat(number % 90)}`,
);
const content = Buffer.from(`${wanted.join('\n')}\n`);
/** Incompressible, so that a cut file lacks much of its end. */
const noise = Array.from({ length: 30_000 }, (_, number) => sha256(Buffer.from(String(number))));
const noisy = Buffer.from(`${noise.join('\n')}\n`);

describe('the lines of a file', () => {
  const halves = [content.subarray(0, 100_000), content.subarray(100_000)];
  it.each([
    ['plain.jsonl', content],
    ['one.jsonl.gz', gzipSync(content)],
    ['members.jsonl.gz', Buffer.concat(halves.map((half) => gzipSync(half)))],
    ['one.jsonl.zst', zstdCompressSync(content)],
    ['frames.jsonl.zst', Buffer.concat(halves.map((half) => zstdCompressSync(half)))],
  ])('are all there, whatever the file is packed with: %s', async (name, bytes) => {
    const { lines, cut, digest } = await read(name, bytes);
    expect(lines.length).toBe(wanted.length);
    expect(lines.every((line, index) => line === wanted[index])).toBe(true);
    expect(cut).toEqual([]);
    expect(digest).toEqual({ bytes: bytes.length, sha256: sha256(bytes) });
  });

  it.each([
    ['cut.jsonl.gz', gzipSync(noisy)],
    ['cut.jsonl.zst', zstdCompressSync(noisy)],
    [
      'second.jsonl.zst',
      Buffer.concat([zstdCompressSync(noisy.subarray(0, 500_000)), zstdCompressSync(noisy.subarray(500_000))]),
    ],
  ])('are there up to the cut of a packed file, which is told: %s', async (name, whole) => {
    const bytes = whole.subarray(0, Math.floor(whole.length * 0.8));
    const { lines, cut, digest } = await read(name, bytes);
    // What the decoder held back of its last block is at most 128 KiB of content.
    expect(lines.length).toBeGreaterThan(0.8 * noise.length - 131_072 / 65 - 4000);
    expect(lines.length).toBeLessThan(noise.length);
    expect(lines.every((line, index) => line === noise[index])).toBe(true);
    for (const line of cut) expect(noise[lines.length]?.startsWith(line)).toBe(true);
    expect(digest).toMatchObject({ bytes: bytes.length, sha256: sha256(bytes), damaged: expect.any(String) });
    // The same each time, however the decoder and the disk happen to take turns.
    for (let round = 0; round < 15; round++) expect(await read(name, bytes)).toEqual({ lines, cut, digest });
  });

  it('may end without a line end', async () => {
    expect(await read('a.jsonl', Buffer.from('one\r\n\ntw'))).toMatchObject({ lines: ['one\r', ''], cut: ['tw'] });
    expect(await read('b.jsonl', Buffer.alloc(0))).toMatchObject({ lines: [], cut: [], digest: { bytes: 0 } });
    expect(await read('c.jsonl.gz', Buffer.from('no gzip at all'))).toMatchObject({
      lines: [],
      digest: { damaged: expect.any(String) },
    });
  });

  it('say which file cannot be read', async () => {
    const path = join(folder, 'none.jsonl');
    await expect(
      readInputLines(
        path,
        () => {},
        async () => {},
      ),
    ).rejects.toMatchObject({ code: 'folder.unreadable', message: expect.stringContaining(path) });
  });

  it('let the error of who reads them through', async () => {
    const path = join(folder, 'd.jsonl');
    await writeFile(path, 'x\n');
    const stop = () => {
      throw new TypeError('mine');
    };
    await expect(readInputLines(path, stop, async () => {})).rejects.toThrow(TypeError);
  });
});
