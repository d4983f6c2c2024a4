import { describe, expect, it } from 'vitest';
import { causeText } from './errors.ts';

describe('the text of a cause', () => {
  it('calls a quota that is used up by its name, which Node does not know', () => {
    const quota = new Error("Unknown system error -122: Unknown system error -122, open '/home/m/a'");
    expect(causeText(quota)).toBe("EDQUOT: disk quota exceeded, open '/home/m/a'");
    expect(causeText(new Error('Unknown system error -122, write'))).toBe('EDQUOT: disk quota exceeded, write');
    expect(causeText(new Error('Unknown system error -1221, write'))).toBe('Unknown system error -1221, write');
  });

  it('is its first line', () => {
    expect(causeText(new Error('one\ntwo'))).toBe('one');
    expect(causeText(new AggregateError([new Error('first'), new Error('second')], ''))).toBe('first');
    expect(causeText(undefined)).toBe('undefined');
  });
});
