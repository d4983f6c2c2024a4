import { describe, expect, it } from 'vitest';
import { asSentence, heldBackWords, missedRemark, noGapsWords, summariseGaps } from './gap-words.ts';

describe('what was missed, in a line', () => {
  it('says how many gaps and how much time is missing for good', () => {
    expect(summariseGaps({ gaps: 2, uncoveredMs: 247_000, interruptions: 2 })).toBe('2 gaps, 4 min 7 s uncovered');
  });

  it('tells back-filled interruptions from gaps', () => {
    expect(summariseGaps({ gaps: 1, uncoveredMs: 5_000, interruptions: 4 })).toBe(
      '1 gap, 5 s uncovered; 3 more interruptions back-filled',
    );
    expect(summariseGaps({ gaps: 0, uncoveredMs: 0, interruptions: 1 })).toBe('1 interruption, all back-filled');
  });

  it('calls nothing back-filled of timelines, whose oldest posts the platform does not show', () => {
    const timelines = { gaps: 0, uncoveredMs: 0, interruptions: 6, kind: 'timeline' as const };
    expect(summariseGaps(timelines)).toBe(
      'No gaps; 6 notes on what the platform no longer shows or what was filled later',
    );
    expect(summariseGaps({ ...timelines, gaps: 6, uncoveredMs: 60_000 })).toBe('6 gaps, 1 min missing');
  });

  it('does not say that it listened while it does not', () => {
    expect(noGapsWords({ state: 'connected', kind: 'sample' })).toContain('as long as it was meant to listen');
    expect(noGapsWords({ state: 'reconnecting', kind: 'filter' })).toContain('once it listens again');
    expect(noGapsWords({ state: 'connected', kind: 'timeline' })).toContain('was read');
  });

  it('says how much of the time was heard where it is known, never rounded up', () => {
    expect(summariseGaps({ gaps: 1, uncoveredMs: 5_000, interruptions: 1, heardPercent: 99.98 })).toBe(
      '1 gap, 5 s uncovered; 99.98 % of its time heard',
    );
    expect(missedRemark({ gaps: 0, heardPercent: 100 })).toBe('no gaps; 100 % of its time heard');
    expect(missedRemark({ gaps: 2, heardPercent: null })).toBe('in 2 gaps');
    expect(heldBackWords({ heldBack: 0 })).toBeUndefined();
    expect(heldBackWords({ heldBack: 1_200 })).toContain('held back at least 1,200 posts');
  });

  it('writes what was seen as a sentence', () => {
    expect(asSentence('capture was not running')).toBe('Capture was not running.');
    expect(asSentence('No byte for 30 s.')).toBe('No byte for 30 s.');
  });

  it('says only what it was told', () => {
    expect(summariseGaps({ gaps: 3 })).toBe('3 gaps');
  });
});
