import { describe, expect, it } from 'vitest';
import { requireStorableText } from './storable-text.ts';

const none: Record<'params' | 'query' | 'body', unknown> = { params: {}, query: {}, body: undefined };

describe('the text of a request', () => {
  it('is taken with all that people write', () => {
    for (const body of [undefined, null, 7, 'heron', '👩🏽‍💻', { words: ['gnp.\u202eexe', '\n\t'] }, [[[]]]])
      expect(() => requireStorableText({ ...none, body })).not.toThrow();
  });

  it('is refused beside its field where no database could keep it', () => {
    const faults: [Partial<typeof none>, string][] = [
      [{ body: { definition: { words: ['heron', 'a\0b'] } } }, 'body/definition/words/1'],
      [{ body: { name: 'cut \ud83d' } }, 'body/name'],
      [{ body: { secrets: { 'a\0b': 'x' } } }, 'body/secrets'],
      [{ params: { name: '\0' } }, 'params/name'],
      [{ query: { lang: ['en', '\0'] } }, 'querystring/lang/1'],
    ];
    for (const [part, field] of faults) {
      expect(() => requireStorableText({ ...none, ...part })).toThrow(
        expect.objectContaining({ errors: [{ field, message: expect.stringContaining('take it out') }] }),
      );
    }
  });

  it('may be nested as deep as anybody sends it', () => {
    let body: unknown = 'heron';
    for (let depth = 0; depth < 100_000; depth++) body = [body];
    expect(() => requireStorableText({ ...none, body })).not.toThrow();
  });
});
