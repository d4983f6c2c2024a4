import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Schedule } from './schedule.ts';

const START = Date.UTC(2026, 10, 22, 13);
const density = fc.oneof(fc.double({ min: 0.001, max: 3, noNaN: true }), fc.integer({ min: 1, max: 60_000 }));

describe('schedule', () => {
  it('puts every post into the milliseconds 657 to 666 of its second', () => {
    fc.assert(
      fc.property(density, fc.nat(10_000_000), (perSecond, index) => {
        const ms = new Schedule(START, perSecond).timeOf(index).at % 1000;
        expect(ms).toBeGreaterThanOrEqual(657);
        expect(ms).toBeLessThanOrEqual(666);
      }),
    );
  });

  it('gives each post a later time or a higher slot than the one before', () => {
    fc.assert(
      fc.property(density, fc.nat(10_000_000), (perSecond, index) => {
        const schedule = new Schedule(START, perSecond);
        const one = schedule.timeOf(index);
        const next = schedule.timeOf(index + 1);
        expect(next.at > one.at || (next.at === one.at && next.slot > one.slot)).toBe(true);
        expect(one.slot).toBeLessThan(1 << 22);
      }),
    );
  });

  it('finds the post by its time, and none between two posts', () => {
    fc.assert(
      fc.property(density, fc.nat(10_000_000), (perSecond, index) => {
        const schedule = new Schedule(START, perSecond);
        const time = schedule.timeOf(index);
        expect(schedule.indexOf(time)).toBe(index);
        expect(schedule.indexOf({ at: time.at + 400, slot: time.slot })).toBeUndefined();
      }),
    );
  });

  it('makes as many posts per second as asked, from the start on', () => {
    const schedule = new Schedule(START + 345, 50);
    expect(new Date(schedule.timeOf(0).at).toISOString()).toBe('2026-11-22T13:00:00.657Z');
    expect(new Date(schedule.timeOf(49).at).toISOString()).toBe('2026-11-22T13:00:00.666Z');
    expect(new Date(schedule.timeOf(50).at).toISOString()).toBe('2026-11-22T13:00:01.657Z');
    expect(schedule.indexOf({ at: START - 1000, slot: 0 })).toBeUndefined();
  });

  it('fills the machines of a crowded millisecond from sequence 0', () => {
    const schedule = new Schedule(START, 20_480);
    const slots = Array.from({ length: 2048 }, (_, index) => schedule.timeOf(index).slot);
    expect(slots.slice(0, 4)).toEqual([0, 1, 4096, 4097]);
  });
});
