import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexRecording, toCrlf } from './recording.ts';

describe('recordings', () => {
  it('end every line with CRLF and change nothing else', () => {
    const line = fc
      .string({ unit: fc.constantFrom('a', '{', '\r', 'é', '\u2028') })
      .filter((text) => !text.endsWith('\r'));
    fc.assert(
      fc.property(fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n'))), line, (lines, tail) => {
        const file = lines.map(([text, end]) => text + end).join('') + tail;
        const expected = [...lines.map(([text]) => text), ...(tail === '' ? [] : [tail])]
          .map((text) => `${text}\r\n`)
          .join('');
        expect(toCrlf(Buffer.from(file)).toString()).toBe(expected);
      }),
    );
  });

  it('are not copied when they already end so', () => {
    const file = Buffer.from('{"data":{}}\r\n\r\n{}\r\n');
    expect(toCrlf(file)).toBe(file);
  });

  it('know where each line and id stands, and how many posts came before', () => {
    const recording = indexRecording(Buffer.from('{"data":{"id":"12"}}\r\n\r\n{"errors":[]}\r\n{"id_str":"3"}\r\n'));
    expect(recording.lines).toBe(4);
    expect([...recording.offsets]).toEqual([0, 22, 24, 39, 55]);
    expect([...recording.idLength]).toEqual([2, 0, 0, 1]);
    expect([...recording.postsBefore]).toEqual([0, 1, 1, 1, 2]);
  });
});
