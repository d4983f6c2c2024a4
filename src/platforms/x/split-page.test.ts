import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLine } from './decode.ts';
import { splitPage } from './split-page.ts';

const read = (buffer: Buffer) => JSON.parse(buffer.toString('utf8')) as Record<string, unknown>;

describe('splitPage', () => {
  it('gives each post the very bytes it came with, and the includes that it names', () => {
    const body = Buffer.from(
      '{"data":[{"id":"9007199254740993","author_id":"1","n":9007199254740993, "text":"\\u00e9"},' +
        '{"id":"2","author_id":"2","referenced_tweets":[{"type":"quoted","id":"7"}]}],' +
        '"includes":{"users":[{"id":"1","username":"a"},{"id":"2","username":"b"},{"id":"3","username":"c"},{"id":"4"}],' +
        '"tweets":[{"id":"7","author_id":"3"}]},"meta":{"next_token":"t"},"errors":[{"value":"5"}]}',
    );
    const parts = splitPage(body);
    expect(parts?.ids).toEqual(['9007199254740993', '2']);
    expect(parts?.posts[0]?.toString()).toBe(
      '{"data":{"id":"9007199254740993","author_id":"1","n":9007199254740993, "text":"\\u00e9"},"includes":{"users":[{"id":"1","username":"a"}]}}',
    );
    expect(read(parts?.posts[1] as Buffer).includes).toEqual({
      users: [
        { id: '2', username: 'b' },
        { id: '3', username: 'c' },
      ],
      tweets: [{ id: '7', author_id: '3' }],
    });
    expect(read(parts?.rest as Buffer)).toEqual({
      meta: { next_token: 't' },
      errors: [{ value: '5' }],
      includes: { users: [{ id: '4' }] },
    });
  });

  it('reads lists of v1.1, search answers of v1.1, a single post, and a page without posts', () => {
    expect(splitPage(Buffer.from('[ {"id_str":"1"} , {"id_str":"2"}]'))?.ids).toEqual(['1', '2']);
    const search = splitPage(Buffer.from('{"statuses":[{"id_str":"1"}],"search_metadata":{"count":1}}'));
    expect(search?.ids).toEqual(['1']);
    expect(search?.rest.toString()).toBe('{"search_metadata":{"count":1}}');
    expect(splitPage(Buffer.from('{"data":{"id":"5"}}'))?.ids).toEqual(['5']);
    expect(splitPage(Buffer.from('{"meta":{"result_count":0}}'))).toMatchObject({ posts: [], ids: [] });
  });

  it('refuses what is no page', () => {
    for (const text of ['', '<html>', '7', '"x"', '{"data":[{]}']) expect(splitPage(Buffer.from(text))).toBeUndefined();
  });

  it('keeps every post readable, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ text: fc.string({ unit: 'binary' }), more: fc.json() })), (contents) => {
        const data = contents.map((content, at) => ({ id: String(at + 1), ...content }));
        const page = Buffer.from(JSON.stringify({ data, meta: {} }, null, data.length % 3));
        const parts = splitPage(page);
        expect(parts?.posts.map((post) => read(post).data)).toEqual(JSON.parse(page.toString()).data);
        for (const post of parts?.posts ?? []) expect(decodeLine(post.toString()).kind).toBe('post');
      }),
    );
  });
});
