import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copiedRows } from './copied-rows.ts';

const HEAD = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const END = Buffer.from([0xff, 0xff]);
const FIELDS = 3;

describe('rows of a binary copy', () => {
  it('are read whole wherever their bytes were cut', async () => {
    const field = fc.oneof(fc.constant(null), fc.string({ unit: 'grapheme', maxLength: 30 }), longText);
    const row = fc.tuple(field, field, field);
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 40 }), fc.infiniteStream(piece), async (rows, sizes) => {
        const bytes = Buffer.concat([HEAD, ...rows.map(rowBytes), END]);
        expect(await read(pieces(bytes, sizes))).toEqual(rows);
      }),
      { numRuns: 60 },
    );
  });

  it('that end too early, or have other fields, are no rows', async () => {
    const whole = Buffer.concat([HEAD, rowBytes(['a', 'b', 'c']), END]);
    for (const cut of [1, 2, 3, 9]) await expect(read([whole.subarray(0, -cut)])).rejects.toThrow('within a row');
    await expect(read([Buffer.concat([HEAD, rowBytes(['a', 'b']), END])])).rejects.toThrow('of 2 fields, not 3');
  });

  it('have numbers and bytes of a row beside texts', async () => {
    const number = Buffer.alloc(8);
    const said: (string | null)[] = [];
    for (const value of [0n, 7n, 2n ** 32n, 2n ** 63n - 1n, -1n]) {
      number.writeBigInt64BE(value);
      const bytes = rowBytes(['x', number, null]);
      for await (const rows of copiedRows(chunks([Buffer.concat([HEAD, bytes, END])]), FIELDS)) {
        said.push(rows.int8(0, 1), rows.int8(0, 2));
        expect(rows.bytesBefore(0, 2)).toEqual(bytes.subarray(2, -4));
        expect(rows.bytesBefore(0, 3)).toEqual(bytes.subarray(2));
        expect(rows.bytes(0, 0)).toEqual(Buffer.from('x'));
        expect(rows.bytes(0, 2)).toBeUndefined();
      }
    }
    expect(said).toEqual(['0', null, '7', null, '4294967296', null, '9223372036854775807', null, '-1', null]);
  });
});

const longText = fc.integer({ min: 1, max: 300_000 }).map((length) => 'é'.repeat(length / 2));
const piece = fc.integer({ min: 1, max: 70_000 });

async function read(bytes: Buffer[]): Promise<(string | null)[][]> {
  const found: (string | null)[][] = [];
  for await (const rows of copiedRows(chunks(bytes), FIELDS))
    for (let row = 0; row < rows.length; row++) found.push([0, 1, 2].map((field) => rows.text(row, field)));
  return found;
}

async function* chunks(bytes: Buffer[]): AsyncGenerator<Buffer> {
  yield* bytes;
}

function pieces(bytes: Buffer, sizes: Iterable<number>): Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at >= bytes.length) return found;
    found.push(bytes.subarray(at, at + size));
    at += size;
  }
  return found;
}

function rowBytes(fields: (string | Buffer | null)[]): Buffer {
  const count = Buffer.alloc(2);
  count.writeInt16BE(fields.length);
  return Buffer.concat([
    count,
    ...fields.flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(field === null ? -1 : Buffer.byteLength(field));
      return field === null ? [length] : [length, Buffer.from(field)];
    }),
  ]);
}
