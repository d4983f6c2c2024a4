import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExact, parseToPassOn } from './exact-json.ts';

describe('parseExact', () => {
  it('keeps the digits of integers that no number can hold, as text', () => {
    expect(
      parseExact('{"id":9007199254740993,"ids":[9223372036854775807, -9007199254740993],"n":12,"f":1.5e300}'),
    ).toEqual({
      id: '9007199254740993',
      ids: ['9223372036854775807', '-9007199254740993'],
      n: 12,
      f: 1.5e300,
    });
  });

  it('leaves integers of sixteen digits alone that are exact, and digits within texts', () => {
    expect(parseExact('{"id":9007199254740991,"t":"a:12345678901234567890"}')).toEqual({
      id: 9007199254740991,
      t: 'a:12345678901234567890',
    });
  });

  it('agrees with JSON.parse wherever numbers are exact', () => {
    fc.assert(
      fc.property(fc.json(), fc.string(), (text, before) => {
        fc.pre(!/\d{16}/.test(text));
        const mixed = `[${JSON.stringify(before)},${text},9007199254740993]`;
        expect(parseExact(mixed)).toEqual([before, JSON.parse(text), '9007199254740993']);
      }),
    );
  });

  it('refuses what is no JSON', () => expect(() => parseExact('{"a":12345678901234567890')).toThrow(SyntaxError));
});

describe('parseToPassOn', () => {
  it('writes numbers as they stood', () => {
    const text = '{"id":9223372036854775807,"at":[1.0,-73.98770,2],"big":1E5}';
    expect(JSON.stringify(parseToPassOn(text))).toBe(text);
  });
});
