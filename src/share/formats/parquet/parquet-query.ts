/** Rows as DuckDB reads them from the working file, and the statement that makes a Parquet file of them. */
import type { ColumnKind } from '../../columns/column.ts';

/** What the program that writes Parquet is told. `longestRow` in bytes. */
export type ParquetJob = {
  columns: { name: string; kind: ColumnKind }[];
  rowsPath: string;
  path: string;
  temporaryFolder: string;
  longestRow: number;
  rowGroup: number;
  memoryMb: number;
  metadata: Record<string, string>;
};

const ESCAPE = '\u001b';
/** ESC itself first on the way in and last on the way out. */
const ESCAPED = [
  ['\n', 'n'],
  ['\r', 'r'],
  ['\t', 't'],
] as const;
const NEEDS_CARE = /[\u001b\n\r\t]/; // oxlint-disable-line no-control-regex -- control characters are what it looks for

/** A field of the working file: nothing in it needs quoting. A missing value is an empty field, an empty text `ESC 0`. */
export function parquetField(text: string): string {
  if (text === '') return `${ESCAPE}0`;
  if (!NEEDS_CARE.test(text)) return text;
  return ESCAPED.reduce(
    (escaped, [character, letter]) => escaped.replaceAll(character, `${ESCAPE}${letter}`),
    text.replaceAll(ESCAPE, `${ESCAPE}e`),
  );
}

/** A value that can't be cast is null, never the end of the whole file. */
export function parquetQuery({ columns, rowsPath, path, longestRow, rowGroup, metadata }: ParquetJob): string {
  const names = columns.map(({ name }) => `${quote(name)}: 'varchar'`).join(', ');
  const values = columns.map(({ name, kind }) => `${valueOf(`"${name}"`, kind)} as "${name}"`).join(',\n');
  const keys = Object.entries(metadata).map(([key, value]) => `${quote(key)}: ${quote(value)}`);
  return `copy (select ${values}
    from read_csv(${quote(rowsPath)}, auto_detect = false, header = false, delim = '\\t', quote = '', escape = '', comment = '',
      new_line = '\\n', nullstr = '', parallel = false, max_line_size = ${longestRow + 1024}, buffer_size = ${bufferBytes(longestRow)},
      columns = {${names}}))
    to ${quote(path)} (format parquet, compression zstd, row_group_size ${rowGroup}, kv_metadata {${keys.join(', ')}})`;
}

/** The reader wants two of its longest lines in one buffer. */
export function bufferBytes(longestRow: number): number {
  return Math.max(4_000_000, 2 * (longestRow + 1024));
}

function valueOf(column: string, kind: ColumnKind): string {
  if (kind === 'instant') return `try_cast(${column} as timestamptz)`;
  if (kind === 'flag') return `try_cast(${column} as boolean)`;
  if (kind === 'count') return `try_cast(${column} as bigint)`;
  if (kind === 'number') return `try_cast(${column} as double)`;
  const plain = ESCAPED.reduce(
    (inner, [character, letter]) => `replace(${inner}, chr(27) || '${letter}', chr(${character.charCodeAt(0)}))`,
    column,
  );
  return `case when contains(${column}, chr(27)) then replace(replace(${plain}, chr(27) || '0', ''), chr(27) || 'e', chr(27)) else ${column} end`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
