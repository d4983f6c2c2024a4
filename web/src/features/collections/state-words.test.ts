import { describe, expect, it } from 'vitest';
import type { CollectionStatus } from '../../api/types.ts';
import { describeState, lastPostWords, needsAttention } from './state-words.ts';

const now = '2026-11-22T13:00:00.000Z';
const collection: CollectionStatus = {
  name: 'demo',
  state: 'connected',
  captured: 10,
  loaded: 10,
  quarantined: 0,
  openSegments: 1,
  sealedSegments: 0,
  gaps: 0,
  lastByteAt: '2026-11-22T12:59:59.500Z',
  observedAt: '2026-11-22T12:59:59.000Z',
};

describe('words for a state', () => {
  it('says connected as long as bytes come', () => {
    expect(describeState(collection, now)).toMatchObject({ label: 'Connected', tone: 'good' });
  });

  it('says silent when the stream is open and not even a keep-alive came', () => {
    const silent = describeState({ ...collection, lastByteAt: '2026-11-22T12:59:30.000Z' }, now);
    expect(silent.label).toBe('Silent');
    expect(silent.sentence).toContain('30 s');
    expect(needsAttention(silent)).toBe(true);
  });

  it('calls timelines silent never: they are read as their turn comes', () => {
    const timelines = { ...collection, kind: 'timeline' as const, lastByteAt: '2026-11-22T09:00:00.000Z' };
    expect(describeState(timelines, now)).toMatchObject({ label: 'Running', tone: 'good' });
    expect(describeState({ ...timelines, state: 'starting' }, now)).toMatchObject({ label: 'Waiting', tone: 'idle' });
  });

  it('does not take old news for the present', () => {
    const old = describeState({ ...collection, observedAt: '2026-11-22T12:58:00.000Z' }, now);
    expect(old).toMatchObject({ label: 'No word', tone: 'bad' });
    expect(old.sentence).toContain('2 min');
    expect(old.sentence).toContain('connected');
  });

  it('gives the reason where there is one', () => {
    const reason = 'No token is configured for the platform.';
    expect(describeState({ ...collection, state: 'paused', reason }, now)).toEqual({
      label: 'Paused',
      tone: 'bad',
      sentence: reason,
    });
  });

  it('leaves a stopped collection in peace however old its news', () => {
    const stopped = describeState({ ...collection, state: 'stopped', observedAt: '2025-01-01T00:00:00.000Z' }, now);
    expect(stopped.label).toBe('Stopped');
    expect(needsAttention(stopped)).toBe(false);
  });
});

it('tells when a post came last in whole seconds, and says now while they come', () => {
  expect(lastPostWords(4_900)).toBe('4.0 s ago');
  expect(lastPostWords(125_000, 0)).toBe('2 min 5 s ago');
  expect(lastPostWords(4_900, 0.1)).toBe('now');
  expect(lastPostWords(null)).toBe('none in 7 days');
  expect(lastPostWords(undefined)).toBe('…');
});
