import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkedBody } from './chunked-body.ts';

/** Pushes the text in pieces of these lengths, over and over; answers with the body and whether it ended. */
function decode(text: string | Buffer, lengths: number[] = [1_000_000]): { body: string; end: 'more' | 'ended' } {
  const bytes = Buffer.from(text);
  const chunked = new ChunkedBody();
  const parts: Buffer[] = [];
  let end: 'more' | 'ended' = 'more';
  for (let at = 0, turn = 0; at < bytes.length && end === 'more'; turn++) {
    const to = Math.min(bytes.length, at + (lengths[turn % lengths.length] ?? 1));
    end = chunked.push(bytes, at, to, (part) => parts.push(Buffer.from(part)));
    at = to;
  }
  return { body: Buffer.concat(parts).toString('latin1'), end };
}

describe('a chunked body', () => {
  it('is the same however it was cut into chunks and packets', () => {
    const part = fc.record({
      data: fc.uint8Array({ minLength: 1, maxLength: 300 }),
      form: fc.constantFrom('', ';a=b', '; note="x y"', ' '),
      upper: fc.boolean(),
      zeros: fc.constantFrom('', '0', '000'),
    });
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(
        fc.array(part),
        cuts,
        fc.constantFrom('', 'x-note: 1\r\n', 'a: b\r\nc: d\r\n'),
        (parts, sizes, trailers) => {
          const chunks = parts.map(({ data, form, upper, zeros }) => {
            const size = zeros + data.length.toString(16);
            return Buffer.concat([
              Buffer.from(`${upper ? size.toUpperCase() : size}${form}\r\n`),
              data,
              Buffer.from('\r\n'),
            ]);
          });
          const text = Buffer.concat([...chunks, Buffer.from(`0\r\n${trailers}\r\n`)]);
          const body = Buffer.concat(parts.map(({ data }) => data)).toString('latin1');
          expect(decode(text, sizes)).toEqual({ body, end: 'ended' });
          expect(decode(text.subarray(0, -1), sizes)).toEqual({ body, end: 'more' });
        },
      ),
    );
  });

  it('hands over what came of a chunk that is not whole yet', () => {
    expect(decode('a\r\nhalf')).toEqual({ body: 'half', end: 'more' });
  });

  it('does not look at what follows its end', () => {
    expect(decode('2\r\nok\r\n0\r\n\r\nHTTP/1.1 200 OK')).toEqual({ body: 'ok', end: 'ended' });
  });

  it.each([
    ['no size', '\r\nab'],
    ['a size that is no number', '5g\r\nabcde\r\n'],
    ['a size beyond all reason', `${'f'.repeat(13)}\r\n`],
    ['a chunk longer than it says', '2\r\nabc\r\n'],
    ['a bare LF after the size', '2\nab\r\n'],
    ['an endless extension', `2;${'x'.repeat(20_000)}`],
    ['an endless trailer', `0\r\n${'x'.repeat(20_000)}`],
  ])('is refused with %s', (_what, text) => {
    expect(() => decode(text, [7])).toThrow(/chunk/);
  });
});
