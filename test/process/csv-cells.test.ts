import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCsv } from '../support/hours.ts';
import { SampleRow } from '../../src/platforms/x/sample-row.ts';
import { CsvWriter, TWEET_COLUMNS, USER_COLUMNS } from '../../src/process/csv-row.ts';
import { InterimRowWriter } from '../../src/process/interim-row.ts';

/** The tweets and users lines of one line of a stream. */
function toCsv(line: string, receivedAt?: string): { tweet: string; user: string; unusable: Record<string, number> } {
  const bytes = Buffer.from(line);
  const row = new SampleRow();
  if (row.read(bytes, 0, bytes.length) !== 'post') throw new Error(row.reason);
  row.locate();
  const rows = new InterimRowWriter();
  rows.append(row, receivedAt);
  const tweets = new CsvWriter();
  tweets.tweet(rows.bytes, 0, rows.length);
  const users = new CsvWriter();
  // As in a file: the row is not at the start, and has no TAB after its end but that of the next.
  const moved = Buffer.concat([Buffer.from('before\t'), rows.bytes.subarray(0, rows.length)]);
  users.user(moved, 7, moved.length);
  return {
    tweet: tweets.bytes.toString('utf8', 0, tweets.length),
    user: users.bytes.toString('utf8', 0, users.length),
    unusable: Object.fromEntries(rows.unusable),
  };
}

const post = (data: object, user?: object) =>
  JSON.stringify({
    data: { id: '9223372036854775807', author_id: '7', ...data },
    ...(user === undefined ? {} : { includes: { users: [{ id: '7', ...user }] } }),
  });

/** The cell of a column in the tweets line, as it is written. */
function cell(line: string, column: string): string {
  const { tweet } = toCsv(line);
  const [row = []] = parseCsv(tweet);
  const value = row[TWEET_COLUMNS.indexOf(column)] ?? 'absent';
  return tweet.includes(`"${value.replaceAll('"', '""')}"`) ? `"${value}"` : value;
}

describe('lines of the tweets and users files', () => {
  it('hold the twenty and the twelve columns in their order', () => {
    const line = post(
      {
        conversation_id: '20',
        created_at: '2022-10-01T13:23:58.000Z',
        source: 'Web',
        lang: 'de',
        text: 'Hallo',
        referenced_tweets: [{ type: 'quoted', id: '21' }],
      },
      {
        created_at: '2021-01-28T18:58:04.000Z',
        location: 'Linz',
        name: 'N',
        username: 'n',
        verified: true,
        protected: false,
        public_metrics: { followers_count: 128, following_count: 0, tweet_count: 17970, listed_count: 3 },
      },
    );
    const { tweet, user } = toCsv(line, '2022-10-01T13:24:02.345Z');
    expect(tweet).toBe(
      '9223372036854775807,20,7,2022-10-01 13:23:58+00:00,2022-10-01 13:24:02+00:00,Web,de,Hallo,quoted,21,2021-01-28 18:58:04+00:00,Linz,N,n,true,false,128.0,0.0,17970.0,3.0\n',
    );
    expect(user).toBe('7,de,2021-01-28 18:58:04+00:00,Linz,N,n,true,false,128.0,0.0,17970.0,3.0\n');
    expect(TWEET_COLUMNS.length).toBe(20);
    expect(USER_COLUMNS.length).toBe(12);
  });

  it('leave cells empty for what is missing, null, or of another type', () => {
    expect(toCsv(post({})).tweet).toBe('9223372036854775807,,7,,,,,,original,,,,,,,,,,,\n');
    expect(toCsv(post({})).user).toBe('7,,,,,,,,,,,\n');
    expect(toCsv(post({ text: null, lang: 5, source: null, created_at: null, conversation_id: {} })).tweet).toBe(
      '9223372036854775807,,7,,,,,,original,,,,,,,,,,,\n',
    );
    expect(toCsv('{"id":"1","text":"no author","author":{}}').tweet).toBe('1,,,,,,,no author,,,,,,,,,,,,\n');
    expect(toCsv(post({ text: '' })).tweet).toBe('9223372036854775807,,7,,,,,,original,,,,,,,,,,,\n');
  });

  it('call a post without references original, without an id', () => {
    expect(cell(post({}), 'reference_type')).toBe('original');
    expect(cell(post({ referenced_tweets: [] }), 'reference_type')).toBe('original');
    expect(cell('{"id":"1","text":"x","referenced_tweets":[{"type":"original","id":null}]}', 'reference_type')).toBe(
      'original',
    );
    expect(
      cell('{"id":"1","text":"x","referenced_tweets":[{"type":"original","id":null}]}', 'referenced_tweet_id'),
    ).toBe('');
    // The flattened form says it itself, or does not.
    expect(cell('{"id":"1","text":"x"}', 'reference_type')).toBe('');
  });

  it('take the first of several references', () => {
    const line = post({
      referenced_tweets: [
        { id: '5', type: 'replied_to' },
        { type: 'quoted', id: '6' },
      ],
    });
    expect([cell(line, 'reference_type'), cell(line, 'referenced_tweet_id')]).toEqual(['replied_to', '5']);
  });

  it.each([
    ['a line feed in the text becomes a blank', { text: 'a\nb\n\nc' }, 'text', 'a b  c'],
    ['a bare CR stays, unquoted', { text: 'a\rb' }, 'text', 'a\rb'],
    ['CR LF leaves the CR', { text: 'a\r\nb' }, 'text', 'a\r b'],
    ['a TAB stays', { text: 'a\tb' }, 'text', 'a\tb'],
    ['NUL is written as two characters', { text: 'a\0b' }, 'text', 'a\\0b'],
    ['a comma is quoted', { text: 'a,b' }, 'text', '"a,b"'],
    ['a quote is quoted and doubled', { text: 'say "b"' }, 'text', '"say "b""'],
    ['a lone quote', { text: '"' }, 'text', '"""'],
    ['a line separator stays', { text: 'a\u2028b' }, 'text', 'a\u2028b'],
    ['the bytes of the interim row stay', { text: 'a\x1bb\x1e\x1f\x1b0' }, 'text', 'a\x1bb\x1e\x1f\x1b0'],
    ['blanks at the edges stay, unquoted', { text: ' a ' }, 'text', ' a '],
    ['a formula stays what it is', { text: '=SUM(1;2)' }, 'text', '=SUM(1;2)'],
    ['words that pandas takes for missing stay', { text: 'NA', source: 'null', lang: 'nan' }, 'text', 'NA'],
    ['the source too', { text: 'NA', source: 'null' }, 'source', 'null'],
    ['characters beyond the basic plane', { text: '🐦ü漢' }, 'text', '🐦ü漢'],
    [
      'fractions of seconds are cut',
      { created_at: '2022-10-01T13:23:58.999Z' },
      'created_at',
      '2022-10-01 13:23:58+00:00',
    ],
    [
      'offsets are turned to UTC',
      { created_at: '2022-10-01T15:23:58+02:00' },
      'created_at',
      '2022-10-01 13:23:58+00:00',
    ],
  ])('%s', (_name, data, column, expected) => {
    expect(cell(post(data), column)).toBe(expected);
  });

  it('keep line feeds in names and locations, quoted', () => {
    expect(cell(post({}, { name: 'new\nline', location: 'two\nlines, "here"' }), 'author.name')).toBe('"new\nline"');
    expect(cell(post({}, { name: 'a\rb', location: 'x' }), 'author.name')).toBe('a\rb');
  });

  it('replace half a character, which UTF-8 cannot hold', () => {
    expect(cell('{"id":"1","text":"a\\ud83d b \\udc26\\ud83d\\ud83d\\udc26"}', 'text')).toBe(
      'a\ufffd b \ufffd\ufffd🐦',
    );
  });

  it('count values that are no instant or no count, and leave their cells empty', () => {
    const { tweet, unusable } = toCsv(
      post(
        { created_at: 'yesterday', text: 'x' },
        {
          created_at: '2022-02-30T00:00:00Z',
          public_metrics: { followers_count: -1, following_count: 1.5, tweet_count: 7, listed_count: null },
        },
      ),
    );
    expect(tweet).toBe('9223372036854775807,,7,,,,,x,original,,,,,,,,,,7.0,\n');
    expect(unusable).toEqual({ created_at: 1, 'author.created_at': 1, counts: 2 });
  });

  it('give back every text, name and location through a reader of CSV', () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({
        unit: fc.constantFrom('"', ',', '\n', '\r', '\t', '\0', '\x1b', '\x1e', 'n', '0', 'é', '🐦', '\\', '\u2028'),
      }),
    );
    fc.assert(
      fc.property(value, value, value, fc.boolean(), (text, name, location, isAscii) => {
        const json = post({ text }, { name, location });
        const line = isAscii
          ? json.replaceAll(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
          : json;
        const { tweet, user } = toCsv(line);
        const written = (from: string) => from.toWellFormed().replaceAll('\0', '\\0');
        expect(parseCsv(tweet)).toEqual([
          [
            '9223372036854775807',
            '',
            '7',
            '',
            '',
            '',
            '',
            written(text).replaceAll('\n', ' '),
            'original',
            '',
            '',
            written(location),
            written(name),
            '',
            '',
            '',
            '',
            '',
            '',
            '',
          ],
        ]);
        expect(parseCsv(user)).toEqual([['7', '', '', written(location), written(name), '', '', '', '', '', '', '']]);
      }),
      { numRuns: 2000 },
    );
  });
});
