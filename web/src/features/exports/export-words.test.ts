import { describe, expect, it } from 'vitest';
import type { Export } from './api/use-exports.ts';
import { describeProgress, describeRequest } from './export-words.ts';

describe('what an export is', () => {
  it.each([
    [{ from: { kind: 'collection', name: 'demo' }, format: 'csv', preset: 'full' }, 'csv of the collection demo'],
    [
      { from: { kind: 'set', name: 'Poets' }, format: 'xlsx', preset: 'sfm', postedFrom: '2026-01-01T00:00:00Z' },
      'xlsx of the set Poets, columns sfm, posted from 2026-01-01',
    ],
    [
      {
        from: { kind: 'account', handle: null, accountId: '12' },
        format: 'ids',
        preset: 'sfm',
        honourDeletions: false,
      },
      'ids of @12, deleted posts too',
    ],
    [{ from: { kind: 'all' }, format: 'jsonl', preset: 'full' }, 'jsonl of everything'],
  ])('%j', (request, words) => {
    expect(describeRequest(request)).toBe(words);
  });
});

describe('how far an export is', () => {
  const running: Export = {
    ...{ name: 'a', request: {}, askedBy: null, node: 'n1', state: 'running', background: true, reason: null },
    ...{ rowsTotal: 4_000, rowsDone: 1_000, bytesDone: 2_000, askedAt: '', finishedAt: null, manifest: null },
    startedAt: '2026-11-22T12:00:00.000Z',
  };

  it('is said with what is left', () => {
    const now = Date.parse('2026-11-22T12:00:10.000Z');
    expect(describeProgress(running, now)).toBe('1,000 of 4,000 rows, 2 kB, about 30 s to go');
    expect(describeProgress(running, now - 8_000)).toBe('1,000 of 4,000 rows, 2 kB');
    expect(describeProgress({ ...running, rowsTotal: null }, now)).toBe('1,000 rows, 2 kB');
    expect(describeProgress({ ...running, state: 'done', rowsTotal: 0, rowsDone: 0 }, now)).toBe('Nothing fits, 2 kB');
    expect(describeProgress({ ...running, state: 'done' }, now)).toBe('1,000 of 4,000 rows, 2 kB');
  });
});
