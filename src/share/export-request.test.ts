import { describe, expect, it } from 'vitest';
import { type ExportWish, toExportRequest } from './export-request.ts';

const ask = (wish: Partial<ExportWish>) => toExportRequest({ from: { kind: 'all' }, format: 'csv', ...wish }, 'UTC');

describe('a request', () => {
  it('has defaults for what was not said', () => {
    expect(ask({})).toEqual({
      from: { kind: 'all' },
      format: 'csv',
      preset: 'full',
      observations: 'newest',
      excelSafe: false,
      honourDeletions: true,
    });
  });

  it('holds windows as instants', () => {
    expect(ask({ postedFrom: '2026-11-22', capturedTo: '2026-11-22' })).toMatchObject({
      postedFrom: '2026-11-22T00:00:00.000Z',
      capturedTo: '2026-11-23T00:00:00.000Z',
    });
  });

  it.each<[string, Partial<ExportWish>, string]>([
    [
      'a format that does not exist',
      { format: 'xls' },
      '--format is "xls"; it must be one of csv, tsv, xlsx, jsonl, parquet, ids.',
    ],
    ['a preset that does not exist', { preset: 'mine' }, '--preset is "mine"'],
    ['a preset for lines', { format: 'jsonl', preset: 'sfm' }, 'jsonl has none'],
    ['observations of another kind', { observations: 'oldest' }, '--observations is "oldest"'],
    ['files without rows', { split: '0' }, '--split is "0"'],
    ['rows that are no number', { split: '1e5' }, '--split is "1e5"'],
    ['more rows than a worksheet has', { format: 'xlsx', split: '1048576' }, 'a worksheet holds 1048575 rows'],
    ['what Excel does not read', { format: 'parquet', excelSafe: true }, 'parquet is not read by Excel'],
    ['what is safe anyway', { format: 'xlsx', excelSafe: true }, 'xlsx keeps ids and formulas as text anyway'],
    [
      'an empty window',
      { capturedFrom: '2026-11-23', capturedTo: '2026-11-22' },
      '--captured-to (2026-11-23T00:00:00.000Z) must be later',
    ],
  ])('is refused for %s', (_what, wish, sentence) => {
    expect(() => ask(wish)).toThrow(sentence);
  });
});
