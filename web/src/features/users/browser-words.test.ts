import { expect, it } from 'vitest';
import { browserWords } from './browser-words.ts';

it('names browsers and systems as people call them, and what is none in its own words', () => {
  const said = [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36 Edg/150.0',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
    'node',
  ];
  expect(said.map(browserWords)).toEqual([
    'Chrome on Linux',
    'Edge on Windows',
    'Firefox on macOS',
    'Safari on iOS',
    'node',
  ]);
  expect([browserWords(null), browserWords(' ')]).toEqual(['unknown', 'unknown']);
});
