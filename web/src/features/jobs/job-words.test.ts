import { describe, expect, it } from 'vitest';
import { amountWords, countedMs, loadWords, progressWords } from './job-words.ts';

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

describe('the work of all workers', () => {
  it('is said in the singular and the plural', () => {
    const kind = { kind: 'timeline' as const, running: 0, done: 0, failed: 0, amounts: [] };
    expect(loadWords({ workers: 1, places: 16, running: 1, kinds: [{ ...kind, waiting: 1 }] })).toBe(
      '1 worker; 1 of its 16 places is taken (6 %), 1 job waits.',
    );
    expect(loadWords({ workers: 2, places: 32, running: 5, kinds: [] })).toBe(
      '2 workers; 5 of their 32 places are taken (15 %), none waits.',
    );
    expect(loadWords({ workers: 0, places: 0, running: 0, kinds: [{ ...kind, waiting: 3 }] })).toBe(
      'No worker has spoken within the last minute; 3 jobs wait.',
    );
  });

  it('is counted in what came of it, the most first', () => {
    const amounts = [
      { unit: 'requests' as const, amount: 1 },
      { unit: 'posts' as const, amount: 1_200 },
    ];
    expect(amountWords(amounts)).toBe('1,200 posts, 1 request');
    expect(amountWords([])).toBe('');
  });
});
