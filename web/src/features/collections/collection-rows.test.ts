import { describe, expect, it } from 'vitest';
import type { CollectionStatus } from '../../api/types.ts';
import { collectionRows, plainView, rowsInView } from './collection-rows.ts';

const at = '2026-11-22T13:00:00.000Z';
function status(name: string, change: Partial<CollectionStatus> = {}): CollectionStatus {
  return {
    ...{
      name,
      state: 'connected',
      captured: 0,
      loaded: 0,
      quarantined: 0,
      openSegments: 0,
      sealedSegments: 0,
      gaps: 0,
    },
    lastByteAt: '2026-11-22T12:59:59.000Z',
    ...change,
  };
}

const rows = collectionRows(
  [
    status('birds', { postsPerSecond: 2, captured: 30 }),
    status('bees', { state: 'paused', reason: 'No token.', captured: 10 }),
    status('old', { state: 'stopped', lastByteAt: null, captured: 20 }),
  ],
  at,
  {
    collections: [
      {
        ...{ name: 'birds', kind: 'sample', tracks: 'a random sample', hours: [1, 2], usualPerHour: 3, gapsDay: 0 },
        lastPostAt: '2026-11-22T12:59:00.000Z',
        ...{ uncoveredDayMs: 0, heardDayPercent: null, spentMicros: 0, budgetMicros: null },
      },
    ],
  },
);
const names = (view: Partial<typeof plainView>) => rowsInView(rows, { ...plainView, ...view }).map(({ name }) => name);

describe('collections in a table', () => {
  it('have what is known of their day, and honest blanks where nothing is', () => {
    expect(rows[0]).toMatchObject({ dayTotal: 3, silentMs: 1_000, usualPerHour: 3 });
    expect(rows[0]).toMatchObject({ postMs: 60_000, lastPost: 'now' });
    expect(rows[1]).toMatchObject({ postMs: undefined, lastPost: '…' });
    expect(rows[2]).toMatchObject({ dayTotal: undefined, silentMs: null, usualPerHour: null });
  });

  it('are found by name and by what they track, in any case', () => {
    expect(names({ search: ' BEE ' })).toEqual(['bees']);
    expect(names({ search: 'random' })).toEqual(['birds']);
  });

  it('are told apart by how they stand', () => {
    expect(names({ show: 'attention' })).toEqual(['bees']);
    expect(names({ show: 'stopped' })).toEqual(['old']);
    expect(names({ show: 'running' })).toEqual(['bees', 'birds']);
  });

  it('are sorted both ways, what is unknown last among rates', () => {
    expect(names({ sort: 'captured', isDescending: true })).toEqual(['birds', 'old', 'bees']);
    expect(names({ sort: 'state' })).toEqual(['bees', 'birds', 'old']);
    expect(names({ sort: 'rate', isDescending: true })[0]).toBe('birds');
  });
});
