/** Cells and rows of a worksheet as XML. */
import { type Preset, valueText } from '../../columns/column.ts';
import type { ExportPost } from '../../export-post.ts';
import { fitCell } from '../excel-safe.ts';
import type { Cut } from '../part.ts';

/** Styles of the workbook, by their place in it. */
const TEXT_STYLE = 1;
const HEAD_STYLE = 2;

/** What XML 1.0 cannot hold, and CR, which its readers turn to LF. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const UNFIT = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g;
/** A text that reads like one of the escapes below must be escaped itself. */
const ESCAPE_LIKE = /_(?=x[0-9A-Fa-f]{4}_)/g;
const MARKUP = /[&<>]/g;
const NEEDS_CARE = /[&<>_\u0000-\u0008\u000b-\u001f\ud800-\udfff\ufffe\uffff]/; // oxlint-disable-line no-control-regex -- as above

/** Text for an element of a cell: control characters as `_x000B_`, the way spreadsheets write them; half characters as U+FFFD. */
export function cellXml(text: string): string {
  if (!NEEDS_CARE.test(text)) return text;
  return text
    .toWellFormed()
    .replaceAll(ESCAPE_LIKE, '_x005F_')
    .replaceAll(UNFIT, (character) => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)
    .replaceAll(MARKUP, (character) => (character === '&' ? '&amp;' : character === '<' ? '&lt;' : '&gt;'));
}

/** `A`, `B` … `Z`, `AA` … */
export function columnLetters(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : columnLetters(Math.floor(index / 26) - 1) + last;
}

/** Rows of a sheet; `row` wants the number of the row in the sheet, of which the first is the header's. */
export function sheetText({ columns, cell }: Preset, onCut: (cut: Cut) => void) {
  const letters = columns.map((_, index) => columnLetters(index));
  const textCell = (at: number, row: number, text: string, style: number) =>
    `<c r="${letters[at]}${row}"${style === 0 ? '' : ` s="${style}"`} t="inlineStr"><is><t xml:space="preserve">${cellXml(text)}</t></is></c>`;
  return {
    head: `<row r="1">${columns.map(({ name }, at) => textCell(at, 1, name, HEAD_STYLE)).join('')}</row>`,
    row(post: ExportPost, row: number): string {
      let xml = `<row r="${row}">`;
      for (let at = 0; at < columns.length; at++) {
        const { kind, name, value: read } = columns[at] as (typeof columns)[number];
        const value = read(post);
        if (value === undefined || value === '') continue;
        if (kind === 'count' || kind === 'number') {
          // Digits beyond 15 are more than a spreadsheet's number keeps.
          if (/^-?[0-9.]{1,15}$/.test(String(value))) {
            xml += `<c r="${letters[at]}${row}"><v>${value}</v></c>`;
            continue;
          }
        } else if (kind === 'flag' && typeof value === 'boolean' && cell === undefined) {
          xml += `<c r="${letters[at]}${row}" t="b"><v>${value ? 1 : 0}</v></c>`;
          continue;
        }
        const whole = valueText(
          cell === undefined || kind === 'count' || kind === 'number' ? value : cell(value, kind),
        );
        const { text, at: cutAt } = fitCell(whole);
        if (cutAt !== undefined)
          onCut({ row: post.rowNumber, id: post.stored.postId, column: name, at: cutAt, length: whole.length });
        xml += textCell(at, row, text, kind === 'id' ? TEXT_STYLE : 0);
      }
      return `${xml}</row>`;
    },
  };
}
