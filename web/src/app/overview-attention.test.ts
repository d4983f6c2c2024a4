import { describe, expect, it } from 'vitest';
import type { CollectionStatus } from '../api/types.ts';
import type { Overview } from '../features/collections/api/use-overview.ts';
import { whatNeedsAttention } from './overview-attention.ts';

const at = '2026-11-22T13:00:00.000Z';
const birds: CollectionStatus = {
  ...{
    name: 'birds',
    state: 'connected',
    captured: 0,
    loaded: 0,
    quarantined: 0,
    openSegments: 0,
    sealedSegments: 0,
    gaps: 0,
  },
  lastByteAt: '2026-11-22T12:59:59.000Z',
};
const day: Overview['collections'][number] = {
  ...{ name: 'birds', kind: 'sample', tracks: '', hours: Array.from({ length: 24 }, () => 100), usualPerHour: 100 },
  lastPostAt: null,
  ...{ gapsDay: 0, uncoveredDayMs: 0, heardDayPercent: null, spentMicros: 0, budgetMicros: null },
};
const overview: Overview = {
  ...{ at, firstHour: at, collections: [day], nodes: [] },
  money: { month: '2026-11', spentMicros: 0, budgetMicros: null },
};
const node: Overview['nodes'][number] = {
  ...{ node: 'n1', sampledAt: at, cpuShare: 0.1, memoryUsedBytes: 1, memoryTotalBytes: 2 },
  ...{ diskFreeBytes: 500, diskTotalBytes: 1_000, fullInDays: null },
};
const alert = {
  ...{ alertId: '7', kind: 'job-dead', title: 'Jobs failed for good', sentence: 'Two exports.', subject: 'export' },
  ...{ isUrgent: false, collection: null, state: 'open' as const },
};
const found = (
  change: { collections?: CollectionStatus[]; overview?: Overview; alerts?: (typeof alert)[] },
  isAdministrator = true,
) =>
  whatNeedsAttention(
    { at, collections: [birds], overview, disk: undefined, alerts: [], ...change },
    { isAdministrator },
  );

describe('what needs a person', () => {
  it('is nothing while all is well', () => {
    expect(found({})).toEqual([]);
  });

  it('is a refused key, with the way to the credentials for whoever may go there', () => {
    const paused: CollectionStatus = { ...birds, state: 'paused', reason: 'X refused the token (HTTP 401).' };
    expect(found({ collections: [paused] })[0]).toMatchObject({ tone: 'bad', to: '/admin/credentials' });
    expect(found({ collections: [paused] }, false)[0]).toMatchObject({ to: '/collections/$name', collection: 'birds' });
  });

  it('is a stream much quieter than usual, as a warning only, and missing time', () => {
    const quiet = { ...day, hours: [...day.hours.slice(0, 22), 3, 50], gapsDay: 2, uncoveredDayMs: 90_000 };
    const attention = found({ overview: { ...overview, collections: [quiet] } });
    expect(attention.map(({ key, tone }) => [key, tone])).toEqual([
      ['gaps birds', 'busy'],
      ['quiet birds', 'busy'],
    ]);
  });

  it('is a budget before it is reached and when it is, the worst first', () => {
    const money = { month: '2026-11', spentMicros: 100, budgetMicros: 100 };
    const attention = found({
      overview: { ...overview, money, collections: [{ ...day, spentMicros: 85, budgetMicros: 100 }] },
    });
    expect(attention.map(({ tone, title }) => [tone, title])).toEqual([
      ['bad', 'A budget is reached'],
      ['busy', 'A budget is nearly reached'],
    ]);
    expect(found({ overview: { ...overview, money } }, false)[0]).toMatchObject({ action: '' });
  });

  it('is a disk that fills up, and a node that says nothing', () => {
    const nodes = [
      { ...node, fullInDays: 5 },
      { ...node, node: 'n2', sampledAt: '2026-11-22T12:00:00.000Z' },
    ];
    expect(found({ overview: { ...overview, nodes } }).map(({ key }) => key)).toEqual(['node n2', 'disk of node n1']);
  });

  it('is an open alert, with the way to where it is put right, unless the figures say it already', () => {
    expect(found({ alerts: [alert] })).toMatchObject([{ title: 'Jobs failed for good', tone: 'busy', to: '/jobs' }]);
    const near = { ...alert, kind: 'budget-near', subject: 'birds' };
    expect(found({ alerts: [near] })[0]).toMatchObject({ to: '/admin/budgets' });
    const collections = [{ ...day, spentMicros: 9, budgetMicros: 10 }];
    expect(found({ alerts: [near], overview: { ...overview, collections } }).map(({ key }) => key)).toEqual([
      'money birds',
    ]);
    const refused = { ...alert, kind: 'credential-refused', isUrgent: true };
    expect(found({ alerts: [refused] }, false)[0]).toMatchObject({ tone: 'bad', action: '' });
  });

  it('is a spent budget once, not the pause that follows from it as well', () => {
    const paused: CollectionStatus = { ...birds, state: 'paused', reason: 'The budget of "birds" is reached.' };
    const collections = [{ ...day, spentMicros: 10, budgetMicros: 10 }];
    expect(found({ collections: [paused], overview: { ...overview, collections } }).map(({ key }) => key)).toEqual([
      'money birds',
    ]);
  });
});
