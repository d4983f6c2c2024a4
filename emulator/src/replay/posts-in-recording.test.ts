import { describe, expect, it } from 'vitest';
import { isStreamLine, parseLossless, postsInRecording } from './posts-in-recording.ts';

const posts = (text: string): string[] => [...postsInRecording(parseLossless(text))];

describe('posts in recordings', () => {
  it('of a page become one line each, with what they point at of the includes', () => {
    const page = {
      data: [
        {
          id: '1',
          text: 'a',
          author_id: '10',
          referenced_tweets: [{ type: 'quoted', id: '2' }],
          entities: { mentions: [{ username: 'Wren' }] },
          attachments: { media_keys: ['3_1'], poll_ids: ['77'] },
          geo: { place_id: 'p1' },
        },
        { id: '5', text: 'b', author_id: '12' },
      ],
      includes: {
        users: [
          { id: '10', username: 'a' },
          { id: '11', username: 'b' },
          { id: '12', username: 'c' },
          { id: '13', username: 'wren' },
        ],
        tweets: [
          { id: '2', text: 'quoted', author_id: '11' },
          { id: '3', text: 'other' },
        ],
        media: [{ media_key: '3_1' }, { media_key: '3_2' }],
        polls: [{ id: '77' }],
        places: [{ id: 'p1' }, { id: 'p2' }],
      },
      meta: { result_count: 2 },
    };
    const [first, second, ...rest] = posts(JSON.stringify(page)).map(
      (line) => JSON.parse(line) as Record<string, unknown>,
    );
    expect(rest).toEqual([]);
    expect(first).toEqual({
      data: page.data[0],
      includes: {
        users: [
          { id: '10', username: 'a' },
          { id: '11', username: 'b' },
          { id: '13', username: 'wren' },
        ],
        tweets: [{ id: '2', text: 'quoted', author_id: '11' }],
        media: [{ media_key: '3_1' }],
        polls: [{ id: '77' }],
        places: [{ id: 'p1' }],
      },
    });
    expect(second).toEqual({ data: page.data[1], includes: { users: [{ id: '12', username: 'c' }] } });
  });

  it('keep every digit of numeric ids', () => {
    const status = '{"id":850007368138018817,"id_str":"850007368138018817","text":"x","score":1.0,"n":12}';
    expect(posts(`{"statuses":[${status}],"search_metadata":{}}`)).toEqual([status]);
    expect(posts(`[${status}]`)).toEqual([status]);
  });

  it('are found in recorded exchanges, parsed or as text', () => {
    const exchange = [
      { request: { uri: 'x' }, response: { status: 200, json: { data: { id: '1', text: 'a' } } } },
      { request: { uri: 'y' }, response: { status: 200, text: '{"data":[{"id":"2","text":"b"}]}' } },
      { request: { uri: 'z' }, response: { status: 503, text: '<html>' } },
    ];
    expect(posts(JSON.stringify(exchange))).toEqual([
      '{"data":{"id":"1","text":"a"}}',
      '{"data":{"id":"2","text":"b"}}',
    ]);
  });

  it.each([
    '{"data":[{"id":"1","username":"a"}]}',
    '{"data":[{"start":"","tweet_count":3}]}',
    '[]',
    '3',
    '{"users":[],"tweets":[]}',
  ])('are none in %s', (text) => {
    expect(posts(text)).toEqual([]);
  });

  it('are told from stream lines', () => {
    expect(isStreamLine({ data: { id: '1', text: 'a' } })).toBe(true);
    expect(isStreamLine({ id: 1, id_str: '1', text: 'a' })).toBe(true);
    expect(isStreamLine({ data: [{ id: '1', text: 'a' }] })).toBe(false);
    expect(isStreamLine({ id: '1', action: 'delete' })).toBe(false);
  });
});
