import { describe, expect, it } from 'vitest';
import { withLiterals } from './sql-literals.ts';

describe('values within a statement', () => {
  it('stand where their numbers stood, whatever they hold', () => {
    expect(withLiterals('a = $1 and b = $2 or $1', [7, "it's"])).toBe("a = 7 and b = 'it''s' or 7");
    expect(withLiterals('$1', ['$1 $2 \\'])).toBe(" E'$1 $2 \\\\'");
    expect(withLiterals('$1::text[]', [['a', 'b"c', "d'e", '']])).toBe(` E'{"a","b\\\\"c","d''e",""}'::text[]`);
    expect(withLiterals('$1::text[]', [[]])).toBe("'{}'::text[]");
  });

  it('are text, numbers and lists of text alone', () => {
    for (const value of [undefined, null, Number.NaN, {}, [1]])
      expect(() => withLiterals('$1', [value])).toThrow(TypeError);
  });
});
