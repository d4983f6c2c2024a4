import { describe, expect, it } from 'vitest';
import { parseAccountInput } from './account-input.ts';

describe('parseAccountInput', () => {
  it.each([
    [' @Ada ', { kind: 'handle', handle: 'Ada' }],
    ['\uFEFFada_l', { kind: 'handle', handle: 'ada_l' }],
    ['12345', { kind: 'uid', uid: '12345' }],
    ['@12345', { kind: 'handle', handle: '12345' }],
    ['https://twitter.com/ada/status/1?s=20', { kind: 'handle', handle: 'ada' }],
    ['x.com/ada#top', { kind: 'handle', handle: 'ada' }],
    ['https://mobile.twitter.com/@ada', { kind: 'handle', handle: 'ada' }],
    ['https://x.com/i/user/9007199254740993', { kind: 'uid', uid: '9007199254740993' }],
    ['https://twitter.com/intent/user?user_id=42', { kind: 'uid', uid: '42' }],
    ['https://twitter.com/intent/follow?screen_name=ada', { kind: 'handle', handle: 'ada' }],
  ])('reads %j', (text, expected) => {
    expect(parseAccountInput(text)).toEqual(expected);
  });

  it.each([
    '',
    '@',
    'ada lovelace',
    'ada,bob',
    'x'.repeat(16),
    'ädä',
    'https://x.com/',
    'https://x.com/search?q=a',
    'https://x.com/i/lists/1',
    'https://example.com/ada',
    '1.47137E+18',
    '1,47137E+18',
    '1471372893672720352.0',
  ])('refuses %j with a reason', (text) => {
    expect(parseAccountInput(text)).toMatchObject({ kind: 'invalid', why: expect.stringMatching(/\w/) });
  });
});
