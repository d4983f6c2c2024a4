import { describe, expect, it } from 'vitest';
import { enlarge, HUGE_TEXT_CHARS, malform } from './spoil-line.ts';

const parse = (line: Buffer): Record<string, Record<string, string>> =>
  JSON.parse(line.toString('utf8')) as Record<string, Record<string, string>>;

describe('spoilt lines', () => {
  it('grow by 5 MB of text and keep their id', () => {
    const huge = parse(enlarge(Buffer.from('{"data":{"id":"2124336349593067520","text":"你好"}}')));
    expect(huge['data']?.['id']).toBe('2124336349593067520');
    expect(huge['data']?.['text']).toHaveLength(HUGE_TEXT_CHARS + 2);
    expect(huge['data']?.['text']).toMatch(/你好$/);
  });

  it('grow without a text, too, and with spaces after colons', () => {
    expect(Object.keys(parse(enlarge(Buffer.from('{"errors": []}'))))).toEqual(['huge', 'errors']);
    expect(Object.keys(parse(enlarge(Buffer.from('{}'))))).toEqual(['huge']);
    expect(parse(enlarge(Buffer.from('{"data": {"text": "x"}}')))['data']?.['text']).toHaveLength(HUGE_TEXT_CHARS + 1);
  });

  it('stay as they are when they are no object', () => {
    expect(enlarge(Buffer.from(''))).toEqual(Buffer.from(''));
  });

  it('break as JSON when malformed, and are never the same twice', () => {
    expect(() => JSON.parse(malform('1', 2)) as unknown).toThrow(SyntaxError);
    expect(malform('1', 2)).not.toBe(malform('1', 3));
  });
});
