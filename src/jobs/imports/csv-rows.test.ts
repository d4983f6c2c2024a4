import { describe, expect, it } from 'vitest';
import { CsvRows } from './csv-rows.ts';

function rowsOf(text: string, separator: ',' | '\t' = ',') {
  const reader = new CsvRows(separator);
  const rows = text.split('\n').map((line, at) => reader.push({ line: at + 1, bytes: Buffer.from(line) }));
  return [...rows, reader.end()].filter((row) => row !== undefined);
}

describe('rows of CSV', () => {
  it('have cells with commas, quotes and line breaks', () => {
    expect(rowsOf('a,"b, ""c""",\n"x\n\ny",,"z"')).toEqual([
      { line: 1, cells: ['a', 'b, "c"', ''] },
      { line: 2, cells: ['x\n\ny', '', 'z'] },
    ]);
  });

  it('may be separated by tabs, and blank lines are none', () => {
    expect(rowsOf('a\t"b\tc"\n\nd,e\tf', '\t')).toEqual([
      { line: 1, cells: ['a', 'b\tc'] },
      { line: 3, cells: ['d,e', 'f'] },
    ]);
  });

  it('end with the file where a quote was left open', () => {
    expect(rowsOf('a,"b\nc,d')).toEqual([{ line: 1, cells: ['a', 'b\nc,d'] }]);
  });
});
