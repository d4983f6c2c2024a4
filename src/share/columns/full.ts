/** Everything that is known of a post, but for what is only in payloads as they came: those are the jsonl format. */
import type { Column, Preset } from './column.ts';

const SEPARATOR = ' ';

const columns: readonly Column[] = [
  {
    name: 'platform',
    kind: 'text',
    description: 'Where it was posted',
    example: 'x',
    value: ({ stored }) => stored.platform,
  },
  {
    name: 'id',
    kind: 'id',
    description: "The post's id, text: as a number it would lose digits",
    example: '2102055757879968480',
    value: ({ stored }) => stored.postId,
  },
  {
    name: 'url',
    kind: 'text',
    description: 'Its address; it leads on where the author has another name by now',
    example: 'https://x.com/NASA/status/2102055757879968480',
    value: ({ stored, author }) => `https://x.com/${author?.handle ?? 'i'}/status/${stored.postId}`,
  },
  {
    name: 'posted_at',
    kind: 'instant',
    description: 'When it was posted, by the platform, UTC',
    example: '2026-11-22T13:05:00.000Z',
    value: ({ stored }) => stored.postedAt ?? undefined,
  },
  {
    name: 'captured_at',
    kind: 'instant',
    description: 'When mistnet first received it; text and author are as of then, UTC',
    example: '2026-11-22T13:05:01.204Z',
    value: ({ stored }) => stored.capturedAt,
  },
  {
    name: 'collection',
    kind: 'text',
    description: 'The collection that met it when the counts were taken',
    example: 'birds',
    value: ({ collection }) => collection,
  },
  {
    name: 'text',
    kind: 'text',
    description: 'The whole text, with its line breaks; of a long post not only its beginning',
    example: 'First swallow of the year 🐦',
    value: ({ stored }) => stored.text ?? undefined,
  },
  {
    name: 'lang',
    kind: 'text',
    description: "The platform's guess of the language",
    example: 'en',
    value: ({ stored }) => stored.lang ?? undefined,
  },
  {
    name: 'source',
    kind: 'text',
    description: 'The program it was posted with; v1.1 gives a piece of HTML',
    example: 'Twitter Web App',
    value: ({ stored }) => stored.source ?? undefined,
  },
  {
    name: 'conversation_id',
    kind: 'id',
    description: 'The id of the post that began the conversation',
    example: '2102055757879968480',
    value: ({ stored }) => stored.conversationId ?? undefined,
  },
  {
    name: 'replied_to_id',
    kind: 'id',
    description: 'The id of the post that this one answers',
    example: '2102055001234567890',
    value: (post) => post.reference(/^replied_to$/),
  },
  {
    name: 'replied_to_account_id',
    kind: 'id',
    description: 'The id of the account that this one answers',
    example: '11348282',
    value: ({ details }) => details.repliedAccountId,
  },
  {
    name: 'replied_to_handle',
    kind: 'text',
    description: 'Its handle then, where the payload says it',
    example: 'NASA',
    value: ({ details }) => details.repliedHandle,
  },
  {
    name: 'reposted_id',
    kind: 'id',
    description: 'The id of the post that this one repeats; then the text is its, perhaps cut',
    example: '2102055001234567890',
    value: (post) => post.reference(/^(retweeted|reposted)$/),
  },
  {
    name: 'quoted_id',
    kind: 'id',
    description: 'The id of the post that this one quotes',
    example: '2102055001234567890',
    value: (post) => post.reference(/^quoted$/),
  },
  ...(['reposts', 'replies', 'likes', 'quotes', 'bookmarks', 'impressions'] as const).map(
    (name): Column => ({
      name,
      kind: 'count',
      description: `Number of ${name} as of counts_at; empty where the platform did not send it`,
      example: '12',
      value: ({ stored }) => stored.counts[name] ?? undefined,
    }),
  ),
  {
    name: 'counts_at',
    kind: 'instant',
    description:
      'When the counts of the post were taken, UTC: its newest capture in the window, or with all observations that of the row',
    example: '2026-11-23T06:00:12.410Z',
    value: ({ stored }) => stored.observedAt,
  },
  {
    name: 'hashtags',
    kind: 'text',
    description: 'Hashtags without #, a blank between',
    example: 'birds swallows',
    value: ({ details }) => joined(details.hashtags),
  },
  {
    name: 'mentions',
    kind: 'text',
    description: 'Handles named in the text, without @, a blank between',
    example: 'NASA NASA_Ice',
    value: ({ details }) => joined(details.mentions),
  },
  {
    name: 'urls',
    kind: 'text',
    description: 'Links as they stand in the text, a blank between',
    example: 'https://t.co/YpffdKVrgm',
    value: ({ details }) => joined(details.links.map(({ url }) => url)),
  },
  {
    name: 'urls_expanded',
    kind: 'text',
    description:
      'Where they lead by the word of the platform, in the same order, a blank between; %20 for blanks in them, - for one it does not say',
    example: 'https://example.org/swallows',
    value: ({ details }) =>
      joined(details.links.map(({ expanded }) => (expanded === '' ? '-' : expanded.replaceAll(/\s/g, '%20')))),
  },
  {
    name: 'media_urls',
    kind: 'text',
    description: 'Addresses of pictures and of previews of films, a blank between',
    example: 'https://pbs.twimg.com/media/abc.jpg',
    value: ({ details }) => joined(details.mediaUrls),
  },
  {
    name: 'longitude',
    kind: 'number',
    description: 'Degrees east, where the author shared the place',
    example: '-77.0366',
    value: ({ details }) => details.longitude,
  },
  {
    name: 'latitude',
    kind: 'number',
    description: 'Degrees north',
    example: '38.8951',
    value: ({ details }) => details.latitude,
  },
  {
    name: 'place',
    kind: 'text',
    description: 'The whole name of the place that the author chose',
    example: 'Washington, DC',
    value: ({ details }) => details.place,
  },
  {
    name: 'possibly_sensitive',
    kind: 'flag',
    description: 'Whether the platform takes a link of it for sensitive',
    example: 'false',
    value: ({ details }) => details.sensitive,
  },
  {
    name: 'author_id',
    kind: 'id',
    description: "The author's id: it alone is the identity",
    example: '11348282',
    value: ({ stored }) => stored.accountId ?? undefined,
  },
  {
    name: 'author_handle',
    kind: 'text',
    description:
      "The author's changeable name, as of captured_at; where the payload had no profile, this and all author_ columns are as last seen",
    example: 'NASA',
    value: ({ author }) => author?.handle,
  },
  {
    name: 'author_name',
    kind: 'text',
    description: 'The name that is shown',
    example: 'NASA',
    value: ({ author }) => author?.name,
  },
  {
    name: 'author_created_at',
    kind: 'instant',
    description: 'When the account was made, UTC',
    example: '2007-12-19T20:20:32.000Z',
    value: ({ author }) => author?.createdAt,
  },
  {
    name: 'author_location',
    kind: 'text',
    description: 'Free text of the profile',
    example: 'Pale Blue Dot',
    value: ({ author }) => author?.location,
  },
  {
    name: 'author_description',
    kind: 'text',
    description: 'Free text of the profile',
    example: "There's space for everybody.",
    value: ({ author }) => author?.description,
  },
  {
    name: 'author_verified',
    kind: 'flag',
    description: 'As the platform says',
    example: 'true',
    value: ({ author }) => author?.verified,
  },
  {
    name: 'author_protected',
    kind: 'flag',
    description: 'Whether only approved followers see its posts',
    example: 'false',
    value: ({ author }) => author?.protected,
  },
  {
    name: 'author_followers',
    kind: 'count',
    description: 'Accounts that follow it',
    example: '235',
    value: ({ author }) => author?.followers,
  },
  {
    name: 'author_following',
    kind: 'count',
    description: 'Accounts that it follows',
    example: '114',
    value: ({ author }) => author?.following,
  },
  {
    name: 'author_posts',
    kind: 'count',
    description: 'Posts it has written',
    example: '17970',
    value: ({ author }) => author?.posts,
  },
  {
    name: 'author_listed',
    kind: 'count',
    description: 'Lists it is on',
    example: '3',
    value: ({ author }) => author?.listed,
  },
  {
    name: 'withdrawn',
    kind: 'text',
    description:
      'What the platform said since of the post (deleted, not_found, protected, suspended, withheld with countries) or of its author (account:…, places), a blank between; with deletions honoured only what leaves the post shareable',
    example: 'withheld:DE+FR',
    value: ({ stored }) => stored.withdrawn ?? undefined,
  },
  {
    name: 'altered',
    kind: 'text',
    description:
      'Fields that could not be stored exactly (U+0000, half characters, an instant that is none), a blank between; the payload in jsonl has them as they came',
    example: 'text',
    value: ({ stored }) => joined(stored.altered),
  },
  {
    name: 'extra',
    kind: 'json',
    description:
      'Whatever else the payload says of the post, as JSON: fields of no other column, new ones too; numbers beyond 2^53 as text',
    example: '{"edit_history_tweet_ids":["2102055757879968480"]}',
    value: ({ details }) => {
      const text = JSON.stringify(details.rest);
      return text === '{}' ? undefined : text;
    },
  },
];

export const full: Preset = { description: 'everything that is known of a post', columns };

function joined(parts: readonly string[]): string | undefined {
  return parts.length === 0 ? undefined : parts.join(SEPARATOR);
}
