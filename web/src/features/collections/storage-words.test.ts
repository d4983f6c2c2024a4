import { describe, expect, it } from 'vitest';
import type { RetentionRun } from '../../api/types.ts';
import { countTroubles, describeCompaction, describeKeep, describeRun, runsWorthShowing } from './storage-words.ts';

function run(node: string, day: string, observations: number, lacking: string[] = []): RetentionRun {
  const share = { collection: 'demo', observations, unverified: lacking.length };
  return {
    ...{ node, day, ranAt: `${day}T00:00:10.000Z`, observations, posts: 0, partitions: 0, unverified: lacking.length },
    collections: observations + lacking.length === 0 ? [] : [share],
    lacking: lacking.map((segment) => ({ collection: 'demo', node, segment, reason: 'it is not there or open' })),
  };
}

describe('how long posts stay, in words', () => {
  it('tells the three kinds apart', () => {
    expect(describeKeep('files')).toBe('Posts are kept in files only');
    expect(describeKeep('days:1')).toBe('Posts stay in the database for 1 day, in files for good');
    expect(describeKeep('days:30')).toContain('30 days');
    expect(describeKeep('all')).toBe('Posts stay in the database and in files for good');
  });

  it('says what a run did for the collection', () => {
    expect(describeRun(run('n1', '2026-11-22', 0))).toBe('nothing had to go');
    expect(describeRun(run('n1', '2026-11-22', 1_500))).toBe('1,500 rows left the database');
    expect(describeRun(run('n1', '2026-11-22', 0, ['a']))).toBe(
      'no rows left the database; those of 1 segment stayed: it was not found whole',
    );
    expect(describeRun(run('n1', '2026-11-22', 5, ['a', 'b']))).toContain('those of 2 segments stayed: they were');
  });

  it('shows the newest run of each node, and older ones only where something happened', () => {
    const runs = [
      ...[run('n1', '2026-11-22', 0), run('n2', '2026-11-22', 3), run('n1', '2026-11-21', 7)],
      ...[run('n2', '2026-11-21', 0), run('n1', '2026-11-20', 0, ['a'])],
    ];
    expect(runsWorthShowing(runs)).toEqual([runs[0], runs[1], runs[2], runs[4]]);
  });
});

describe('how files are kept, in words', () => {
  it('says what was put together', () => {
    const none = { hours: 0, segments: 0, segmentsBytes: 0, compressedBytes: 0 };
    expect(describeCompaction(none)).toContain('No hour was put together yet');
    expect(
      describeCompaction({ hours: 2, segments: 1_234, segmentsBytes: 45_000_000, compressedBytes: 40_000_000 }),
    ).toBe('The 1,234 segments of 2 finished hours lie in one file an hour; 45 MB became 40 MB.');
    const one = { hours: 1, segments: 1, segmentsBytes: 45_000_000, compressedBytes: 40_000_000 };
    expect(describeCompaction(one)).toContain('The one segment of 1 finished hour lies in one file');
  });

  it('counts what is to be looked at now, each segment once', () => {
    const trouble = { node: 'n1', hour: '', reason: '', noticedAt: '' };
    const runs = [
      run('n1', '2026-11-22', 0, ['a']),
      run('n2', '2026-11-22', 0, ['a']),
      run('n1', '2026-11-21', 0, ['b']),
    ];
    expect(countTroubles(undefined, undefined)).toBe(0);
    expect(countTroubles(runs, { troubles: [] })).toBe(1);
    expect(
      countTroubles(runs, {
        troubles: [
          { ...trouble, segment: 'a' },
          { ...trouble, segment: 'c' },
        ],
      }),
    ).toBe(2);
  });
});
