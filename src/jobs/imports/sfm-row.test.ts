import { describe, expect, it } from 'vitest';
import { decodeLine } from '../../platforms/x/decode.ts';
import { identityOfRow, isProven, payloadOfRow } from './sfm-row.ts';

const ID = '1394735776701816833';
const row = (change: Record<string, string>) => ({
  twitter_id: ID,
  created_at: '2021-05-18T19:24:56Z',
  screen_name: 'NASA',
  twitter_url: `http://twitter.com/NASA/status/${ID}`,
  text: 'hello',
  ...change,
});

describe("a row of Social Feed Manager's", () => {
  it('is mended by its address, which spreadsheets leave alone', () => {
    for (const damaged of ['1.39474E+18', '1394735776701810000', String(Number(ID))])
      expect(identityOfRow(row({ twitter_id: damaged })), damaged).toEqual({ kind: 'sound', id: ID, mended: true });
    expect(identityOfRow(row({}))).toEqual({ kind: 'sound', id: ID, mended: false });
    expect(isProven(row({}), ID)).toBe(true);
  });

  it('is damaged without it, and where they name different posts', () => {
    expect(identityOfRow(row({ twitter_id: '1.39474E+18', twitter_url: '' }))).toMatchObject({ kind: 'damaged' });
    expect(identityOfRow(row({ twitter_url: 'http://twitter.com/NASA/status/1394735776701816834' }))).toMatchObject({
      kind: 'damaged',
      reason: 'twitter_id and twitter_url name different posts',
    });
    expect(identityOfRow(row({ created_at: '2021-05-18T20:24:56Z' }))).toMatchObject({ kind: 'damaged' });
  });

  it('becomes a post of what its columns tell, marked as such', () => {
    const cells = row({
      followers_count: '10',
      retweet_count: '3',
      hashtags: 'a, b',
      mentions: '@x',
      url1: 'http://t.co/1',
    });
    const payload = payloadOfRow(cells, ID);
    expect(decodeLine(payload.toString())).toMatchObject({
      kind: 'post',
      post: { postId: ID, text: 'hello', postedAt: '2021-05-18T19:24:56.000Z', counts: { reposts: 3 } },
    });
    expect(JSON.parse(payload.toString())).toMatchObject({
      author: { username: 'NASA', public_metrics: { followers_count: 10 } },
      entities: {
        hashtags: [{ tag: 'a' }, { tag: 'b' }],
        mentions: [{ username: 'x' }],
        urls: [{ url: 'http://t.co/1' }],
      },
      mistnet: { from: 'sfm-csv', columns: cells },
    });
  });
});
