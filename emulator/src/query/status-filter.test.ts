import { describe, expect, it } from 'vitest';
import type { QueryPost } from './query-post.ts';
import { sampleAuthor, samplePost } from './sample-post.ts';
import {
  matchesStatusFilter,
  parseStatusFilter,
  StatusFilterError,
  type StatusFilterParameters,
} from './status-filter.ts';

function matches(parameters: StatusFilterParameters, post: Partial<QueryPost>): boolean {
  return matchesStatusFilter(parseStatusFilter(parameters), samplePost(post));
}

function linkTo(expandedUrl: string): Partial<QueryPost> {
  const link = {
    shortUrl: 'https://t.co/x',
    expandedUrl,
    unwoundUrl: undefined,
    title: undefined,
    description: undefined,
  };
  return { text: 'see https://t.co/x', links: [link] };
}

describe('track', () => {
  // The platform's own table of examples.
  it.each([
    ['Twitter', { text: 'TWITTER' }, true],
    ['Twitter', { text: '"Twitter"' }, true],
    ['Twitter', { text: 'twitter.' }, true],
    ['Twitter', { text: '#twitter', hashtags: ['twitter'] }, true],
    ['Twitter', { text: '@twitter', mentions: [{ id: '1', handle: 'twitter' }] }, true],
    ['Twitter', linkTo('http://twitter.com'), true],
    ['Twitter', { text: 'TwitterTracker' }, false],
    ['Twitter', { text: '#newtwitter', hashtags: ['newtwitter'] }, false],
    ["Twitter's", { text: "I like Twitter's new design" }, true],
    ["Twitter's", { text: "Someday I'd like to visit @Twitter's office" }, false],
    ['twitter api,twitter streaming', { text: 'The Twitter API is awesome' }, true],
    ['twitter api,twitter streaming', { text: 'The twitter streaming service is fast' }, true],
    ['twitter api,twitter streaming', { text: 'Twitter has a streaming API' }, true],
    ['twitter api,twitter streaming', { text: "I'm new to Twitter" }, false],
    ['example.com', { text: 'Someday I will visit example.com' }, true],
    ['example.com', linkTo('http://example.com/'), true],
    ['example.com', linkTo('http://example.com/foobarbaz'), false],
    ['example.com/foobarbaz', linkTo('http://example.com/foobarbaz'), true],
    ['example.com/foobarbaz', linkTo('http://www.example.com/foobarbaz'), true],
    ['example.com/foobarbaz', linkTo('http://example.com'), false],
    ['www.example.com/foobarbaz', linkTo('http://www.example.com/foobarbaz'), true],
    ['www.example.com/foobarbaz', linkTo('http://example.com/foobarbaz'), false],
    ['example com', linkTo('http://foo.example.com/bar'), true],
    ['example com', { text: "I hope my startup isn't merely another example of a dot com boom!" }, true],
    ['hello.', { text: 'my brother says hello.' }, true],
    ['hello.', { text: 'hello world' }, false],
    ['hello', { text: 'he said: “hello…”' }, true],
    ['touché', { text: 'touche' }, false],
    ['#tag', { text: '#Tag!', hashtags: ['Tag'] }, true],
    ['東京', { text: '私は東京に住む' }, false],
    ['cat', { repostOf: samplePost({ text: 'a cat' }) }, true],
    ['pic', { media: [{ kind: 'photo', expandedUrl: 'https://x.com/pic/1' }] }, true],
  ] satisfies [string, Partial<QueryPost>, boolean][])('%s on %o: %s', (track, post, expected) => {
    expect(matches({ track }, post)).toBe(expected);
  });
});

describe('follow', () => {
  const account = sampleAuthor({ id: '42', handle: 'answer' });
  it.each([
    ['a post by the account', { author: account }, true],
    ['a repost of one', { repostOf: samplePost({ author: account }) }, true],
    ['a reply to one', { inReplyTo: { postId: '1', account } }, true],
    ['a mention', { text: 'hi @answer', mentions: [account] }, false],
    ['a quote', { quoteOf: samplePost({ author: account }) }, false],
    ['a post by another', {}, false],
  ])('takes or leaves %s', (_, post, expected) => {
    expect(matches({ follow: '7, 42' }, post)).toBe(expected);
  });
});

describe('locations', () => {
  const place = { id: '1', name: 'x', fullName: 'x', countryCode: 'US', box: [-75, 39, -73.9, 41] as const };
  it.each([
    ['a point inside', { coordinates: [-73.5, 40.5] as const }, true],
    ['a point outside', { coordinates: [-75, 40.5] as const }, false],
    ['a place that overlaps', { place }, true],
    ['a point outside with a place that overlaps', { coordinates: [-75, 40.5] as const, place }, false],
    ['a place elsewhere', { place: { ...place, box: [0, 0, 1, 1] as const } }, false],
    ['no place', {}, false],
  ])('takes or leaves %s', (_, post, expected) => {
    expect(matches({ locations: '0,50,1,51,-74,40,-73,41' }, post)).toBe(expected);
  });
});

describe('the filter', () => {
  it('takes what any of its parts takes, in the languages asked for', () => {
    const both = { track: 'cat', follow: '12' };
    expect(matches(both, { text: 'dog' })).toBe(true);
    expect(matches(both, { text: 'cat', author: sampleAuthor({ id: '1' }) })).toBe(true);
    expect(matches(both, { text: 'dog', author: sampleAuthor({ id: '1' }) })).toBe(false);
    expect(matches({ ...both, language: 'de,en' }, { language: 'en' })).toBe(true);
    expect(matches({ ...both, language: 'de' }, { language: 'en' })).toBe(false);
  });

  const none = 'No filter parameters found. Expect at least one parameter: follow track locations';
  const pairs = 'Location track items must be given as pairs of comma separated lat/longs: ';
  it.each<[StatusFilterParameters, 406 | 413, string]>([
    [{}, 406, none],
    [{ track: ' ', language: 'en' }, 406, none],
    [
      { track: `a,${'The Longest Ride Clouds over the hills '.repeat(2)}` },
      406,
      'Parameter track item index 1 too long: The Longest Ride Clouds o',
    ],
    [{ track: 'é'.repeat(31) }, 406, `Parameter track item index 0 too long: ${'é'.repeat(25)}`],
    [{ track: 'a,,b' }, 406, 'Parameter track item index 1 too short: '],
    [{ track: Array(401).fill('a').join(',') }, 413, 'Parameter track has too many items specified'],
    [{ follow: 'me' }, 406, 'Parameter follow item index 0 is not a user id'],
    [{ follow: Array(5001).fill('1').join(',') }, 413, 'Parameter follow has too many items specified'],
    [{ locations: '1,2,3' }, 406, `${pairs}[1, 2, 3]`],
    [{ locations: '2,0,1,1' }, 406, `${pairs}[2, 0, 1, 1]`],
    [{ locations: '-181,0,1,1' }, 406, `${pairs}[-181, 0, 1, 1]`],
    [{ locations: 'a,b,c,d' }, 406, `${pairs}[a, b, c, d]`],
    [{ locations: Array(26).fill('0,0,1,1').join(',') }, 413, 'Parameter locations has too many items specified'],
  ])('refuses %o', (parameters, status, message) => {
    const refused = (() => {
      try {
        return parseStatusFilter(parameters);
      } catch (error) {
        return error;
      }
    })();
    expect(refused).toBeInstanceOf(StatusFilterError);
    expect(refused).toMatchObject({ status, message });
  });

  it('allows as much as the limits say', () => {
    const filter = parseStatusFilter({
      track: Array(400).fill('é'.repeat(30)).join(','),
      follow: Array.from({ length: 5000 }, (_, index) => index + 1).join(','),
      locations: Array(25).fill('-180,-90,180,90').join(','),
    });
    expect([filter.phrases.length, filter.accounts.size, filter.boxes.length]).toEqual([400, 5000, 25]);
  });
});
