/**
 * How a table of Social Feed Manager's is written. Its page made CSV with quotes; its command line tabs without any, whatever the texts hold. Spreadsheets
 * save either with tabs and quotes, or with semicolons. Rows of posts with fewer than two links end where their links do.
 */
import { CsvRows, type Separator } from './csv-rows.ts';
import { readSourceLines } from './source-lines.ts';

/** `areQuotesMeant`: false where a quote is a character as any other. */
export type SfmTable = { names: string[]; separator: Separator; areQuotesMeant: boolean };

const NEEDED = ['twitter_id', 'created_at', 'screen_name', 'text'];
const SEPARATORS: readonly Separator[] = [',', '\t', ';'];

/** The columns' names and what parts them when a first line is Social Feed Manager's header; undefined when it is something else. */
export function sfmHeader(text: string): Pick<SfmTable, 'names' | 'separator'> | undefined {
  for (const separator of SEPARATORS) {
    const row = new CsvRows(separator).push({ line: 1, bytes: Buffer.from(text) });
    const names = (row?.cells ?? []).map((cell) => cell.trim());
    while (names.at(-1) === '') names.pop();
    if (names.at(-1) === 'url2') names.push('url2_expanded'); // its workbooks lack the last name
    if (NEEDED.every((name) => names.includes(name))) return { names, separator };
  }
  return undefined;
}

/** Reads as much of a file as it takes to know. Undefined: it has no header of Social Feed Manager's. Throws `folder.unreadable`. */
export async function sfmTableOf(path: string): Promise<SfmTable | undefined> {
  let header: ReturnType<typeof sfmHeader>;
  for await (const lines of readSourceLines(path))
    for (const { bytes } of lines) {
      if (bytes.length === 0) continue;
      const text = bytes.toString('utf8');
      if (header === undefined) {
        header = sfmHeader(text);
        if (header?.separator !== '\t') return header === undefined ? undefined : { ...header, areQuotesMeant: true };
        continue;
      }
      const areQuotesMeant = quotesIn(text, header.names);
      if (areQuotesMeant !== undefined) return { ...header, areQuotesMeant };
    }
  return header === undefined ? undefined : { ...header, areQuotesMeant: false };
}

/** A row's cells, those of links that it does not have blank; or how many there are instead. */
export function wholeRow(cells: string[], names: readonly string[]): string[] | number {
  const missing = names.slice(cells.length);
  const isWhole =
    missing.length === 0
      ? cells.slice(names.length).every((cell) => cell === '')
      : missing.length % 2 === 0 && missing.every((name) => /^url\d/.test(name));
  return isWhole ? names.map((_, at) => cells[at] ?? '') : cells.length;
}

/** Whether a line between tabs tells that quotes are meant; undefined when it could be either. */
function quotesIn(text: string, names: readonly string[]): boolean | undefined {
  const cells = text.split('\t');
  if (typeof wholeRow(cells, names) === 'number') return undefined;
  const quoted = [...cells.entries()].filter(([, cell]) => cell.includes('"'));
  if (quoted.length === 0) return undefined;
  if (!quoted.every(([, cell]) => /^"(?:[^"]|"")*"$/.test(cell))) return false;
  const textAt = names.indexOf('text');
  // A text that stands in quotes as a whole may be its author's.
  return quoted.some(([at, cell]) => at !== textAt || cell.slice(1, -1).includes('""')) ? true : undefined;
}
