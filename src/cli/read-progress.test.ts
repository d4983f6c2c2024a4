import { describe, expect, it } from 'vitest';
import { createReadProgress } from './read-progress.ts';

const NOW = Date.parse('2026-11-22T20:48:11Z');

function notesOf(isShown: boolean, act: (progress: ReturnType<typeof createReadProgress>) => void): string {
  let written = '';
  const progress = createReadProgress({
    ...{ label: 'timeline of jack', items: 'posts', isTerminal: false, isShown },
    target: { write: (text) => (written += text) },
    ...{ monotonicMs: () => 1000, nowMs: () => NOW },
  });
  act(progress);
  progress[Symbol.dispose]();
  return written;
}

describe('what a reading command says while it waits', () => {
  it('says once in a sentence until when no call is allowed, however often it is told', () => {
    const written = notesOf(false, (progress) => {
      for (const untilMs of [NOW + 900_000, NOW + 899_950, NOW + 900_200]) progress.waits(untilMs);
    });
    expect(written).toBe('mistnet: X allows no call until 21:03:11 UTC (15 min); this waits, and goes on then.\n');
  });

  it('says the next wait as well, and no short one', () => {
    const written = notesOf(false, (progress) => {
      for (const ms of [900_000, 1_800_000, 2000]) progress.waits(NOW + ms);
    });
    expect(written.match(/until [\d:]+/g)).toEqual(['until 21:03:11', 'until 21:18:11']);
  });

  it('puts it into the line of progress where that is shown, without a guess of what is left', () => {
    const written = notesOf(true, (progress) => {
      progress.expect(3200);
      progress.printed(200, 2);
      progress.heard({ kind: 'waiting', endpoint: 'GET /2/users/:id/tweets' });
      progress.waits(NOW + 45_000);
    });
    expect(written).toBe(
      'timeline of jack: 200 of about 3,200 posts · 2 calls · 200000/s · no call is allowed until 20:48:56 UTC (45 s)\n',
    );
  });
});
