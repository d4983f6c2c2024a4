import { describe, expect, it } from 'vitest';
import { backFrom, problemOfAddress } from './sign-in-problems.ts';

describe('backFrom', () => {
  it('leads to addresses of the page alone', () => {
    expect(backFrom('?to=%2Fcollections%2Fdemo')).toBe('/collections/demo');
    for (const to of [
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
      '/\t/evil.example',
      '/a\nb',
      '',
    ])
      expect(backFrom(`?to=${encodeURIComponent(to)}`)).toBe('/');
  });
});

describe('problemOfAddress', () => {
  it('has a sentence for each refusal and none without', () => {
    expect(problemOfAddress('')).toBeUndefined();
    expect(problemOfAddress('?error=not_invited')).toMatch('invitation');
    expect(problemOfAddress('?error=%3Cb%3E')).toMatch('Try again');
  });
});
