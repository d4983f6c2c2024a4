import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLegacyQuery } from './search-query.ts';
import { compileQuery } from '../query/compile-query.ts';
import type { QueryPost } from '../query/query-post.ts';
import { queryOptions } from '../query/query-options.ts';
import { sampleAuthor, samplePost } from '../query/sample-post.ts';
import { startOf } from '../world/model.ts';

const OPTIONS = queryOptions('search', { keywordsMatchReposts: true });

function matches(query: string, post: Partial<QueryPost>): boolean {
  const { root } = parseLegacyQuery(query);
  return root === undefined || compileQuery(root, OPTIONS)(samplePost(post));
}

const LINK = {
  shortUrl: 'https://t.co/x',
  expandedUrl: 'https://a.example/b',
  unwoundUrl: undefined,
  title: undefined,
  description: undefined,
};

describe("v1.1's search language", () => {
  it.each<[string, Partial<QueryPost>, boolean]>([
    ['cat dog', { text: 'a dog and a cat' }, true],
    ['cat dog', { text: 'a cat' }, false],
    ['cat OR dog', { text: 'a dog' }, true],
    ['cat OR dog bird', { text: 'a cat' }, true],
    ['(cat OR dog) bird', { text: 'a cat' }, false],
    ['"a cat"', { text: 'there is a cat' }, true],
    ['"cat a"', { text: 'there is a cat' }, false],
    ['cat -dog', { text: 'cat dog' }, false],
    ['#tag', { hashtags: ['Tag'] }, true],
    ['@wren', { mentions: [{ id: '1', handle: 'Wren' }] }, true],
    ['from:wren', { author: sampleAuthor({ handle: 'Wren' }) }, true],
    ['from:@wren', { author: sampleAuthor({ handle: 'Wren' }) }, true],
    ['from:wren', { author: sampleAuthor({ handle: 'Owl' }) }, false],
    ['cat lang:de', { text: 'cat', language: 'en' }, false],
    ['cat filter:links', { text: 'cat' }, false],
    ['cat filter:links', { text: 'cat', links: [LINK] }, true],
    ['cat -filter:retweets', { text: 'RT @a: cat', repostOf: samplePost({ text: 'cat' }) }, false],
    ['cat', { text: 'RT @a: cat', repostOf: samplePost({ text: 'cat' }) }, true],
    [
      '-filter:replies',
      { text: 'x', inReplyTo: { postId: '1', account: { id: '1', handle: 'a', affiliations: [] } } },
      false,
    ],
    ['min_faves:10 cat', { text: 'cat', likes: 9 }, false],
    ['min_retweets:10 cat', { text: 'cat', reposts: 10 }, true],
    ['cat :)', { text: 'cat' }, true],
    ['cat AND dog', { text: 'cat dog' }, true],
    ['cat)', { text: 'cat' }, true],
    ['((cat', { text: 'cat' }, true],
    ['cat filter:safe include:nativeretweets', { text: 'cat' }, true],
  ])('%s on %o: %s', (query, post, expected) => {
    expect(matches(query, post)).toBe(expected);
  });

  it('reads bounds out of it', () => {
    const { root, range } = parseLegacyQuery('since:2026-11-01 until:2026-11-02 since:2026-10-01');
    expect(root).toBeUndefined();
    expect(range).toEqual({ after: startOf(Date.UTC(2026, 10, 1)), before: startOf(Date.UTC(2026, 10, 2)) });
    expect(parseLegacyQuery('max_id:4194305').range.before).toMatchObject({ slot: 2 });
  });

  it('takes any text for a query, at once', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('(', ')', '-', '"', ' ', ':', 'a', 'OR', 'from:', 'é', '😀'),
          maxLength: 200,
        }),
        (text) => {
          const { root } = parseLegacyQuery(text);
          if (root !== undefined) compileQuery(root, OPTIONS)(samplePost({ text }));
        },
      ),
    );
  });
});
