import { describe, expect, it } from 'vitest';
import { isAllowedHost } from './host-check.ts';

describe('the host name of a request', () => {
  it('may be any name or address of loopback, with any port', () => {
    for (const host of [
      'localhost',
      'Localhost:4100',
      'a.localhost',
      'localhost.',
      '127.0.0.1:80',
      '127.8.9.1',
      '[::1]',
    ])
      expect([host, isAllowedHost(host, [])]).toEqual([host, true]);
  });

  it('may be one that was configured, in whatever case', () => {
    expect(isAllowedHost('Mistnet.Example:443', ['mistnet.example'])).toBe(true);
    expect(isAllowedHost('10.1.2.3:4100', ['10.1.2.3'])).toBe(true);
  });

  it('is refused when it is missing, malformed, or only looks like loopback', () => {
    for (const host of [
      undefined,
      '',
      'evil.example',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
      'localhost@evil',
    ])
      expect([host, isAllowedHost(host, ['mistnet.example'])]).toEqual([host, false]);
    for (const host of ['evil.mistnet.example', '127.1', '0.0.0.0', '[::]', '[::ffff:127.0.0.1]', 'localhost:', 'a b'])
      expect([host, isAllowedHost(host, ['mistnet.example'])]).toEqual([host, false]);
  });
});
