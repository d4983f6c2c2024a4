import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { snowflakeToMs } from '../../../core/snowflake.ts';
import { flattenPage } from './flatten.ts';
import { idBefore, lastIdBefore } from './id-arithmetic.ts';
import { idsOfLine } from './ids-of-json.ts';
import { readAccountName, readPostName } from './x-names.ts';

describe('ids out of a line', () => {
  it.each([
    ['9223372036854775807', ['9223372036854775807'], true],
    ['  "123",\r', ['123'], true],
    ['\uFEFF20', ['20'], true],
    ['', [], true],
    ['{"data":[{"id":"1"},{"id":"2"}],"includes":{"tweets":[{"id":"3"}]}}', ['1', '2'], false],
    ['{"data":{"id":"1","text":"x"}}', ['1'], false],
    ['{"id":"1","text":"x","author":{"id":"7","username":"a"}}', ['1'], false],
    ['{"id":9007199254740993,"id_str":"9007199254740993","user":{"id_str":"7"}}', ['9007199254740993'], false],
    ['{"id":9007199254740993,"full_text":"x"}', ['9007199254740993'], false],
    ['[{"id_str":"1"},{"id_str":"2"}]', ['1', '2'], false],
    ['{"statuses":[{"id_str":"1"}],"search_metadata":{}}', ['1'], false],
    ['{"id":{"1":{"id_str":"1"},"2":null}}', ['1'], false],
    ['{"at":"2026-01-01T00:00:00Z","endpoint":"/2/tweets/sample/stream","payload":{"data":{"id":"5"}}}', ['5'], false],
    ['{"at":"2026-01-01T00:00:00Z","endpoint":"x","payload":"{\\"data\\":{\\"id\\":\\"5\\"}}"}', ['5'], false],
    ['{"meta":{"result_count":0}}', [], false],
    ['{"errors":[{"value":"1"}]}', [], false],
  ])('%s', (line, ids, bare) => expect(idsOfLine(line, 'posts')).toEqual({ ids, bare, damaged: 0 }));

  it.each(['1.23456E+18', '"1,23E+18"', '{"id":1.23456e18,"text":"x"}'])('%s is damaged', (line) =>
    expect(idsOfLine(line, 'posts')).toMatchObject({ ids: [], damaged: 1 }),
  );

  it.each(['abc', '{"a":1}', '{', '7 8'])('%s has no known shape', (line) =>
    expect(idsOfLine(line, 'posts')).toBeUndefined(),
  );

  it('are those of authors and accounts when these are wanted', () => {
    expect(idsOfLine('{"data":[{"id":"1","author_id":"7"},{"id":"8","username":"x"}]}', 'accounts')?.ids).toEqual([
      '7',
      '8',
    ]);
    expect(idsOfLine('{"id_str":"1","user":{"id_str":"7","screen_name":"x"}}', 'accounts')?.ids).toEqual(['7']);
    expect(idsOfLine('{"ids":["1",2],"next_cursor_str":"0"}', 'accounts')?.ids).toEqual(['1', '2']);
  });
});

describe('names', () => {
  it.each([
    ['@Jack', { handle: 'Jack' }],
    ['jack', { handle: 'jack' }],
    ['12', { id: '12' }],
    ['@12', { handle: '12' }],
    ['https://x.com/jack/status/20', { handle: 'jack' }],
    ['https://twitter.com/jack?lang=de', { handle: 'jack' }],
    ['mobile.twitter.com/@jack/', { handle: 'jack' }],
    ['https://twitter.com/i/user/12', { id: '12' }],
    ['https://x.com/12', { handle: '12' }],
    ['a b', undefined],
    ['', undefined],
    ['waytoolongforahandle', undefined],
  ])('of an account: %s', (text, name) => expect(readAccountName(text)).toEqual(name));

  it('of digits are what the caller says', () =>
    expect(readAccountName('12', { digitsAreHandles: true })).toEqual({ handle: '12' }));

  it.each([
    ['20', '20'],
    ['https://x.com/jack/status/20?s=1', '20'],
    ['https://twitter.com/i/web/status/20', '20'],
    ['jack', undefined],
  ])('of a post: %s', (text, id) => expect(readPostName(text)).toBe(id));
});

describe('neighbours of ids', () => {
  it('lie right before', () => {
    expect(idBefore('9223372036854775807')).toBe('9223372036854775806');
    expect(idBefore('0')).toBe('0');
    fc.assert(
      fc.property(fc.integer({ min: 1_400_000_000_000, max: 3_400_000_000_000 }), (ms) => {
        const last = lastIdBefore(ms) ?? '';
        expect(snowflakeToMs(last)).toBe(ms - 1);
        expect(snowflakeToMs(String(BigInt(last) + 1n))).toBe(ms);
      }),
    );
    expect(lastIdBefore(Date.UTC(2006, 2, 21))).toBeUndefined();
  });
});

describe('flattening', () => {
  const flat = (page: unknown) =>
    flattenPage(Buffer.from(JSON.stringify(page))).map((text) => JSON.parse(text) as unknown);

  it('puts into each post what it refers to, and into that what it refers to', () => {
    const page = {
      data: [
        {
          ...{ id: '1', author_id: '7', in_reply_to_user_id: '8', attachments: { media_keys: ['m'], poll_ids: ['p'] } },
          ...{ geo: { place_id: 'g' }, entities: { mentions: [{ start: 0, username: 'b' }] } },
          referenced_tweets: [
            { type: 'quoted', id: '2' },
            { type: 'replied_to', id: '404' },
          ],
        },
      ],
      includes: {
        users: [
          { id: '7', username: 'a' },
          { id: '8', username: 'b', pinned_tweet_id: '2' },
        ],
        tweets: [{ id: '2', author_id: '8', referenced_tweets: [{ type: 'quoted', id: '1' }] }],
        ...{
          media: [{ media_key: 'm', type: 'photo' }],
          polls: [{ id: 'p', options: [] }],
          places: [{ id: 'g', name: 'Here' }],
        },
      },
      meta: {},
    };
    expect(flat(page)).toEqual([
      {
        ...{ id: '1', author_id: '7', author: { id: '7', username: 'a' }, in_reply_to_user_id: '8' },
        in_reply_to_user: { id: '8', username: 'b', pinned_tweet_id: '2' },
        attachments: {
          ...{ media_keys: ['m'], poll_ids: ['p'] },
          media: [{ media_key: 'm', type: 'photo' }],
          poll: { id: 'p', options: [] },
        },
        geo: { place_id: 'g', id: 'g', name: 'Here' },
        entities: { mentions: [{ start: 0, username: 'b', id: '8', pinned_tweet_id: '2' }] },
        referenced_tweets: [
          {
            ...{ type: 'quoted', id: '2', author_id: '8', author: { id: '8', username: 'b', pinned_tweet_id: '2' } },
            referenced_tweets: [{ type: 'quoted', id: '1' }],
          },
          { type: 'replied_to', id: '404' },
        ],
      },
    ]);
  });

  it('reads the newer words', () => {
    expect(
      flat({
        data: { id: '1', referenced_posts: [{ type: 'quoted', id: '2' }] },
        includes: { posts: [{ id: '2', text: 'x' }] },
      }),
    ).toEqual([{ id: '1', referenced_posts: [{ type: 'quoted', id: '2', text: 'x' }] }]);
  });

  it('ends, though posts quote each other in circles', () => {
    const post = (id: string, other: string) => ({ id, referenced_tweets: [{ type: 'quoted', id: other }] });
    const page = { data: [post('1', '2')], includes: { tweets: [post('2', '3'), post('3', '2')] } };
    expect(JSON.stringify(flat(page)).length).toBeLessThan(500);
  });

  it('keeps the digits of numbers, and statuses of v1.1 as they are', () => {
    const v2 = '{"data":[{"id":"1","geo":{"coordinates":{"coordinates":[1.0,-73.98770]}},"n":9007199254740993}]}';
    expect(flattenPage(Buffer.from(v2))[0]).toContain('[1.0,-73.98770]');
    expect(flattenPage(Buffer.from(v2))[0]).toContain('"n":9007199254740993');
    const status = '{"id":9007199254740993, "id_str":"9007199254740993"}';
    expect(flattenPage(Buffer.from(`[\n${status}\n]`))).toEqual([status]);
  });
});
