import { describe, expect, it } from 'vitest';
import { around, changed, exportWish, filtersOf, fromField, indentJson, readSearch, toField } from './search-words.ts';

describe('a search in an address', () => {
  it('is read without what makes no sense', () => {
    expect(
      readSearch({
        q: 'owl',
        author: '1234567890123456789',
        kind: 'joke',
        has: 'all',
        from: 'soon',
        page: '2',
        lang: ' ',
      }),
    ).toEqual({ q: 'owl', author: '1234567890123456789' });
    const whole = { q: '"a b"', kind: 'reply', has: 'media,geo', from: '2026-11-22T13:00:00.000Z', collection: 'x' };
    expect(readSearch(whole)).toEqual(whole);
  });

  it('loses a filter at a time', () => {
    const search = readSearch({ q: 'owl', has: 'media,geo', hashtag: 'bird', from: '2026-11-22T13:00:00.000Z' });
    expect(filtersOf(search).map(({ label }) => label)).toEqual([
      ...['#bird', 'With media', 'With a place', 'From 2026-11-22 13:00 UTC on'],
    ]);
    expect(filtersOf(search)[1]?.without).toEqual(changed(search, { has: 'geo' }));
  });

  it('names the point around which posts are shown', () => {
    const search = readSearch({ near: around({ latitude: -18, longitude: 179.50004 }) });
    expect(search).toEqual({ near: '-18.000,179.500,200' });
    expect(filtersOf(search)).toEqual([{ key: 'near', label: 'Within 200 km of 18° S, 179.5° E', without: {} }]);
    expect(readSearch({ near: '48,16' })).toEqual({});
  });

  it('is what an export chooses by', () => {
    expect(exportWish({})).toEqual({ all: true });
    expect(exportWish({ author: 'heron', from: '2026-01-01T00:00:00Z' })).toEqual({
      ...{ account: 'heron', postedFrom: '2026-01-01T00:00:00Z' },
    });
    expect(exportWish({ collection: 'demo' })).toEqual({ collection: 'demo' });
    expect(exportWish({ q: 'fog', author: 'heron', has: 'media,geo', near: '48.5,-16,200' })).toEqual({
      all: true,
      search: {
        ...{ text: 'fog', author: 'heron', has: ['media', 'geo'] },
        near: { latitude: 48.5, longitude: -16, km: 200 },
      },
    });
  });

  it('has its times in fields, in UTC', () => {
    expect(toField('2026-11-22T13:05:00.000Z')).toBe('2026-11-22T13:05');
    expect(fromField('2026-11-22T13:05')).toBe('2026-11-22T13:05:00.000Z');
    expect([fromField(''), fromField('2026-13-22T13:05'), fromField('now')]).toEqual([undefined, undefined, undefined]);
  });
});

describe('indented JSON', () => {
  it('is the same letters, so that no number loses a digit', () => {
    const text = '{"id":1234567890123456789,"a":[1.50,{}, []],"s":"x, \\"{y}\\": [","e":{"f":null}}';
    expect(indentJson(text)).toBe(
      '{\n  "id": 1234567890123456789,\n  "a": [\n    1.50,\n    {},\n    []\n  ],\n  "s": "x, \\"{y}\\": [",\n  "e": {\n    "f": null\n  }\n}',
    );
    expect(indentJson(indentJson(text))).toBe(indentJson(text));
  });
});
