import { describe, expect, it } from 'vitest';
import { parseBound } from './parse-bound.ts';

const from = (text: string, zone = 'UTC') => parseBound('--posted-from', text, { zone, isEnd: false });
const to = (text: string, zone = 'UTC') => parseBound('--posted-to', text, { zone, isEnd: true });

describe('a bound of a window', () => {
  it('as a day begins where its zone begins it, and as an end takes the whole day', () => {
    expect(from('2026-11-22')).toBe('2026-11-22T00:00:00.000Z');
    expect(to('2026-11-22')).toBe('2026-11-23T00:00:00.000Z');
    expect(from('2026-07-01', 'Europe/Vienna')).toBe('2026-06-30T22:00:00.000Z');
    expect(to('2026-12-31', 'America/New_York')).toBe('2027-01-01T05:00:00.000Z');
    expect(from('2026-11-22', 'Asia/Kathmandu')).toBe('2026-11-21T18:15:00.000Z');
    expect(from('2026-11-22', 'Pacific/Kiritimati')).toBe('2026-11-21T10:00:00.000Z');
    expect(to('2026-02-28')).toBe('2026-03-01T00:00:00.000Z');
    expect([from('0001-01-01'), to('0099-12-31')]).toEqual(['0001-01-01T00:00:00.000Z', '0100-01-01T00:00:00.000Z']);
    expect(to('9999-12-31', 'Europe/Vienna')).toBe('9999-12-31T23:59:59.999Z');
  });

  it('is right on the days on which clocks change', () => {
    expect([from('2026-10-25', 'Europe/Vienna'), to('2026-10-25', 'Europe/Vienna')]).toEqual([
      '2026-10-24T22:00:00.000Z',
      '2026-10-25T23:00:00.000Z',
    ]);
    expect([from('2026-03-29', 'Europe/Vienna'), to('2026-03-29', 'Europe/Vienna')]).toEqual([
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ]);
    expect(from('2026-09-06', 'America/Santiago')).toBe('2026-09-06T04:00:00.000Z'); // the day begins at 01:00
  });

  it('as an instant is itself, whatever the zone', () => {
    expect(from('2026-11-22T13:00:00Z', 'Europe/Vienna')).toBe('2026-11-22T13:00:00.000Z');
    expect(to('2026-11-22T14:30+01:00')).toBe('2026-11-22T13:30:00.000Z');
    expect(parseBound('--posted-to', undefined, { zone: 'UTC', isEnd: true })).toBeUndefined();
  });

  it.each([
    '',
    '2026-13-01',
    '2026-02-30',
    '22/11/2026',
    '2026-11-22T25:00:00Z',
    '2026-11-22 13:00',
    '2026-11-22T13:00:00',
    'yesterday',
  ])('is refused with a hint when it is %j', (text) => {
    expect(() => from(text)).toThrow(`--posted-from is "${text}"; `);
  });

  it('is refused in a zone that does not exist', () => {
    expect(() => from('2026-11-22', 'Europe/Wien')).toThrow('"Europe/Wien" is not a time zone');
  });

  it('is never beyond the first and the last year that a database knows', () => {
    const bound = (text: string, isEnd = false) => parseBound('--posted-from', text, { zone: 'UTC', isEnd });
    expect(bound('0000-01-01')).toBe('0001-01-01T00:00:00.000Z');
    expect(bound('0000-12-31T23:00:00Z')).toBe('0001-01-01T00:00:00.000Z');
    expect(bound('0001-01-01T00:00:00+14:00')).toBe('0001-01-01T00:00:00.000Z');
    expect(bound('9999-12-31T23:59:59-12:00')).toBe('9999-12-31T23:59:59.999Z');
    expect(bound('9999-12-31', true)).toBe('9999-12-31T23:59:59.999Z');
  });
});
