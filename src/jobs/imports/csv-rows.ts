/**
 * Rows of a CSV or TSV file as Social Feed Manager and spreadsheets write them: RFC 4180, line breaks within quotes. Of our own, for an import must say at which
 * line a row begins, go on there after a kill, and lose no more than some rows to a quote that nobody closed: csv-parse (7.0) then gives up the rest of the
 * file, and called row by row, so that it cannot, it takes some thirty times as long.
 */
import type { SourceLine } from './source-lines.ts';

/** `line`: where the row begins. */
export type CsvRow = { line: number; cells: string[] };

export type Separator = ',' | '\t' | ';';

/** A row of more lines than this has a quote that nobody closed. */
const MAX_ROW_LINES = 5000;

/** Takes lines and gives the rows that they complete; a blank line is a row only within quotes. */
export class CsvRows {
  readonly #separator: string;
  #waiting: string[] = [];
  #waitingFrom = 0;
  #quotes = 0;

  constructor(separator: Separator) {
    this.#separator = separator;
  }

  push({ line, bytes }: SourceLine): CsvRow | undefined {
    const text = bytes.toString('utf8');
    if (this.#waiting.length === 0 && text === '') return undefined;
    if (this.#waiting.length === 0) this.#waitingFrom = line;
    this.#waiting.push(text);
    for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) this.#quotes++;
    return this.#quotes % 2 === 0 || this.#waiting.length > MAX_ROW_LINES ? this.end() : undefined;
  }

  /** The row whose quote was not closed. */
  end(): CsvRow | undefined {
    if (this.#waiting.length === 0) return undefined;
    const row = { line: this.#waitingFrom, cells: cellsOf(this.#waiting.join('\n'), this.#separator) };
    this.#waiting = [];
    this.#quotes = 0;
    return row;
  }
}

function cellsOf(text: string, separator: string): string[] {
  const cells: string[] = [];
  for (let at = 0; at <= text.length; ) {
    if (text[at] !== '"') {
      const next = text.indexOf(separator, at);
      const end = next === -1 ? text.length : next;
      cells.push(text.slice(at, end));
      at = end + 1;
      continue;
    }
    let cell = '';
    let from = at + 1;
    for (;;) {
      const quote = text.indexOf('"', from);
      const end = quote === -1 ? text.length : quote;
      cell += text.slice(from, end);
      from = end + 1;
      if (text[from] !== '"') break;
      cell += '"';
      from++;
    }
    const next = text.indexOf(separator, from);
    const end = next === -1 ? text.length : next;
    cells.push(cell + text.slice(from, end));
    at = end + 1;
  }
  return cells;
}
