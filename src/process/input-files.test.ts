import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collectInputFiles, commonFolder } from './input-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mistnet-inputs-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const touch = async (...names: string[]) => {
  for (const name of names) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), '');
  }
};

describe('input files', () => {
  it('are found in all folders below, packed or not, sorted by path', async () => {
    await touch(
      'b/2.jsonl.gz',
      'b/10.jsonl',
      'a/x/1.jsonl.zst',
      'a/readme.txt',
      'd/streamsample-2016-03-01T14-30-00Z.gz',
      'd/other-2016-03-01T14-30-00Z.gz',
      'c.jsonl.xz',
      'z.jsonl',
      'ä.jsonl',
      'sampled_stream_2022-10-01_13:00:00.jsonl',
    );
    await symlink(join(folder, 'z.jsonl'), join(folder, 'a', 'link.jsonl'));
    const names = (await collectInputFiles(folder)).map((path) => path.slice(folder.length + 1));
    expect(names).toEqual([
      'a/link.jsonl',
      'a/x/1.jsonl.zst',
      'b/10.jsonl',
      'b/2.jsonl.gz',
      'd/streamsample-2016-03-01T14-30-00Z.gz',
      'sampled_stream_2022-10-01_13:00:00.jsonl',
      'z.jsonl',
      'ä.jsonl',
    ]);
  });

  it('hold a segment once, though its open and its sealed form are both there', async () => {
    await touch(
      'n1-20221001T130000Z-1.jsonl',
      'n1-20221001T130000Z-1.jsonl.zst',
      'n1-20221001T130100Z-2.jsonl',
      'other.jsonl',
      'other.jsonl.zst',
    );
    const names = (await collectInputFiles(folder)).map((path) => path.slice(folder.length + 1));
    expect(names).toEqual([
      'n1-20221001T130000Z-1.jsonl.zst',
      'n1-20221001T130100Z-2.jsonl',
      'other.jsonl',
      'other.jsonl.zst',
    ]);
  });

  it('say which folder cannot be read, and when there is nothing in it', async () => {
    await expect(collectInputFiles(join(folder, 'none'))).rejects.toMatchObject({
      code: 'folder.unreadable',
      message: expect.stringContaining(join(folder, 'none')),
    });
    await touch('file.jsonl');
    await expect(collectInputFiles(join(folder, 'file.jsonl'))).rejects.toMatchObject({ code: 'folder.unreadable' });
    await rm(join(folder, 'file.jsonl'));
    await touch('a/readme.txt');
    await expect(collectInputFiles(folder)).rejects.toMatchObject({
      code: 'dataset.empty',
      message: expect.stringContaining(folder),
    });
  });

  it('share an innermost folder', () => {
    expect(commonFolder(['/a/b/c/1', '/a/b/d/2', '/a/b/3'])).toBe('/a/b');
    expect(commonFolder(['/a/b/c/1'])).toBe('/a/b/c');
    expect(commonFolder(['/a/b1/1', '/a/b/1'])).toBe('/a');
    expect(commonFolder(['/a/1', '/b/1'])).toBe('/');
    expect(commonFolder(['x/1', 'y/1'])).toBe('.');
    expect(commonFolder([])).toBe('.');
  });
});
