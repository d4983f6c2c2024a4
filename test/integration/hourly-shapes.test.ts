import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeFrame, encodeFrameHead } from '../../src/capture/segment/format.ts';
import { parseUtcHour } from '../../src/core/time.ts';
import { TWEET_COLUMNS } from '../../src/process/csv-row.ts';
import type { NodeInput } from '../../src/process/read-node.ts';
import { build, parseNamedCsv, readOutput, readParquet } from '../support/hours.ts';
import { flattenedLine, makeTweet, rawLine, type Tweet } from '../support/tweets.ts';

let folder: string;
let output: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mistnet-shapes-'));
  output = join(folder, 'out');
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

/** Writes a file of a node and returns its path. */
async function put(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

const AT = '2022-10-01T13:30:00.123Z';
const frame = (payload: string | Buffer, at = AT) =>
  Buffer.concat(
    encodeFrame(encodeFrameHead({ at, platform: 'x', endpoint: 'sample', session: 's' }), Buffer.from(payload)),
  );
const frames = (lines: string[], at = AT) => Buffer.concat(lines.map((line) => frame(line, at)));
const flat = (tweet: Tweet) => flattenedLine(tweet, '2022-10-01T13:30:00+00:00');
const node = (name: string, ...files: string[]): NodeInput => ({ name, files });
const tweets = Array.from({ length: 200 }, (_, n) => makeTweet(n));
const text = (lines: string[], end = '\n') => lines.map((line) => line + end).join('');

describe('an hour', () => {
  it('is the same from every shape and container, mixed in one file too', async () => {
    const halves = [tweets.slice(0, 90), tweets.slice(90)];
    const forms: Record<string, [name: string, content: string | Buffer]> = {
      flattened: ['a.jsonl', text(tweets.map(flat))],
      crlf: ['b.jsonl', text(tweets.map(flat), '\r\n')],
      framedRaw: ['c.jsonl', frames(tweets.map(rawLine))],
      framedFlat: ['d.jsonl.zst', zstdCompressSync(frames(tweets.map(flat)))],
      gzip: ['e.jsonl.gz', Buffer.concat(halves.map((half) => gzipSync(text(half.map(flat)))))],
      zstd: ['f.jsonl.zst', Buffer.concat(halves.map((half) => zstdCompressSync(frames(half.map(rawLine)))))],
      mixed: [
        'g.jsonl',
        Buffer.concat([
          frames(halves[0]?.map(rawLine) ?? []),
          Buffer.from(`\ufeff\n\r\n${text(halves[1]?.map(flat) ?? [])}`),
        ]),
      ],
      base64: ['h.jsonl', frames(tweets.map((tweet) => `${rawLine(tweet)}\r`))],
    };
    let first: { tweets: string; users: string; ids: string } | undefined;
    for (const [form, [name, content]] of Object.entries(forms)) {
      const built = await build({ nodes: [node('n', await put(name, content))], output: join(folder, form) });
      const [report] = built.manifest.nodes;
      expect({ form, tweets: built.manifest.counts.tweets }).toEqual({ form, tweets: 200 });
      expect(Object.values(report?.malformed ?? {})).toEqual(form === 'mixed' ? [1] : []);
      const found = {
        tweets: await readOutput(built, 'tweets'),
        users: await readOutput(built, 'users'),
        ids: await readOutput(built, 'ids'),
      };
      first ??= found;
      expect({ form, ...found }).toEqual({ form, ...first });
    }
  });

  it('holds each tweet once, with its text, in the order of the ids', async () => {
    const shuffled = tweets.map((_, index) => tweets[(index * 77) % tweets.length] as Tweet);
    const built = await build({ nodes: [node('n', await put('a.jsonl', text(shuffled.map(rawLine))))], output });
    const rows = parseNamedCsv(await readOutput(built, 'tweets'));
    expect(rows.map(({ id }) => id)).toEqual(tweets.map(({ id }) => id));
    expect(rows.map((row) => row.text)).toEqual(tweets.map((tweet) => tweet.text.replaceAll('\n', ' ')));
    expect(rows.every((row) => row.retrieved_at === '')).toBe(true);
    expect(await readOutput(built, 'ids')).toBe(text(tweets.map(({ id }) => id)));
    const users = parseNamedCsv(await readOutput(built, 'users'));
    expect(new Set(users.map((user) => user.author_id))).toEqual(new Set(tweets.map((tweet) => tweet.authorId)));
    expect(users.length).toBe(new Set(tweets.map((tweet) => tweet.authorId)).size);
  });

  it('takes from users the latest tweet, latest user first', async () => {
    const at = (second: number) => new Date(Date.parse('2022-10-01T13:00:00Z') + second * 1000).toISOString();
    const lines = [
      makeTweet(1, { id: '101', authorId: '7', createdAt: at(5), name: 'newest' }),
      makeTweet(1, { id: '9', authorId: '7', createdAt: at(5), name: 'same second, smaller id' }),
      makeTweet(1, { id: '102', authorId: '7', createdAt: at(4), name: 'older' }),
      makeTweet(1, { id: '103', authorId: '8', createdAt: at(6), name: 'other' }),
      makeTweet(1, { id: '50', authorId: '9', createdAt: at(5), name: 'between' }),
    ];
    const built = await build({ nodes: [node('n', await put('a.jsonl', text(lines.map(rawLine))))], output });
    const users = parseNamedCsv(await readOutput(built, 'users'));
    expect(users.map((user) => [user.author_id, user['author.name']])).toEqual([
      ['8', 'other'],
      ['7', 'newest'],
      ['9', 'between'],
    ]);
  });

  it("prefers the first node's copy, and within a node the earliest", async () => {
    const copy = (source: string, second: number, n = 1) =>
      flattenedLine(makeTweet(n, { source }), `2022-10-01T13:30:${String(second).padStart(2, '0')}+00:00`);
    const a = await put(
      'a/1.jsonl',
      text([
        copy('a late', 20),
        copy('a unknown', 0).replace('2022-10-01T13:30:00+00:00', '?'),
        copy('a early', 10),
        copy('a early again', 10),
      ]),
    );
    const b = await put('b/1.jsonl', text([copy('b', 5), copy('b2', 7, 2), copy('b2 early', 6, 2)]));
    const built = await build({ nodes: [node('a', a), node('b', b)], output });
    const rows = parseNamedCsv(await readOutput(built, 'tweets'));
    expect(rows.map(({ source, retrieved_at }) => [source, retrieved_at])).toEqual([
      ['a early', '2022-10-01 13:30:10+00:00'],
      ['b2 early', '2022-10-01 13:30:06+00:00'],
    ]);
    expect(built.manifest.report.line).toBe('13\t1\t2\t2\t1\t50.0%');
    expect(built.manifest.nodes).toMatchObject([
      { name: 'a', tweets: 4, unique: 1, duplicates: 3, unusable: { retrieved_at: 1 } },
      { name: 'b', tweets: 3, unique: 2, duplicates: 1 },
    ]);
    expect(await readParquet(built, 'select node, nodes from posts order by id')).toEqual([
      { node: 'a', nodes: 2 },
      { node: 'b', nodes: 1 },
    ]);
  });

  it('is cut by the time of capture where it comes from segments, start inclusive and end exclusive', async () => {
    const at = ['12:59:59.999', '13:00:00.000', '13:59:59.999', '14:00:00.000'].map((time) => `2022-10-01T${time}Z`);
    const content = Buffer.concat(at.map((instant, n) => frame(rawLine(makeTweet(n)), instant)));
    const file = await put(
      'one-20221001T125959Z-1.jsonl',
      Buffer.concat([content, Buffer.from(text([rawLine(makeTweet(9))])), content.subarray(0, 200)]),
    );
    const cut = await build({ nodes: [node('one', file)], output, mode: 'cut' });
    expect(await readOutput(cut, 'ids')).toBe(text([makeTweet(1).id, makeTweet(2).id]));
    expect(cut.manifest.nodes).toMatchObject([
      { lines: 6, tweets: 2, outside: 2, malformed: { 'no frame': 1, 'cut off': 1 } },
    ]);
    const rows = parseNamedCsv(await readOutput(cut, 'tweets'));
    expect(rows.map((row) => row.retrieved_at)).toEqual(['2022-10-01 13:00:00+00:00', '2022-10-01 13:59:59+00:00']);
    expect(await readParquet(cut, 'select retrieved_at from posts order by id limit 1 offset 1')).toEqual([
      { retrieved_at: '2022-10-01 13:59:59.999+00' },
    ]);
    const next = await build({ nodes: [node('one', file)], output, mode: 'cut', hour: parseUtcHour('2022-10-01T14Z') });
    expect(await readOutput(next, 'ids')).toBe(text([makeTweet(3).id]));
  });

  it('loses only the lines that are malformed, and says which and why', async () => {
    const [one, two, three] = [0, 1, 2].map((n) => rawLine(makeTweet(n))) as [string, string, string];
    const lines = [
      one,
      two.slice(0, 200),
      '<html><body>503</body></html>',
      '',
      '"keep-alive"',
      '{"errors":[{"title":"x"}]}',
      '{"data":{"id":5}}',
      two,
      three.slice(0, -30),
    ];
    const built = await build({ nodes: [node('n', await put('a.jsonl', lines.join('\n')))], output });
    expect(built.manifest.counts.tweets).toBe(2);
    expect(built.manifest.nodes).toMatchObject([
      {
        lines: 9,
        tweets: 2,
        control: 1,
        blank: 1,
        outside: 0,
        malformed: { 'not JSON': 2, 'not an object': 1, 'id is not a decimal string': 1, 'cut off': 1 },
        malformedSamples: [
          { file: 'a.jsonl', line: 2, reason: 'not JSON' },
          { file: 'a.jsonl', line: 3, reason: 'not JSON' },
          { file: 'a.jsonl', line: 5, reason: 'not an object' },
          { file: 'a.jsonl', line: 7, reason: 'id is not a decimal string' },
          { file: 'a.jsonl', line: 9, reason: 'cut off' },
        ],
      },
    ]);
  });

  it('keeps a tweet whose bytes are no UTF-8, repaired, and counts it', async () => {
    const [before, after] = rawLine(makeTweet(1, { text: 'a§b' })).split('§') as [string, string];
    const line = Buffer.concat([Buffer.from(before), Buffer.from([0xff, 0xc3]), Buffer.from(`${after}\n`)]);
    const built = await build({ nodes: [node('n', await put('a.jsonl', line))], output });
    expect(parseNamedCsv(await readOutput(built, 'tweets'))[0]?.text).toBe('a\ufffd\ufffdb');
    expect(built.manifest.nodes).toMatchObject([{ tweets: 1, repaired: 1 }]);
    const framed = await build({
      nodes: [node('n', await put('b.jsonl', frame(line.subarray(0, -1))))],
      output: join(folder, 'framed'),
    });
    expect(await readOutput(framed, 'ids')).toBe(await readOutput(built, 'ids'));
  });

  it('reads a cut packed file up to its cut and says so', async () => {
    const lines = Array.from({ length: 20_000 }, (_, n) =>
      rawLine(makeTweet(n, { text: `${Math.imul(n, 2654435761)} ${Math.imul(n, 40503)} ${n ** 3}` })),
    );
    const whole = gzipSync(text(lines));
    const built = await build({
      nodes: [node('n', await put('a.jsonl.gz', whole.subarray(0, whole.length - 50_000)))],
      output,
    });
    const { tweets: count } = built.manifest.counts;
    expect(count).toBeGreaterThan(10_000);
    expect(count).toBeLessThan(20_000);
    expect(built.manifest.nodes[0]?.inputs[0]).toMatchObject({ file: 'a.jsonl.gz', damaged: expect.any(String) });
    expect(await readOutput(built, 'ids')).toBe(text(Array.from({ length: count }, (_, n) => makeTweet(n).id)));
  });

  it('without posts has empty files with headers, and a report line', async () => {
    const file = await put('a.jsonl', '\r\n\r\n');
    const built = await build({ nodes: [node('a', file), { name: 'b', files: [] }], output });
    expect(await readOutput(built, 'tweets')).toBe(`${TWEET_COLUMNS.join(',')}\n`);
    expect(await readOutput(built, 'ids')).toBe('');
    expect(built.manifest.report.line).toBe('13\t0\t0\t0\t0\t0.0%');
    expect(await readParquet(built, 'select count(*)::int as n from posts')).toEqual([{ n: 0 }]);
    await expect(build({ nodes: [], output })).rejects.toMatchObject({ code: 'dataset.empty' });
    await expect(build({ nodes: [node('a', file)], output, zone: 'Vienna' })).rejects.toMatchObject({
      code: 'zone.invalid',
    });
  });

  it('has hostile values whole in CSV and Parquet', async () => {
    const hostile = [
      'NA',
      'null',
      'nan',
      '',
      '"',
      ',',
      'a\rb',
      'a\nb',
      'a\r\nb',
      'a\tb',
      'a\0b',
      '\x1b',
      '\x1bn',
      '\x1e\x1f\x1b0',
      'a\u2028b',
      '=1+1',
      "'",
      '\\n',
      '\\',
      '\u007f',
      '\ufffe',
      '漢🐦',
      ' x ',
      'x'.repeat(3_000_000),
    ];
    const lines = hostile.map((value, n) => makeTweet(n, { text: value, name: value, location: value, source: value }));
    const built = await build({ nodes: [node('a\tb', await put('a.jsonl', text(lines.map(rawLine))))], output });
    const rows = parseNamedCsv(await readOutput(built, 'tweets'));
    const written = hostile.map((value) => value.replaceAll('\0', '\\0'));
    expect(rows.map((row) => row.text)).toEqual(written.map((value) => value.replaceAll('\n', ' ')));
    expect(rows.map((row) => row['author.name'])).toEqual(written);
    expect(rows.map((row) => row['author.location'])).toEqual(written);
    expect(rows.map((row) => row.source)).toEqual(written);
    const posts = await readParquet(
      built,
      'select text, source, "author.name" as name, "author.location" as location, node from posts order by id',
    );
    expect(posts).toEqual(
      hostile.map((value) => ({ text: value, source: value, name: value, location: value, node: 'a\tb' })),
    );
  });

  it('is typed in Parquet, with all references and what the CSV leaves out', async () => {
    const extra = {
      public_metrics: { retweet_count: 3, reply_count: 0, like_count: 9007199254740, quote_count: 1 },
      note_tweet: { text: 'the long\ntext' },
    };
    const references = [
      { type: 'replied_to', id: '5' },
      { type: 'quoted', id: '9223372036854775807' },
      { type: 'odd\t type', id: 'no number' },
    ];
    const line = JSON.parse(rawLine(makeTweet(1, { id: '9223372036854775807', references })));
    Object.assign(line.data, extra);
    const built = await build({
      nodes: [node('n', await put('a.jsonl', frame(JSON.stringify(line))))],
      output,
      collection: 'c',
      zone: 'Europe/Vienna',
    });
    const [post] = await readParquet(built);
    expect(post).toMatchObject({
      id: '9223372036854775807',
      created_at: '2022-10-01 13:00:01+00',
      retrieved_at: '2022-10-01 13:30:00.123+00',
      reference_type: 'replied_to',
      referenced_tweet_id: '5',
      references,
      long_text: 'the long\ntext',
      'public_metrics.like_count': '9007199254740',
      'public_metrics.bookmark_count': null,
      'author.verified': false,
      'author.public_metrics.followers_count': '1',
      node: 'n',
      nodes: 1,
    });
    const columns = await readParquet(built, 'select column_name, column_type from (describe posts)');
    const types = Object.fromEntries(columns.map(({ column_name, column_type }) => [column_name, column_type]));
    expect(Object.keys(types).slice(0, 20)).toEqual(TWEET_COLUMNS);
    expect(types).toMatchObject({
      id: 'VARCHAR',
      created_at: 'TIMESTAMP WITH TIME ZONE',
      'author.verified': 'BOOLEAN',
      'author.public_metrics.tweet_count': 'BIGINT',
      references: 'STRUCT("type" VARCHAR, id VARCHAR)[]',
    });
    const dictionary = await readFile(new URL('../../docs/data-dictionary.md', import.meta.url), 'utf8');
    const undocumented = Object.keys(types).filter(
      (name) => !dictionary.includes(`\`${name}\``) && !dictionary.includes(`\`….${name.split('.').at(-1)}\``),
    );
    expect(undocumented).toEqual([]);
    const path = join(built.dayFolder, built.manifest.outputs.posts.file);
    const metadata = await readParquet(
      built,
      `select decode(key) as key, decode(value) as value from parquet_kv_metadata('${path}')`,
    );
    expect(Object.fromEntries(metadata.map(({ key, value }) => [key, value]))).toMatchObject({
      'mistnet.hour': '2022-10-01T13Z',
      'mistnet.zone': 'Europe/Vienna',
      'mistnet.collection': 'c',
      'mistnet.revision': '1',
      'mistnet.partial': 'false',
    });
    expect(built.manifest.outputs.tweets.file).toBe('2022-10-01_15_tweets.csv');
  });

  it('is named by its zone on the days when the clock changes', async () => {
    const file = await put('a.jsonl', text([rawLine(makeTweet(1))]));
    for (const hour of ['2026-10-24T23Z', '2026-10-25T01Z', '2026-10-25T00Z', '2026-10-25T02Z'])
      await build({ nodes: [node('n', file)], output, hour: parseUtcHour(hour), zone: 'Europe/Vienna' });
    const last = await build({
      nodes: [node('n', file)],
      output,
      hour: parseUtcHour('2026-10-25T22Z'),
      zone: 'Europe/Vienna',
    });
    expect(await readFile(join(last.dayFolder, '2026-10-25_report.txt'), 'utf8')).toBe(
      'hour\ttweets\n1\t1\n2+0200\t1\n2+0100\t1\n3\t1\n23\t1\n',
    );
  });

  it('has the same posts however they were spread over nodes, files, shapes and copies', async () => {
    const total = 60;
    const expected = text(Array.from({ length: total }, (_, n) => makeTweet(n).id));
    let run = 0;
    const place = fc.record({ node: fc.nat(2), file: fc.nat(2), isFramed: fc.boolean() });
    const spread = fc.array(fc.array(place, { minLength: 1, maxLength: 3 }), { minLength: total, maxLength: total });
    await fc.assert(
      fc.asyncProperty(spread, async (places) => {
        const contents: Record<string, Buffer[]> = {};
        const held = [new Set<number>(), new Set<number>(), new Set<number>()];
        for (const [n, copies] of places.entries()) {
          for (const copy of copies) {
            const line = rawLine(makeTweet(n));
            (contents[`${copy.node}/${copy.file}.jsonl`] ??= []).push(
              copy.isFramed ? frame(line) : Buffer.from(`${line}\r\n`),
            );
            held[copy.node]?.add(n);
          }
        }
        const here = `run${run++}`;
        const nodes: NodeInput[] = [node('0'), node('1'), node('2')];
        for (const [name, lines] of Object.entries(contents))
          nodes[Number(name[0])]?.files.push(await put(join(here, name), Buffer.concat(lines)));
        const built = await build({ nodes, output: join(folder, here, 'out') });
        expect(await readOutput(built, 'ids')).toBe(expected);
        const missing = places.filter((_, n) => held.some((set) => !set.has(n))).length;
        expect(built.manifest.counts.difference).toBe(missing);
        expect(built.manifest.nodes.map(({ unique }) => unique)).toEqual(held.map((set) => set.size));
        for (const report of built.manifest.nodes) {
          expect(report.tweets).toBe(report.unique + report.duplicates);
          expect(report.lines).toBe(report.tweets);
        }
      }),
      { numRuns: 6 },
    );
  });
});
