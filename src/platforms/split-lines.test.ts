import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from './split-lines.ts';

type Seen = { text: string; plain: boolean };

function split(chunks: Buffer[], maxBytes = 1_000_000): { lines: Seen[]; rest: string } {
  const splitter = new LineSplitter(maxBytes);
  const lines: Seen[] = [];
  for (const chunk of chunks) {
    const reused = Buffer.from(chunk);
    splitter.push(reused, ({ bytes, from, to, plain }) =>
      lines.push({ text: bytes.toString('latin1', from, to), plain }),
    );
    reused.fill(0); // a socket's buffer may be used again at once
  }
  const { bytes, from, to } = splitter.take();
  return { lines, rest: bytes.toString('latin1', from, to) };
}

describe('splitting lines', () => {
  it('is the same over any chunks as over the whole', () => {
    const piece = fc.oneof(
      fc.constantFrom('\n', '\r\n', '\r', 'ü', '💀', '{"a":"b"}').map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.array(fc.nat(9), { maxLength: 60 }), (pieces, sizes) => {
        const whole = Buffer.concat(pieces);
        const chunks: Buffer[] = [];
        let at = 0;
        for (const size of sizes) chunks.push(whole.subarray(at, (at += size)));
        chunks.push(whole.subarray(at));
        const parts = whole.toString('latin1').split('\n');
        const rest = parts.pop() ?? '';
        const expected = parts.map((part) => part.replace(/\r$/, ''));
        const seen = split(chunks);
        expect(seen.lines.map(({ text }) => text)).toEqual(expected);
        expect(seen.rest).toBe(rest);
        for (const { text, plain } of seen.lines)
          expect(plain).toBe(!text.includes('\r') && isUtf8(Buffer.from(text, 'latin1')));
      }),
      { numRuns: 500 },
    );
  });

  it('cuts a line that grows without end, and loses no byte of it', () => {
    const { lines, rest } = split(
      Array.from({ length: 25 }, () => Buffer.from('abcdefgh')),
      50,
    );
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.map(({ text }) => text).join('') + rest).toBe('abcdefgh'.repeat(25));
  });
});
