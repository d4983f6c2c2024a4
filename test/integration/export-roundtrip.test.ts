/** Whatever people write comes out of every format as it went in: recorded posts and generated ones, read back by programs that did not write them. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportBench, type Meeting, readRows } from '../support/exports.ts';
import { projectRoot } from '../support/server.ts';
import { snowflakeAt } from '../support/sample-posts.ts';

const START = Date.parse('2026-11-22T13:00:00.000Z');
const FIXTURES = join(projectRoot, '../shared/fixtures');

/** What a row must say, worked out from the payload by the test itself. */
type Expected = { id: string; text: string; short: string; handle: string | undefined; authorId: string };

describe('every format', () => {
  it('gives back ids, emoji, line breaks and quotes of generated posts', async () => {
    const seed = Number(process.env.MISTNET_TEST_SEED ?? 20_261_122);
    const posts = fc.sample(
      fc.record({ text: nasty, name: nasty, location: fc.option(nasty, { nil: undefined }), author: bigId }),
      { numRuns: 400, seed },
    );
    const expected = new Map<string, Expected>();
    const frames = posts.map(({ text, name, location, author }, at): Meeting => {
      const id = at % 10 === 0 ? String(20 + at) : snowflakeAt(START + at, at);
      expected.set(id, { id, text: storable(text), short: storable(text), handle: `bird${at}`, authorId: author });
      const user = { id: author, username: `bird${at}`, name, location };
      return {
        payload: JSON.stringify({ data: { id, text, author_id: author }, includes: { users: [user] } }),
        atMs: START + at,
      };
    });
    await compareAll(frames, expected, `seed ${seed}`);
  });

  it.skipIf(!existsSync(FIXTURES))(
    'gives back recorded posts (needs the recorded payloads beside the project)',
    async () => {
      const expected = new Map<string, Expected>();
      const frames: Meeting[] = [];
      for (const folder of ['x-v1.1', 'x-v2', 'x-recorded'])
        for (const file of await filesBelow(join(FIXTURES, folder)))
          for (const payload of await payloadsOf(file)) {
            const post = expectedOf(payload);
            if (post === undefined) continue;
            if (!expected.has(post.id)) expected.set(post.id, post);
            frames.push({ payload, atMs: START + frames.length });
          }
      expect(expected.size).toBeGreaterThan(3000);
      await compareAll(frames, expected, 'recorded');
    },
  );
});

/** Loads the frames, exports them in every format and compares each row by id. */
async function compareAll(frames: Meeting[], expected: Map<string, Expected>, label: string): Promise<void> {
  await using bench = await exportBench();
  await bench.load('birds', frames);
  const ids = [...expected.keys()].toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const byId = (rows: Record<string, string>[]) => new Map(rows.map((row) => [row.id ?? '', row]));
  for (const format of ['csv', 'tsv', 'xlsx', 'parquet'] as const) {
    const { folder, manifest } = await bench.export(`full-${format}`, { format });
    const file = join(folder, manifest.files[0]?.file ?? '');
    const rows = byId(format === 'parquet' ? await readParquet(file) : objects(await readRows(format, file)));
    expect([...rows.keys()].toSorted(), `${format}, ${label}`).toEqual(ids.toSorted());
    const differing = [...expected.values()].filter(({ id, text, handle, authorId }) => {
      const row = rows.get(id);
      // Of a post without its author's profile the handle is the one last seen elsewhere, if any.
      const isNamed = handle === undefined || row?.author_handle === handle;
      return row?.text !== text || row.author_id !== authorId || !isNamed;
    });
    const found = differing.slice(0, 3).map((post) => ({ post, row: rows.get(post.id) }));
    expect(found, `${format}, ${label}`).toEqual([]);
  }
  const lines = await bench.export('lines', { format: 'jsonl' });
  const payloads = (await readFile(join(lines.folder, 'lines.jsonl'), 'utf8')).split('\n').slice(0, -1);
  expect(payloads.length, label).toBe(expected.size);
  const sent = new Set(frames.map(({ payload }) => payload.replaceAll(/[\r\n]+/g, ' ')));
  expect(
    payloads.filter((payload) => !sent.has(payload)),
    label,
  ).toEqual([]);
  const plain = await bench.export('ids', { format: 'ids' });
  expect(
    (await readFile(join(plain.folder, 'ids.ids.txt'), 'utf8')).split('\n').slice(0, -1).toSorted(),
    label,
  ).toEqual(ids.toSorted());
  const presets = { sfm: ['twitter_id', 'screen_name'], sample: ['id', 'author.username'] } as const;
  // Of recorded posts two: what tells the formats apart is in the generated ones.
  for (const [preset, [idColumn, handleColumn]] of Object.entries(presets))
    for (const format of label === 'recorded'
      ? (['csv', 'parquet'] as const)
      : (['csv', 'tsv', 'xlsx', 'parquet'] as const)) {
      const { folder, manifest } = await bench.export(`${preset}-${format}`, { format, preset });
      const file = join(folder, manifest.files[0]?.file ?? '');
      const columns = [idColumn, 'text', handleColumn];
      const rows = format === 'parquet' ? await readParquet(file, columns) : objects(await readRows(format, file));
      expect(rows.map((row) => row[idColumn] ?? '').toSorted(), `${preset}, ${format}, ${label}`).toEqual(
        ids.toSorted(),
      );
      const differing = rows.filter((row) => {
        const post = expected.get(row[idColumn] ?? '');
        const text = (preset === 'sfm' ? post?.text : post?.short)?.replaceAll('\n', ' ');
        return row.text !== text || (post?.handle !== undefined && row[handleColumn] !== post.handle);
      });
      expect(differing.slice(0, 3), `${preset}, ${format}, ${label}`).toEqual([]);
    }
  const safe = await bench.export('safe', { format: 'csv', excelSafe: true });
  const bytes = await readFile(join(safe.folder, 'safe.csv'));
  expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
  const [head, ...cells] = await readRows('csv', join(safe.folder, 'safe.csv'));
  const column = (name: string) => (head ?? []).indexOf(name);
  const unsafe = cells.filter((row) => {
    const [id = '', text = ''] = [row[column('id')], row[column('text')]];
    const stored = expected.get(id.replaceAll(/[="]/g, ''))?.text ?? '';
    const isFormula = /^[=+\-@\t\r\n＝＋－＠]/.test(text);
    return !/^="[0-9]+"$/.test(id) || isFormula || (text !== stored && text !== `'${stored}`);
  });
  expect(unsafe, label).toEqual([]);
}

/** Pieces that break careless writers, in any order, between ordinary letters. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '"',
        '""',
        ',',
        ';',
        '\t',
        '\n',
        '\r',
        '\r\n',
        '\u0000',
        '\u001b',
        '\u000b',
        '\ud83d',
        '\udc26',
        '🐦',
        '👩‍👩‍👧',
        'שלום',
        '\u202eabc',
        '=1+1',
        '+1',
        '-1',
        '@SUM(A1)',
        '＝1',
        "'",
        '\\',
        '\\n',
        '\u001bn',
        '\u001b0',
        '_x000D_',
        '_x005F_',
        '<b>',
        '&amp;',
        ']]>',
        '\ufeff',
        '\uffff',
        '\u2028',
        ' ',
        'NULL',
        'nan',
        '0012',
        '1e5',
        '2102055757879968480',
      ),
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.string({ unit: 'grapheme', maxLength: 12 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

const bigId = fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }).map(String);

/** As a text column of the database can hold it. */
function storable(text: string): string {
  return text.replaceAll('\u0000', '\ufffd').toWellFormed();
}

/** What the test looks at in a recording. */
type Recorded = {
  id?: string;
  id_str?: string;
  text?: string;
  full_text?: string;
  author_id?: string;
  created_at?: string;
  user?: { id_str?: string; screen_name?: string };
  extended_tweet?: { full_text?: string };
  note_tweet?: { text?: string };
  data?: Recorded & Recorded[];
  includes?: { users?: { id: string; username?: string }[] };
};

function expectedOf(payload: string): Expected | undefined {
  const value = JSON.parse(payload) as Recorded;
  if (typeof value.id_str === 'string') {
    const text = value.extended_tweet?.full_text ?? value.full_text ?? value.text;
    if (typeof text !== 'string' || typeof value.user?.id_str !== 'string') return undefined;
    const short = storable(value.text ?? value.full_text ?? '');
    return {
      id: value.id_str,
      text: storable(text),
      short,
      handle: value.user.screen_name,
      authorId: value.user.id_str,
    };
  }
  const post = value.data ?? value;
  if (typeof post?.text !== 'string' || typeof post.id !== 'string') return undefined;
  const author = (value.includes?.users ?? []).find(({ id }) => id === post.author_id);
  return {
    id: post.id,
    text: storable(post.note_tweet?.text ?? post.text),
    short: storable(post.text),
    handle: author?.username,
    authorId: post.author_id ?? '',
  };
}

/** Posts of a recording, each as a line of a stream; digits of long numbers are kept. */
async function payloadsOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8');
  const values =
    file.endsWith('.jsonl') || file.endsWith('lines.json') ? text.split('\n').flatMap(exactly) : exactly(text);
  return values.flatMap(postsWithin).map((post) => JSON.stringify(post));
}

function exactly(text: string): unknown[] {
  try {
    return [
      JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
        typeof value === 'number' && context?.source !== undefined ? rawJson(context.source) : value,
      ),
    ];
  } catch {
    return []; // a control message or a comment of the recording
  }
}

const { rawJSON: rawJson } = JSON as unknown as { rawJSON: (text: string) => unknown };

function postsWithin(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(postsWithin);
  const object = value as Recorded;
  if (typeof object.id_str === 'string' && typeof object.created_at === 'string' && object.user !== undefined)
    return [object];
  if (typeof object.id === 'string' && typeof object.text === 'string' && typeof object.author_id === 'string')
    return [object];
  const posts = [object.data].flat().filter((post) => typeof post?.id === 'string' && typeof post.text === 'string');
  if (posts.length > 0) return posts.map((data) => ({ data, includes: object.includes }));
  return Object.values(object).flatMap(postsWithin);
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.jsonl?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

function objects([head = [], ...rows]: string[][]): Record<string, string>[] {
  return rows.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at] ?? ''])));
}

async function readParquet(
  path: string,
  columns = ['id', 'text', 'author_handle', 'author_id'],
): Promise<Record<string, string>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    `select ${columns.map((column) => `"${column}"`).join(', ')} from read_parquet('${path}')`,
  );
  const rows = reader.getRowObjectsJson() as Record<string, string | null>[];
  connection.closeSync();
  instance.closeSync();
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value ?? ''])));
}
