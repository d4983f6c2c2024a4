import fc from 'fast-check';
import { type Clause, conjunction, disjunction, type OperatorValue, type QueryNode, type Term } from './ast.ts';
import { OPERATORS, type OperatorSpec, type Side } from './operators.ts';
import { parseQuery } from './parse-query.ts';
import { printQuery } from './print-query.ts';
import { QueryError } from './query-error.ts';
import type { QueryName, QueryPost } from './query-post.ts';
import { sampleAuthor, samplePost } from './sample-post.ts';

/*
 * Random queries and posts for property tests. All draw on the same few words, names and numbers, so that they meet.
 */
const WORDS = ['cat', 'dog', 'bird', 'owl', 'été', 'ete', '東', '京', '😀', 'the', 'coca-cola', 'NA'];
const NAMES = ['ann', 'bo', 'Cy_3', '42', '7'];
const IDS = ['1', '2', '3', '42'];
const LANGUAGES = ['en', 'ja', 'zh-TW'];

const word = fc.constantFrom(...WORDS);
const words = fc.array(word, { minLength: 1, maxLength: 3 }).map((list) => list.join(' '));
const count = fc.integer({ min: 0, max: 20 });
/** Coordinates that lie together, with few decimals. */
const degree = fc.integer({ min: -20, max: 20 }).map((number) => number / 100);

/** Any tree in normal form that the side has words for, whether or not the platform would take it as a query. */
export function arbitraryTree(side: Side): fc.Arbitrary<QueryNode> {
  const clause = arbitraryClause(side);
  const { tree } = fc.letrec<{ tree: QueryNode }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      clause,
      fc.array(tie('tree'), { minLength: 2, maxLength: 4 }).map(conjunction),
      fc.array(tie('tree'), { minLength: 2, maxLength: 4 }).map(disjunction),
    ),
  }));
  return tree;
}

/** Text of a query that is accepted on a side. */
export function arbitraryQuery(side: Side): fc.Arbitrary<string> {
  return arbitraryTree(side)
    .map(printQuery)
    .filter((text) => isAccepted(text, side));
}

/** A post, perhaps with what it reposts or quotes. */
export function arbitraryPost(depth = 2): fc.Arbitrary<QueryPost> {
  const inner = depth === 0 ? fc.constant(undefined) : fc.option(arbitraryPost(depth - 1), { nil: undefined });
  return fc
    .record({
      id: fc.constantFrom(...IDS),
      text: fc.array(word, { maxLength: 8 }).map((list) => list.join(' ')),
      author: arbitraryAuthor(),
      language: fc.constantFrom(...LANGUAGES),
      program: fc.option(words, { nil: undefined }),
      hashtags: fc.array(word, { maxLength: 2 }),
      cashtags: fc.array(fc.constantFrom('ann', 'bo'), { maxLength: 2 }),
      mentions: fc.array(name(), { maxLength: 2 }),
      links: fc.array(
        fc.record({
          shortUrl: word.map((path) => `https://t.co/${path}`),
          expandedUrl: words.map((path) => `https://example.com/${path.replaceAll(' ', '/')}`),
          unwoundUrl: fc.constant(undefined),
          title: fc.option(words, { nil: undefined }),
          description: fc.option(words, { nil: undefined }),
        }),
        { maxLength: 2 },
      ),
      media: fc.array(
        fc.record({
          kind: fc.constantFrom('photo' as const, 'video' as const),
          expandedUrl: fc.constant('https://x.com/p'),
        }),
        { maxLength: 1 },
      ),
      contexts: fc.array(fc.constantFrom('1.1', '1.42', '42.1'), { maxLength: 2 }),
      entities: fc.array(words, { maxLength: 2 }),
      conversationId: fc.constantFrom(...IDS),
      inReplyTo: fc.option(fc.record({ postId: fc.constantFrom(...IDS), account: arbitraryAuthor() }), {
        nil: undefined,
      }),
      place: fc.option(
        fc.record({
          id: fc.constantFrom('cat', 'x'),
          name: words,
          fullName: words,
          countryCode: fc.constantFrom('DE', 'us'),
          box: fc.tuple(degree, degree).map(([x, y]) => [x, y, x + 0.02, y + 0.02] as const),
        }),
        { nil: undefined },
      ),
      coordinates: fc.option(fc.tuple(degree, degree), { nil: undefined }),
      likes: count,
      replies: count,
      reposts: count,
      promotedOnly: fc.boolean(),
      repostOf: inner,
      quoteOf: inner,
    })
    .map(samplePost);
}

function arbitraryAuthor() {
  return fc
    .record({
      id: fc.constantFrom(...IDS),
      handle: fc.constantFrom(...NAMES),
      displayName: words,
      bio: words,
      location: words,
      verified: fc.boolean(),
      followers: count,
      following: count,
      posts: count,
      listed: count,
      affiliations: fc.array(name(), { maxLength: 1 }),
      lists: fc.array(fc.constantFrom(...IDS), { maxLength: 1 }),
    })
    .map(sampleAuthor);
}

function name(): fc.Arbitrary<QueryName> {
  return fc.record({ id: fc.constantFrom(...IDS), handle: fc.constantFrom(...NAMES) });
}

function arbitraryClause(side: Side): fc.Arbitrary<Clause> {
  const specs = [...OPERATORS.values()].filter((spec) => spec.sides.includes(side) && spec.name !== 'list');
  const operator = fc.constantFrom(...specs).chain((spec) =>
    fc.record({
      kind: fc.constant('clause' as const),
      negated: spec.negation === 'allowed' ? fc.boolean() : fc.constant(spec.negation === 'always'),
      term: arbitraryOperator(spec),
      position: fc.constant(0),
    }),
  );
  const other = fc.record({
    kind: fc.constant('clause' as const),
    negated: fc.integer({ min: 0, max: 3 }).map((number) => number === 0),
    term: arbitraryText(side),
    position: fc.constant(0),
  });
  return fc.oneof({ weight: 3, arbitrary: other }, { weight: 2, arbitrary: operator });
}

function arbitraryText(side: Side): fc.Arbitrary<Term> {
  const quoted = fc.oneof(
    words,
    fc.string({ minLength: 1 }).filter((text) => text.trim() !== ''),
  );
  const near: fc.Arbitrary<Term>[] =
    side === 'search'
      ? []
      : [fc.record({ kind: fc.constant('near' as const), text: words, distance: fc.integer({ min: 1, max: 6 }) })];
  return fc.oneof<fc.Arbitrary<Term>[]>(
    word.map((text) => ({ kind: 'word', text })),
    quoted.map((text) => ({ kind: 'phrase', text })),
    fc.constantFrom('cat', 'été', '東').map((tag) => ({ kind: 'hashtag', name: tag })),
    fc.constantFrom(...NAMES).map((handle) => ({ kind: 'mention', name: handle })),
    fc.constantFrom('ann', 'bo').map((tag) => ({ kind: 'cashtag', name: tag })),
    ...near,
  );
}

function arbitraryOperator(spec: OperatorSpec): fc.Arbitrary<Term> {
  const [prefix, flag] = spec.name.split(':');
  if (flag !== undefined && prefix !== undefined)
    return fc.constant({ kind: 'operator', name: prefix, value: { kind: 'text', text: flag } });
  return arbitraryValue(spec).map((value) => ({ kind: 'operator', name: spec.name, value }));
}

function arbitraryValue({ value }: OperatorSpec): fc.Arbitrary<OperatorValue> {
  const text = (arbitrary: fc.Arbitrary<string>) => arbitrary.map((text): OperatorValue => ({ kind: 'text', text }));
  const number = (arbitrary: fc.Arbitrary<number>) =>
    arbitrary.map((number): OperatorValue => ({ kind: 'number', number }));
  switch (value) {
    case 'text':
      return text(words);
    case 'account':
      return text(fc.constantFrom(...NAMES));
    case 'id':
      return text(fc.constantFrom(...IDS));
    case 'language':
      return text(fc.constantFrom(...LANGUAGES));
    case 'country':
      return text(fc.constantFrom('de', 'US'));
    case 'context':
      return text(fc.constantFrom('1.42', '1.*', '*.1'));
    case 'integer':
      return number(count);
    case 'percent':
      return number(fc.integer({ min: 1, max: 100 }));
    case 'threshold':
      return number(fc.constantFrom(0, 0.3, 0.75, 1));
    case 'range':
      return fc.tuple(count, count).map(([from, more]): OperatorValue => ({ kind: 'range', from, to: from + more }));
    case 'circle':
      return fc.record({
        kind: fc.constant('circle' as const),
        center: fc.tuple(degree, degree),
        radius: fc.integer({ min: 1, max: 2500 }).map((hundredths) => hundredths / 100),
        unit: fc.constantFrom('km' as const, 'mi' as const),
      });
    case 'box':
      return fc.tuple(degree, degree).map(([x, y]) => ({ kind: 'box', box: [x, y, x + 0.25, y + 0.25] as const }));
  }
}

function isAccepted(text: string, side: Side): boolean {
  try {
    parseQuery(text, side);
    return true;
  } catch (error) {
    if (error instanceof QueryError) return false;
    throw error;
  }
}
