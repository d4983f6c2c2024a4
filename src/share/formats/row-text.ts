/** Rows as text: csv, tsv, jsonl, ids. */
import { type Preset, valueText } from '../columns/column.ts';
import type { ExportPost } from '../export-post.ts';
import type { ExportRequest } from '../export-request.ts';
import { fitCell, guardFormula, idFormula } from './excel-safe.ts';
import type { Cut } from './part.ts';
import type { TextBytes } from './text-bytes.ts';

/** `header` stands at the beginning of each file. `add` adds a row with its line end. */
export type RowText = { header: string; add: (post: ExportPost, out: TextBytes) => void };

/** `onCut` hears of cells that were too long for Excel. */
export function rowText(request: ExportRequest, preset: Preset, onCut: (cut: Cut) => void): RowText {
  const { format } = request;
  if (format === 'ids') return lines(({ stored }, out) => out.add(stored.postId));
  if (format === 'jsonl') return lines(({ stored }, out) => out.addBytes(onOneLine(stored.payload)));
  return delimited(
    format === 'tsv' ? '\t' : ',',
    preset,
    request.excelSafe ? excelCell(preset, onCut) : plainCell(preset),
    request.excelSafe,
  );
}

function lines(add: RowText['add']): RowText {
  return {
    header: '',
    add: (post, out) => {
      add(post, out);
      out.addLetter(LINE_FEED);
    },
  };
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** JSON holds line breaks only between its parts, where a blank says the same. */
function onOneLine(payload: Buffer): Buffer {
  if (!payload.includes(LINE_FEED) && !payload.includes(CARRIAGE_RETURN)) return payload;
  return Buffer.from(payload.toString().replaceAll(/[\r\n]+/g, ' '));
}

type Cell = (value: string | number | boolean, column: number, post: ExportPost) => string;

/** Undefined where values are written as they are. */
function plainCell({ columns, cell }: Preset): Cell | undefined {
  if (cell === undefined) return undefined;
  return (value, column) => valueText(cell(value, columns[column]?.kind ?? 'text'));
}

function excelCell(preset: Preset, onCut: (cut: Cut) => void): Cell {
  const plain = plainCell(preset);
  return (value, column, post) => {
    const { kind = 'text', name = '' } = preset.columns[column] ?? {};
    const whole = plain === undefined ? valueText(value) : plain(value, column, post);
    if (kind === 'id') return idFormula(whole);
    if (kind === 'count' || kind === 'number' || kind === 'flag') return whole;
    const { text, at } = fitCell(guardFormula(whole));
    if (at !== undefined)
      onCut({ row: post.rowNumber, id: post.stored.postId, column: name, at, length: whole.length });
    return text;
  };
}

/** Quotes only where they are needed, doubled inside, as RFC 4180 says; lines end with LF, for Excel with CRLF after a byte order mark. */
function delimited(separator: ',' | '\t', { columns }: Preset, cell: Cell | undefined, forExcel: boolean): RowText {
  const needsQuotes = separator === ',' ? /[",\r\n]/ : /["\t\r\n]/;
  // Most cells are short and plain; of the others one look tells whether they need care.
  // oxlint-disable-next-line no-control-regex -- U+0000 is what it looks for, among others
  const needsCare = separator === ',' ? /[",\r\n\u0000]/ : /["\t\r\n\u0000]/;
  const lineEnd = forExcel ? '\r\n' : '\n';
  const quoted = (text: string) => (needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const reads = columns.map(({ value }) => value);
  const separatorCode = separator.charCodeAt(0);
  return {
    header: `${forExcel ? '\ufeff' : ''}${columns.map(({ name }) => quoted(name)).join(separator)}${lineEnd}`,
    add: (post, out) => {
      for (let at = 0; at < reads.length; at++) {
        if (at > 0) out.addLetter(separatorCode);
        const value = (reads[at] as (typeof reads)[number])(post);
        if (value === undefined) continue;
        const text = cell === undefined ? (typeof value === 'string' ? value : String(value)) : cell(value, at, post);
        if (!out.addPlain(text)) out.add(needsCare.test(text) ? quoted(valueText(text)) : text);
      }
      out.add(lineEnd);
    },
  };
}
