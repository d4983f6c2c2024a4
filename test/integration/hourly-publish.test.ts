import { appendFile, cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CrashPointName } from '../../src/core/crash-point.ts';
import { parseUtcHour } from '../../src/core/time.ts';
import { collectInputFiles } from '../../src/process/input-files.ts';
import { listDatasets } from '../../src/process/list-datasets.ts';
import { verifyDataset } from '../../src/process/verify-dataset.ts';
import { build, readOutput } from '../support/hours.ts';
import { type CrashPoint, runToCrashPoint } from '../support/run-to-crash-point.ts';
import { makeTweet, rawLine } from '../support/tweets.ts';

let folder: string;
let output: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mistnet-publish-'));
  output = join(folder, 'out');
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const write = async (name: string, from: number, to: number) => {
  await mkdir(join(folder, 'in'), { recursive: true });
  const lines = Array.from({ length: to - from }, (_, index) => rawLine(makeTweet(from + index)));
  await writeFile(join(folder, 'in', name), `${lines.join('\n')}\n`);
};
const buildHere = async (change: Partial<Parameters<typeof build>[0]> = {}) =>
  build({ nodes: [{ name: 'one', files: await collectInputFiles(join(folder, 'in')) }], output, ...change });
const listDay = async () => (await readdir(join(output, '2022-10-01'))).sort();

const CURRENT = [
  '2022-10-01_13_IDs.txt',
  '2022-10-01_13_manifest.json',
  '2022-10-01_13_posts.parquet',
  '2022-10-01_13_tweets.csv',
  '2022-10-01_13_users.csv',
  '2022-10-01_report.txt',
];
const oldNames = (revision: number) =>
  ['IDs.txt', 'manifest.json', 'posts.parquet', 'tweets.csv', 'users.csv'].map(
    (name) => `2022-10-01_13_r${revision}_${name}`,
  );

const manifestPath = () => join(output, '2022-10-01', '2022-10-01_13_manifest.json');
const oldManifestPath = (revision: number) =>
  join(output, '2022-10-01', 'revisions', `2022-10-01_13_r${revision}_manifest.json`);

describe('publishing an hour', () => {
  it('leaves the four files, the manifest and the report, and nothing else', async () => {
    await write('a.jsonl', 0, 50);
    const built = await buildHere();
    expect(built).toMatchObject({ isNew: true, manifest: { revision: 1, partial: false, counts: { tweets: 50 } } });
    expect(await listDay()).toEqual(CURRENT);
    expect(await verifyDataset(built.manifestPath)).toMatchObject({ differences: [] });
    expect(await readFile(join(built.dayFolder, '2022-10-01_report.txt'), 'utf8')).toBe('hour\ttweets\n13\t50\n');
    expect((await readOutput(built, 'ids')).split('\n').length).toBe(51);
  });

  it('is done once for the same inputs and settings, and again where one of them is different', async () => {
    await write('a.jsonl', 0, 50);
    await buildHere();
    expect(await buildHere()).toMatchObject({ isNew: false, manifest: { revision: 1 } });
    expect(await buildHere({ partial: true })).toMatchObject({ isNew: true, manifest: { revision: 2, partial: true } });
    await write('b.jsonl', 50, 60);
    expect(await buildHere()).toMatchObject({ isNew: true, manifest: { revision: 3, counts: { tweets: 60 } } });
    expect(await readFile(join(output, '2022-10-01', '2022-10-01_report.txt'), 'utf8')).toBe('hour\ttweets\n13\t60\n');
    expect(await listDay()).toEqual([...CURRENT, 'revisions']);
    expect((await readdir(join(output, '2022-10-01', 'revisions'))).sort()).toEqual([...oldNames(1), ...oldNames(2)]);
    for (const path of [manifestPath(), oldManifestPath(1), oldManifestPath(2)])
      expect(await verifyDataset(path)).toMatchObject({ differences: [] });
  });

  it('repairs a damaged hour by a new revision', async () => {
    await write('a.jsonl', 0, 50);
    const { dayFolder } = await buildHere();
    await appendFile(join(dayFolder, '2022-10-01_13_users.csv'), 'x');
    await rm(join(dayFolder, '2022-10-01_13_IDs.txt'));
    expect((await verifyDataset(manifestPath())).differences).toMatchObject([
      { file: '2022-10-01_13_IDs.txt', problem: 'missing' },
      { file: '2022-10-01_13_users.csv', problem: 'size' },
    ]);
    expect(await buildHere()).toMatchObject({ isNew: true, manifest: { revision: 2 } });
    expect(await verifyDataset(manifestPath())).toMatchObject({ differences: [] });
  });

  it('sees changed bytes, a missing manifest and one that is none', async () => {
    await write('a.jsonl', 0, 50);
    const { dayFolder } = await buildHere();
    const path = join(dayFolder, '2022-10-01_13_tweets.csv');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('tweet 7', 'tweet 8'));
    expect((await verifyDataset(manifestPath())).differences).toMatchObject([
      { file: '2022-10-01_13_tweets.csv', problem: 'content' },
    ]);
    await expect(verifyDataset(join(dayFolder, 'none_manifest.json'))).rejects.toMatchObject({
      code: 'dataset.damaged',
    });
    await writeFile(manifestPath(), '{"schema":1}');
    await expect(verifyDataset(manifestPath())).rejects.toMatchObject({ code: 'dataset.damaged' });
  });

  it('gives byte-identical files for the same inputs', async () => {
    await write('a.jsonl', 0, 300);
    const one = await buildHere({ xzLevel: 1 });
    const two = await buildHere({ xzLevel: 1, output: join(folder, 'other') });
    expect(two.manifest).toEqual(one.manifest);
    expect(await readFile(two.manifestPath, 'utf8')).toBe(await readFile(one.manifestPath, 'utf8'));
  });

  it('removes the plain files when a later revision is packed', async () => {
    await write('a.jsonl', 0, 5);
    await buildHere();
    await buildHere({ xzLevel: 0 });
    expect((await listDay()).filter((name) => /IDs|csv/.test(name))).toEqual([
      '2022-10-01_13_IDs.txt.xz',
      '2022-10-01_13_tweets.csv.xz',
      '2022-10-01_13_users.csv.xz',
    ]);
    expect(await verifyDataset(oldManifestPath(1))).toMatchObject({ differences: [] });
  });

  it('of several hours of a day at the same time gives one report with all of them', async () => {
    await write('a.jsonl', 0, 20);
    const hours = Array.from({ length: 5 }, (_, index) => parseUtcHour(`2022-10-01T0${index + 5}Z`));
    await Promise.all(hours.map((hour) => buildHere({ hour })));
    expect(await readFile(join(output, '2022-10-01', '2022-10-01_report.txt'), 'utf8')).toBe(
      'hour\ttweets\n5\t20\n6\t20\n7\t20\n8\t20\n9\t20\n',
    );
  });

  it('of one hour by two at the same time is refused to one', async () => {
    await write('a.jsonl', 0, 2000);
    const results = await Promise.allSettled([buildHere(), buildHere({ partial: true })]);
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toMatchObject([{ reason: { code: 'dataset.conflict' } }]);
    expect(await verifyDataset(manifestPath())).toMatchObject({ differences: [] });
    expect(await listDay()).toEqual(CURRENT);
  });

  it('that is stopped leaves what was there before', async () => {
    await write('a.jsonl', 0, 50);
    await buildHere();
    await write('b.jsonl', 50, 3000);
    for (const at of ['reading', 'written']) {
      const stop = new AbortController();
      const onProgress = ({ stage }: { stage: string }) => {
        if (stage === at) stop.abort(new Error('stopped'));
      };
      await expect(buildHere({ signal: stop.signal, onProgress })).rejects.toThrow('stopped');
      expect(await listDay()).toEqual(CURRENT);
      expect(await verifyDataset(manifestPath())).toMatchObject({ manifest: { revision: 1 }, differences: [] });
    }
  });

  it('that cannot write says where', async () => {
    await write('a.jsonl', 0, 5);
    await writeFile(join(folder, 'file'), '');
    await expect(buildHere({ output: join(folder, 'file') })).rejects.toMatchObject({
      code: 'file.unwritable',
      message: expect.stringContaining(join(folder, 'file')),
    });
  });

  it('that cannot read an input says which, and leaves nothing', async () => {
    await write('a.jsonl', 0, 5);
    const files = [...(await collectInputFiles(join(folder, 'in'))), join(folder, 'gone.jsonl')];
    await expect(buildHere({ nodes: [{ name: 'one', files }] })).rejects.toMatchObject({
      code: 'folder.unreadable',
      message: expect.stringContaining('gone.jsonl'),
    });
    expect(await listDay()).toEqual([]);
  });
});

const buildUntil = (point?: CrashPoint) =>
  runToCrashPoint('test/support/build-once.ts', [join(folder, 'in'), output], point);

/** Borders of a build and of a publication, and the how manieth crossing of them. */
const POINTS: [name: CrashPointName, nth: number][] = [
  ['build.locked', 1],
  ['build.read', 1],
  ['build.output-written', 1],
  ['build.output-written', 4],
  ['publish.prepared', 1],
  ['publish.decided', 1],
  ['publish.revision-linked', 1],
  ['publish.revision-linked', 5],
  ['publish.revision-kept', 1],
  ['publish.unpublished', 1],
  ['publish.file-renamed', 1],
  ['publish.file-renamed', 4],
  ['publish.data-renamed', 1],
  ['publish.manifest-renamed', 1],
  ['file.written', 1],
  ['file.replaced', 1],
  ['publish.report-written', 1],
  ['publish.ended', 1],
];
/** The first border behind the last look at the signal: from there on a publication goes forward, whatever comes. */
const DECISION = POINTS.findIndex(([name]) => name === 'publish.prepared');

async function expectNewHour(): Promise<void> {
  expect(await verifyDataset(manifestPath())).toMatchObject({
    manifest: { revision: 2, counts: { tweets: 40 } },
    differences: [],
  });
  expect(await verifyDataset(oldManifestPath(1))).toMatchObject({
    manifest: { counts: { tweets: 30 } },
    differences: [],
  });
  expect(await listDay()).toEqual([...CURRENT, 'revisions']);
  expect((await readdir(join(output, '2022-10-01', 'revisions'))).sort()).toEqual(oldNames(1));
  expect(await readFile(join(output, '2022-10-01', '2022-10-01_report.txt'), 'utf8')).toBe('hour\ttweets\n13\t40\n');
}

let prepared: string | undefined;
afterAll(async () => {
  if (prepared !== undefined) await rm(prepared, { recursive: true, force: true });
});

/** An hour that is built, and an input that came after: made once, copied for each test. */
async function comeAgain(): Promise<void> {
  if (prepared === undefined) {
    await write('a.jsonl', 0, 30);
    await buildHere();
    await write('b.jsonl', 30, 40);
    prepared = await mkdtemp(join(tmpdir(), 'mistnet-come-again-'));
    await cp(folder, prepared, { recursive: true });
  } else await cp(prepared, folder, { recursive: true });
}

describe('a build killed', () => {
  it.each(POINTS)(
    'at %s, time %i, leaves the old or the new hour provable, and the next build leaves the new one and no trace',
    async (name, nth) => {
      await comeAgain();
      expect(await buildUntil({ name, nth, signal: 'SIGKILL' })).toMatchObject({ signal: 'SIGKILL' });

      const proofs = await Promise.allSettled([verifyDataset(manifestPath()), verifyDataset(oldManifestPath(1))]);
      const sound = proofs.filter((proof) => proof.status === 'fulfilled' && proof.value.differences.length === 0);
      expect(sound.length).toBeGreaterThan(0);
      // What the manifest in the day's folder says must never be wrong, at no instant.
      const [current] = proofs;
      expect(current.status === 'fulfilled' ? current.value.differences : []).toEqual([]);

      expect(await buildHere()).toMatchObject({ manifest: { revision: 2 } });
      await expectNewHour();
    },
  );

  it('at its first time leaves nothing that looks published', async () => {
    await write('a.jsonl', 0, 30);
    for (const name of ['build.output-written', 'publish.decided', 'publish.data-renamed'] as const) {
      await rm(output, { recursive: true, force: true });
      expect(await buildUntil({ name, signal: 'SIGKILL' })).toMatchObject({ signal: 'SIGKILL' });
      expect(await listDay()).not.toContain('2022-10-01_13_manifest.json');
    }
    expect(await buildUntil()).toMatchObject({ code: 0, stdout: '1\n' });
    expect(await listDay()).toEqual(CURRENT);
  });
});

describe('a build told to stop', () => {
  it.each(POINTS)(
    'at %s, time %i, leaves all of the old hour or all of the new one, and no trace',
    async (name, nth) => {
      await comeAgain();
      const ended = await buildUntil({ name, nth, signal: 'SIGTERM' });
      if (POINTS.findIndex(([point]) => point === name) < DECISION) {
        expect(ended).toMatchObject({ code: 1, stdout: '' });
        expect(await listDay()).toEqual(CURRENT);
        expect(await verifyDataset(manifestPath())).toMatchObject({ manifest: { revision: 1 }, differences: [] });
      } else {
        expect(ended).toMatchObject({ code: 0, stdout: '2\n' });
        await expectNewHour();
      }
    },
  );
});

describe('the list of published hours', () => {
  it('names each hour once, superseded revisions when asked, and what cannot be read with its reason', async () => {
    await write('a.jsonl', 0, 20);
    await buildHere();
    await write('b.jsonl', 20, 30);
    await buildHere();
    const broken = join(output, '2022-10-01', '2022-10-01_14_manifest.json');
    await writeFile(broken, '{"schema":1}');
    const summary = async (options: { revisions?: boolean }) =>
      (await listDatasets(output, options)).map((entry) =>
        'manifest' in entry
          ? [entry.manifestPath, entry.manifest.revision, entry.manifest.counts.tweets]
          : [entry.manifestPath, entry.unreadable],
      );
    expect(await summary({})).toEqual([
      [manifestPath(), 2, 30],
      [broken, expect.stringMatching(/^collection: Invalid input|^\w+: .*expected/)],
    ]);
    expect(await summary({ revisions: true })).toEqual([
      [oldManifestPath(1), 1, 20],
      [manifestPath(), 2, 30],
      [broken, expect.stringMatching(/^collection: Invalid input|^\w+: .*expected/)],
    ]);
    await expect(listDatasets(join(folder, 'nowhere'))).rejects.toThrow(/Cannot read the folder/);
  });
});
