import { describe, expect, it } from 'vitest';
import { contentTypeOf, datasetHref, parseDatasetFileName } from './dataset-names.ts';

describe('names of published files', () => {
  it('are those of an hour or of a day', () => {
    for (const ending of ['IDs.txt.xz', 'IDs.txt', 'tweets.csv.xz', 'users.csv', 'posts.parquet', 'manifest.json'])
      expect(parseDatasetFileName('2022-10-01', `2022-10-01_15_${ending}`)).toEqual({
        kind: 'hour',
        label: '2022-10-01_15',
      });
    expect(parseDatasetFileName('2026-10-25', '2026-10-25_02+0200_posts.parquet')).toEqual({
      kind: 'hour',
      label: '2026-10-25_02+0200',
    });
    expect(parseDatasetFileName('2022-10-01', '2022-10-01_report.txt')).toEqual({ kind: 'report' });
  });

  it('are nothing else: no other day, no path, no hidden or unfinished file', () => {
    for (const name of [
      ...[
        '2022-10-02_15_posts.parquet',
        '2022-10-02_report.txt',
        '../2022-10-01_15_posts.parquet',
        '.2022-10-01_15.lock',
      ],
      ...['2022-10-01_15_posts.parquet.tmp', '2022-10-01_15_posts.parquet\n', '2022-10-01_1_IDs.txt', 'revisions', ''],
    ])
      expect([name, parseDatasetFileName('2022-10-01', name)]).toEqual([name, undefined]);
  });

  it('have a content type by their ending, and a link that keeps every character', () => {
    expect(contentTypeOf('2022-10-01_15_tweets.csv.xz')).toBe('application/x-xz');
    expect(contentTypeOf('2022-10-01_report.txt')).toBe('text/plain; charset=utf-8');
    expect(decodeURIComponent(datasetHref('demo', '2026-10-25', '2026-10-25_02+0200_IDs.txt'))).toBe(
      '/files/datasets/demo/2026-10-25/2026-10-25_02+0200_IDs.txt',
    );
  });
});
