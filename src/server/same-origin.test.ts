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

  it.each([
    // A proxy that does not pass Host on.
    [{ host: '127.0.0.1:4100', origin: 'https://a.example' }, true],
    [{ host: 'a.example', origin: 'https://a.example' }, true],
    // At the machine itself.
    [{ host: 'localhost:4100', origin: 'http://localhost:4100' }, true],
    // Whoever sits in the network can answer for the page's name without encryption.
    [{ host: 'a.example', origin: 'http://a.example' }, false],
    [{ host: 'a.example:81', origin: 'https://a.example:81' }, false],
    [{ host: '127.0.0.1:4100', origin: 'https://b.example' }, false],
  ])('below https://a.example/mistnet %j: %s', (headers, expected) => {
    expect(isSameOrigin(headers, 'https://a.example/mistnet')).toBe(expected);
  });
});
