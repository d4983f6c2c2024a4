import { describe, expect, it } from 'vitest';
import { isSameOrigin } from './same-origin.ts';

describe('a request that changes something', () => {
  it.each([
    [{ host: 'a.example' }, true],
    [{ host: 'a.example', origin: 'https://a.example' }, true],
    [{ host: 'a.example:4100', origin: 'http://a.example:4100', 'sec-fetch-site': 'same-origin' }, true],
    [{ host: 'a.example', origin: 'https://b.example' }, false],
    [{ host: 'a.example', origin: 'https://a.example:444' }, false],
    [{ host: 'a.example', origin: 'null' }, false],
    [{ host: 'a.example', 'sec-fetch-site': 'cross-site' }, false],
    [{ host: 'a.example', origin: 'https://a.example', 'sec-fetch-site': 'same-site' }, false],
  ])('%j: %s', (headers, expected) => {
    expect(isSameOrigin(headers)).toBe(expected);
  });
});
