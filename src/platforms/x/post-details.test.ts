import { describe, expect, it } from 'vitest';
import { postDetails } from './post-details.ts';

describe('the details of a payload', () => {
  it('are found in a line of v2 and its includes', () => {
    const details = postDetails(
      JSON.stringify({
        data: {
          ...{
            id: '1',
            text: 'cut …',
            author_id: '7',
            in_reply_to_user_id: '8',
            possibly_sensitive: false,
            edit_history_tweet_ids: ['1'],
          },
          note_tweet: { text: 'whole', entities: { hashtags: [{ tag: 'birds' }] } },
          entities: {
            mentions: [{ username: 'NASA', id: '8' }],
            urls: [{ url: 'https://t.co/a', expanded_url: 'https://example.org/' }],
          },
          attachments: { media_keys: ['3_1'] },
          geo: { place_id: 'p', coordinates: { type: 'Point', coordinates: [-77.5, 38.25] } },
          referenced_tweets: [{ type: 'replied_to', id: '5' }],
        },
        includes: {
          users: [{ id: '7', username: 'bird' }],
          media: [
            { media_key: '3_0', url: 'no' },
            { media_key: '3_1', preview_image_url: 'https://pbs/1.jpg' },
          ],
          places: [{ id: 'p', full_name: 'Washington, DC' }],
        },
      }),
    );
    expect(details).toMatchObject({
      ...{
        shortText: 'cut …',
        hashtags: ['birds'],
        mentions: ['NASA'],
        mediaUrls: ['https://pbs/1.jpg'],
        place: 'Washington, DC',
      },
      ...{ links: [{ url: 'https://t.co/a', expanded: 'https://example.org/' }], longitude: -77.5, latitude: 38.25 },
      ...{
        repliedAccountId: '8',
        repliedHandle: 'NASA',
        sensitive: false,
        isRepost: false,
        author: { handle: 'bird' },
      },
    });
    expect(details.rest).toEqual({ edit_history_tweet_ids: ['1'], attachments: { media_keys: ['3_1'] } });
  });

  it('are found in a v1.1 status, the longer entities first', () => {
    const details = postDetails(
      JSON.stringify({
        ...{
          id_str: '1',
          text: 'cut',
          in_reply_to_screen_name: 'NASA',
          in_reply_to_user_id_str: '8',
          retweeted_status: { id_str: '2' },
        },
        entities: { hashtags: [{ text: 'cut' }], user_mentions: [{ screen_name: 'NASA' }] },
        extended_tweet: { full_text: 'whole', entities: { hashtags: [{ text: 'whole' }] } },
        extended_entities: { media: [{ media_url_https: 'https://pbs/1.jpg' }] },
        coordinates: { coordinates: [1.5, 2.5] },
        user: { id_str: '7', screen_name: 'bird' },
        new_field: true,
      }),
    );
    expect(details).toMatchObject({
      ...{
        shortText: 'cut',
        hashtags: ['whole'],
        mentions: ['NASA'],
        mediaUrls: ['https://pbs/1.jpg'],
        longitude: 1.5,
        latitude: 2.5,
      },
      ...{
        repliedAccountId: '8',
        repliedHandle: 'NASA',
        isRepost: true,
        author: { handle: 'bird' },
        rest: { new_field: true },
      },
    });
  });

  it('keep the digits of numbers in fields that nobody knew of', () => {
    const { rest } = postDetails('{"data":{"id":"1","text":"","new":{"id":2102055757879968481,"small":12}}}');
    expect(rest).toEqual({ new: { id: '2102055757879968481', small: 12 } });
  });

  it('are read though the payload is nested more deeply than JSON can be written', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const more = `"small":12,"long":2102055757879968481,"deep":${deep}`;
    for (const payload of [`{"data":{"id":"1",${more}}}`, `{"id_str":"1",${more}}`]) {
      const { rest } = postDetails(payload);
      expect(rest).toMatchObject({ small: 12, deep: expect.stringMatching(/^nested too deeply/) as string });
      expect(['2102055757879968481', rest.deep]).toContain(rest.long);
      expect(JSON.stringify(rest)).toContain('"small":12');
    }
  });

  it('are empty for what is no post', () => {
    for (const payload of ['', 'null', '[]', '{"data":7}', '{"id_str":"1"}'])
      expect(postDetails(payload).hashtags).toEqual([]);
  });
});
