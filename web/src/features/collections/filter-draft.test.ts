import { describe, expect, it } from 'vitest';
import { boxAround, emptyFilter, isEmptyFilter, peopleOf } from './filter-draft.ts';

describe('a filter being written', () => {
  it('is empty as long as nothing in it finds anything', () => {
    expect(
      isEmptyFilter({ ...emptyFilter, languages: ['de'], exclude: { ...emptyFilter.exclude, reposts: true } }),
    ).toBe(true);
    expect(isEmptyFilter({ ...emptyFilter, countries: ['AT'] })).toBe(false);
  });

  it('keeps the id of people who are known, and takes digits for an id', () => {
    const known = [{ name: 'robin', accountId: '77' }];
    expect(peopleOf(['@robin', '12345', '@wren '], known)).toEqual([
      known[0],
      { accountId: '12345' },
      { name: 'wren' },
    ]);
  });

  it('draws a box around a point, as wide in km at any latitude', () => {
    expect(boxAround(0, 10, 11.132)).toBe('9.9,-0.1,10.1,0.1');
    const [west = 0, , east = 0] = (boxAround(60, 10, 11.132) ?? '').split(',').map(Number);
    expect(east - west).toBeCloseTo(0.4, 3);
    expect(boxAround(95, 10, 5)).toBeUndefined();
    expect(boxAround(0, 179.99, 50)).toBeUndefined();
    expect(boxAround(Number.NaN, 10, 5)).toBeUndefined();
  });
});
