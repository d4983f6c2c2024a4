/** What each column means, made of the table that the columns themselves come from. */
import type { ColumnKind, Preset } from './columns/column.ts';
import type { ExportRequest } from './export-request.ts';
import { csvField } from './gaps-csv.ts';

const KIND_TEXT: Record<ColumnKind, string> = {
  id: 'id, text of digits',
  text: 'text',
  instant: 'instant, UTC',
  count: 'whole number',
  number: 'number',
  flag: 'true or false',
  json: 'JSON',
};
const PARQUET_TYPE: Record<ColumnKind, string> = {
  id: 'VARCHAR',
  text: 'VARCHAR',
  instant: 'TIMESTAMPTZ',
  count: 'BIGINT',
  number: 'DOUBLE',
  flag: 'BOOLEAN',
  json: 'VARCHAR',
};

/** A row a column: its place, name, kind, type in Parquet, description, example. */
export function dictionaryCsv({ columns }: Preset): string {
  const rows = columns.map(({ name, kind, description, example }, at) =>
    [String(at + 1), name, KIND_TEXT[kind], PARQUET_TYPE[kind], description, example].map(csvField).join(','),
  );
  return `${['position,column,kind,parquet_type,description,example', ...rows].join('\n')}\n`;
}

export function dictionaryMarkdown(
  { columns, description }: Preset,
  { format, preset }: Pick<ExportRequest, 'format' | 'preset'>,
): string {
  const what = format === 'jsonl' || format === 'ids' ? format : `${format}, preset ${preset}`;
  const rows = columns.map((column) =>
    [`\`${column.name}\``, KIND_TEXT[column.kind], column.description, `\`${column.example}\``]
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | '),
  );
  return [
    '# Data dictionary',
    '',
    `${capitalised(description)} (${what}). An empty cell: the platform did not say.`,
    '',
    '| column | kind | what it says | example |',
    '|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
    '',
  ].join('\n');
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
