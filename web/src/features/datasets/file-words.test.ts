import { describe, expect, it } from 'vitest';
import { fileTitle } from './file-words.ts';

describe('files of an hour', () => {
  it('are named by what is in them, compressed or not', () => {
    expect(fileTitle('2022-10-01_15_tweets.csv.xz')).toBe('Posts, CSV');
    expect(fileTitle('2022-10-01_15_tweets.csv')).toBe('Posts, CSV');
    expect(fileTitle('2022-10-01_15_something.new')).toBe('2022-10-01_15_something.new');
  });
});
