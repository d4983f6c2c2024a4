import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeAddress, textParts } from './post-words.ts';

const kinds = (text: string) => textParts(text).map((part) => `${part.kind}:${part.text}`);

describe('the parts of a post', () => {
  it('are links, names and tags of any script', () => {
    expect(kinds('Hi @bird_1, see https://t.co/abc. #Vögel #日本語 #سلام 🐦')).toEqual([
      ...['plain:Hi ', 'mention:@bird_1', 'plain:, see ', 'link:t.co/abc', 'plain:. ', 'tag:#Vögel', 'plain: '],
      ...['tag:#日本語', 'plain: ', 'tag:#سلام', 'plain: 🐦'],
    ]);
    expect(kinds('a@b.org is #1, &#39; /#x')).toEqual(['plain:a@b.org is #1, &#39; /#x']);
  });

  it('show where a link leads, and never lead anywhere but to web addresses', () => {
    const [link] = textParts('https://t.co/x', [{ url: 'https://t.co/x', expanded: 'https://www.example.org/a/' }]);
    expect(link).toEqual({ kind: 'link', text: 'example.org/a', href: 'https://www.example.org/a/' });
    const [odd] = textParts('https://t.co/x', [{ url: 'https://t.co/x', expanded: 'javascript:alert(1)' }]);
    expect(odd).toEqual({ kind: 'link', text: 't.co/x', href: 'https://t.co/x' });
    for (const address of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '', 'no address'])
      expect([address, safeAddress(address)]).toEqual([address, undefined]);
  });

  it('joined are the text again where nothing is spelled out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('#', '@', 'a', 'é', ' ', '\n', '鳥', '👩‍👩‍👧', '<b>', '_', '1')),
        (pieces) => {
          const text = pieces.join('');
          expect(
            textParts(text)
              .map((part) => part.text)
              .join(''),
          ).toBe(text);
        },
      ),
    );
  });

  it('shows what the platform escapes as what it stands for, once, and never as markup', () => {
    expect(textParts('Tom &amp; &lt;b&gt; &amp;amp; &quot;')).toEqual([
      { kind: 'plain', text: 'Tom & <b> &amp; &quot;' },
    ]);
  });
});
