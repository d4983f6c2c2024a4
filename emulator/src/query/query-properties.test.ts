import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryPost, arbitraryQuery, arbitraryTree } from './arbitrary-query.ts';
import { compileQuery } from './compile-query.ts';
import { tokenise } from './lexer.ts';
import type { Side } from './operators.ts';
import { parseQuery } from './parse-query.ts';
import { printQuery } from './print-query.ts';
import { QueryError } from './query-error.ts';
import { queryOptions } from './query-options.ts';
import { RuleSet } from './rule-set.ts';
import { samplePost } from './sample-post.ts';
import { matchesStatusFilter, parseStatusFilter, StatusFilterError } from './status-filter.ts';

const SIDES: readonly Side[] = ['stream', 'search'];

/** A tree without the places where its clauses stood. */
function withoutPositions(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree, (key, value) => (key === 'position' ? undefined : value)));
}

describe('a query', () => {
  it.each(SIDES)('is the same after it was printed and parsed again (%s)', (side) => {
    fc.assert(
      fc.property(arbitraryQuery(side), (text) => {
        const tree = parseQuery(text, side);
        expect(printQuery(tree)).toBe(text);
        expect(withoutPositions(parseQuery(printQuery(tree), side))).toEqual(withoutPositions(tree));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps its tree through print and parse', () => {
    // A word beside it makes any tree an acceptable query.
    fc.assert(
      fc.property(arbitraryTree('stream'), (tree) => {
        const whole = {
          kind: 'and' as const,
          parts: [{ kind: 'or' as const, parts: [clause('zebra'), clause('gnu')] }, ...partsOf(tree)],
        };
        expect(withoutPositions(parseQuery(printQuery(whole), 'stream'))).toEqual(withoutPositions(whole));
      }),
      { numRuns: 500 },
    );
  });

  it('points at the clause it complains of', () => {
    const padding = fc.array(fc.constantFrom('cat', '"a dog"', '#tag', '(owl OR gnu)', '😀'), { maxLength: 6 });
    fc.assert(
      fc.property(padding, padding, (before, after) => {
        const front = before.map((part) => `${part} `).join('');
        const text = `${front}and ${after.join(' ')} bird`;
        expect(problemsOf(text, 'stream')).toMatchObject([{ position: front.length + 1 }]);
      }),
    );
  });
});

describe('rubbish', () => {
  const SNIPPETS =
    '( ) " \\ - OR and or : from: has: is: has:x lang:en [ ] ~ ~5 # @ $ , . * > < \' / cat the 😀 \ud800 \u0000 ️ ‍ “ ” point_radius:[ 1 99'.split(
      ' ',
    );
  const rubbish = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.array(fc.constantFrom(...SNIPPETS, ' ', '  '), { maxLength: 40 }).map((list) => list.join('')),
    fc.array(fc.constantFrom(...SNIPPETS), { maxLength: 40 }).map((list) => list.join(' ')),
  );

  it.each(SIDES)('is parsed or refused, never anything else (%s)', (side) => {
    const post = samplePost({ text: 'cat' });
    fc.assert(
      fc.property(rubbish, (text) => {
        const problems = problemsOf(text, side);
        for (const { message, position = 1 } of problems) {
          expect(message).not.toBe('');
          expect(position).toBeGreaterThanOrEqual(1);
          expect(position).toBeLessThanOrEqual(text.length + 1);
        }
        if (problems.length > 0) return;
        const tree = parseQuery(text, side);
        expect(typeof compileQuery(tree, side)(post)).toBe('boolean');
        expect(withoutPositions(parseQuery(printQuery(tree), side))).toEqual(withoutPositions(tree));
      }),
      { numRuns: 3000 },
    );
  });

  it('makes a text of any kind a post that can be matched', () => {
    const root = parseQuery('cat "owl dog"~3 OR 東京 OR #x OR url:x', 'stream');
    const filter = parseStatusFilter({ track: 'cat,owl dog', follow: '1', locations: '0,0,1,1' });
    fc.assert(
      fc.property(rubbish, (text) => {
        const post = samplePost({ text, hashtags: [text] });
        expect(typeof compileQuery(root, 'stream')(post)).toBe('boolean');
        expect(typeof matchesStatusFilter(filter, post)).toBe('boolean');
      }),
    );
  });

  it('in the parameters of the old filter is read or refused, never anything else', () => {
    const text = fc.oneof(rubbish, fc.string({ unit: fc.constantFrom('1', '.', ',', '-', ' ', 'é') }));
    fc.assert(
      fc.property(text, text, text, (track, follow, locations) => {
        const isRead = succeeds(() => parseStatusFilter({ track, follow, locations }), StatusFilterError);
        expect(typeof isRead).toBe('boolean');
      }),
      { numRuns: 1000 },
    );
  });

  // Anything worse than linear would need minutes for these, and the test would run into its time limit.
  const LENGTH = 200_000;
  it.each([
    '(',
    ')',
    '-',
    '"',
    '\\"',
    'cat ',
    '😀',
    '#',
    'from:',
    'a:[',
    '~',
    '. ',
    "a'",
    '(a OR ',
    '>',
    '\u0301',
    '👍\u200d',
    'ก',
    'owl ',
  ])('a long row of %j takes no more than linear time', (snippet) => {
    const text = snippet.repeat(LENGTH / snippet.length);
    const { tokens, problems } = tokenise(text);
    expect(tokens.length + problems.length).toBeGreaterThan(0);
    const cat = samplePost({ text: 'cat' });
    const isParsed = succeeds(() => compileQuery(parseQuery(text, 'stream'), 'stream')(cat), QueryError);
    expect(typeof isParsed).toBe('boolean');
    const post = samplePost({ text });
    expect(compileQuery(parseQuery('"owl dog"~3 OR "owl dog" OR zebra', 'stream'), 'stream')(post)).toBe(false);
    expect(matchesStatusFilter(parseStatusFilter({ track: 'zebra' }), post)).toBe(false);
  });
});

describe('a set of rules', () => {
  it('finds what trying each rule finds, while rules come and go', () => {
    const change = fc.oneof(
      { weight: 3, arbitrary: fc.record({ add: arbitraryQuery('stream') }) },
      { weight: 1, arbitrary: fc.record({ remove: fc.nat(30) }) },
    );
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 25 }),
        fc.array(arbitraryPost(), { minLength: 1, maxLength: 8 }),
        fc.constantFrom(
          queryOptions('stream'),
          queryOptions('stream', { matchQuoted: false, foldDiacritics: true, keywordsMatchReposts: false }),
          queryOptions('stream', { keywordsMatchLinks: false, splitUnspacedScripts: false }),
        ),
        (changes, posts, options) => {
          const rules = new RuleSet(options);
          for (const [index, step] of changes.entries()) {
            if ('remove' in step) rules.delete(String(step.remove));
            else if (rules.findByValue(step.add) === undefined)
              rules.add({ id: String(index), value: step.add, tag: `tag ${index}` });
          }
          const each = rules
            .list()
            .map((rule) => ({ rule, matches: compileQuery(parseQuery(rule.value, 'stream'), options) }));
          for (const post of posts) {
            const expected = each.filter(({ matches }) => matches(post)).map(({ rule }) => rule);
            expect(rules.match(post)).toEqual(expected);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

function clause(text: string) {
  return { kind: 'clause' as const, negated: false, term: { kind: 'word' as const, text }, position: 0 };
}

function partsOf(tree: ReturnType<typeof parseQuery>) {
  return tree.kind === 'and' ? tree.parts : [tree];
}

/** What is wrong with a query; nothing, when it is accepted. Lets other errors than QueryError through. */
function problemsOf(text: string, side: Side): QueryError['problems'] {
  try {
    parseQuery(text, side);
  } catch (error) {
    if (error instanceof QueryError && error.details.length > 0) return error.problems;
    throw error;
  }
  return [];
}

/** False when it throws the one error that it may throw; others go through. */
function succeeds(work: () => unknown, allowed: typeof QueryError | typeof StatusFilterError): boolean {
  try {
    work();
  } catch (error) {
    if (error instanceof allowed) return false;
    throw error;
  }
  return true;
}
