/** The 20 columns of Social Feed Manager's exports, in its order and its way of writing them, so that older scripts go on working. */
import type { ExportPost } from '../export-post.ts';
import { type Column, onOneLine, type Preset } from './column.ts';

/** Words after which "rt" asks for something instead of repeating something. */
const ASKS = ['please rt', 'pls rt', 'plz rt'];

const columns: readonly Column[] = [
  {
    name: 'sfm_id',
    kind: 'count',
    description:
      'The number of the row in this export, from 1; Social Feed Manager wrote a number of its own database here',
    example: '6114',
    value: ({ rowNumber }) => rowNumber,
  },
  {
    name: 'created_at',
    kind: 'instant',
    description: 'When the post was written, UTC, to the second',
    example: '2013-10-28T17:52:53Z',
    value: ({ stored }) => stored.postedAt?.replace(/\.\d+Z$/, 'Z'),
  },
  {
    name: 'created_at_date',
    kind: 'text',
    description: 'The same as a day, MM/DD/YYYY, UTC',
    example: '10/28/2013',
    value: ({ stored }) => stored.postedAt?.replace(/^(\d+)-(\d\d)-(\d\d).*$/, '$2/$3/$1'),
  },
  {
    name: 'twitter_id',
    kind: 'id',
    description: "The post's id",
    example: '114749583439036416',
    value: ({ stored }) => stored.postId,
  },
  {
    name: 'screen_name',
    kind: 'text',
    description: "The author's name when the post was captured; it can change",
    example: 'NASA',
    value: ({ author }) => author?.handle,
  },
  {
    name: 'followers_count',
    kind: 'count',
    description: 'How many followed the author when the post was captured',
    example: '235',
    value: ({ author }) => author?.followers,
  },
  {
    name: 'friends_count',
    kind: 'count',
    description: 'How many the author followed when the post was captured',
    example: '114',
    value: ({ author }) => author?.following,
  },
  {
    name: 'retweet_count',
    kind: 'count',
    description:
      'How often it had been retweeted when it was last captured; of a retweet (is_retweet_strict) the platform may count the original',
    example: '25',
    value: ({ stored }) => stored.counts.reposts ?? undefined,
  },
  {
    name: 'hashtags',
    kind: 'text',
    description: 'Hashtags without #, comma and blank between',
    example: 'Mars, askNASA',
    value: ({ details }) => listed(details.hashtags),
  },
  {
    name: 'in_reply_to_screen_name',
    kind: 'text',
    description: 'If it is a reply, the name of the account it answers',
    example: 'wiredscience',
    value: ({ details }) => details.repliedHandle,
  },
  {
    name: 'mentions',
    kind: 'text',
    description: 'Names with @ in the text, as a pattern finds them, comma and blank between',
    example: '@NASA_Airborne, @NASA_Ice',
    value: ({ stored }) => listed((stored.text ?? '').match(/@[A-Za-z0-9_]+/g) ?? []),
  },
  {
    name: 'twitter_url',
    kind: 'text',
    description: 'Its address',
    example: 'http://twitter.com/NASA/status/394883921303056384',
    value: ({ stored, author }) => `http://twitter.com/${author?.handle ?? 'i'}/status/${stored.postId}`,
  },
  {
    name: 'is_retweet_strict',
    kind: 'flag',
    description: 'Whether the platform marks it as a repetition of another post',
    example: 'False',
    value: ({ details }) => details.isRepost,
  },
  {
    name: 'is_retweet',
    kind: 'flag',
    description:
      'The same, or the text says so: it begins with "rt " or holds " rt " without asking for one (please rt, pls rt, plz rt)',
    example: 'True',
    value: (post) => post.details.isRepost || saysRetweet(post),
  },
  {
    name: 'coordinates',
    kind: 'text',
    description: 'Longitude and latitude, where the author shared the place',
    example: '[-77.0366, 38.8951]',
    value: ({ details: { longitude, latitude } }) =>
      longitude === undefined || latitude === undefined ? undefined : `[${longitude}, ${latitude}]`,
  },
  {
    name: 'text',
    kind: 'text',
    description: 'The text, each line break a blank',
    example: 'Observing Hurricane Raymond Lashing Western Mexico http://t.co/YpffdKVrgm',
    value: ({ stored }) => onOneLine(stored.text ?? undefined),
  },
  ...[0, 1].flatMap((at): Column[] => [
    {
      name: `url${at + 1}`,
      kind: 'text',
      description: `The ${at === 0 ? 'first' : 'second'} link of the text, as the platform shortened it`,
      example: 'http://t.co/WGJ9VmoKME',
      value: ({ details }) => details.links[at]?.url,
    },
    {
      name: `url${at + 1}_expanded`,
      kind: 'text',
      description: 'Where it leads by the word of the platform; may itself be a shortened address',
      example: 'http://instagram.com/p/gA_zQ5IaCz/',
      value: ({ details }) => details.links[at]?.expanded,
    },
  ]),
];

export const sfm: Preset = {
  description: "the 20 columns of Social Feed Manager's exports",
  columns,
  cell: (value, kind) => (kind === 'flag' ? (value === true ? 'True' : 'False') : String(value)),
};

function saysRetweet({ stored }: ExportPost): boolean {
  const text = (stored.text ?? '').toLowerCase();
  if (text.startsWith('rt ')) return true;
  return text.includes(' rt ') && !ASKS.some((words) => text.includes(words));
}

function listed(parts: readonly string[]): string | undefined {
  return parts.length === 0 ? undefined : parts.join(', ');
}
