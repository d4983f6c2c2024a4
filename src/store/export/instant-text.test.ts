import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantText } from './instant-text.ts';

const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1);

function textOf(microseconds: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(microseconds);
  return instantText(bytes.readInt32BE(0), bytes.readUInt32BE(4));
}

describe('an instant of the binary format', () => {
  it('is what a Date says of its milliseconds, before and after the year 2000', () => {
    const instant = fc.date({ noInvalidDate: true, min: new Date(-62e12), max: new Date(253e12) });
    fc.assert(
      fc.property(instant, fc.integer({ min: 0, max: 999 }), (date, microseconds) => {
        const ms = BigInt(date.getTime() - POSTGRES_EPOCH_MS);
        expect(textOf(ms * 1000n + BigInt(microseconds))).toBe(date.toISOString());
      }),
    );
  });

  it('may be none', () => {
    expect(textOf(2n ** 63n - 1n)).toBe('infinity');
    expect(textOf(-(2n ** 63n))).toBe('-infinity');
  });
});
