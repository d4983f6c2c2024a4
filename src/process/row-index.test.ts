import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareIds } from '../core/ids.ts';
import { type IdKey, idKeyToText, readIdKey, RowIndex } from './row-index.ts';

function keyOf(id: string): IdKey {
  const key = { high: 0, low: 0 };
  const bytes = Buffer.from(`"${id}"`);
  readIdKey(bytes, 1, bytes.length - 1, key);
  return key;
}

const id = fc.oneof(
  fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }).map(String),
  fc.constantFrom(
    '0',
    '1',
    '20',
    '999999999',
    '1000000000',
    '9007199254740993',
    '9223372036854775807',
    '18446744073709551615',
    '99999999999999999999',
  ),
);

describe('the index of rows', () => {
  it('keeps every id of up to 20 digits exactly', () => {
    fc.assert(
      fc.property(id, (text) => {
        const { high, low } = keyOf(text);
        expect(idKeyToText(high, low)).toBe(text);
      }),
    );
  });

  it('finds what was added and nothing else, in the order of the ids', () => {
    fc.assert(
      fc.property(fc.uniqueArray(id, { maxLength: 300 }), fc.array(id, { maxLength: 30 }), (ids, others) => {
        const index = new RowIndex();
        for (const text of ids) expect(index.find(keyOf(text))).toBeUndefined();
        const rows = ids.map((text) => index.add(keyOf(text)));
        expect(ids.map((text) => index.find(keyOf(text)))).toEqual(rows);
        for (const other of others) expect(index.find(keyOf(other)) !== undefined).toBe(ids.includes(other));
        const sorted = [...index.sortedById()].map((row) => idKeyToText(index.idHigh[row] ?? 0, index.idLow[row] ?? 0));
        expect(sorted).toEqual(ids.toSorted(compareIds));
      }),
    );
  });

  it('stays quick and right with a hundred thousand neighbouring ids', () => {
    const index = new RowIndex();
    for (let low = 0; low < 100_000; low++) index.add({ high: 1_576_195_204, low: low * 4_194 });
    expect(index.size).toBe(100_000);
    expect(index.find({ high: 1_576_195_204, low: 4_194 * 77_777 })).toBe(77_777);
    expect(index.find({ high: 1_576_195_204, low: 4_194 * 77_777 + 1 })).toBeUndefined();
  });

  it("knows each author's latest post: by creation, then id; unknown creations first; authors without id not at all", () => {
    const row = fc.record({
      author: fc.option(fc.constantFrom('7', '9007199254740993', '9007199254740992', '12')),
      createdMs: fc.constantFrom(Number.NaN, 0, 1000, 2000),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
        const index = new RowIndex();
        for (const [number, { author, createdMs }] of rows.entries()) {
          const added = index.add({ high: 1, low: (number * 7) % 41 });
          index.createdMs[added] = createdMs;
          index.authorHigh[added] = author === null ? Number.NaN : keyOf(author).high;
          index.authorLow[added] = author === null ? 0 : keyOf(author).low;
        }
        const order = (number: number) =>
          [rows[number]?.createdMs, (number * 7) % 41].map((value) => (Number.isNaN(value) ? -1 : (value ?? 0)));
        const later = (a: number, b: number) =>
          (order(b)[0] ?? 0) - (order(a)[0] ?? 0) || (order(b)[1] ?? 0) - (order(a)[1] ?? 0);
        const expected = new Map<string, number>();
        for (const [number, { author }] of rows.entries()) {
          const best = author === null ? undefined : expected.get(author);
          if (author !== null && (best === undefined || later(number, best) < 0)) expected.set(author, number);
        }
        expect([...index.latestByAuthor()]).toEqual([...expected.values()].toSorted(later));
      }),
    );
  });
});
