/** What a column of an export is: its name, how it is written, what it says, and where it comes from. The dictionary is made of the same table. */
import type { ExportPost } from '../export-post.ts';

/**
 * `id`: digits, always text. `instant`: ISO 8601 with Z. `count`: a whole number, as a number or as digits. `json`: an object or array as text.
 */
export type ColumnKind = 'id' | 'text' | 'instant' | 'count' | 'number' | 'flag' | 'json';

export type CellValue = string | number | boolean | undefined;

export type Column = {
  name: string;
  kind: ColumnKind;
  description: string;
  example: string;
  value: (post: ExportPost) => CellValue;
};

/** `cell`: how csv and tsv write a value where it is not written as it is. */
export type Preset = {
  description: string;
  columns: readonly Column[];
  cell?: (value: string | number | boolean, kind: ColumnKind) => string;
};

/** A value as text; U+0000, at which many readers stop, is U+FFFD. */
export function valueText(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  return value.includes('\u0000') ? value.replaceAll('\u0000', '\uFFFD') : value;
}

/** Line breaks become blanks, as older tools write texts. */
export function onOneLine(text: string | undefined): string | undefined {
  return text?.replaceAll('\n', ' ');
}
