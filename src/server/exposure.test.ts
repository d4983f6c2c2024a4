import { describe, expect, it } from 'vitest';
import { exposureHints } from './exposure.ts';

const hintsOf = (host: string, publicUrl?: string, trustedProxies: string[] = []) =>
  exposureHints({ host, publicUrl, trustedProxies }).map((hint) => hint.slice(0, 29));

describe('what is said of a page that others can reach', () => {
  it('is nothing at this machine alone, and nothing behind a proxy as the guide has it', () => {
    expect(hintsOf('127.0.0.1')).toEqual([]);
    expect(hintsOf('::1')).toEqual([]);
    expect(hintsOf('localhost', 'http://localhost:8080')).toEqual([]);
    expect(hintsOf('127.0.0.1', 'https://data.example.org/mistnet', ['127.0.0.1'])).toEqual([]);
  });

  it('is that passwords can be read, where there is no encryption', () => {
    expect(hintsOf('192.0.2.7')).toEqual(['The page is open to other mac']);
    expect(hintsOf('0.0.0.0', 'http://data.example.org', ['192.0.2.1'])).toEqual(['The page is open to other mac']);
  });

  it('is that a proxy can be passed by, and that its visitors look alike', () => {
    expect(hintsOf('0.0.0.0', 'https://data.example.org')).toEqual([
      'The page is behind a reverse ',
      'MISTNET_TRUSTED_PROXIES is no',
    ]);
  });
});
