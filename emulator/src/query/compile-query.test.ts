import { describe, expect, it } from 'vitest';
import { compileQuery } from './compile-query.ts';
import { percentileOf } from './compile-operator.ts';
import { OPERATORS, type Side } from './operators.ts';
import { parseQuery } from './parse-query.ts';
import { queryOptions } from './query-options.ts';
import type { QueryPost } from './query-post.ts';
import { sampleAuthor, samplePost } from './sample-post.ts';

function matches(query: string, given: Partial<QueryPost> | string, side: Side = 'stream'): boolean {
  const post = samplePost(typeof given === 'string' ? { text: given } : given);
  return compileQuery(parseQuery(query, side), side)(post);
}

const BOTH: readonly Side[] = ['stream', 'search'];
const berlin = { id: '3078869807f9dd36', name: 'Berlin', fullName: 'Berlin, Germany', countryCode: 'DE' };
const berlinPlace = { ...berlin, box: [13.35, 52.45, 13.45, 52.55] as const };
const link = {
  shortUrl: 'https://t.co/c0A36SWil4',
  expandedUrl: 'https://developer.x.com/en/Docs?a=1',
  unwoundUrl: 'https://docs.x.com/photos',
  title: 'Snow in May',
  description: 'The weather report',
};
const jordan = sampleAuthor({ id: '23', handle: 'AirJordan' });
const acme = { id: '900', handle: 'Acme' };

describe('words', () => {
  it.each([
    ['cola', 'Ice cold Cola!', true],
    ['cola', 'I like coca-cola', true],
    ['cola', 'I like cocacola', false],
    ['CAT', 'a cat', true],
    ['cat dog', 'dog and cat', true],
    ['cat dog', 'cat', false],
    ['cat OR dog', 'a dog', true],
    ['apple OR iphone ipad', 'an apple', true],
    ['apple OR iphone ipad', 'an iphone', false],
    ['(apple OR iphone) ipad', 'an apple', false],
    ['cat -grumpy', 'a cat', true],
    ['cat -grumpy', 'a grumpy cat', false],
    ['gnip', 'I love the @gnip blog. #gnip', true],
    ['gnip', '#gniprocks', false],
    ['coca-cola', 'Coca, Cola', true],
    ['coca-cola', 'cola coca', false],
    ['"coca cola"', 'coca-cola', true],
    ['"coca cola"', 'coca and cola', false],
    ['"cat cat dog"', 'cat cat cat dog', true],
    ['😃', 'hi😃you', true],
    ['😃', 'hi 😡', false],
    ['❤️', 'I ❤ you', true],
    ['👍', '👍🏽', false],
    ['東京', '私は東京に住む', true],
    ['東京', '京東', false],
    ['x "!!!"', 'x !!!', false],
    ['x -"!!!"', 'x !!!', true],
  ])('%s on %s: %s', (query, text, expected) => {
    for (const side of BOTH) expect(matches(query, text, side)).toBe(expected);
  });

  it('finds words in the addresses of links, unless told otherwise', () => {
    const post = samplePost({ text: 'see https://t.co/c0A36SWil4', links: [link] });
    for (const side of BOTH) {
      const root = parseQuery('developer', side);
      expect(compileQuery(root, side)(post)).toBe(true);
      expect(compileQuery(root, queryOptions(side, { keywordsMatchLinks: false }))(post)).toBe(false);
    }
    expect(matches('"see https"', { text: 'see', links: [link] })).toBe(false);
  });

  it.each([
    ['"social media"~1', 'social media', true],
    ['"social media"~1', 'social and media', true],
    ['"social media"~1', 'social or other media', false],
    ['"social media"~2', 'media social', true],
    ['"social media"~1', 'media social', false],
    ['"social media"~2', 'media and social', false],
    ['"social media"~3', 'media and social', true],
    ['"one two three"~2', 'one x two y three', true],
    ['"one two three"~1', 'one x two y three', false],
    ['"no no never"~2', 'no never', false],
    ['"no no never"~2', 'no oh no never', true],
  ])('%s near in %s: %s', (query, text, expected) => {
    expect(matches(query, text)).toBe(expected);
  });

  it('counts accents on the stream, not in search', () => {
    for (const [query, text] of [
      ['diacrítica', 'diacritica'],
      ['diacritica', 'diacrítica'],
    ] as const) {
      expect(matches(query, text, 'stream')).toBe(false);
      expect(matches(query, text, 'search')).toBe(true);
    }
    expect(matches('diacrítica', 'Diacri\u0301tica', 'stream')).toBe(true);
    expect(matches('#español', { hashtags: ['ESPANOL'] }, 'search')).toBe(true);
    expect(matches('#español', { hashtags: ['ESPANOL'] }, 'stream')).toBe(false);
  });
});

describe('reposts and quotes', () => {
  const original = samplePost({ id: '1', text: 'A cat in May', hashtags: ['May'], links: [link], author: jordan });
  const repost = samplePost({ id: '2', text: 'RT @AirJordan: A ca…', mentions: [jordan], repostOf: original });
  const quote = samplePost({ id: '3', text: 'look', quoteOf: original });
  const repostOfQuote = samplePost({ id: '4', text: 'RT @x: look', repostOf: quote });

  it.each([
    ['cat', repost, true, false],
    ['"in may"', repost, true, false],
    ['#may', repost, true, true],
    ['@airjordan', repost, true, true],
    ['url:docs', repost, true, true],
    ['retweets_of:airjordan is:retweet', repost, true, true],
    ['cat', quote, true, false],
    ['#may', quote, true, false],
    ['look', quote, true, true],
    ['look has:links', quote, true, false],
    ['cat', repostOfQuote, true, false],
    ['look OR cat', repostOfQuote, true, false],
    ['@airjordan is:quote', repost, false, false],
  ] as const)('%s', (query, post, onStream, inSearch) => {
    expect(matches(query, post, 'stream')).toBe(onStream);
    expect(matches(query, post, 'search')).toBe(inSearch);
  });
});

/** For each operator: a query, posts that match it and posts that don't, on whichever side it exists. */
const operators: Record<string, [query: string, yes: Partial<QueryPost>[], no: Partial<QueryPost>[]][]> = {
  from: [
    ['from:airjordan', [{ author: jordan }], [{}, { mentions: [jordan] }]],
    ['from:23', [{ author: jordan }, { author: sampleAuthor({ handle: '23' }) }], [{}]],
  ],
  to: [['to:AIRJORDAN', [{ inReplyTo: replyTo('5') }], [{ author: jordan }, {}]]],
  retweets_of: [['retweets_of:23', [{ repostOf: samplePost({ author: jordan }) }], [{ author: jordan }, {}]]],
  conversation_id: [['conversation_id:7', [{ conversationId: '7' }], [{ conversationId: '77' }]]],
  in_reply_to_tweet_id: [['in_reply_to_tweet_id:5', [{ inReplyTo: replyTo('5') }], [{ inReplyTo: replyTo('6') }, {}]]],
  retweets_of_tweet_id: [
    ['retweets_of_tweet_id:5', [{ repostOf: samplePost({ id: '5' }) }], [{ quoteOf: samplePost({ id: '5' }) }, {}]],
  ],
  quotes_of_tweet_id: [
    ['quotes_of_tweet_id:5', [{ quoteOf: samplePost({ id: '5' }) }], [{ repostOf: samplePost({ id: '5' }) }, {}]],
  ],
  url: [
    ['url:"https://developer.x.com"', [{ links: [link] }], [{}, { text: 'https://developer.x.com' }]],
    ['url:"https://t.co"', [{ links: [link] }], [{}]],
    ['url:"/photos"', [{ links: [link] }], [{}]],
    ['url:phot', [], [{ links: [link] }]],
  ],
  url_contains: [
    ['url_contains:phot', [{ links: [link] }], [{ links: [{ ...link, unwoundUrl: undefined }] }]],
    ['url_contains:"en/docs?A"', [{ links: [link] }], [{}]],
  ],
  url_title: [['url_title:snow', [{ links: [link] }], [{ links: [{ ...link, title: undefined }] }, { text: 'snow' }]]],
  url_description: [
    ['url_description:"weather report"', [{ links: [link] }], [{ links: [{ ...link, description: 'x' }] }]],
  ],
  entity: [['entity:"michael jordan"', [{ entities: ['Michael Jordan'] }], [{ entities: ['Jordan'] }, {}]]],
  context: [
    ['context:10.7992', [{ contexts: ['1.2', '10.7992'] }], [{ contexts: ['10.799', '110.7992'] }, {}]],
    ['context:47.*', [{ contexts: ['47.1'] }], [{ contexts: ['147.1', '4.7'] }]],
    ['context:*.12', [{ contexts: ['47.12'] }], [{ contexts: ['47.112'] }]],
  ],
  place: [
    ['place:"berlin, germany"', [{ place: berlinPlace }], [{}, { text: 'Berlin, Germany' }]],
    ['place:3078869807f9dd36', [{ place: berlinPlace }], [{}]],
  ],
  place_country: [
    ['place_country:de', [{ place: berlinPlace }], [{}, { place: { ...berlinPlace, countryCode: 'AT' } }]],
  ],
  point_radius: [
    [
      'point_radius:[13.4 52.5 10km]',
      [{ place: berlinPlace }, { coordinates: [13.41, 52.51] }],
      [{}, { coordinates: [13.6, 52.5] }, { place: { ...berlinPlace, box: [13.35, 52.45, 13.6, 52.55] } }],
    ],
    ['point_radius:[0 0 1mi]', [{ coordinates: [0.0144, 0] }], [{ coordinates: [0.0146, 0] }]],
  ],
  bounding_box: [
    [
      'bounding_box:[13.3 52.4 13.5 52.6]',
      [{ place: berlinPlace }, { coordinates: [13.3, 52.4] }],
      [{}, { coordinates: [13.29, 52.5] }, { coordinates: [0, 0], place: berlinPlace }],
    ],
  ],
  bio: [['bio:"data engineer"', [{ author: sampleAuthor({ bio: 'Data-Engineer!' }) }], [{ text: 'data engineer' }]]],
  bio_name: [
    [
      'bio_name:phd',
      [{ author: sampleAuthor({ displayName: 'Ann, PhD' }) }],
      [{ author: sampleAuthor({ bio: 'PhD' }) }],
    ],
  ],
  bio_location: [['bio_location:nyc', [{ author: sampleAuthor({ location: 'NYC, baby' }) }], [{ text: 'nyc' }]]],
  source: [['source:"X for iPhone"', [{ program: 'X for iPhone' }], [{ program: 'X for iPhones' }, {}]]],
  from_affiliate_of: [['from_affiliate_of:acme', [{ author: sampleAuthor({ affiliations: [acme] }) }], [{}]]],
  to_affiliate_of: [
    [
      'to_affiliate_of:900',
      [{ inReplyTo: { postId: '5', account: { ...jordan, affiliations: [acme] } } }],
      [{ inReplyTo: replyTo('5') }, {}],
    ],
  ],
  min_followers: [['min_followers:10', [followers(10), followers(11)], [followers(9)]]],
  followers_count: [
    ['followers_count:10..20', [followers(10), followers(20)], [followers(9), followers(21)]],
    ['followers_count:10', [followers(10), followers(1000)], [followers(9)]],
  ],
  tweets_count: [['tweets_count:1..2', [{ author: sampleAuthor({ posts: 2 }) }], [{}]]],
  following_count: [['following_count:1..2', [{ author: sampleAuthor({ following: 1 }) }], [{}]]],
  listed_count: [['listed_count:1..2', [{ author: sampleAuthor({ listed: 1 }) }], [{}]]],
  list: [['list:123', [{ author: sampleAuthor({ lists: ['1', '123'] }) }], [{}]]],
  min_likes: [['min_likes:5', [{ likes: 5 }], [{ likes: 4 }]]],
  min_replies: [['min_replies:5', [{ replies: 5 }], [{ likes: 9 }]]],
  min_reposts: [['min_reposts:5', [{ reposts: 5 }], [{ likes: 9 }]]],
  lang: [['cat lang:ZH-tw', [{ text: 'cat', language: 'zh-TW' }], [{ text: 'cat', language: 'en' }]]],
  embedding: [
    ['embedding:"the cat and the dog"', [{ text: 'cat' }], [{ text: 'the bird' }]],
    ['embedding:"cat dog" embedding_threshold:0.9', [{ text: 'dog, cat' }], [{ text: 'cat' }]],
  ],
  embedding_threshold: [['cat embedding_threshold:1', [{ text: 'cat' }], [{}]]],
  sample: [['cat sample:100', [{ text: 'cat' }], [{}]]],
  'is:retweet': [['@a is:retweet', [tagged({ repostOf: samplePost() })], [tagged({ quoteOf: samplePost() })]]],
  'is:reply': [['@a is:reply', [tagged({ inReplyTo: replyTo('5') })], [tagged({})]]],
  'is:quote': [['@a is:quote', [tagged({ quoteOf: samplePost() })], [tagged({ repostOf: samplePost() })]]],
  'is:verified': [['@a is:verified', [tagged({ author: sampleAuthor({ verified: true }) })], [tagged({})]]],
  'is:nullcast': [['@a -is:nullcast', [tagged({})], [tagged({ promotedOnly: true })]]],
  'has:hashtags': [['@a has:hashtags', [tagged({ hashtags: ['x'] })], [tagged({ text: '#x' })]]],
  'has:cashtags': [['@a has:cashtags', [tagged({ cashtags: ['x'] })], [tagged({ text: '$x' })]]],
  'has:links': [['@a has:links', [tagged({ links: [link] }), tagged({ media: [media('photo')] })], [tagged({})]]],
  'has:mentions': [['cat has:mentions', [{ text: 'cat', mentions: [jordan] }], [{ text: 'cat' }]]],
  'has:media': [['@a has:media', [tagged({ media: [media('animation')] })], [tagged({ links: [link] })]]],
  'has:images': [['@a has:images', [tagged({ media: [media('photo')] })], [tagged({ media: [media('video')] })]]],
  'has:video_link': [
    ['@a has:video_link', [tagged({ media: [media('video')] })], [tagged({ media: [media('photo')] })]],
  ],
  'has:geo': [['@a has:geo', [tagged({ place: berlinPlace }), tagged({ coordinates: [0, 0] })], [tagged({})]]],
};

describe('operators', () => {
  it('are all in the table below', () => {
    expect(Object.keys(operators).toSorted()).toEqual([...OPERATORS.keys()].toSorted());
  });

  it.each([...OPERATORS.values()].flatMap(({ name, sides }) => sides.map((side) => [name, side] as const)))(
    '%s tells posts apart (%s)',
    (name, side) => {
      for (const [query, yes, no] of operators[name] ?? []) {
        for (const post of yes) expect(matches(query, post, side), `${query} should match`).toBe(true);
        for (const post of no) expect(matches(query, post, side), `${query} should not match`).toBe(false);
      }
    },
  );

  it.each([
    ['#ThankU', { hashtags: ['thanku'] }, true],
    ['#thanku', { hashtags: ['thankunext'], text: '#thankunext' }, false],
    ['@XDevelopers', { mentions: [{ id: '1', handle: 'xdevelopers' }] }, true],
    ['@XDevelopers', { text: '@XDevelopers' }, false],
    ['$TWTR', { cashtags: ['twtr'] }, true],
    ['$twtr', { text: '$twtr' }, false],
  ])('%s looks at what the post declares', (query, post, expected) => {
    for (const side of BOTH) expect(matches(query, post, side)).toBe(expected);
  });

  it('do not find the place of what was reposted or quoted', () => {
    const there = samplePost({ place: berlinPlace });
    for (const query of ['place:berlin', 'place_country:de', '@a has:geo', 'bounding_box:[13.3 52.4 13.5 52.6]']) {
      expect(matches(query, tagged({ repostOf: there }))).toBe(false);
      expect(matches(query, tagged({ quoteOf: there }))).toBe(false);
    }
  });

  it('find replies in reposts and quotes on the stream only', () => {
    const reply = samplePost({ inReplyTo: replyTo('5') });
    for (const post of [tagged({ repostOf: reply }), tagged({ quoteOf: reply })]) {
      expect(matches('@a is:reply', post, 'stream')).toBe(true);
      expect(matches('@a is:reply', post, 'search')).toBe(false);
    }
  });

  it('sample the asked share, larger samples holding the smaller ones', () => {
    const ids = Array.from({ length: 20_000 }, (_, index) => String(1583574411220938752n + BigInt(index) * 4194304n));
    const share = ids.filter((id) => percentileOf(id) < 15).length / ids.length;
    expect(share).toBeGreaterThan(0.14);
    expect(share).toBeLessThan(0.16);
    const id = ids.find((each) => percentileOf(each) === 40) ?? '';
    expect(matches('cat sample:41', { id, text: 'cat' })).toBe(true);
    expect(matches('cat sample:40', { id, text: 'cat' })).toBe(false);
  });
});

function replyTo(postId: string): QueryPost['inReplyTo'] {
  return { postId, account: { id: jordan.id, handle: jordan.handle, affiliations: [] } };
}

function followers(count: number): Partial<QueryPost> {
  return { author: sampleAuthor({ followers: count }) };
}

function tagged(given: Partial<QueryPost>): Partial<QueryPost> {
  return { mentions: [{ id: '1', handle: 'a' }], ...given };
}

function media(kind: QueryPost['media'][number]['kind']): QueryPost['media'][number] {
  return { kind, expandedUrl: 'https://x.com/a/status/1/photo/1' };
}
