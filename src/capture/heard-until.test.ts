import { describe, expect, it } from 'vitest';
import { emptyCheckpoint, silentSince } from './checkpoint.ts';
import { heardUntil } from './heard-until.ts';
import { SNOWFLAKE_EPOCH_MS, snowflakeToMs } from '../core/snowflake.ts';

const x = { postedAtMs: snowflakeToMs, maxBackfillMinutes: 5 };
const NOW = Date.parse('2026-11-22T13:05:00.000Z');
const idOf = (ms: number) => (BigInt(ms - SNOWFLAKE_EPOCH_MS) << 22n).toString();

describe('until when a stream was heard', () => {
  it.each([
    ['a live post says that it was heard to the end', 5_000, 0],
    ['so does one that is a little late', 20_000, 0],
    ['a post of two minutes ago says that a backfill broke off there', 120_000, 120_000],
    ['a post at the far end of a backfill, too', 7 * 60_000, 7 * 60_000],
    ['a post that no backfill can hold says nothing: it is a replay', 7 * 60_000 + 1, 0],
    ['a post from the future says nothing: one of the clocks is wrong', -60_000, 0],
  ])('%s', (_sentence, lateMs, missingMs) => {
    expect(heardUntil(NOW, idOf(NOW - lateMs), x)).toBe(NOW - missingMs);
  });

  it('is when the last bytes came where no id tells more', () => {
    expect(heardUntil(NOW, undefined, x)).toBe(NOW);
    expect(heardUntil(NOW, '20', x)).toBe(NOW);
  });
});

describe('the silence before a start', () => {
  const at = (ms: number) => new Date(ms).toISOString();
  const active = { ...emptyCheckpoint('n1'), restful: false };

  it('begins where a backfill broke off, but never before posts were wanted', () => {
    const lastAt = at(NOW);
    const lastId = idOf(NOW - 90_000);
    expect(silentSince({ ...active, lastAt, lastId }, x)).toBe(NOW - 90_000);
    expect(silentSince({ ...active, lastAt, lastId, wantedAt: at(NOW - 30_000) }, x)).toBe(NOW - 30_000);
  });

  it('begins with the wish when nothing has come yet, and there is none after a stop that was wished', () => {
    expect(silentSince({ ...active, wantedAt: at(NOW) }, x)).toBe(NOW);
    expect(silentSince({ ...active, restful: true, lastAt: at(NOW) }, x)).toBeUndefined();
    expect(silentSince(active, x)).toBeUndefined();
  });
});
