import { describe, expect, it } from 'vitest';
import { RuleBook } from './rule-book.ts';
import { UNLIMITED } from '../query/query-limits.ts';
import { samplePost } from '../query/sample-post.ts';

function book(delayMs = 0) {
  const clock = { ms: 10_000 };
  const rules = new RuleBook({ now: () => clock.ms, head: () => clock.ms - 500, delayMs });
  const idsAt = (text: string, at: number): string[] => rules.match(samplePost({ text }), at).map(({ id }) => id);
  return { clock, rules, idsAt };
}
const rule = (id: string, value: string) => ({ id, value, tag: undefined });

describe('rules over time', () => {
  it('hold for posts that nobody has been told when they are added, and not for those told when they are deleted', () => {
    const { clock, rules, idsAt } = book();
    rules.change([rule('1', 'coffee')], [], UNLIMITED);
    expect(idsAt('coffee', 9500)).toEqual([]);
    expect(idsAt('coffee', 9501)).toEqual(['1']);
    clock.ms = 20_000;
    rules.change([], [rule('1', 'coffee')], UNLIMITED);
    expect([idsAt('coffee', 19_500), idsAt('coffee', 19_501)]).toEqual([['1'], []]);
    expect(rules.size).toBe(0);
    clock.ms = 30_000;
    rules.change([rule('2', 'coffee'), rule('3', 'coffee OR tea')], [], UNLIMITED);
    expect(idsAt('coffee', 9600)).toEqual(['1']);
    expect(idsAt('coffee', 29_501)).toEqual(['2', '3']);
    expect(idsAt('coffee', Number.POSITIVE_INFINITY)).toEqual(['2', '3']);
  });

  it('take effect later when they are told to, and are forgotten when no stream can ask for them', () => {
    const { clock, rules, idsAt } = book(2000);
    rules.change([rule('1', 'coffee')], [], UNLIMITED);
    expect([idsAt('coffee', 11_500), idsAt('coffee', 11_501)]).toEqual([[], ['1']]);
    rules.change([], [rule('1', 'coffee')], UNLIMITED);
    clock.ms += 10 * 60_000;
    rules.change([rule('2', 'tea')], [], UNLIMITED);
    expect(rules.match(samplePost({ text: 'coffee' }), 11_501)).toEqual([]);
    expect(rules.changes.map(({ from }) => from)).toEqual([11_501, 11_501, 611_501]);
  });
});
