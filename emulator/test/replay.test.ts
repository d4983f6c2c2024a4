import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ended, hasPosts, openStream, orderFault, truthIds, truthOf, until } from './support/stream-client.ts';
import { startEmulator } from '../src/start-emulator.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulator-replay-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function fileOf(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function replay(files: readonly string[], rate: number | 'max' = 'max') {
  const told: string[] = [];
  await using emulator = await startEmulator({ replay: files, rate, tell: (sentence) => told.push(sentence) });
  using client = await openStream(emulator.url);
  await ended(client);
  return { told, client, ids: await truthIds(emulator.url, '1'), truth: (await truthOf(emulator.url)).connections[0] };
}

const line = (n: number, end: string): string =>
  `{"data":{"text":"t${n} 日本","id":"${9_007_199_254_740_993n + BigInt(n)}"}}${end}`;

describe('replay of stream lines', () => {
  it('unpacks what is gzipped, and names what is broken', async () => {
    const lines = [line(0, '\n'), line(1, '\n')].join('');
    const { client } = await replay([await fileOf('2244994945.twt', gzipSync(lines))]);
    expect(client.posts()).toEqual([line(0, ''), line(1, '')]);
    const torn = await fileOf('torn.twt', gzipSync(lines).subarray(0, 30));
    await expect(startEmulator({ replay: [torn] })).rejects.toThrow(/torn\.twt cannot be read: unexpected end of file/);
  });

  it.each(['\r\n', '\n'])(
    'sends the lines as they are, ended by CRLF whatever ended them (%j), then FIN',
    async (end) => {
      const odd = [
        '{"data":{"id":"1","text":"torn',
        '',
        '{"errors":[{"title":"operational-disconnect"}]}',
        '{ "data": {"id": "77", "text":"spaced"} }',
      ];
      const content = Array.from({ length: 3000 }, (_, n) => line(n, end)).join('') + odd.join(end);
      const { client, ids, truth } = await replay([await fileOf('a.jsonl', content)]);
      expect(client.ending()).toBe('end');
      expect(client.body().toString()).toBe(`${content.replaceAll(/\r?\n/g, '\r\n')}\r\n`);
      expect(ids).toHaveLength(3001);
      expect(ids.slice(0, 2)).toEqual(['9007199254740993', '9007199254740994']);
      expect(truth).toMatchObject({ sent: 3001, firstId: '9007199254740993', lastId: '77', reason: 'end-of-replay' });
    },
  );

  it('keeps bytes that are not UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from(line(1, '\n')),
      Buffer.from([0x7b, 0xff, 0xfe, 0x7d, 0x0a]),
      Buffer.from(line(2, '')),
    ]);
    const { client } = await replay([await fileOf('a.jsonl', bytes)]);
    expect(client.body().includes(Buffer.from([0x7b, 0xff, 0xfe, 0x7d, 0x0d, 0x0a]))).toBe(true);
  });

  it('goes through several files in order, from the start for each connection, and lists those without posts', async () => {
    const first = await fileOf('1.jsonl', line(1, '\n'));
    const users = await fileOf('users.json', '{"data":[{"id":"1","username":"a"}]}');
    const empty = await fileOf('empty.jsonl', '');
    const second = await fileOf('2.jsonl', line(2, '\n'));
    const told: string[] = [];
    await using emulator = await startEmulator({
      replay: [first, users, empty, second],
      tell: (sentence) => told.push(sentence),
    });
    for (const connection of ['1', '2']) {
      using client = await openStream(emulator.url, { query: 'backfill_minutes=5' });
      await ended(client);
      expect(client.body().toString()).toBe(line(1, '\r\n') + line(2, '\r\n'));
      expect(await truthIds(emulator.url, connection)).toHaveLength(2);
    }
    expect(told).toEqual([expect.stringContaining('users.json'), expect.stringContaining('empty.jsonl')]);
  });

  it('is paced by --rate, with keep-alives between', async () => {
    const file = await fileOf('a.jsonl', line(1, '\n') + line(2, '\n'));
    await using emulator = await startEmulator({ replay: [file], rate: 0.001, keepaliveMs: 20 });
    using client = await openStream(emulator.url);
    await hasPosts(client, 1);
    const before = client.lines().length;
    await until('three keep-alives have come', () => client.lines().length >= before + 3);
    expect(client.posts()).toHaveLength(1);
    expect(client.ending()).toBeUndefined();
  });

  it('waits for a slow reader and loses nothing', async () => {
    const content = Array.from({ length: 200_000 }, (_, n) => line(n, '\r\n')).join('');
    await using emulator = await startEmulator({ replay: [await fileOf('a.jsonl', content)], rate: 'max' });
    using client = await openStream(emulator.url);
    client.pause();
    let sent = -1;
    await until('the sender stands still', async () => {
      const before = sent;
      sent = (await truthOf(emulator.url)).connections[0]?.sent ?? 0;
      return sent === before;
    });
    client.resume();
    await ended(client);
    expect(client.body().toString() === content).toBe(true);
  });

  it('suffers faults, too', async () => {
    const content = Array.from({ length: 20 }, (_, n) => line(n, '\n')).join('');
    await using emulator = await startEmulator({ replay: [await fileOf('a.jsonl', content)], rate: 'max' });
    await orderFault(emulator.url, { kind: 'duplicate', after: 3 });
    await orderFault(emulator.url, { kind: 'cut', after: 10 });
    using client = await openStream(emulator.url);
    await ended(client);
    expect(client.posts()).toHaveLength(11);
    expect(client.posts()[3]).toBe(client.posts()[4]);
    expect((await truthOf(emulator.url)).connections[0]?.sent).toBe(11);
  });

  it('tells the text of a recorded post', async () => {
    const file = await fileOf('a.jsonl', line(1, '\n'));
    await using emulator = await startEmulator({ replay: [file] });
    const posts = await fetch(`${emulator.url}/_emulator/truth/posts?ids=9007199254740994,5`);
    expect(await posts.text()).toBe('{"id":"9007199254740994","text":"t1 日本"}\n');
  });

  it('finds posts in pages of every kind: statuses of a search, results of a premium one', async () => {
    const status = (id: string) => ({ id_str: id, text: 't', user: { id_str: '7' } });
    const files = [
      await fileOf('search.json', JSON.stringify({ statuses: [status('1')], search_metadata: {} })),
      await fileOf('premium.json', JSON.stringify({ results: [status('2'), status('3')], next: 'x' })),
      await fileOf('usage.json', JSON.stringify({ results: [{ period: 1 }] })),
    ];
    const { told, ids } = await replay(files);
    expect(ids).toEqual(['1', '2', '3']);
    expect(told.filter((sentence) => sentence.startsWith('skipped'))).toHaveLength(1);
  });

  it('names a file that cannot be read', async () => {
    await expect(startEmulator({ replay: [join(folder, 'missing.jsonl')] })).rejects.toThrow(
      /missing\.jsonl cannot be read: ENOENT/,
    );
    await expect(startEmulator({ replay: [folder] })).rejects.toThrow(/is not a file|EISDIR/);
  });
});

const FIXTURES = fileURLToPath(new URL('../../../shared/fixtures/', import.meta.url));
const WHY_NOT = `the recordings of real exchanges are absent (${FIXTURES})`;

/** Ids of the posts of a recording, found in another way than the emulator's: by pattern, in the text. */
function idsInText(text: string): Set<string> {
  return new Set([...text.matchAll(/"(?:id|id_str)"\s*:\s*"?(\d+)"?/g)].map(([, id = '']) => id));
}

describe('replay of real recordings', () => {
  it('turns every recording of v2 into whole lines with untouched ids, or lists it as skipped', async (context) => {
    if (!existsSync(FIXTURES)) return context.skip(WHY_NOT);
    const files = (await readdir(join(FIXTURES, 'x-v2'), { recursive: true }))
      .filter((name) => /\.jsonl?$/.test(name))
      .toSorted();
    expect(files.length).toBeGreaterThan(80);
    let posts = 0;
    const skipped: string[] = [];
    for (const name of files) {
      const path = join(FIXTURES, 'x-v2', name);
      const { told, client, ids } = await replay([path]);
      if (told.length > 0) skipped.push(name);
      expect(told.length > 0, `${name} is told as skipped`).toBe(client.posts().length === 0);
      const known = idsInText((await readFile(path, 'utf8')).replaceAll('\\"', '"'));
      for (const id of ids) expect(known.has(id), `${name} ${id}`).toBe(true);
      posts += ids.length;
    }
    expect(posts).toBeGreaterThan(2000);
    for (const name of [
      'twarc-csv/users.jsonl',
      'twarc-csv/counts.jsonl',
      'twarc-csv/tweets_compliance.jsonl',
      'errors/errors.json',
      'extra/note_tweets.json',
    ]) {
      expect(skipped).toContain(name);
    }
  });

  it('sends the recorded stream byte by byte', async (context) => {
    const path = join(FIXTURES, 'x-v2/twarc-csv/streaming_output_with_error.jsonl');
    if (!existsSync(path)) return context.skip(WHY_NOT);
    const { client, ids } = await replay([path]);
    const content = await readFile(path, 'utf8');
    expect(client.body().toString()).toBe(`${content.trimEnd().replaceAll('\n', '\r\n')}\r\n`);
    expect(ids).toHaveLength(7);
  });

  it('gives each post of a page its share of the includes', async (context) => {
    const path = join(FIXTURES, 'x-v2/twarc-csv/kpop.jsonl');
    if (!existsSync(path)) return context.skip(WHY_NOT);
    const { client } = await replay([path]);
    const page = JSON.parse(await readFile(path, 'utf8')) as {
      data: { id: string; author_id: string }[];
      includes: { users: unknown[] };
    };
    const lines = client
      .posts()
      .map(
        (text) =>
          JSON.parse(text) as { data: { id: string; author_id: string }; includes: { users: { id: string }[] } },
      );
    expect(lines.map(({ data }) => data)).toEqual(page.data);
    for (const { data, includes } of lines) {
      expect(includes.users.map(({ id }) => id)).toContain(data.author_id);
      expect(includes.users.length).toBeLessThan(page.includes.users.length / 2);
      for (const user of includes.users) expect(page.includes.users).toContainEqual(user);
    }
  });

  it('keeps the digits of numeric ids in v1.1 recordings', async (context) => {
    const folders = ['x-v1.1/python-twitter', 'x-v1.1/tweepy-cassettes', 'x-v1.1/sferik', 'x-v1.1/simdjson'];
    if (!existsSync(join(FIXTURES, folders[0] ?? ''))) return context.skip(WHY_NOT);
    const files: string[] = [];
    for (const name of folders) {
      const names = await readdir(join(FIXTURES, name));
      files.push(...names.filter((file) => file.endsWith('.json')).map((file) => join(FIXTURES, name, file)));
    }
    const { client, ids } = await replay(files);
    expect(ids.length).toBeGreaterThan(400);
    const pairs = client.posts().flatMap((text) => [...text.matchAll(/"id":(\d+),"id_str":"(\d+)"/g)]);
    expect(pairs.length).toBeGreaterThan(400);
    for (const [, number, string] of pairs) expect(number).toBe(string);
  });
});
