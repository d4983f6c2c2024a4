import { describe, expect, it } from 'vitest';
import { parseQuery } from './parse-query.ts';
import { QueryError } from './query-error.ts';
import { QUERY_LIMITS } from './query-limits.ts';
import { queryOptions } from './query-options.ts';
import { requiredKeys } from './rule-index.ts';
import { RuleSet } from './rule-set.ts';
import { samplePost } from './sample-post.ts';

function ruleSet(...values: string[]): RuleSet {
  const rules = new RuleSet();
  for (const [index, value] of values.entries()) rules.add({ id: String(index), value, tag: undefined });
  return rules;
}

describe('RuleSet', () => {
  it('names each matching rule once, in the order of adding', () => {
    const rules = ruleSet('dog', 'cat OR dog', 'owl', 'followers_count:0', '"the cat" dog');
    const found = rules.match(samplePost({ text: 'The cat, the dog, the cat' }));
    expect(found.map(({ id }) => id)).toEqual(['0', '1', '3', '4']);
  });

  it('keeps values and tags as they were given', () => {
    const rules = new RuleSet();
    const rule = { id: '1166895166390583299', value: ' Cat  has:VIDEOS', tag: 'cats, moving' };
    rules.add(rule);
    expect(rules.list()).toEqual([rule]);
    expect(rules.get(rule.id)).toEqual(rule);
    expect(rules.findByValue(rule.value)).toEqual(rule);
    expect(rules.findByValue('cat has:videos')).toBeUndefined();
  });

  it('forgets what was deleted, indexed or not', () => {
    const rules = ruleSet('cat', 'min_followers:0', 'cat dog');
    expect([rules.delete('0'), rules.delete('1'), rules.delete('0')]).toEqual([true, true, false]);
    expect(rules.size).toBe(1);
    expect(rules.match(samplePost({ text: 'cat dog' })).map(({ id }) => id)).toEqual(['2']);
    rules.add({ id: '9', value: 'cat', tag: undefined });
    expect(rules.match(samplePost({ text: 'cat' })).map(({ id }) => id)).toEqual(['9']);
  });

  it('refuses bad rules and leaves no trace of them', () => {
    const rules = ruleSet('cat');
    expect(() => rules.add({ id: '1', value: 'dog and', tag: undefined })).toThrow(QueryError);
    expect(() => rules.add({ id: '1', value: 'x'.repeat(513), tag: undefined }, QUERY_LIMITS.basic.stream)).toThrow(
      QueryError,
    );
    expect(() => rules.add({ id: '0', value: 'dog', tag: undefined })).toThrow(RangeError);
    expect(() => rules.add({ id: '1', value: 'cat', tag: undefined })).toThrow(RangeError);
    expect(rules.list().map(({ value }) => value)).toEqual(['cat']);
  });
});

describe('the keys that a rule requires', () => {
  it.each([
    ['cat', ['word cat']],
    ['the cat lang:en', ['word cat']],
    ['"the united nations"', ['word nations']],
    ['cat OR #dog OR from:Ann', ['word cat', 'hashtag dog', 'from ann']],
    ['(cat OR dog) from:12', ['from 12']],
    ['cat has:media (owl OR min_followers:2)', ['word cat']],
    ['url:"https://www.example.com/x"', ['url example']],
    ['min_followers:3', undefined],
    ['cat OR min_followers:3', undefined],
  ])('%s', (query, expected) => {
    const keys = requiredKeys(parseQuery(query, 'stream'), queryOptions('stream'));
    expect(keys?.map(({ kind, key }) => `${kind} ${key}`)).toEqual(expected);
  });
});
