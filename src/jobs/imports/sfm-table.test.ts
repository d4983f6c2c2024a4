import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sfmHeader, sfmTableOf } from './sfm-table.ts';
import { detectFormat, readRecords } from './source-records.ts';

const HEADER = [
  ...['sfm_id', 'created_at', 'created_at_date', 'twitter_id', 'screen_name', 'followers_count', 'friends_count'],
  ...['retweet_count', 'hashtags', 'in_reply_to_screen_name', 'mentions', 'twitter_url', 'is_retweet_strict'],
  ...['is_retweet', 'coordinates', 'text', 'url1', 'url1_expanded', 'url2', 'url2_expanded'],
];
const ID = 1394735776701816833n;

/** A row as Social Feed Manager made it: links at its end, as many cells as there are. */
function row(at: number, text: string, links: string[] = []): string[] {
  const id = String(ID + BigInt(at));
  const url = `http://twitter.com/NASA/status/${id}`;
  const head = [
    String(at),
    '2021-05-18T19:24:56Z',
    '05/18/2021',
    id,
    'NASA',
    '10',
    '20',
    '3',
    'a, b',
    '',
    '@x, @y',
    url,
  ];
  return [...head, 'False', 'False', '', text, ...links];
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mistnet-sfm-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function textsOf(lines: string[]): Promise<string[]> {
  const path = join(folder, 'rows');
  await writeFile(path, `${lines.join('\n')}\n`);
  expect(await detectFormat(path)).toBe('sfm-csv');
  const texts: string[] = [];
  for await (const { candidates, unreadable } of readRecords(path, 'sfm-csv')) {
    if (unreadable !== undefined) texts.push(unreadable.reason);
    for (const { payload } of candidates)
      texts.push(
        [JSON.parse(payload.toString())]
          .map((post) => [post.text, ...post.entities.urls.map((link: { url: string }) => link.url)].join(' | '))
          .join(''),
      );
  }
  return texts;
}

describe("a table of Social Feed Manager's", () => {
  it('has rows that end where their links do', async () => {
    const rows = [
      row(1, 'no link'),
      row(2, 'one', ['http://t.co/1', 'http://a.example']),
      row(3, 'two', ['http://t.co/1', 'http://a.example', 'http://t.co/2', 'http://b.example']),
      row(4, 'half of one', ['http://t.co/1']),
      row(5, 'x').slice(0, 9),
    ];
    const quoted = rows.map((cells) => cells.map((cell) => (cell.includes(',') ? `"${cell}"` : cell)).join(','));
    expect(await textsOf([HEADER.join(','), ...quoted])).toEqual([
      'no link',
      'one | http://t.co/1',
      'two | http://t.co/1 | http://t.co/2',
      '17 cells, not 20',
      '9 cells, not 20',
    ]);
  });

  it('has texts with quotes as they were, where its command line wrote tabs without quotes', async () => {
    const texts = ['a 5" screen', '"All of it quoted"', '"Quoted" and on', 'odd " one', '"', 'plain'];
    const rows = texts.map((text, at) => row(at, text).join('\t'));
    expect(await textsOf([HEADER.join('\t'), ...rows])).toEqual(texts);
  });

  it('has texts without their quotes, where a spreadsheet saved tabs and quotes', async () => {
    const texts = ['a 5" screen', 'with, comma', '"All of it quoted"', 'plain', 'a\ttab'];
    const quoted = (cell: string) => (/[",\t]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
    const rows = texts.map((text, at) => row(at, text).map(quoted).join('\t'));
    expect(await textsOf([HEADER.join('\t'), ...rows])).toEqual(texts);
  });

  it('may be parted by semicolons, and lack the last name', async () => {
    const rows = [row(1, 'a; b', ['http://t.co/1', 'http://a.example', 'http://t.co/2', 'http://b.example'])];
    const quoted = rows.map((cells) => cells.map((cell) => (cell.includes(';') ? `"${cell}"` : cell)).join(';'));
    expect(await textsOf([`${HEADER.slice(0, -1).join(';')};`, ...quoted])).toEqual([
      'a; b | http://t.co/1 | http://t.co/2',
    ]);
    expect(sfmHeader('id,text')).toBeUndefined();
  });

  it('is none without its header', async () => {
    const path = join(folder, 'other');
    await writeFile(path, 'a,b\n1,2\n');
    expect(await sfmTableOf(path)).toBeUndefined();
  });
});
