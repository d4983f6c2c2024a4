import { describe, expect, it } from 'vitest';
import {
  formatAge,
  formatBytes,
  formatCount,
  formatDay,
  formatDuration,
  formatForecast,
  formatHour,
  formatHourOfDay,
  formatInstant,
  formatQuantity,
  formatRate,
  hourOf,
  localHint,
  localHourHint,
} from './format.ts';

describe('numbers', () => {
  it('are grouped', () => {
    expect(formatCount(41_237_000)).toBe('41,237,000');
    expect(formatQuantity(0, 'gap')).toBe('no gaps');
    expect(formatQuantity(1, 'gap')).toBe('1 gap');
    expect(formatQuantity(1_200, 'gap')).toBe('1,200 gaps');
  });

  it('of posts per second have a decimal below a hundred', () => {
    expect([0, 48.74, 99.94, 99.96, 6_012.3].map(formatRate)).toEqual(['0.0', '48.7', '99.9', '100', '6,012']);
  });

  it('of bytes have three digits and never a thousand of the smaller unit', () => {
    expect([0, 999, 999.6, 1_000, 95_257_680_210, 999_600].map(formatBytes)).toEqual([
      ...['0 B', '999 B', '1 kB', '1 kB', '95.3 GB', '1 MB'],
    ]);
  });
});

describe('times', () => {
  it('that passed are exact while they are short', () => {
    expect([-5, 0, 449, 9_999, 10_000, 61_000].map(formatAge)).toEqual([
      ...['0.0 s', '0.0 s', '0.4 s', '9.9 s', '10 s', '1 min 1 s'],
    ]);
  });

  it('that last show their two greatest units', () => {
    expect([0, 1, 59_999, 247_000, 3_600_000, 11_520_000, 190_800_000].map(formatDuration)).toEqual([
      ...['0 s', '1 s', '59 s', '4 min 7 s', '1 h', '3 h 12 min', '2 d 5 h'],
    ]);
  });

  it('to come are as rough as they are known', () => {
    expect([0.01, 1.5, 38.2, 200, 1_000, 5_000].map(formatForecast)).toEqual([
      ...['1 hour', '36 hours', '38 days', '7 months', '3 years', 'more than 10 years'],
    ]);
  });

  it('are UTC', () => {
    expect(formatInstant('2026-11-22T03:09:24.123Z')).toBe('2026-11-22 03:09:24 UTC');
    expect(formatHour('2026-11-22T23Z')).toBe('2026-11-22 23:00–24:00 UTC');
    expect(formatHourOfDay('2026-11-22T03Z')).toBe('03:00–04:00');
    expect(formatDay('2026-11-22')).toBe('Sunday, 22 November 2026');
    expect(hourOf('2026-11-22T13:59:59.999Z')).toBe('2026-11-22T13Z');
  });

  it('have a hint of local time where that differs, with the day where it is another', () => {
    expect(localHint('2026-11-22T03:09:24.000Z', 'Europe/Vienna')).toBe('04:09:24 in your time zone');
    expect(localHint('2026-11-22T23:30:00.000Z', 'Europe/Vienna')).toBe('2026-11-23 00:30:00 in your time zone');
    expect(localHint('2026-11-22T03:09:24.000Z', 'UTC')).toBeUndefined();
    expect(localHourHint('2026-11-22T03Z', 'Asia/Kolkata')).toBe('08:30–09:30 in your time zone');
    expect(localHourHint('2026-11-22T03Z', 'UTC')).toBeUndefined();
  });
});
