import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Calendar } from './calendar.ts';
import { comparePosts } from './model.ts';

const START = Date.parse('2026-11-22T07:00:00Z');

describe('the calendar', () => {
  it('finds each post by its time, and puts them in order, whatever the rates', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 500, noNaN: true }),
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: -100_000, max: 100_000 }),
        (background, density, from) => {
          const calendar = new Calendar(START, density, background);
          for (let number = from; number < from + 600; number++) {
            const time = calendar.timeOf(number);
            expect(calendar.numberOf(time)).toBe(number);
            expect(comparePosts(time, calendar.timeOf(number + 1))).toBeLessThan(0);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('has nothing at times beside', () => {
    const calendar = new Calendar(START, 50, 485);
    for (let number = -500; number < 500; number++) {
      const { at, slot } = calendar.timeOf(number);
      expect(calendar.numberOf({ at, slot: slot ^ 1 })).toBeUndefined();
    }
  });
});
