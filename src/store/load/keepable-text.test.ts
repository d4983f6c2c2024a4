import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepableInstant, keepableText } from './keepable-text.ts';

describe('keepable text', () => {
  it('is the same text unless PostgreSQL would refuse it, and then it says so', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const altered: string[] = [];
        const kept = keepableText(text, 'text', altered);
        const clean = !text.includes('\u0000') && text.isWellFormed();
        expect(altered).toEqual(clean ? [] : ['text']);
        expect(kept === text).toBe(clean);
        expect(kept).not.toContain('\u0000');
        expect(kept?.isWellFormed()).toBe(true);
        expect(kept).toHaveLength(text.length);
      }),
    );
    expect(keepableText('a\u0000\ud800', 'text', [])).toBe('a\ufffd\ufffd');
    expect(keepableText(undefined, 'text', [])).toBeUndefined();
  });

  it('reads instants of ISO 8601 and nothing else', () => {
    const altered: string[] = [];
    expect(keepableInstant('2026-11-22T13:05:00.000Z', 'at', altered)).toBe(Date.UTC(2026, 10, 22, 13, 5));
    expect(keepableInstant('2026-11-22T14:05:00+01:00', 'at', altered)).toBe(Date.UTC(2026, 10, 22, 13, 5));
    expect(altered).toEqual([]);
    for (const text of ['', '1', 'soon', '2026-13-01T00:00:00Z', '2026-11-22', 'Sun Nov 22 2026'])
      expect([text, keepableInstant(text, 'at', altered)]).toEqual([text, undefined]);
    expect(altered).toHaveLength(6);
  });
});
