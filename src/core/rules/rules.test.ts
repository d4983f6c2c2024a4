import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBoxes } from './boxes.ts';
import { compileFilter, legacyFilter, wholeRule } from './compile.ts';
import { filterDefinition, parsePeople } from './definition.ts';
import { parseRule, quoteText } from './grammar.ts';
import { RULE_LIMITS, spareRules } from './limits.ts';
import { type Packing, packClauses, type StreamRule } from './pack.ts';
import { plainWords } from './plain-words.ts';
import { validateFilter } from './validate.ts';

const v2 = { api: 'v2', limits: RULE_LIMITS.pro } as const;
const bodiesOf = (part: Parameters<typeof filterDefinition>[0]) =>
  compileFilter(filterDefinition(part), 'v2').map(({ body }) => body);
const problemsOf = (part: Parameters<typeof filterDefinition>[0]) =>
  validateFilter(filterDefinition(part), v2).problems;

describe('words', () => {
  it('a space is AND, a comma is OR, a line break is a space', () => {
    expect(bodiesOf({ words: ['big cats, dogs', 'snow\nleopard'] })).toEqual(['big cats', 'dogs', 'snow leopard']);
  });

  it('phrases, tags, names and symbols are written in the platform’s grammar', () => {
    expect(bodiesOf({ words: ['“snow leopard” cub, #Cats, @nasa, $TSLA, -dog cat'] })).toEqual([
      '"snow leopard" cub',
      '#Cats',
      '@nasa',
      '$TSLA',
      '-dog cat',
    ]);
  });

  it('what would mean something else unquoted is quoted', () => {
    expect(bodiesOf({ words: ['and, OR, from:nasa, (b), coca-cola, is:retweet'] })).toEqual(
      ['from:nasa', '(b)', 'coca-cola', 'is:retweet'].map(quoteText),
    );
  });

  it('nothing but words that are too common is refused before the platform does, in lines, phrases and raw rules', () => {
    const common =
      'Words like "the" and "and" are too common to be asked for alone; each alternative needs another one.';
    expect(problemsOf({ words: ['to be', '"to be or not"', 'the -cat'] }).map(({ message }) => message)).toEqual(
      ['to be', '"to be or not"', 'the -cat'].map((text) => `"${text}" is too common a word to be asked for alone.`),
    );
    expect(problemsOf({ raw: ['the', 'cat OR (the lang:en)', '"to be" -cat'] })).toEqual(
      [0, 1, 2].map((line) => ({ field: 'raw', line, message: common })),
    );
    expect(problemsOf({ words: ['the cat', '"to be seen"', 'the #cat'], raw: ['the from:nasa', 'a1 the'] })).toEqual(
      [],
    );
  });

  it('what cannot be asked for is said', () => {
    expect(
      problemsOf({ words: ['the', '-dog', '"open', '#1', '...'] }).map(({ line, message }) => `${line} ${message}`),
    ).toEqual([
      '0 "the" is too common a word to be asked for alone.',
      '1 "-dog" only excludes. Say first what the posts shall contain.',
      '2 A quotation mark is not closed in ""open".',
      '3 "#1" is not a hashtag: letters, digits and _ only, and not digits alone.',
      '4 "..." has no letter, digit or emoji that could be found.',
    ]);
  });

  it('what nobody sees is not asked for; joiners of emoji and scripts are', () => {
    expect(
      problemsOf({ words: ['gnp.\u202eexe', 'her\u0007on', '👩🏽‍💻', 'می‌خواهم'], places: ['Lake\u2067 Neusiedl'] }).map(
        ({ field, line, message }) => `${field} ${line} ${message}`,
      ),
    ).toEqual([
      'words 0 "gnp.exe" holds a character that cannot be seen (U+202E); write it anew without that.',
      'words 1 "heron" holds a character that cannot be seen (U+0007); write it anew without that.',
      'places 0 "Lake Neusiedl" holds a character that cannot be seen (U+2067); write it anew without that.',
    ]);
  });
});

describe('people and places', () => {
  it('names are divided by commas and lose their @; a space inside is most likely two people', () => {
    expect(parsePeople('@nasa, esa ,12,,ESA')).toEqual({
      people: [{ name: 'nasa' }, { name: 'esa' }, { accountId: '12' }],
      problems: [],
    });
    expect(parsePeople('nasa esa').problems).toEqual([
      { field: 'people', message: 'Please use commas to separate people: "nasa esa" has a space in it.' },
    ]);
    const tooLong = `"a_name_of_16_signs" is not a name on the platform: letters, digits and _ only, at most 15.`;
    expect(parsePeople('a_name_of_16_signs, 18446744073709551615').problems).toEqual([
      { field: 'people', message: tooLong },
    ]);
  });

  it('a person is asked for by id, and one who is not known yet is kept with a warning', () => {
    const definition = filterDefinition({
      people: [{ name: 'nasa', accountId: '11348282' }, { name: 'nobody_x' }],
      peopleAs: ['from', 'mentions'],
    });
    expect(compileFilter(definition, 'v2').map(({ body }) => body)).toEqual(['from:11348282', '@nasa', '@nobody_x']);
    const { problems, warnings } = validateFilter(definition, v2);
    expect(problems).toEqual([]);
    expect(warnings.map(({ line, message }) => [line, message.includes('nobody_x')])).toEqual([[1, true]]);
  });

  it.each([
    ['1,2,3', 'A box needs four numbers (long,lat,long,lat); there are 3.'],
    ['1,2,3,180', '180 is out of range: each number must be at least -180 and less than 180.'],
    ['-180.5,2,3,4', '-180.5 is out of range: each number must be at least -180 and less than 180.'],
    ['1,2,x,4', '"x" is not a number. A box is written long,lat,long,lat.'],
    ['3,2,1,4', '3,2,1,4 is no box: its first corner must lie west of the second.'],
  ])('the box %s is refused', (text, message) => {
    expect(parseBoxes(text).problems).toEqual([message]);
  });

  it('-180 is the westernmost corner', () => {
    expect(parseBoxes('-180,-10,179.99,10').problems).toEqual([]);
  });
});

describe('one definition', () => {
  it('languages and exclusions hold for each clause; they cannot stand alone', () => {
    const part = { words: ['cats', 'dogs'], languages: ['de', 'en'], exclude: { reposts: true } };
    expect(wholeRule(compileFilter(filterDefinition(part), 'v2'))).toBe(
      '(cats OR dogs) (lang:de OR lang:en) -is:retweet',
    );
    expect(problemsOf({ languages: ['de'] })).toHaveLength(1);
  });

  it('is said in plain words', () => {
    expect(
      plainWords(
        filterDefinition({ words: ['big cats, "snow leopard"'], languages: ['de'], exclude: { reposts: true } }),
        'v2',
      ),
    ).toEqual(['Posts with “big” and “cats” or the phrase “snow leopard”.', 'Only in German.', 'Without reposts.']);
  });

  it('a rule that only the platform can tell stands alone', () => {
    const clauses = compileFilter(filterDefinition({ raw: ['cats bio:vet', 'a1 OR b1'] }), 'v2');
    expect(clauses.map(({ body, isAlone }) => [body, isAlone])).toEqual([
      ['cats bio:vet', true],
      ['(a1 OR b1)', false],
    ]);
  });

  it('v1.1 gets phrases, ids and boxes', () => {
    const definition = filterDefinition({
      words: ['Big "snow leopard", #Cats'],
      people: [{ name: 'nasa', accountId: '12' }, { accountId: '9' }],
      locations: ['16,48,17,49'],
      languages: ['de'],
    });
    expect(legacyFilter([definition])).toEqual({
      track: ['#cats', 'big snow leopard'],
      follow: ['9', '12'],
      locations: [[16, 48, 17, 49]],
      languages: ['de'],
    });
    expect(legacyFilter([definition, filterDefinition({ words: ['x1'] })]).languages).toEqual([]);
  });
});

const someWord = fc.string({ unit: fc.constantFrom(...Array.from('abcdäß猫#@$"-, ()🐈:9')), maxLength: 14 });
const someDefinition = fc.record({
  words: fc.array(someWord, { maxLength: 8 }),
  people: fc.array(fc.record({ accountId: fc.integer({ min: 1, max: 50 }).map(String) }), { maxLength: 5 }),
  peopleAs: fc.subarray(['from', 'to', 'mentions'] as const, { minLength: 1 }),
  languages: fc.subarray(['de', 'en', 'ja']),
  exclude: fc.record({ reposts: fc.boolean(), replies: fc.boolean() }),
  raw: fc.subarray(['cats bio:vet', 'tea OR (coffee -milk)', 'sun sample:5']),
});

describe('any definitions', () => {
  it('compile to rules that can be read, and are packed within the limits with no clause lost', () => {
    const limits = { rules: 25, length: 120 };
    fc.assert(
      fc.property(fc.array(fc.array(someDefinition, { maxLength: 6 }), { minLength: 1, maxLength: 4 }), (steps) => {
        let present: StreamRule[] = [];
        for (const definitions of steps) {
          const clauses = unique(definitions.flatMap((each) => compileFilter(filterDefinition(each), 'v2'))).filter(
            ({ key }) => key.length < 110,
          );
          const packing = packClauses({ clauses, limits, present, tagPrefix: 't-' });
          if (packing.kind === 'over') {
            expect(packing.needed).toBeGreaterThan(limits.rules - spareRules(limits));
            continue;
          }
          for (const { value, tag, clauses: keys } of packing.rules) {
            expect(value.length).toBeLessThanOrEqual(limits.length);
            expect(parseRule(value).problems, value).toEqual([]);
            expect(tag).toMatch(/^t-[0-9a-f]{16}$/);
            expect(keys.length).toBeGreaterThan(0);
          }
          expect(packing.rules.flatMap((rule) => rule.clauses).sort()).toEqual(clauses.map(({ key }) => key).sort());
          expect(valuesAfter(present, packing)).toEqual(packing.rules.map(({ value }) => value).sort());
          expect(packClauses({ clauses, limits, present: packing.rules, tagPrefix: 't-' })).toMatchObject({
            added: [],
            removed: [],
          });
          present = packing.rules;
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('packing', () => {
  const clausesOf = (words: string[]) => compileFilter(filterDefinition({ words }), 'v2');
  const words = Array.from({ length: 2_000 }, (_, index) => `word${index}`);
  const limits = RULE_LIMITS.pro;

  it('takes hardly more rules than the letters need', () => {
    const packing = packClauses({ clauses: clausesOf(words), limits, present: [], tagPrefix: '' });
    const letters = words.reduce((sum, word) => sum + word.length + 4, 0);
    expect(packing.kind === 'packed' && packing.rules.length).toBeLessThanOrEqual(Math.ceil(letters / 1_024) + 1);
  });

  it('a small change touches few rules', () => {
    const before = packClauses({ clauses: clausesOf(words), limits, present: [], tagPrefix: '' });
    if (before.kind === 'over') throw new Error('does not fit');
    const changed = [...words.filter((word) => word !== 'word77'), 'news', 'more news'];
    const after = packClauses({ clauses: clausesOf(changed), limits, present: before.rules, tagPrefix: '' });
    if (after.kind === 'over') throw new Error('does not fit');
    expect(after.added.length).toBeLessThanOrEqual(2);
    expect(after.removed.length).toBeLessThanOrEqual(2);
  });

  it('says what does not fit, the newest first, and changes nothing', () => {
    const old = clausesOf(['first1 OR', 'second2'].map((word) => word + 'x'.repeat(400)));
    const small = { rules: 3, length: 512 };
    const before = packClauses({ clauses: old, limits: small, present: [], tagPrefix: '' });
    if (before.kind === 'over') throw new Error('does not fit');
    const late = clausesOf([`third${'y'.repeat(400)}`]);
    const after = packClauses({ clauses: [...late, ...old], limits: small, present: before.rules, tagPrefix: '' });
    expect(after).toEqual({ kind: 'over', needed: 3, allowed: 2, unplaced: late.map(({ key }) => key) });
  });
});

function unique<T extends { key: string }>(clauses: T[]): T[] {
  return [...new Map(clauses.map((clause) => [clause.key, clause])).values()];
}

function valuesAfter(present: StreamRule[], packing: Extract<Packing, { kind: 'packed' }>): string[] {
  const removed = new Set(packing.removed.map(({ value }) => value));
  return [...present.filter(({ value }) => !removed.has(value)), ...packing.added].map(({ value }) => value).sort();
}
