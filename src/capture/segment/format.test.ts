import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeFrame,
  encodeFrame,
  encodeFrameHead,
  type FrameHeader,
  isPlainPayload,
  writePlainFrame,
} from './format.ts';

const HEADER: FrameHeader = {
  at: '2026-11-22T13:00:00.123Z',
  platform: 'x',
  endpoint: '/2/tweets/sample/stream',
  session: 's-1',
};

const anyHeader = fc.record({
  at: fc.constant(HEADER.at),
  platform: fc.string(),
  endpoint: fc.string(),
  session: fc.string(),
});
const anyPayload = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text)),
  fc
    .constantFrom('{"data":{"id":"1"}}', '', '\r', 'a\nb', '","bytes":12,"payload":', '\u0000')
    .map((text) => Buffer.from(text)),
);

function encode(header: FrameHeader, payload: Uint8Array): Buffer {
  return Buffer.concat(encodeFrame(encodeFrameHead(header), Buffer.from(payload)));
}

describe('a frame line', () => {
  it('is the line that the format page shows', () => {
    expect(encode(HEADER, Buffer.from('{"a":1}')).toString()).toBe(
      '{"at":"2026-11-22T13:00:00.123Z","platform":"x","endpoint":"/2/tweets/sample/stream","session":"s-1","bytes":7,"payload":{"a":1}}\n',
    );
    expect(encode(HEADER, Buffer.from('a\r\n')).toString()).toMatch(/,"bytes":3,"payload_base64":"YQ0K"}\n$/);
  });

  it('gives back any header and any bytes, and never holds a line end but its own', () => {
    fc.assert(
      fc.property(anyHeader, anyPayload, fc.nat(5000), (header, payload, base) => {
        const line = encode(header, payload);
        expect(line.indexOf(10)).toBe(line.length - 1);
        const found = decodeFrame(line, 0, base);
        if (found.kind !== 'frame') throw new Error(found.kind);
        const { payload: read, offset, end, ...readHeader } = found.frame;
        expect(readHeader).toEqual(header);
        expect(Buffer.compare(read, payload)).toBe(0);
        expect([offset, end]).toEqual([base, base + line.length]);
      }),
    );
  });

  it('cut anywhere is incomplete, never something else', () => {
    fc.assert(
      fc.property(
        anyHeader,
        anyPayload,
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (header, payload, share) => {
          const line = encode(header, payload);
          expect(decodeFrame(line.subarray(0, Math.floor(line.length * share)), 0, 0)).toEqual({ kind: 'incomplete' });
        },
      ),
    );
  });

  it('is the same by the way without garbage', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const payload = Buffer.from(`__${text}__`);
        fc.pre(isPlainPayload(payload));
        const target = Buffer.alloc(payload.length + 400);
        const end = writePlainFrame(target, 7, Buffer.from(encodeFrameHead(HEADER)), {
          bytes: payload,
          from: 2,
          to: payload.length - 2,
        });
        expect(target.subarray(7, end).toString()).toBe(encode(HEADER, payload.subarray(2, -2)).toString());
      }),
    );
  });

  it.each([
    ['no frame at all', `${'x'.repeat(5000)}\n`],
    [
      'a count that is none',
      '{"at":"a","platform":"x","endpoint":"e","session":"s","bytes":,"payload":}\n'.padEnd(100, ' '),
    ],
    [
      'a count that is too small',
      '{"at":"a","platform":"x","endpoint":"e","session":"s","bytes":1,"payload":{"a":1}}\n',
    ],
    ['a header that is no JSON', '{"at":a,"platform":"x","endpoint":"e","session":"s","bytes":1,"payload":1}\n'],
    ['a header without its session', '{"at":"a","platform":"x","endpoint":"e","bytes":1,"payload":1}\n'],
    ['another key', `{"at":"a","platform":"x","endpoint":"e","session":"s","bytes":1,"payl0ad":1}\n${' '.repeat(30)}`],
    [
      'base64 of another length',
      '{"at":"a","platform":"x","endpoint":"e","session":"s","bytes":5,"payload_base64":"YQ=="}\n'.padEnd(140, ' '),
    ],
  ])('is called damaged when it is %s', (_what, text) => {
    expect(decodeFrame(Buffer.from(text), 0, 0).kind).toBe('damaged');
  });
});
