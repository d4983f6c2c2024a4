import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PageTokens, SEARCH_TOKENS, TIMELINE_TOKENS } from './page-token.ts';

const tokens = new PageTokens(7);
const direction = fc.constantFrom('next' as const, 'previous' as const);
const anchors = fc.record({
  direction,
  at: fc.integer({ min: 1_288_834_974_657, max: 2 ** 42 - 1 }),
  slot: fc.integer({ min: -1, max: 2 ** 22 - 1 }),
  seen: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
});
const positions = fc.record({ direction, position: fc.integer({ min: 0, max: 2 ** 38 - 1 }) });

describe('page tokens', () => {
  it('of posts look like the platform’s and come back as what they were', () => {
    fc.assert(
      fc.property(anchors, fc.constantFrom(TIMELINE_TOKENS, SEARCH_TOKENS), (anchor, prefix) => {
        const token = tokens.ofPosts(prefix, 'tweets', anchor);
        expect(token).toMatch(/^(7140dibdnow9|b26v89c19zqg)[0-9a-z]{33}$/);
        expect(tokens.readPosts(prefix, 'tweets', token)).toEqual(anchor);
      }),
    );
  });

  it('of follows look like the platform’s and come back as what they were', () => {
    fc.assert(
      fc.property(positions, (anchor) => {
        const token = tokens.ofFollows('followers 20', anchor);
        expect(token).toMatch(/^[0-9A-V]{13}ZZZ$/);
        expect(tokens.readFollows('followers 20', token)).toEqual(anchor);
      }),
    );
  });

  it('are not read with a character changed, for another purpose, or under another seed', () => {
    fc.assert(
      fc.property(anchors, positions, fc.nat(44), fc.nat(12), (anchor, follow, at, followAt) => {
        const token = tokens.ofPosts(TIMELINE_TOKENS, 'tweets', anchor);
        const changed = token.slice(0, at) + (token[at] === 'a' ? 'b' : 'a') + token.slice(at + 1);
        expect(tokens.readPosts(TIMELINE_TOKENS, 'tweets', changed)).toBeUndefined();
        expect(tokens.readPosts(TIMELINE_TOKENS, 'mentions', token)).toBeUndefined();
        expect(tokens.readPosts(SEARCH_TOKENS, 'tweets', token)).toBeUndefined();
        expect(new PageTokens(8).readPosts(TIMELINE_TOKENS, 'tweets', token)).toBeUndefined();
        const list = tokens.ofFollows('followers 20', follow);
        const other = list.slice(0, followAt) + (list[followAt] === 'A' ? 'B' : 'A') + list.slice(followAt + 1);
        expect(tokens.readFollows('followers 20', other)).toBeUndefined();
        expect(tokens.readFollows('following 20', list)).toBeUndefined();
      }),
      // The check sum of a short token has 25 bits.
      { seed: 20, numRuns: 60 },
    );
  });

  it.each([
    '',
    'x',
    TIMELINE_TOKENS,
    `${TIMELINE_TOKENS}${'z'.repeat(33)}`,
    'ZZZ',
    `${'0'.repeat(13)}ZZZ`,
    'ü'.repeat(45),
  ])('don’t read %s', (token) => {
    expect(tokens.readPosts(TIMELINE_TOKENS, 'tweets', token)).toBeUndefined();
    expect(tokens.readFollows('followers 20', token)).toBeUndefined();
  });
});
