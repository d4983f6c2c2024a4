import { describe, expect, it } from 'vitest';
import { basePathOf, whyNoBasePath, withoutBasePath } from './base-path.ts';

describe('the path of the page', () => {
  it('is that of its public address, without a slash at its end', () => {
    expect(basePathOf(undefined)).toBe('');
    expect(basePathOf('https://host.example')).toBe('');
    expect(basePathOf('https://host.example/mistnet')).toBe('/mistnet');
    expect(basePathOf('https://host.example/a/b/')).toBe('/a/b');
  });

  it('is taken away where a proxy left it, and nothing else is', () => {
    const known: [string, string][] = [
      ['/mistnet', '/'],
      ['/mistnet?to=/', '/?to=/'],
      ['/mistnet/', '/'],
      ['/mistnet/api/v1/status', '/api/v1/status'],
      ['/api/v1/status', '/api/v1/status'],
      ['/mistnets/api', '/mistnets/api'],
      ['/mistnet/mistnet/', '/mistnet/'],
    ];
    for (const [address, expected] of known) expect(withoutBasePath(address, '/mistnet')).toBe(expected);
    expect(withoutBasePath('/mistnet/', '')).toBe('/mistnet/');
  });

  it('can be none that our own addresses begin with, nor one that needs escaping', () => {
    for (const path of ['', '/', '/mistnet', '/mistnet/', '/a/b-c_d.e~f', '/mistnet/api']) {
      expect([path, whyNoBasePath(path)]).toEqual([path, undefined]);
    }
    for (const path of ['/api', '/api/mistnet', '/files/', '/assets', '//evil', '/a//b', '/a%20b', '/a"b']) {
      expect([path, typeof whyNoBasePath(path)]).toEqual([path, 'string']);
    }
  });
});
