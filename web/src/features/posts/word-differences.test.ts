import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wordDifferences } from './word-differences.ts';

describe('wordDifferences', () => {
  it('says which words came and which went', () => {
    expect(wordDifferences('Meet at five today', 'Meet at six today')).toEqual([
      { kind: 'same', text: 'Meet at ' },
      { kind: 'removed', text: 'five' },
      { kind: 'added', text: 'six' },
      { kind: 'same', text: ' today' },
    ]);
  });

  it('finds nothing between equal texts, and gives up on very long ones', () => {
    expect(wordDifferences('the same', 'the same')).toEqual([{ kind: 'same', text: 'the same' }]);
    expect(wordDifferences('', '')).toEqual([]);
    expect(wordDifferences('a '.repeat(3_000), 'b')).toBeUndefined();
  });

  it('gives back both texts, whatever they are', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '東', '👍'), maxLength: 40 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const pieces = wordDifferences(before, after) ?? [];
        const without = (kind: string) => pieces.map((each) => (each.kind === kind ? '' : each.text)).join('');
        expect([without('added'), without('removed')]).toEqual([before, after]);
      }),
    );
  });
});
