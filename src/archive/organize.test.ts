import { link, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Organized, organize, placeOf } from './organize.ts';

const NOW = Date.parse('2016-03-01T15:00:00Z');
const OLD = new Date('2016-03-01T14:29:00Z');

async function folderWith(files: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'mistnet-organize-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
    await utimes(join(folder, name), OLD, OLD);
  }
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

async function run(folder: string, dryRun = false) {
  const told: Organized[] = [];
  const signal = new AbortController().signal;
  const untilMs = NOW - 30 * 60_000;
  const summary = await organize({ folder, untilMs, dryRun, signal, onFile: (file) => told.push(file) });
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const left = files
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return { summary, told, files: left.toSorted() };
}

describe('the place of a collected file', () => {
  it.each([
    ['streamsample-2016-03-01T14-30-00Z.gz', 'streamsample/2016/03/01/14/streamsample-2016-03-01T14-30-00Z.gz'],
    [
      'twitterfilter-12-2015-12-31T23:59:59Z.gz',
      'twitterfilter-12/2015/12/31/23/twitterfilter-12-2015-12-31T23:59:59Z.gz',
    ],
    ['sample-2016-02-29T00-00-00Z.gz', 'sample/2016/02/29/00/sample-2016-02-29T00-00-00Z.gz'],
  ])('%s is %s', (file, place) => {
    expect(placeOf(file)).toBe(place);
  });

  it.each([
    'streamsample-2015-02-29T00-00-00Z.gz',
    'streamsample-2016-03-01T24-00-00Z.gz',
    'streamsample-2016-03-01T14-30:00Z.gz',
    'twitterfilter-2016-03-01T14-30-00Z.gz',
    'streamsample-2016-03-01T14-30-00Z.gz.part',
    '../streamsample-2016-03-01T14-30-00Z.gz',
    'notes.txt',
  ])('%s has none', (file) => {
    expect(placeOf(file)).toBeUndefined();
  });
});

describe('organize', () => {
  it('moves what is old enough and a collector wrote, and leaves the rest where it is', async () => {
    await using kit = await folderWith({
      'streamsample-2016-03-01T14-00-00Z.gz': 'a',
      'twitterfilter-3-2016-03-01T13:45:00Z.gz': 'b',
      'streamsample-2016-03-01T14-45-00Z.gz': 'young',
      'notes.txt': 'c',
      'deeper/streamsample-2016-03-01T14-00-00Z.gz': 'd',
    });
    await utimes(join(kit.folder, 'streamsample-2016-03-01T14-45-00Z.gz'), NOW / 1000, NOW / 1000);
    const { summary, told, files } = await run(kit.folder);
    expect(summary).toEqual({ moved: 2, unable: 0, young: 1, others: 1 });
    expect(told.map(({ outcome }) => outcome)).toEqual(['moved', 'moved']);
    expect(files).toEqual([
      'deeper/streamsample-2016-03-01T14-00-00Z.gz',
      'notes.txt',
      'streamsample-2016-03-01T14-45-00Z.gz',
      'streamsample/2016/03/01/14/streamsample-2016-03-01T14-00-00Z.gz',
      'twitterfilter-3/2016/03/01/13/twitterfilter-3-2016-03-01T13:45:00Z.gz',
    ]);
    expect((await run(kit.folder)).summary).toEqual({ moved: 0, unable: 0, young: 1, others: 1 });
  });

  it('never overwrites, and says which file it could not move', async () => {
    const name = 'streamsample-2016-03-01T14-00-00Z.gz';
    const place = `streamsample/2016/03/01/14/${name}`;
    await using kit = await folderWith({ [name]: 'new', [place]: 'old' });
    const { summary, told } = await run(kit.folder);
    expect(summary).toMatchObject({ moved: 0, unable: 1 });
    expect(told).toEqual([
      { file: name, to: place, outcome: 'unable', reason: `${join(kit.folder, place)} is there already` },
    ]);
    expect(await readFile(join(kit.folder, name), 'utf8')).toBe('new');
    expect(await readFile(join(kit.folder, place), 'utf8')).toBe('old');
  });

  it('ends a move that was cut off between the new name and the old one', async () => {
    const name = 'streamsample-2016-03-01T14-00-00Z.gz';
    const place = `streamsample/2016/03/01/14/${name}`;
    await using kit = await folderWith({ [name]: 'a' });
    await mkdir(dirname(join(kit.folder, place)), { recursive: true });
    await link(join(kit.folder, name), join(kit.folder, place));
    const { summary, files } = await run(kit.folder);
    expect(summary).toMatchObject({ moved: 1, unable: 0 });
    expect(files).toEqual([place]);
    expect(await readFile(join(kit.folder, place), 'utf8')).toBe('a');
  });

  it('takes a place that this very move had claimed when it was cut off', async () => {
    const name = 'streamsample-2016-03-01T14-00-00Z.gz';
    const place = `streamsample/2016/03/01/14/${name}`;
    await using kit = await folderWith({ [name]: 'a', [place]: `mistnet organize: here comes ${name}\n` });
    expect((await run(kit.folder)).files).toEqual([place]);
    expect(await readFile(join(kit.folder, place), 'utf8')).toBe('a');
  });

  it('leaves an empty file of somebody else where it is, and the claim of another move', async () => {
    const name = 'streamsample-2016-03-01T14-00-00Z.gz';
    const place = `streamsample/2016/03/01/14/${name}`;
    for (const content of ['', 'mistnet organize: here comes sample-2016-03-01T14-00-00Z.gz\n']) {
      await using kit = await folderWith({ [name]: 'a', [place]: content });
      const { summary, files } = await run(kit.folder);
      expect(summary).toMatchObject({ moved: 0, unable: 1 });
      expect(files).toEqual([name, place].toSorted());
      expect(await readFile(join(kit.folder, place), 'utf8')).toBe(content);
    }
  });

  it('moves nothing in a dry run, but says the same', async () => {
    await using kit = await folderWith({ 'sample-2016-03-01T14-00-00Z.gz': 'a' });
    const { summary, told, files } = await run(kit.folder, true);
    expect(summary.moved).toBe(1);
    expect(told.map(({ outcome }) => outcome)).toEqual(['would-move']);
    expect(files).toEqual(['sample-2016-03-01T14-00-00Z.gz']);
  });

  it('is stopped by a file where a folder should be, for that file alone', async () => {
    await using kit = await folderWith({
      streamsample: 'a file',
      'streamsample-2016-03-01T14-00-00Z.gz': 'a',
      'sample-2016-03-01T14-00-00Z.gz': 'b',
    });
    const { summary, files } = await run(kit.folder);
    expect(summary).toMatchObject({ moved: 1, unable: 1 });
    expect(files).toContain('streamsample-2016-03-01T14-00-00Z.gz');
  });

  it('says which folder cannot be read', async () => {
    await expect(run('/nowhere/at/all')).rejects.toThrow(/Cannot read the folder \/nowhere\/at\/all/);
  });
});
