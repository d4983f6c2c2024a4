import { describe, expect, it } from 'vitest';
import { emptyCheckpoint, silentSince } from './checkpoint.ts';
import { heardOf, heardUntil } from './heard-until.ts';
import { SNOWFLAKE_EPOCH_MS, snowflakeToMs } from '../core/snowflake.ts';

const x = { postedAtMs: snowflakeToMs, maxBackfillMinutes: 5 };
const NOW = Date.parse('2026-11-22T13:05:00.000Z');
const idOf = (ms: number) => (BigInt(ms - SNOWFLAKE_EPOCH_MS) << 22n).toString();

describe('until when a stream was heard', () => {
  it.each([
    ['a post of this moment says that it was heard to the end', 0, 0],
    ['one that is seconds late may be live, or where a backfill broke off: from there', 5_000, 5_000],
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

  it('is when the last bytes came where nothing is ever sent again', () => {
    expect(heardUntil(NOW, idOf(NOW - 5_000), { ...x, maxBackfillMinutes: 0 })).toBe(NOW);
  });
});

describe('a connection that was asked for a backfill and broke', () => {
  const OPENED = NOW - 10_000;
  const SINCE = NOW - 40_000;
  const heard = (lastId: string | undefined, lastByteAtMs = NOW) =>
    heardOf({ openedAtMs: OPENED, missingSinceMs: SINCE, lastByteAtMs, lastId }, x);

  it.each([
    ['was heard to its end once it had brought what was made after it was opened', idOf(OPENED), NOW],
    ['was heard to the post that it had come to', idOf(OPENED - 15_000), OPENED - 15_000],
    ['was heard no earlier than the silence before it began', idOf(SINCE - 20_000), SINCE],
    ['was not heard at all when it brought no post', undefined, SINCE],
    ['says nothing by ids that hold no instant', '20', NOW],
  ])('%s', (_sentence, lastId, untilMs) => {
    expect(heard(lastId)).toBe(untilMs);
  });

  it('has had nothing to bring when it was silent for long', () => {
    expect(heard(undefined, OPENED + 30_000)).toBe(OPENED + 30_000);
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
