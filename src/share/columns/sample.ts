/** The 20 columns of the hourly datasets' tweets file, with its cells, for whoever reads both. */
import type { Account } from '../../core/post.ts';
import { TWEET_COLUMNS } from '../../process/csv-row.ts';
import type { ExportPost } from '../export-post.ts';
import { type CellValue, type Column, type ColumnKind, onOneLine, type Preset } from './column.ts';

type Entry = Omit<Column, 'name'>;

const author = (
  kind: ColumnKind,
  description: string,
  example: string,
  value: (account: Account) => CellValue,
): Entry => ({
  kind,
  description: `${description}, when the post was captured`,
  example,
  value: (post: ExportPost) => (post.author === undefined ? undefined : value(post.author)),
});

const entries: Record<string, Entry> = {
  id: {
    kind: 'id',
    description: "The post's id",
    example: '1576195200000000000',
    value: ({ stored }) => stored.postId,
  },
  conversation_id: {
    kind: 'id',
    description: 'The id of the post that began the conversation',
    example: '1576195200000000000',
    value: ({ stored }) => stored.conversationId ?? undefined,
  },
  author_id: {
    kind: 'id',
    description: "The author's id",
    example: '1354866351241060000',
    value: ({ stored }) => stored.accountId ?? undefined,
  },
  created_at: {
    kind: 'instant',
    description: 'When it was posted, UTC',
    example: '2022-10-01 13:23:58+00:00',
    value: ({ stored }) => stored.postedAt ?? undefined,
  },
  retrieved_at: {
    kind: 'instant',
    description: 'When it was first captured, UTC',
    example: '2022-10-01 13:23:59+00:00',
    value: ({ stored }) => stored.capturedAt,
  },
  source: {
    kind: 'text',
    description: 'The program it was posted with',
    example: 'Twitter for Android',
    value: ({ stored }) => stored.source ?? undefined,
  },
  lang: {
    kind: 'text',
    description: "The platform's guess of the language",
    example: 'de',
    value: ({ stored }) => stored.lang ?? undefined,
  },
  text: {
    kind: 'text',
    description: 'The text, each line break a blank; of a long post its beginning',
    example: 'Die ersten Schwalben',
    value: ({ details, stored }) => onOneLine(details.shortText ?? stored.text ?? undefined),
  },
  reference_type: {
    kind: 'text',
    description: 'How it points at another post: retweeted, quoted, replied_to; original where it does not',
    example: 'retweeted',
    value: ({ stored }) => stored.references[0]?.type ?? 'original',
  },
  referenced_tweet_id: {
    kind: 'id',
    description: 'The id of that post',
    example: '1576022337755590713',
    value: ({ stored }) => stored.references[0]?.postId,
  },
  'author.created_at': author(
    'instant',
    'When the account was made, UTC',
    '2021-01-28 18:58:04+00:00',
    ({ createdAt }) => createdAt,
  ),
  'author.location': author('text', 'Free text of the profile', 'Linz', ({ location }) => location),
  'author.name': author('text', 'The name that is shown', 'Bird 1', ({ name }) => name),
  'author.username': author('text', 'The changeable name', 'bird1', ({ handle }) => handle),
  'author.verified': author('flag', 'As the platform says', 'false', ({ verified }) => verified),
  'author.protected': author(
    'flag',
    'Whether only approved followers see its posts',
    'false',
    (account) => account.protected,
  ),
  'author.public_metrics.followers_count': author(
    'count',
    'Accounts that follow it',
    '128.0',
    ({ followers }) => followers,
  ),
  'author.public_metrics.following_count': author(
    'count',
    'Accounts that it follows',
    '49.0',
    ({ following }) => following,
  ),
  'author.public_metrics.tweet_count': author('count', 'Posts it has written', '17970.0', ({ posts }) => posts),
  'author.public_metrics.listed_count': author('count', 'Lists it is on', '0.0', ({ listed }) => listed),
};

export const sample: Preset = {
  description: "the 20 columns of the hourly datasets' tweets file",
  columns: TWEET_COLUMNS.map((name) => ({ name, ...(entries[name] as Entry) })),
  cell(value, kind) {
    if (kind === 'count') return `${value}.0`;
    if (kind === 'instant') return `${String(value).slice(0, 10)} ${String(value).slice(11, 19)}+00:00`;
    return String(value);
  },
};
