import { describe, expect, it } from 'vitest';
import { HOUR_MS, msToUtcHour, parseUtcHour, utcHourToMs } from '../core/time.ts';
import { nameHour } from './hour-name.ts';

const labels = (from: string, hours: number, zone: string) =>
  Array.from(
    { length: hours },
    (_, index) => nameHour(msToUtcHour(utcHourToMs(parseUtcHour(from)) + index * HOUR_MS), zone).label,
  );

describe('names of hours', () => {
  it('are the UTC hour where there is no other zone', () => {
    expect(nameHour(parseUtcHour('2022-10-01T03Z'), 'UTC')).toEqual({
      day: '2022-10-01',
      label: '2022-10-01_03',
      cell: '3',
    });
  });

  it('follow the zone, over midnight too', () => {
    expect(nameHour(parseUtcHour('2022-10-01T13Z'), 'Europe/Vienna')).toEqual({
      day: '2022-10-01',
      label: '2022-10-01_15',
      cell: '15',
    });
    expect(nameHour(parseUtcHour('2022-10-01T22Z'), 'Europe/Vienna')).toEqual({
      day: '2022-10-02',
      label: '2022-10-02_00',
      cell: '0',
    });
    expect(nameHour(parseUtcHour('2022-10-01T13Z'), 'Asia/Kolkata').label).toBe('2022-10-01_18');
    expect(nameHour(parseUtcHour('2022-10-01T01Z'), 'America/New_York').label).toBe('2022-09-30_21');
  });

  it('carry the offset where autumn repeats an hour, both times', () => {
    expect(labels('2026-10-24T23Z', 4, 'Europe/Vienna')).toEqual([
      '2026-10-25_01',
      '2026-10-25_02+0200',
      '2026-10-25_02+0100',
      '2026-10-25_03',
    ]);
    expect(nameHour(parseUtcHour('2026-10-25T00Z'), 'Europe/Vienna').cell).toBe('2+0200');
    expect(labels('2026-11-01T04Z', 4, 'America/New_York')).toEqual([
      '2026-11-01_00',
      '2026-11-01_01-0400',
      '2026-11-01_01-0500',
      '2026-11-01_02',
    ]);
  });

  it('leave out the hour that spring skips', () => {
    expect(labels('2026-03-29T00Z', 3, 'Europe/Vienna')).toEqual(['2026-03-29_01', '2026-03-29_03', '2026-03-29_04']);
  });

  it.each(['Europe/Vienna', 'Australia/Lord_Howe', 'America/St_Johns', 'Asia/Kathmandu'])(
    'are different for all hours around the changes of the clock in %s',
    (zone) => {
      // March and early April, October and early November: every zone that changes its clock does so there.
      const all = [...labels('2026-03-01T00Z', 860, zone), ...labels('2026-10-01T00Z', 860, zone)];
      expect(new Set(all).size).toBe(all.length);
    },
  );

  it.each([
    ['Europe/Vienna', '2026-03-29', 23],
    ['Europe/Vienna', '2026-10-25', 25],
    ['America/New_York', '2026-03-08', 23],
    ['America/New_York', '2026-11-01', 25],
    // Half an hour is what this zone shifts by: hours that begin at half past belong to the day in which they begin.
    ['Australia/Lord_Howe', '2026-10-04', 23],
    ['Australia/Lord_Howe', '2026-04-05', 25],
    ['Europe/Vienna', '2024-02-29', 24],
    ['Europe/Vienna', '2100-02-28', 24],
    ['Pacific/Apia', '2011-12-30', 0],
  ])('in %s on %s are %i different ones', (zone, day, count) => {
    const dayMs = Date.parse(`${day}T00:00:00Z`);
    const around = Array.from({ length: 72 }, (_, n) => nameHour(msToUtcHour(dayMs + (n - 24) * HOUR_MS), zone));
    const ofDay = around.filter((name) => name.day === day);
    expect(ofDay.length).toBe(count);
    expect(new Set(ofDay.map(({ label }) => label)).size).toBe(count);
    expect(new Set(ofDay.map(({ cell }) => cell)).size).toBe(count);
  });

  it.each(['Vienna', '', 'Europe/Wien2', 'CEST+'])('refuse the zone "%s"', (zone) => {
    expect(() => nameHour(parseUtcHour('2022-10-01T13Z'), zone)).toThrow(
      expect.objectContaining({ code: 'zone.invalid' }),
    );
  });
});
