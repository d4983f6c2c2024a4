import { describe, expect, it } from 'vitest';
import { requireStorableText } from './storable-text.ts';

describe('the text of a body', () => {
  it('is taken with all that people write', () => {
    for (const body of [undefined, null, 7, 'heron', '👩🏽‍💻', { words: ['gnp.\u202eexe', '\n\t'] }, [[[]]]])
      expect(() => requireStorableText(body)).not.toThrow();
  });

  it('is refused beside its field where no database could keep it', () => {
    const faults: [unknown, string][] = [
      [{ definition: { words: ['heron', 'a\0b'] } }, 'body/definition/words/1'],
      [{ name: 'cut \ud83d' }, 'body/name'],
      [{ secrets: { 'a\0b': 'x' } }, 'body/secrets'],
    ];
    for (const [body, field] of faults) {
      expect(() => requireStorableText(body)).toThrow(
        expect.objectContaining({ errors: [{ field, message: expect.stringContaining('take it out') }] }),
      );
    }
  });

  it('may be nested as deep as anybody sends it', () => {
    let body: unknown = 'heron';
    for (let depth = 0; depth < 100_000; depth++) body = [body];
    expect(() => requireStorableText(body)).not.toThrow();
  });
});
