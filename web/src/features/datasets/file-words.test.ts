import { describe, expect, it } from 'vitest';
import { fileTitle, inReadingOrder } from './file-words.ts';

describe('files of an hour', () => {
  it('are named by what is in them, compressed or not', () => {
    expect(fileTitle('2022-10-01_15_tweets.csv.xz')).toBe('Posts, CSV');
    expect(fileTitle('2022-10-01_15_tweets.csv')).toBe('Posts, CSV');
    expect(fileTitle('2022-10-01_15_something.new')).toBe('2022-10-01_15_something.new');
  });

  it('stand with the data first and unknown ones last', () => {
    const names = ['h_manifest.json', 'h_new.bin', 'h_IDs.txt.xz', 'h_posts.parquet'];
    expect(inReadingOrder(names.map((name) => ({ name }))).map(({ name }) => name)).toEqual([
      'h_posts.parquet',
      'h_IDs.txt.xz',
      'h_manifest.json',
      'h_new.bin',
    ]);
  });
});
