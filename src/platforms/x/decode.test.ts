import { describe, expect, it } from 'vitest';
import type { Post } from '../../core/post.ts';
import { decodeLine } from './decode.ts';

function post(value: unknown): Post {
  const decoded = decodeLine(JSON.stringify(value));
  if (decoded.kind !== 'post') throw new Error(`${decoded.kind}`);
  return decoded.post;
}

const USER = {
  id: '7',
  username: 'Ada',
  name: 'Ada 💀',
  created_at: '2015-01-01T00:00:00.000Z',
  verified: false,
  protected: true,
};

describe('a v2 line', () => {
  it('gives post, references, counts and the author of the includes', () => {
    const decoded = post({
      data: {
        id: '9223372036854775807',
        author_id: '7',
        conversation_id: '5',
        created_at: '2022-10-01T13:00:00.000Z',
        text: 'a\nb',
        lang: 'en',
        source: 'web',
        referenced_tweets: [
          { type: 'replied_to', id: '5' },
          { type: 'quoted', id: '6' },
        ],
        public_metrics: {
          retweet_count: 1,
          reply_count: 2,
          like_count: 3,
          quote_count: 4,
          bookmark_count: 5,
          impression_count: 6,
        },
      },
      includes: {
        users: [
          { id: '8' },
          { ...USER, public_metrics: { followers_count: 1, following_count: 2, tweet_count: 3, listed_count: 4 } },
        ],
      },
    });
    expect(decoded).toEqual({
      platform: 'x',
      postId: '9223372036854775807',
      accountId: '7',
      conversationId: '5',
      postedAt: '2022-10-01T13:00:00.000Z',
      text: 'a\nb',
      lang: 'en',
      source: 'web',
      references: [
        { type: 'replied_to', postId: '5' },
        { type: 'quoted', postId: '6' },
      ],
      counts: { reposts: 1, replies: 2, likes: 3, quotes: 4, bookmarks: 5, impressions: 6 },
      account: {
        accountId: '7',
        handle: 'Ada',
        name: 'Ada 💀',
        createdAt: '2015-01-01T00:00:00.000Z',
        verified: false,
        protected: true,
        followers: 1,
        following: 2,
        posts: 3,
        listed: 4,
      },
    });
  });

  it('is understood in the renamed words too', () => {
    const decoded = post({
      data: {
        id: '1',
        author_id: '7',
        referenced_posts: [{ type: 'quoted', id: '2' }],
        public_metrics: { repost_count: 3 },
        note_post: { text: 'long' },
        text: 'lo…',
      },
      includes: { users: [{ ...USER, public_metrics: { post_count: 9 } }] },
    });
    expect(decoded).toMatchObject({
      references: [{ postId: '2' }],
      counts: { reposts: 3 },
      text: 'long',
      account: { posts: 9 },
    });
  });

  it('without an author in the includes has none, and is a post all the same', () => {
    expect(post({ data: { id: '1', author_id: '7' }, includes: {} })).toEqual({
      platform: 'x',
      postId: '1',
      accountId: '7',
      references: [],
    });
  });

  it('with errors beside its data is a post, not a disconnect', () => {
    expect(decodeLine('{"data":{"id":"1"},"errors":[{"title":"Not Found Error"}]}').kind).toBe('post');
  });
});

describe('other forms', () => {
  it("twarc's flattened one, its filler for originals left out", () => {
    const decoded = post({
      id: '1',
      author_id: '7',
      text: 't',
      author: USER,
      referenced_tweets: [{ type: 'original', id: null }],
      __twarc: {},
    });
    expect(decoded).toMatchObject({ postId: '1', references: [], account: { accountId: '7', handle: 'Ada' } });
  });

  it('v1.1 by its id_str, never by its number', () => {
    const decoded = decodeLine(
      '{"id":1234567890123456789,"id_str":"1234567890123456789","created_at":"Wed Oct 10 20:19:24 +0000 2018","text":"cut…","extended_tweet":{"full_text":"whole"},' +
        '"user":{"id_str":"7","screen_name":"Ada","friends_count":2},"retweet_count":4,"retweeted_status":{"id_str":"3"},"quoted_status_id_str":"2"}',
    );
    expect(decoded).toMatchObject({
      kind: 'post',
      post: {
        postId: '1234567890123456789',
        postedAt: '2018-10-10T20:19:24.000Z',
        text: 'whole',
        references: [{ type: 'retweeted', postId: '3' }],
        account: { handle: 'Ada', following: 2 },
      },
    });
  });

  it.each([
    ['not JSON', '{"data":{"id":"1"', 'malformed'],
    ['a bare text', '"keep-alive"', 'malformed'],
    ['data that is a list', '{"data":[]}', 'malformed'],
    ['an id that came as a number', '{"data":{"id":1234567890123456789}}', 'malformed'],
    ['no id', '{"data":{"text":"x"}}', 'malformed'],
    ['a disconnect', '{"errors":[{"disconnect_type":"OperationalDisconnect"}]}', 'control'],
    ['a v1.1 deletion', '{"delete":{"status":{"id_str":"1"}}}', 'control'],
  ])('%s', (_what, line, kind) => {
    expect(decodeLine(line).kind).toBe(kind);
  });
});
