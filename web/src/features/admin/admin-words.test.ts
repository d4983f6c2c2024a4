import { describe, expect, it } from 'vitest';
import { formatMinuteOfDay, parseMinuteOfDay } from './clock-time.ts';
import { formatMoney, parseMoney, writeMoney } from './money.ts';

describe('money', () => {
  it('keeps as many decimals as it has, and at least two', () => {
    expect([0, 5_000, 12_500_000, 1_234_567_890_000].map(formatMoney)).toEqual([
      ...['$0.00', '$0.005', '$12.50', '$1,234,567.89'],
    ]);
  });

  it('is read exactly, and nothing else is taken for it', () => {
    expect(['12', '$0.005', '12.5', '0.1'].map(parseMoney)).toEqual([12_000_000, 5_000, 12_500_000, 100_000]);
    expect(['', '-1', '1e3', '1,000', '0.1234567', 'free'].map(parseMoney)).toEqual(Array(6).fill(undefined));
  });

  it('is written into a field as it is read', () => {
    expect([5_000, 1_234_500_000].map(writeMoney)).toEqual(['0.005', '1234.50']);
    expect([5_000, 1_234_500_000].map((micros) => parseMoney(writeMoney(micros)))).toEqual([5_000, 1_234_500_000]);
  });
});

describe('a time of day', () => {
  it('is minutes after midnight', () => {
    expect([formatMinuteOfDay(425), parseMinuteOfDay('7:05'), parseMinuteOfDay('23:59')]).toEqual([
      '07:05',
      425,
      1_439,
    ]);
    expect(['24:00', '7', '07:60', ''].map(parseMinuteOfDay)).toEqual(Array(4).fill(undefined));
  });
});
