/** Hours at the borders of days, months and years, where clocks change, without posts, and from machines whose clocks disagree. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeFrame, encodeFrameHead } from '../../src/capture/segment/format.ts';
import { HOUR_MS, msToUtcHour, parseUtcHour, utcHourToMs } from '../../src/core/time.ts';
import { verifyDataset } from '../../src/process/verify-dataset.ts';
import { build, readOutput } from '../support/hours.ts';
import { makeTweet, rawLine } from '../support/tweets.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mistnet-time-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A post that was made at an instant, as a node whose clock is off by so much keeps it. */
type Post = { id: string; atMs: number };

const idAt = (atMs: number) => String((BigInt(atMs) - 1_288_834_974_657n) << 22n);

async function writeNode(name: string, posts: Post[], skewMs = 0): Promise<{ name: string; files: string[] }> {
  const frames = posts.flatMap(({ id, atMs }) => {
    const at = new Date(atMs + skewMs).toISOString();
    const line = rawLine(makeTweet(1, { id, createdAt: new Date(atMs).toISOString() }));
    return encodeFrame(encodeFrameHead({ at, platform: 'x', endpoint: 'sample', session: 's' }), Buffer.from(line));
  });
  const file = join(folder, `${name}-20221001T000000Z-1.jsonl`);
  await writeFile(file, Buffer.concat(frames));
  return { name, files: [file] };
}

function postsBetween(fromMs: number, toMs: number, everyMs: number): Post[] {
  return Array.from({ length: Math.ceil((toMs - fromMs) / everyMs) }, (_, n) => fromMs + n * everyMs).map((atMs) => ({
    id: idAt(atMs),
    atMs,
  }));
}

type Border = [what: string, zone: string, from: string, labels: string[], reports: Record<string, string>];

const BORDERS: Border[] = [
  [
    'of a year',
    'UTC',
    '2023-12-31T23Z',
    ['2023-12-31_23', '2024-01-01_00'],
    { '2023-12-31': '23\t3\n', '2024-01-01': '0\t3\n' },
  ],
  [
    'before a leap day',
    'UTC',
    '2024-02-28T23Z',
    ['2024-02-28_23', '2024-02-29_00'],
    { '2024-02-28': '23\t3\n', '2024-02-29': '0\t3\n' },
  ],
  [
    'behind a leap day, where it is one hour later',
    'Europe/Vienna',
    '2024-02-29T22Z',
    ['2024-02-29_23', '2024-03-01_00'],
    { '2024-02-29': '23\t3\n', '2024-03-01': '0\t3\n' },
  ],
  [
    'of a month in a year that has no leap day, though it is divisible by four',
    'UTC',
    '2100-02-28T23Z',
    ['2100-02-28_23', '2100-03-01_00'],
    { '2100-02-28': '23\t3\n', '2100-03-01': '0\t3\n' },
  ],
  [
    'in Vienna’s day of 23 hours',
    'Europe/Vienna',
    '2026-03-29T00Z',
    ['2026-03-29_01', '2026-03-29_03'],
    { '2026-03-29': '1\t3\n3\t3\n' },
  ],
  [
    'in Vienna’s day of 25 hours',
    'Europe/Vienna',
    '2026-10-25T00Z',
    ['2026-10-25_02+0200', '2026-10-25_02+0100'],
    { '2026-10-25': '2+0200\t3\n2+0100\t3\n' },
  ],
  [
    'in New York’s day of 23 hours',
    'America/New_York',
    '2026-03-08T06Z',
    ['2026-03-08_01', '2026-03-08_03'],
    { '2026-03-08': '1\t3\n3\t3\n' },
  ],
  [
    'in New York’s day of 25 hours',
    'America/New_York',
    '2026-11-01T05Z',
    ['2026-11-01_01-0400', '2026-11-01_01-0500'],
    { '2026-11-01': '1-0400\t3\n1-0500\t3\n' },
  ],
  [
    'in Lord Howe’s day of 23½ hours',
    'Australia/Lord_Howe',
    '2026-10-03T14Z',
    ['2026-10-04_00', '2026-10-04_01', '2026-10-04_03'],
    { '2026-10-04': '0\t3\n1\t3\n3\t3\n' },
  ],
  [
    'in Lord Howe’s day of 24½ hours',
    'Australia/Lord_Howe',
    '2026-04-04T14Z',
    ['2026-04-05_01+1100', '2026-04-05_01+1030', '2026-04-05_02'],
    { '2026-04-05': '1+1100\t3\n1+1030\t3\n2\t3\n' },
  ],
];

describe('the hours at the border', () => {
  it.each(BORDERS)('%s (%s, from %s on) hold each post once, under names of their own', async (...border) => {
    const [, zone, from, labels, reports] = border;
    const fromMs = utcHourToMs(parseUtcHour(from));
    // First, middle and last millisecond of each hour; one post before and one behind all of them.
    const inHours = labels.flatMap((_, n) =>
      [0, HOUR_MS / 2, HOUR_MS - 1].map((ms) => ({
        id: idAt(fromMs + n * HOUR_MS + ms),
        atMs: fromMs + n * HOUR_MS + ms,
      })),
    );
    const [before, behind] = [fromMs - 1, fromMs + labels.length * HOUR_MS].map((atMs) => ({ id: idAt(atMs), atMs }));
    const node = await writeNode('one', [before as Post, ...inHours, behind as Post]);
    const output = join(folder, 'out');
    const found: string[] = [];
    for (const [n, label] of labels.entries()) {
      const hour = msToUtcHour(fromMs + n * HOUR_MS);
      const built = await build({ nodes: [node], output, mode: 'cut', hour, zone });
      expect(built.manifest).toMatchObject({
        label,
        hour,
        zone,
        counts: { tweets: 3 },
        nodes: [{ outside: inHours.length - 1 }],
      });
      expect(await verifyDataset(built.manifestPath)).toMatchObject({ differences: [] });
      found.push(...(await readOutput(built, 'ids')).trim().split('\n'));
    }
    expect(found).toEqual(inHours.map(({ id }) => id));
    expect((await readdir(output)).sort()).toEqual(Object.keys(reports));
    for (const [day, lines] of Object.entries(reports))
      expect(await readFile(join(output, day, `${day}_report.txt`), 'utf8')).toBe(`hour\ttweets\n${lines}`);
  });

  it('where nothing was captured have their own files and a line in the report that says 0', async () => {
    const fromMs = Date.parse('2024-02-29T22:00:00Z');
    const node = await writeNode(
      'one',
      postsBetween(fromMs, fromMs + 3 * HOUR_MS, 300_000).filter(({ atMs }) => msToUtcHour(atMs) !== '2024-02-29T23Z'),
    );
    const output = join(folder, 'out');
    for (const hour of ['2024-02-29T22Z', '2024-02-29T23Z', '2024-03-01T00Z'])
      await build({ nodes: [node], output, mode: 'cut', hour: parseUtcHour(hour) });
    expect(await readFile(join(output, '2024-02-29/2024-02-29_report.txt'), 'utf8')).toBe(
      'hour\ttweets\n22\t12\n23\t0\n',
    );
    expect(await readFile(join(output, '2024-02-29/2024-02-29_23_IDs.txt'), 'utf8')).toBe('');
    expect(await readFile(join(output, '2024-03-01/2024-03-01_report.txt'), 'utf8')).toBe('hour\ttweets\n0\t12\n');
  });
});

describe('two nodes whose clocks are 90 s fast and 90 s slow', () => {
  const SKEW_MS = 90_000;

  it('lose no post between two hours, and have each once in an hour', async () => {
    const fromMs = Date.parse('2022-10-01T12:50:00Z');
    const posts = postsBetween(fromMs, fromMs + 80 * 60_000, 10_000);
    const nodes = [await writeNode('fast', posts, SKEW_MS), await writeNode('slow', posts, -SKEW_MS)];
    const output = join(folder, 'out');
    const met = new Map<string, number>();
    for (const hour of ['2022-10-01T12Z', '2022-10-01T13Z', '2022-10-01T14Z'].map(parseUtcHour)) {
      const built = await build({ nodes, output, mode: 'cut', hour });
      const heldBy = posts.map(({ id, atMs }) => ({
        id,
        nodes: [SKEW_MS, -SKEW_MS].filter((skew) => msToUtcHour(atMs + skew) === hour).length,
      }));
      const expected = heldBy.filter((post) => post.nodes > 0);
      const ids = (await readOutput(built, 'ids')).trim().split('\n');
      expect(ids).toEqual(expected.map(({ id }) => id));
      expect(built.manifest.counts.difference).toBe(expected.filter((post) => post.nodes === 1).length);
      for (const id of ids) met.set(id, (met.get(id) ?? 0) + 1);
    }
    // Every post is in an hour; those within 90 s of a border are in both of its hours, for each node says its own of them.
    const near = posts
      .filter(({ atMs }) => msToUtcHour(atMs - SKEW_MS) !== msToUtcHour(atMs + SKEW_MS))
      .map(({ id }) => id);
    expect(near.length).toBe(36);
    expect(posts.filter(({ id }) => met.get(id) !== (near.includes(id) ? 2 : 1))).toEqual([]);
  });
});
