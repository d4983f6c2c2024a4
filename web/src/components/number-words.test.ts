import { describe, expect, it } from 'vitest';
import { numberOf, readNumber } from './number-words.ts';

const degrees = { least: -89, most: 89, decimals: 6 };

describe('a number that is typed', () => {
  it.each([
    ['47.85', 47.85],
    [' -0.5 ', -0.5],
    ['−12', -12],
    ['.5', 0.5],
    ['7.', 7],
  ])('%s is taken as it stands', (text, value) => {
    expect(readNumber(text, degrees)).toEqual({ value });
  });

  it.each(['1e308', '1e5', '47,85', '12 3', '0x10', '1308px', '--1', 'NaN', 'Infinity', '٣'])(
    '%s is said to be none, and never another one',
    (text) => {
      expect(readNumber(text, degrees)).toEqual({ problem: expect.stringContaining('no number') });
      expect(numberOf(text, degrees)).toBeUndefined();
    },
  );

  it('is told its bounds', () => {
    expect(readNumber('90', degrees)).toEqual({ problem: 'Must be -89 to 89.' });
    expect(readNumber('1.5', { least: 1, most: 9, decimals: 0 })).toEqual({ problem: 'A whole number, please.' });
    expect(readNumber('', degrees)).toBeUndefined();
  });
});
