import { describe, expect, it } from 'vitest';
import { cellXml, columnLetters } from './xlsx/sheet-text.ts';
import { fitCell, guardFormula, idFormula, MAX_CELL_UNITS } from './excel-safe.ts';

describe('a cell for Excel', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '\nx', '＝1', '＋1', '－1', '＠x'])(
    'is no formula when it is %j',
    (text) => {
      expect(guardFormula(text)).toBe(`'${text}`);
    },
  );

  it('is itself when it is none', () => {
    for (const text of ['', 'a=1', "'x", ' =1', '🐦', '1-1']) expect(guardFormula(text)).toBe(text);
  });

  it('keeps the digits of an id', () => {
    expect(idFormula('2102055757879968480')).toBe('="2102055757879968480"');
    expect(idFormula('=cmd')).toBe("'=cmd");
  });

  it('is cut at its limit, not within a pair, and says how long it was', () => {
    const fits = 'x'.repeat(MAX_CELL_UNITS);
    expect(fitCell(fits)).toEqual({ text: fits });
    const { text, at = 0 } = fitCell(`x${'🐦'.repeat(20_000)}`);
    expect(text.length).toBeLessThanOrEqual(MAX_CELL_UNITS);
    expect(text.isWellFormed()).toBe(true);
    expect(text.slice(at)).toBe(' … [cut: the whole has 40001 characters]');
  });
});

describe('a cell of a worksheet', () => {
  it('holds what XML cannot, in the way of spreadsheets', () => {
    expect(cellXml('a<b & c>d')).toBe('a&lt;b &amp; c&gt;d');
    expect(cellXml('a\r\n\tb\u000b')).toBe('a_x000D_\n\tb_x000B_');
    expect(cellXml('_x000D_ _x00 x_')).toBe('_x005F_x000D_ _x00 x_');
    expect(cellXml('🐦 \ud83d')).toBe('🐦 \ufffd');
  });

  it('is named by letters', () => {
    expect([0, 25, 26, 51, 52, 701, 702].map(columnLetters)).toEqual(['A', 'Z', 'AA', 'AZ', 'BA', 'ZZ', 'AAA']);
  });
});
