import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLine } from './decode.ts';
import { FIELD, SampleRow, eachReference } from './sample-row.ts';

/** What the row finds, as values; undefined where it finds nothing. */
function read(line: string) {
  const row = new SampleRow();
  // Not alone in its buffer, as lines never are.
  const bytes = Buffer.from(`before\n${line}\n{"id":"999"}`);
  const end = bytes.length - 13;
  const kind = row.read(bytes, 7, end);
  if (kind !== 'post') return { kind, reason: kind === 'malformed' ? row.reason : undefined };
  row.locate();
  const value = (field: keyof typeof FIELD): unknown => {
    const from = row.spans[2 * FIELD[field]] as number;
    return from === -1 ? undefined : JSON.parse(row.bytes.toString('utf8', from, row.spans[2 * FIELD[field] + 1]));
  };
  const references: unknown[] = [];
  if (value('references') !== undefined)
    eachReference(
      row.bytes,
      row.spans[2 * FIELD.references] as number,
      row.spans[2 * FIELD.references + 1] as number,
      (...at) => {
        const part = (from: number, to: number) =>
          from === -1 ? undefined : JSON.parse(row.bytes.toString('utf8', from, to));
        references.push([part(at[0], at[1]), part(at[2], at[3])]);
      },
    );
  return {
    kind,
    id: row.bytes.toString('utf8', row.idFrom, row.idTo),
    value,
    references,
    impliesOriginal: row.impliesOriginal,
  };
}

describe('the row of a stream line', () => {
  it.each([
    '{"data":{"id":"1","text":"x"}}',
    '{"data":{"id":"1"}}',
    '{"data":{"text":"x"}}',
    '{"data":{"id":1}}',
    '{"data":{"id":"12a"}}',
    '{"data":[]}',
    '{"data":null}',
    '{"errors":[{"title":"x"}]}',
    '{}',
    '[]',
    '"keep-alive"',
    '7',
    'null',
    '<html>',
    '{"data":{"id":"1"}',
    '{"data":{"id":"1"}}}',
    '{"id":"1","text":"x"}',
    '{"id":1,"text":"x"}',
    '{"id_str":"1","text":"x","created_at":"Wed Oct 10 20:19:24 +0000 2018"}',
    '{"id_str":7}',
    '{"delete":{"status":{"id":1,"id_str":"1"}}}',
    '{"limit":{"track":1}}',
    '  {"data":{"id":"1"}}  ',
    '{"data":{"id":""}}',
    '{"data":{"id":"123456789012345678901"}}',
    '{"data":{"id":"18446744073709551616"}}',
  ])('is what the decoder says it is: %s', (line) => {
    const decoded = decodeLine(line);
    const { kind, id, reason } = read(line);
    expect({ kind, id, reason }).toEqual({
      kind: decoded.kind,
      id: decoded.kind === 'post' ? decoded.post.postId : undefined,
      reason: decoded.kind === 'malformed' ? decoded.reason : undefined,
    });
  });

  it('of a flattened post without text is a row all the same', () => {
    expect(read('{"id":"1","author_id":"2"}').kind).toBe('post');
    expect(read('{"id":"no number","text":"x"}').kind).toBe('control');
  });

  it('refuses ids with leading zeros, for they would be other posts by one character only', () => {
    expect(read('{"data":{"id":"01"}}')).toEqual({ kind: 'malformed', reason: 'id is not a decimal string' });
    expect(read('{"data":{"id":"0"}}')).toMatchObject({ kind: 'post', id: '0' });
  });

  it('finds all fields of a post in data, in any order of keys, with the right author of several', () => {
    const user = (id: string, name: string) => ({
      name,
      id,
      username: `u${id}`,
      verified: true,
      protected: false,
      created_at: 'c',
      location: 'l',
      public_metrics: { listed_count: 4, tweet_count: 3, following_count: 2, followers_count: 1 },
    });
    const data = {
      text: 't',
      source: 's',
      referenced_tweets: [
        { type: 'quoted', id: '5' },
        { id: '6', type: 'replied_to' },
      ],
      lang: 'de',
      author_id: '22',
      conversation_id: '4',
      created_at: 'd',
      public_metrics: {
        like_count: 3,
        retweet_count: 1,
        reply_count: 2,
        quote_count: 4,
        bookmark_count: 5,
        impression_count: 6,
      },
      note_tweet: { text: 'long' },
      attachments: { id: 'not this', media_keys: ['1'] },
      id: '3',
    };
    const line = {
      includes: {
        tweets: [{ id: '22', name: 'no' }],
        users: [user('2', 'Two'), user('22', 'TwentyTwo'), user('222', 'More')],
      },
      data,
      id: '9',
      text: 'root',
      author: { name: 'root' },
    };
    const { id, value, references } = read(JSON.stringify(line));
    const fields = Object.fromEntries(
      (Object.keys(FIELD) as (keyof typeof FIELD)[]).map((field) => [field, value?.(field)]),
    );
    expect(id).toBe('3');
    expect(references).toEqual([
      ['quoted', '5'],
      ['replied_to', '6'],
    ]);
    expect(fields).toEqual({
      id: '3',
      conversationId: '4',
      authorId: '22',
      createdAt: 'd',
      retrievedAt: undefined,
      source: 's',
      lang: 'de',
      text: 't',
      referenceType: 'quoted',
      referencedId: '5',
      authorCreatedAt: 'c',
      authorLocation: 'l',
      authorName: 'TwentyTwo',
      authorUsername: 'u22',
      authorVerified: true,
      authorProtected: false,
      authorFollowers: 1,
      authorFollowing: 2,
      authorTweets: 3,
      authorListed: 4,
      references: data.referenced_tweets,
      longText: 'long',
      reposts: 1,
      replies: 2,
      likes: 3,
      quotes: 4,
      bookmarks: 5,
      impressions: 6,
    });
  });

  it("has no author's fields when the author is not included, nor those of another user", () => {
    const { value } = read(
      '{"data":{"id":"1","author_id":"2"},"includes":{"users":["x",{"name":"a","id":"3"},{"name":"b"},null]}}',
    );
    expect(value?.('authorName')).toBeUndefined();
    expect(read('{"data":{"id":"1"},"includes":{"users":[{"name":"a"}]}}').value?.('authorName')).toBeUndefined();
    expect(read('{"data":{"id":"1","author_id":"2"},"includes":{"users":{}}}').value?.('authorName')).toBeUndefined();
  });

  it('takes the last of members with the same name, nested ones as a whole', () => {
    const { id, value } = read(
      '{"id":"1","id":"2","text":"x","author":{"name":"a","location":"b"},"author":{"name":"c"}}',
    );
    expect([id, value?.('authorName'), value?.('authorLocation')]).toEqual(['2', 'c', undefined]);
    expect(read('{"data":{"id":"1"},"data":{"text":"x"}}')).toEqual({ kind: 'malformed', reason: 'no id' });
  });

  it('reads v1.1 statuses by way of the decoder', () => {
    const status = {
      created_at: 'Wed Oct 10 20:19:24 +0000 2018',
      id: 9007199254740992,
      id_str: '9007199254740993',
      full_text: 'Größe\n',
      lang: 'de',
      in_reply_to_status_id_str: '20',
      user: {
        id_str: '7',
        screen_name: 'n',
        name: 'N',
        followers_count: 5,
        created_at: 'Wed Oct 10 20:19:24 +0000 2012',
      },
    };
    const { id, value, references, impliesOriginal } = read(JSON.stringify(status));
    expect([
      id,
      value?.('text'),
      value?.('createdAt'),
      value?.('authorUsername'),
      value?.('authorFollowers'),
      impliesOriginal,
    ]).toEqual(['9007199254740993', 'Größe\n', '2018-10-10T20:19:24.000Z', 'n', 5, true]);
    expect(references).toEqual([['replied_to', '20']]);
  });

  it('has the id that JSON.parse finds, in any order of keys and with any noise around', () => {
    const noise = fc.dictionary(
      fc
        .string({ unit: 'grapheme', maxLength: 6 })
        .filter(
          (key) => key !== '__proto__' && !/^(id|data|id_str|includes|text|author|author_id|created_at)$/.test(key),
        ),
      fc.jsonValue({ maxDepth: 2 }),
      { maxKeys: 4 },
    );
    const id = fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }).map(String);
    fc.assert(
      fc.property(id, noise, noise, fc.boolean(), fc.boolean(), (postId, before, after, isFlat, isSpaced) => {
        const post = { ...before, id: postId, text: '"id":"1"', ...after };
        const line = isFlat ? post : { ...after, data: post, ...before };
        const text = JSON.stringify(line, null, isSpaced ? 1 : 0).replaceAll('\n', '\t');
        const found = read(text);
        expect([found.kind, found.id]).toEqual(['post', postId]);
        expect(decodeLine(text)).toMatchObject({ kind: 'post', post: { postId } });
      }),
    );
  });
});
