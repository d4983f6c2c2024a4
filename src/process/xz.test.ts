import { execFileSync } from 'node:child_process';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decompress } from 'lzma-native';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startXz } from './xz.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mistnet-xz-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const content = Buffer.from(
  Array.from({ length: 60_000 }, (_, number) => `line ${number} ${number * number}`).join('\n'),
);

const unpack = (packed: Buffer) => new Promise<Buffer>((resolve) => decompress(packed, {}, resolve));

async function pack(program: string, threads = 2, signal = new AbortController().signal): Promise<Buffer> {
  const path = join(folder, `${program}-${threads}.xz`);
  await using file = await open(path, 'wx');
  const xz = await startXz(file, { level: 1, threads, program }, signal);
  try {
    const chunk = Buffer.alloc(100_000);
    for (let at = 0; at < content.length; at += chunk.length) {
      // The same memory for every chunk, as the writers do it.
      const bytes = content.copy(chunk, 0, at, at + chunk.length);
      await xz.write(chunk.subarray(0, bytes));
    }
    await xz.end();
  } finally {
    await xz.stop();
  }
  return readFile(path);
}

describe('packing with xz', () => {
  it('gives the same bytes when it gives way to others', async () => {
    const path = join(folder, 'gives-way.xz');
    await using file = await open(path, 'wx');
    const xz = await startXz(file, { level: 1, threads: 1, givesWay: true }, new AbortController().signal);
    await xz.write(content);
    await xz.end();
    expect(await readFile(path)).toEqual(await pack('xz', 1));
  });

  it('is undone by any xz, whether the program or the library did it', async (test) => {
    const byLibrary = await pack('mistnet-no-such-program');
    expect((await unpack(byLibrary)).equals(content)).toBe(true);
    try {
      execFileSync('xz', ['--version']);
    } catch {
      return test.skip('no xz program here');
    }
    const byProgram = await pack('xz');
    expect((await unpack(byProgram)).equals(content)).toBe(true);
    // The header's flags: both have a CRC-64 behind each block, by which a reader knows damage.
    expect([byLibrary.subarray(6, 8), byProgram.subarray(6, 8)]).toEqual([Buffer.from([0, 4]), Buffer.from([0, 4])]);
    expect(execFileSync('xz', ['--decompress', '--stdout'], { input: byLibrary, maxBuffer: 1e9 }).equals(content)).toBe(
      true,
    );
    expect((await pack('xz', 3)).equals(byProgram)).toBe(true);
  });

  it.each(['xz', 'mistnet-no-such-program'])('ends when it is told to: %s', async (program) => {
    const stop = new AbortController();
    const path = join(folder, 'stopped.xz');
    await using file = await open(path, 'wx');
    const xz = await startXz(file, { level: 1, threads: 2, program }, stop.signal);
    await xz.write(content);
    stop.abort(new Error('enough'));
    await expect(xz.end()).rejects.toThrow('enough');
    await xz.stop();
  });

  it('says what the program said when it cannot write', async (test) => {
    try {
      execFileSync('xz', ['--version']);
    } catch {
      return test.skip('no xz program here');
    }
    await using full = await open('/dev/full', 'w');
    const xz = await startXz(full, { level: 1, threads: 2 }, new AbortController().signal);
    const write = async () => {
      await xz.write(content);
      await xz.end();
    };
    await expect(write()).rejects.toMatchObject({
      code: 'file.unwritable',
      message: expect.stringContaining('No space left'),
    });
    await xz.stop();
  });
});
