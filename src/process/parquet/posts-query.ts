/** The interim row as DuckDB reads it, and the columns of the Parquet file that it becomes. */

import type { ParquetJob } from './parquet-job.ts';

type ColumnKind = 'id' | 'text' | 'instant' | 'flag' | 'count' | 'references' | 'small';

/** In the order of the interim row; the last two are added when it is written. */
const COLUMNS: readonly (readonly [name: string, kind: ColumnKind])[] = [
  ['id', 'id'],
  ['conversation_id', 'text'],
  ['author_id', 'text'],
  ['created_at', 'instant'],
  ['retrieved_at', 'instant'],
  ['source', 'text'],
  ['lang', 'text'],
  ['text', 'text'],
  ['reference_type', 'text'],
  ['referenced_tweet_id', 'text'],
  ['author.created_at', 'instant'],
  ['author.location', 'text'],
  ['author.name', 'text'],
  ['author.username', 'text'],
  ['author.verified', 'flag'],
  ['author.protected', 'flag'],
  ['author.public_metrics.followers_count', 'count'],
  ['author.public_metrics.following_count', 'count'],
  ['author.public_metrics.tweet_count', 'count'],
  ['author.public_metrics.listed_count', 'count'],
  ['references', 'references'],
  ['long_text', 'text'],
  ['public_metrics.retweet_count', 'count'],
  ['public_metrics.reply_count', 'count'],
  ['public_metrics.like_count', 'count'],
  ['public_metrics.quote_count', 'count'],
  ['public_metrics.bookmark_count', 'count'],
  ['public_metrics.impression_count', 'count'],
  ['node', 'text'],
  ['nodes', 'small'],
];

/** The first of the columns that are added when the row is written. */
const ADDED_FROM = COLUMNS.length - 2;

/** What a row's ESC letters stand for; ESC itself last, when no other letter can be made of what it leaves. */
const ESCAPES = [
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['z', 0],
  ['f', 30],
  ['u', 31],
] as const;

/**
 * The statement that writes interim rows of a file as Parquet. Interim rows hold no byte that needs quoting, so the reader
 * gets none; a value that can't be cast is null, never the end of the whole file.
 */
export function postsQuery({
  rowsPath,
  path,
  longestRow,
  escapedFields,
  rowGroup,
  metadata,
}: Omit<ParquetJob, 'temporaryFolder' | 'memoryMb'>): string {
  const columns = COLUMNS.map(([name]) => `${quote(name)}: 'varchar'`).join(', ');
  const values = COLUMNS.map(([name, kind], column) => {
    // Bits beyond the row's fields are those of the added columns, which are few bytes and always read.
    const isEscaped = column >= ADDED_FROM || (escapedFields & (1 << column)) !== 0;
    return `${valueOf(`"${name}"`, kind, isEscaped ? unescape : (value) => value)} as "${name}"`;
  }).join(',\n');
  const keys = Object.entries(metadata).map(([key, value]) => `${quote(key)}: ${quote(value)}`);
  return `copy (select ${values}
    from read_csv(${quote(rowsPath)}, auto_detect = false, header = false, delim = '\\t', quote = '', escape = '', comment = '',
      new_line = '\\n', nullstr = '', parallel = false, max_line_size = ${longestRow + 1024}, buffer_size = ${bufferBytes(longestRow)},
      columns = {${columns}}))
    to ${quote(path)} (format parquet, compression zstd, row_group_size ${rowGroup}, kv_metadata {${keys.join(', ')}})`;
}

/** The reader wants two of its longest lines in one buffer. */
export function bufferBytes(longestRow: number): number {
  return Math.max(4_000_000, 2 * (longestRow + 1024));
}

function valueOf(column: string, kind: ColumnKind, unescape: (value: string) => string): string {
  if (kind === 'id') return column;
  if (kind === 'text') return unescape(column);
  if (kind === 'instant') return `try_cast(${column} || '+00' as timestamptz)`;
  if (kind === 'flag') return `try_cast(${column} as boolean)`;
  if (kind === 'count') return `try_cast(${column} as bigint)`;
  if (kind === 'small') return `try_cast(${column} as integer)`;
  const part = (index: number) => unescape(`split_part(r, chr(31), ${index})`);
  return `coalesce(list_transform(string_split(${column}, chr(30)), lambda r: {'type': ${part(1)}, 'id': ${part(2)}}), [])`;
}

function unescape(value: string): string {
  const plain = ESCAPES.reduce(
    (inner, [letter, byte]) => `replace(${inner}, chr(27) || '${letter}', chr(${byte}))`,
    value,
  );
  return `case when contains(${value}, chr(27)) then replace(replace(${plain}, chr(27) || '0', ''), chr(27) || 'e', chr(27)) else ${value} end`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
