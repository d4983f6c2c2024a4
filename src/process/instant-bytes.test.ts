import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInstant } from './instant-bytes.ts';

function read(text: string): { ms: number; put: string } {
  const bytes = Buffer.from(text);
  let put = '';
  const ms = readInstant(bytes, 0, bytes.length, {
    put: (byte) => {
      put += String.fromCharCode(byte);
    },
  });
  return { ms, put };
}

describe('instants in bytes', () => {
  it('reads what Date reads, for any instant and offset', () => {
    const instant = fc.date({
      min: new Date('0001-01-02T00:00:00Z'),
      max: new Date('9999-12-30T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instant, fc.integer({ min: -840, max: 840 }), (date, offset) => {
        const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const pad = (value: number) => String(Math.floor(Math.abs(value))).padStart(2, '0');
        const zone = `${offset < 0 ? '-' : '+'}${pad(offset / 60)}:${pad(offset % 60)}`;
        expect(read(`${local}${zone}`)).toEqual({
          ms: date.getTime(),
          put: date.toISOString().slice(0, -1).replace('T', ' '),
        });
      }),
    );
  });

  it('keeps the fraction as it was, none included, to microseconds', () => {
    expect(read('2022-10-01T13:23:58Z')).toEqual({ ms: 1664630638000, put: '2022-10-01 13:23:58' });
    expect(read('2022-10-01T13:23:58.5Z').put).toBe('2022-10-01 13:23:58.5');
    expect(read('2022-10-01T13:23:58.123456789Z')).toEqual({ ms: 1664630638123, put: '2022-10-01 13:23:58.123456' });
    expect(read('2022-10-01T13:23:58+00:00').put).toBe('2022-10-01 13:23:58');
    expect(read('2022-10-01 15:23:58+0200').put).toBe('2022-10-01 13:23:58.000');
  });

  it.each([
    '',
    '2022-10-01',
    '2022-10-01T13:23:58',
    '2022-02-30T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2022-13-01T00:00:00Z',
    '2022-10-01T24:00:00Z',
    '2022-10-01T13:60:58Z',
    '2022-10-01T13:23:60Z',
    '2022-10-01T13:23:58.Z',
    '2022-10-01T13:23:58ZZ',
    '2022/10/01T13:23:58Z',
    '2022-10-01T13:23:58+99:00',
    'Wed Oct 10 20:19:24 +0000 2018',
    '20221001T132358Z0000000',
  ])('takes "%s" for no instant and puts nothing', (text) => {
    expect(read(text)).toEqual({ ms: Number.NaN, put: '' });
  });

  it('knows leap days', () => {
    expect(read('2024-02-29T00:00:00Z').ms).toBe(Date.parse('2024-02-29T00:00:00Z'));
    expect(read('2000-02-29T00:00:00Z').ms).toBe(Date.parse('2000-02-29T00:00:00Z'));
    expect(read('1900-02-29T00:00:00Z').ms).toBeNaN();
  });
});
