import { describe, expect, it } from 'vitest';
import type { Side } from './operators.ts';
import { parseQuery } from './parse-query.ts';
import { printQuery } from './print-query.ts';
import { QueryError, searchErrorMessage } from './query-error.ts';
import { QUERY_LIMITS, type QueryLimits, UNLIMITED } from './query-limits.ts';

const NO_PLURAL = 'Rules must contain a non-negation term';
const NO_WORD = 'Rules must contain at least one positive, non-stopword clause';
const ALONE = 'is/has/lang cannot be used as a standalone operator';
const AND =
  'Ambiguous use of and as a keyword. Use a space to logically join two clauses, or "and" to find occurrences of and in text';
const OR =
  'Ambiguous use of or as a keyword. Use OR to logically join two clauses, or "or" to find occurrences of or in text';
const invalid = (name: string) =>
  `Reference to invalid operator '${name}'. Operator is not available in current product or product packaging. ` +
  'Please refer to complete available operator list at http://t.co/operators.';

function refusal(query: string, side: Side = 'stream', limits: QueryLimits = UNLIMITED): QueryError {
  try {
    parseQuery(query, side, limits);
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
  throw new Error(`was not refused: ${query}`);
}

describe('accepted queries', () => {
  const table: [query: string, printed: string][] = [
    ['cat', 'cat'],
    ['  cat\tdog\n', 'cat dog'],
    ['apple OR iphone ipad', 'apple OR iphone ipad'],
    ['ipad iphone OR android', 'ipad iphone OR android'],
    ['(ipad iphone) OR android', 'ipad iphone OR android'],
    ['apple OR (iphone ipad)', 'apple OR iphone ipad'],
    ['(apple OR iphone) ipad', '(apple OR iphone) ipad'],
    ['((cat))', 'cat'],
    ['((cat dog) bird)', 'cat dog bird'],
    ['a (b OR (c OR d)) e', 'a (b OR c OR d) e'],
    ['(cat)OR(dog)', 'cat OR dog'],
    ['cat #meme -grumpy', 'cat #meme -grumpy'],
    ['cat --grumpy', 'cat -grumpy'],
    ['"coca cola" -"say \\"hi\\" \\\\o/"', '"coca cola" -"say \\"hi\\" \\\\o/"'],
    ["coca-cola GPT-3 AT&T it's", "coca-cola GPT-3 AT&T it's"],
    ['"social media"~5', '"social media"~5'],
    ['(😃 OR 😡) 😬', '(😃 OR 😡) 😬'],
    ['"❤️" 👨‍👩‍👧', '"❤️" 👨‍👩‍👧'],
    ['#thankunext ＃日本語 #a_b', '#thankunext #日本語 #a_b'],
    ['(@XDevelopers OR @api) -@x', '(@XDevelopers OR @api) -@x'],
    ['$twtr OR $BRK.B', '$twtr OR $BRK.B'],
    ['FROM:XDevelopers Is:Retweet HAS:Media', 'from:"XDevelopers" is:retweet has:media'],
    ['url:"https://developer.x.com"', 'url:"https://developer.x.com"'],
    ['"X data" has:mentions (has:media OR has:links)', '"X data" has:mentions (has:media OR has:links)'],
    ['"mobile games" -is:nullcast', '"mobile games" -is:nullcast'],
    ['#nowplaying @spotify sample:15', '#nowplaying @spotify sample:15'],
    ['context:47.* OR context:10.799022225751871488', 'context:"47.*" OR context:"10.799022225751871488"'],
    ['place:"new york city" OR place:seattle', 'place:"new york city" OR place:"seattle"'],
    ['followers_count:1000..10000 listed_count:7', 'followers_count:1000..10000 listed_count:7'],
    ['point_radius:[2.355128 48.861118 16km]', 'point_radius:[2.355128 48.861118 16km]'],
    ['point_radius:[ -41 17 20.5MI ]', 'point_radius:[-41 17 20.5mi]'],
    [
      'geo_bounding_box:[-105.301758 39.964069 -105.178505 40.09455]',
      'bounding_box:[-105.301758 39.964069 -105.178505 40.09455]',
    ],
    ['x has:videos has:media_link', 'x has:video_link has:media'],
    ['in_reply_to_status_id:7 friends_count:3', 'in_reply_to_tweet_id:"7" following_count:3'],
    [
      'embedding:"climate change policy" embedding_threshold:0.4',
      'embedding:"climate change policy" embedding_threshold:0.4',
    ],
    ['recommend lang:zh-CN', 'recommend lang:"zh-CN"'],
    ['"and" "or" cat', '"and" "or" cat'],
    ['ORANGE andy', 'ORANGE andy'],
  ];
  it.each(table)('parses %s', (query, printed) => {
    expect(printQuery(parseQuery(query, 'stream'))).toBe(printed);
  });

  it('binds AND tighter than OR', () => {
    expect(parseQuery('apple OR iphone ipad', 'search')).toMatchObject({
      kind: 'or',
      parts: [
        { term: { text: 'apple' } },
        { kind: 'and', parts: [{ term: { text: 'iphone' } }, { term: { text: 'ipad' } }] },
      ],
    });
  });

  it('knows where each clause begins, in UTF-16 units from 1', () => {
    expect(parseQuery('😃 -cat', 'stream')).toMatchObject({ parts: [{ position: 1 }, { position: 4, negated: true }] });
  });
});

describe('refused queries', () => {
  // The first group repeats answers of the platform that people quoted; the rest follows their form.
  const table: [query: string, ...details: string[]][] = [
    ['streaming AND lang:en', `${AND} (at position 11)`],
    ['abc AND 123', `${AND} (at position 5)`],
    ['Clinton and millennials and more', `${AND} (at position 25)`, `${AND} (at position 9)`],
    ['-follow', `${NO_PLURAL} (at position 1)`, `${NO_WORD} (at position 1)`],
    ['--b', `${NO_PLURAL} (at position 1)`, `${NO_WORD} (at position 1)`],
    ['a', `${NO_WORD} (at position 1)`],
    ['has:polls', `${ALONE} (at position 1)`, `${invalid('has:polls')} (at position 1)`],
    ['judell nowhere:[-105.292778 40.019444 25mi]', `${invalid('nowhere')} (at position 8)`],
    ['[(OpenAI OR GPT-3) (#OpenAI OR #AI)]', "no viable alternative at input '[' (at position 1)"],
    ["(pepsi OR cola OR 'coca cola')", "no viable alternative at character ''' (at position 19)"],
    [
      "(artificial intelligence OR machine learning OR 'AI applications' OR 'data science') (#AI)",
      "no viable alternative at character ''' (at position 49)",
      "no viable alternative at character ''' (at position 70)",
    ],
    [
      '<a b />',
      "no viable alternative at character '<' (at position 1)",
      "no viable alternative at character '/' (at position 6)",
      "mismatched character '<EOF>' expecting '=' (at position 8)",
    ],
    ['(cat OR dog)) bird', "missing EOF at ')' (at position 13)"],

    ['', "no viable alternative at input '<EOF>' (at position 1)"],
    ['()', "no viable alternative at input ')' (at position 2)"],
    ['(cat dog', "missing ')' at '<EOF>' (at position 9)"],
    ['cat)', "missing EOF at ')' (at position 4)"],
    ['OR cat', "no viable alternative at input 'OR' (at position 1)"],
    ['cat OR', "no viable alternative at input '<EOF>' (at position 7)"],
    ['cat OR OR dog', "no viable alternative at input 'OR' (at position 8)"],
    ['cat -', "no viable alternative at input '<EOF>' (at position 6)"],
    ['cat - dog', "no viable alternative at input '-' (at position 5)"],
    ['skiing -(snow OR day)', "no viable alternative at input '(' (at position 9)"],
    ['"cat', `mismatched character '<EOF>' expecting '"' (at position 5)`],
    ['from:"cat', `mismatched character '<EOF>' expecting '"' (at position 10)`],
    ['point_radius:[1 2', "mismatched character '<EOF>' expecting ']' (at position 18)"],
    ['cat ""', `no viable alternative at input '""' (at position 5)`],
    ['from:', "no viable alternative at input '<EOF>' (at position 6)"],
    ['from: alice', "no viable alternative at input 'alice' (at position 7)"],
    ['from:@alice', "no viable alternative at character '@' (at position 6)"],
    ['cats, dogs', "no viable alternative at character ',' (at position 5)"],
    ['# cat', "no viable alternative at character '#' (at position 1)"],
    [
      '“cat”',
      "no viable alternative at character '“' (at position 1)",
      "no viable alternative at character '”' (at position 5)",
    ],
    ['cat or dog', `${OR} (at position 5)`],
    ['cat Or dog', `${OR} (at position 5)`],
    ['cat -and', `${AND} (at position 6)`],
    ['the of', `${NO_WORD} (at position 1)`],
    ['the lang:en', `${NO_WORD} (at position 1)`],
    ['"..."', `${NO_WORD} (at position 1)`],
    ['cat OR -dog', `${NO_PLURAL} (at position 8)`, `${NO_WORD} (at position 8)`],
    ['-cat -dog', `${NO_PLURAL} (at position 1)`, `${NO_WORD} (at position 1)`],
    ['has:media', `${ALONE} (at position 1)`],
    ['has:links OR is:retweet', `${ALONE} (at position 1)`],
    ['cat OR has:media lang:en', `${ALONE} (at position 8)`],
    ['lang:en -cat', `${ALONE} (at position 1)`],
    ['sample:10', `${ALONE} (at position 1)`],
    ['embedding_threshold:0.45', `${ALONE} (at position 1)`],
    ['cat -sample:10', 'sample cannot be negated (at position 5)'],
    ['cat -embedding:"dog"', 'embedding cannot be negated (at position 5)'],
    ['cat is:nullcast', 'is:nullcast must be negated (at position 5)'],
    ['cat is:polls foo:1', `${invalid('foo')} (at position 14)`, `${invalid('is:polls')} (at position 5)`],
    ['since:2025-08-01 cat', `${invalid('since')} (at position 1)`],
    ['http:x cat', `${invalid('http')} (at position 1)`],
    ['"a b"~7', 'Proximity must be between 1 and 6 (at position 1)'],
    ['cat "a b"~0', 'Proximity must be between 1 and 6 (at position 5)'],
    ['from:alice-bob', "Invalid value 'alice-bob' for operator 'from' (at position 1)"],
    ['cat lang:klingon', "Invalid value 'klingon' for operator 'lang' (at position 5)"],
    ['conversation_id:x1', "Invalid value 'x1' for operator 'conversation_id' (at position 1)"],
    ['place_country:USA', "Invalid value 'USA' for operator 'place_country' (at position 1)"],
    ['context:47', "Invalid value '47' for operator 'context' (at position 1)"],
    ['min_followers:1.5', "Invalid value '1.5' for operator 'min_followers' (at position 1)"],
    ['followers_count:9..1', "Invalid value '9..1' for operator 'followers_count' (at position 1)"],
    ['cat sample:0', "Invalid value '0' for operator 'sample' (at position 5)"],
    ['cat sample:101', "Invalid value '101' for operator 'sample' (at position 5)"],
    ['point_radius:[181 0 1km]', "Invalid value '181 0 1km' for operator 'point_radius' (at position 1)"],
    ['point_radius:[0 91 1km]', "Invalid value '0 91 1km' for operator 'point_radius' (at position 1)"],
    ['point_radius:[0 0 26mi]', "Invalid value '0 0 26mi' for operator 'point_radius' (at position 1)"],
    ['point_radius:[0 0 5]', "Invalid value '0 0 5' for operator 'point_radius' (at position 1)"],
    ['point_radius:near', "Invalid value 'near' for operator 'point_radius' (at position 1)"],
    ['bounding_box:[0 0 1 1]', "Invalid value '0 0 1 1' for operator 'bounding_box' (at position 1)"],
    ['bounding_box:[0.1 0 0 0.1]', "Invalid value '0.1 0 0 0.1' for operator 'bounding_box' (at position 1)"],
    ['from:[1 2]', "Invalid value '1 2' for operator 'from' (at position 1)"],
  ];
  it.each(table.map(([query, ...details]) => ({ query, details })))('refuses $query', ({ query, details }) => {
    expect(refusal(query).details).toEqual(details);
  });

  it('refuses what belongs to the other side', () => {
    const streamOnly =
      'bio:x bio_name:x bio_location:x url_title:x url_description:x url_contains:x from_affiliate_of:x to_affiliate_of:x ' +
      'min_followers:1 followers_count:1 tweets_count:1 following_count:1 listed_count:1 source:x sample:1 embedding:x';
    for (const clause of streamOnly.split(' ')) {
      const name = clause.slice(0, clause.indexOf(':'));
      expect(() => parseQuery(`cat ${clause}`, 'stream')).not.toThrow();
      expect(refusal(`cat ${clause}`, 'search').details).toEqual([`${invalid(name)} (at position 5)`]);
    }
    for (const clause of 'list:1 quotes_of_tweet_id:1 min_likes:1 min_replies:1 min_reposts:1'.split(' ')) {
      const name = clause.slice(0, clause.indexOf(':'));
      expect(() => parseQuery(`cat ${clause}`, 'search')).not.toThrow();
      expect(refusal(`cat ${clause}`, 'stream').details).toEqual([`${invalid(name)} (at position 5)`]);
    }
    expect(refusal('cat min_faves:5', 'search').details).toEqual([`${invalid('min_faves')} (at position 5)`]);
    expect(refusal('cat "a b"~2', 'search').details).toEqual([
      "no viable alternative at character '~' (at position 10)",
    ]);
  });

  it('makes one sentence for a search answer, with its own for an empty query', () => {
    expect(searchErrorMessage(refusal('cat and dog and', 'search'))).toBe(
      `There were errors processing your request: ${AND} (at position 13), ${AND} (at position 5)`,
    );
    expect(searchErrorMessage(refusal(' ', 'search'))).toBe("Invalid 'query':''. 'query' must be a non-empty string");
  });

  it('allows one list and no more', () => {
    expect(refusal('list:1 OR list:2', 'search').details).toEqual([
      'Only one list operator can be used (at position 11)',
    ]);
  });

  it('bounds nesting', () => {
    expect(printQuery(parseQuery(`${'('.repeat(100)}cat${')'.repeat(100)}`, 'stream'))).toBe('cat');
    expect(refusal(`${'('.repeat(101)}cat${')'.repeat(101)}`).details).toEqual([
      'Rules must not be nested so deeply (at position 101)',
    ]);
  });
});

describe('limits of the access levels', () => {
  it.each([
    ['pay-per-use', 'stream', 1024],
    ['pay-per-use', 'recent', 512],
    ['pay-per-use', 'archive', 1024],
    ['enterprise', 'stream', 2048],
    ['enterprise', 'recent', 4096],
    ['basic', 'stream', 512],
  ] as const)('allows %s %s %d characters and not one more', (level, endpoint, length) => {
    const limits = QUERY_LIMITS[level][endpoint];
    if (limits === undefined) throw new Error('no such endpoint');
    const side = endpoint === 'stream' ? 'stream' : 'search';
    expect(() => parseQuery('c'.repeat(length), side, limits)).not.toThrow();
    expect(refusal('c'.repeat(length + 1), side, limits).details).toEqual([
      `Rule length must be less than or equal to ${length} characters`,
    ]);
  });

  it('refuses operators that the product lacks', () => {
    const { stream, recent } = QUERY_LIMITS.basic;
    expect(refusal('cat place:here', 'stream', stream).details).toEqual([`${invalid('place')} (at position 5)`]);
    expect(refusal('cat $twtr', 'search', recent).details).toEqual([`${invalid('cashtag')} (at position 5)`]);
    expect(refusal('cat has:geo', 'search', recent).details).toEqual([`${invalid('has:geo')} (at position 5)`]);
    const { archive, recent: week } = QUERY_LIMITS['pay-per-use'];
    expect(() => parseQuery('entity:"Barcelona"', 'search', week)).not.toThrow();
    expect(refusal('entity:"Barcelona"', 'search', archive).details).toEqual([`${invalid('entity')} (at position 1)`]);
    expect(refusal('embedding:x', 'stream', QUERY_LIMITS['pay-per-use'].stream).details).toHaveLength(1);
  });

  it('can bound the number of clauses', () => {
    const limits = { ...UNLIMITED, positiveClauses: 2, negativeClauses: 1 };
    expect(() => parseQuery('ab cd -ef', 'stream', limits)).not.toThrow();
    expect(refusal('ab cd ef -gh -ij', 'stream', limits).details).toEqual([
      'Rules must not contain more than 2 positive terms (at position 1)',
      'Rules must not contain more than 1 negation terms (at position 1)',
    ]);
  });
});
