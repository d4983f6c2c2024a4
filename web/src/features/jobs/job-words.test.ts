import { describe, expect, it } from 'vitest';
import { countedMs, progressWords } from './job-words.ts';

const half = { done: 2_500, of: 5_000, unit: 'posts' as const };

describe('how far a job is', () => {
  it('is said with its pace and what is left, once there is a pace', () => {
    expect(progressWords(half, 10_000)).toBe('2,500 of 5,000 posts (50 %), 250 a second, about 10 s to go');
    expect(progressWords(half, 500)).toBe('2,500 of 5,000 posts (50 %)');
    expect(progressWords(half, undefined)).toBe('2,500 of 5,000 posts (50 %)');
    expect(progressWords({ ...half, done: 0 }, 10_000)).toBe('0 of 5,000 posts (0 %)');
    expect(progressWords({ ...half, done: 5_000 }, 10_000)).toBe('5,000 of 5,000 posts (100 %)');
  });

  it('has no end where nobody knows how much there is', () => {
    expect(progressWords({ done: 300, of: null, unit: 'posts' }, 10_000)).toBe('300 posts, 30.0 a second');
    expect(progressWords({ done: 0, of: 0, unit: 'ids' }, 10_000)).toBe('0 of 0 ids (100 %)');
  });

  it('counts from the start of the only try', () => {
    const job = { state: 'running' as const, startedAt: '2026-11-20T12:00:00.000Z', tries: 1 };
    const nowMs = Date.parse('2026-11-20T12:00:10.000Z');
    expect(countedMs(job, nowMs)).toBe(10_000);
    expect(countedMs(job, nowMs - 60_000)).toBe(0);
    for (const other of [{ tries: 2 }, { startedAt: null }, { state: 'done' as const }])
      expect(countedMs({ ...job, ...other }, nowMs)).toBeUndefined();
    expect(countedMs(job)).toBeUndefined();
  });
});
