import { describe, expect, it } from 'vitest';
import {
  collectionText,
  compactionLines,
  keepWords,
  retentionLines,
  shortCompaction,
  shortRetention,
} from './collection-words.ts';

const run = {
  node: 'n1',
  day: '2026-11-22',
  ranAt: '2026-11-22T00:00:09.000Z',
  observations: 9,
  posts: 1,
  partitions: 0,
};
const sums = {
  collection: 'demo',
  hours: 2,
  segments: 120,
  bytes: 1,
  segmentsBytes: 2_000_000,
  compressedBytes: 1_900_000,
};
const trouble = { node: 'n1', hour: '2026-11-22T10:00:00.000Z', segment: 's', reason: 'it is cut', noticedAt: '' };
const nothing = { ...run, unverified: 0, collections: [], lacking: [] };

describe('what is kept of a collection, in words', () => {
  it('says how long posts stay', () => {
    expect(['all', 'files', 'days:1', 'days:30'].map(keepWords)).toEqual([
      ...['every post', 'files only', 'the last day', 'the last 30 days'],
    ]);
  });

  it('says of each node what its newest run did, and names segments whose rows stayed', () => {
    expect(retentionLines([])).toEqual(['not run yet; it runs once a day (UTC) while mistnet does']);
    const lacking = [{ collection: 'demo', node: 'n2', segment: 'n2-20261101T130500Z-4', reason: 'it is not sealed' }];
    const collections = [{ collection: 'demo', observations: 1_500, unverified: 1 }];
    expect(
      retentionLines([
        { ...run, unverified: 1, collections, lacking },
        { ...nothing, node: 'n2' },
        { ...nothing, day: '2026-11-21' },
      ]),
    ).toEqual([
      'last run 2026-11-22T00:00:09.000Z on node n1: 1,500 rows went; rows of 1 segment stayed, for want of a whole file',
      '  n2-20261101T130500Z-4: it is not sealed',
      'last run 2026-11-22T00:00:09.000Z on node n2: no rows went',
    ]);
  });

  it('says the same in a few words for a table', () => {
    const of = (collection: string, observations: number, unverified: number) => ({
      collection,
      observations,
      unverified,
    });
    const runs = [
      { ...nothing, collections: [of('birds', 3, 0), of('demo', 1_000, 1)] },
      { ...nothing, node: 'n2', collections: [of('demo', 500, 1)] },
      { ...nothing, day: '2026-11-21', collections: [of('demo', 77, 7)] },
    ];
    expect(shortRetention(runs, 'demo')).toBe('2026-11-22 1,500 rows went, 2 segments not found whole');
    expect(shortRetention(runs, 'other')).toBe('2026-11-22 nothing went');
    expect(shortRetention([], 'demo')).toBe('not run yet');
    const compaction = { ...sums, lastAt: null, troubles: [] };
    expect(shortCompaction(compaction)).toBe('2 hours');
    expect(shortCompaction({ ...compaction, hours: 0, troubles: [trouble] })).toBe('no hours, trouble in 1');
  });

  it('says all of it of one collection', () => {
    const collection = {
      collectionId: 1,
      name: 'demo',
      kind: 'sample',
      platform: 'x',
      api: 'v2',
      zone: 'UTC',
    } as const;
    const shown = { ...collection, keep: 'days:7', wanted: 'active', createdAt: '2026-11-01T00:00:00.000Z' } as const;
    const text = collectionText({
      ...{
        ...shown,
        lastByteAt: null,
        captured: 1005,
        loaded: 1004,
        quarantined: 1,
        bytes: 8_041_817,
        openSegments: 1,
      },
      ...{ state: 'paused', reason: 'The disk is full.', gaps: 2, uncoveredMs: 90_000, interruptions: 3 },
      ...{ retentionRuns: [nothing], compaction: { ...sums, lastAt: '2026-11-22T12:07:00.000Z', troubles: [trouble] } },
    });
    expect(text.split('\n')).toEqual(
      expect.arrayContaining([
        ...['name: demo', 'collects: the sample stream, X (API v2)', 'added: 2026-11-01 00:00:00 UTC'],
        ...['state: paused', 'reason: The disk is full.', 'posts captured: 1,005', 'last byte: none yet'],
        'posts loaded into the database: 1,004; in quarantine: 1',
        'on the disk: 8.0 MB of payload in 1 open segment and 0 sealed segments',
        'gaps: 2, 90 s in all (mistnet collection gaps demo)',
        'keep: days:7 (the last 7 days in the database; files stay in any case)',
        'retention: last run 2026-11-22T00:00:09.000Z on node n1: no rows went',
        '  2026-11-22T10Z on node n1, s: it is cut',
      ]),
    );
    expect(collectionText({ ...shown, keep: 'files', retentionRuns: [] })).toContain(
      'keep: files (files only, nothing in the database)',
    );
  });

  it('says what was put together and what hindered it', () => {
    expect(compactionLines({ ...sums, lastAt: '2026-11-22T12:07:00.000Z', troubles: [trouble] })).toEqual([
      '2 hours put together from 120 segments, 2.0 MB became 1.9 MB; last 2026-11-22T12:07:00.000Z',
      '  2026-11-22T10Z on node n1, s: it is cut',
    ]);
    expect(compactionLines({ ...sums, hours: 0, lastAt: null, troubles: [] })).toEqual(['no hour put together yet']);
  });
});
