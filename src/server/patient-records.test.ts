import { expect, it } from 'vitest';
import type { Queryable } from '../store/db.ts';
import type { ListeningRecord } from '../store/queries/listening-records.ts';
import { patientRecords } from './patient-records.ts';

const record = (gaps: number): ListeningRecord => ({
  ...{ gaps, uncoveredMs: 0, interruptions: gaps, heldBack: 0, wanted_s: '1', missed_s: '0' },
});

/** A database whose readings end when told to, and a clock that stands still. */
function bench() {
  const clock = { ms: 0 };
  const readings: PromiseWithResolvers<ReadonlyMap<string, ListeningRecord>>[] = [];
  const ask = patientRecords(
    () => clock.ms,
    () => {
      const reading = Promise.withResolvers<ReadonlyMap<string, ListeningRecord>>();
      readings.push(reading);
      return reading.promise;
    },
  );
  const gaps = async () => (await ask({} as Queryable)).get('demo')?.gaps;
  const end = async (nth: number, count: number) => {
    readings[nth]?.resolve(new Map([['demo', record(count)]]));
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, readings, gaps, end };
}

it('the first reading is waited for, by all together', async () => {
  const { readings, gaps, end } = bench();
  const asked = [gaps(), gaps()];
  await end(0, 3);
  expect(await Promise.all(asked)).toEqual([3, 3]);
  expect(readings).toHaveLength(1);
});

it('the next one begins after a while, nobody waits for it, and a slow one is followed by a long rest', async () => {
  const { clock, readings, gaps, end } = bench();
  void gaps();
  await end(0, 3);
  clock.ms = 1_499;
  expect(await gaps()).toBe(3);
  expect(readings).toHaveLength(1);
  clock.ms = 1_500;
  expect([await gaps(), await gaps()]).toEqual([3, 3]);
  expect(readings).toHaveLength(2);
  clock.ms = 3_500;
  await end(1, 4);
  expect(await gaps()).toBe(4);
  clock.ms = 3_500 + 39_999;
  expect(await gaps()).toBe(4);
  expect(readings).toHaveLength(2);
  clock.ms++;
  await gaps();
  expect(readings).toHaveLength(3);
});

it('one that fails leaves the last, and is tried again; the first one’s failure is told', async () => {
  const { clock, readings, gaps, end } = bench();
  const first = gaps();
  readings[0]?.reject(new Error('away'));
  await expect(first).rejects.toThrow('away');
  const second = gaps();
  await end(1, 5);
  expect(await second).toBe(5);
  clock.ms = 2_000;
  expect(await gaps()).toBe(5);
  readings[2]?.reject(new Error('away'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(await gaps()).toBe(5);
  expect(readings).toHaveLength(4);
});

it('one that never ends is given up on after a minute', async () => {
  const { clock, readings, gaps, end } = bench();
  void gaps();
  await end(0, 3);
  clock.ms = 2_000;
  await gaps();
  clock.ms = 61_999;
  expect(await gaps()).toBe(3);
  expect(readings).toHaveLength(2);
  clock.ms = 62_000;
  await gaps();
  expect(readings).toHaveLength(3);
  await end(2, 7);
  expect(await gaps()).toBe(7);
});
