import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanPostId } from './scan-post-id.ts';

const scan = (text: string) => scanPostId(Buffer.from(text));

describe('the id scan', () => {
  it.each([
    ['the usual order', '{"data":{"id":"12","text":"x"}}', '12'],
    ['id last, blanks', '{ "data" : { "text" : "x" , "id" : "12" } }', '12'],
    [
      'ids of others before',
      '{"includes":{"users":[{"id":"9"}]},"data":{"referenced_tweets":[{"id":"8"}],"author_id":"7","id":"12"}}',
      '12',
    ],
    ['an id inside of a text', '{"data":{"text":"\\"id\\":\\"9\\"","id":"12"}}', '12'],
    ['braces and backslashes in texts', '{"data":{"text":"}}]{\\\\","id":"12"}}', '12'],
    ['v1.1', '{"id":12345678901234567890,"user":{"id_str":"9"},"id_str":"12"}', '12'],
    ['flattened', '{"author":{"id":"9"},"id":"12"}', '12'],
    ['the greatest', '{"data":{"id":"9223372036854775807"}}', '9223372036854775807'],
    ['half a line', '{"data":{"id":"12","text":"cut he', '12'],
  ])('finds it: %s', (_what, text, id) => {
    expect(scan(text)).toBe(id);
  });

  it.each([
    ['a number', '{"data":{"id":12}}'],
    ['letters', '{"data":{"id":"1a"}}'],
    ['too long', '{"data":{"id":"123456789012345678901"}}'],
    ['empty', '{"data":{"id":""}}'],
    ['a zero in front', '{"data":{"id":"012"}}'],
    ['none', '{"data":{"text":"x"}}'],
    ['a list', '{"data":[{"id":"1"}]}'],
    ['deeper', '{"delete":{"status":{"id_str":"1"}}}'],
    ['a control message', '{"errors":[{"id":"1","title":"operational-disconnect"}]}'],
    ['HTML', '<html><body id="1">503</body></html>'],
    ['cut inside the id', '{"data":{"id":"12'],
    ['nothing', ''],
  ])('finds none: %s', (_what, text) => {
    expect(scan(text)).toBeUndefined();
  });

  it('agrees with a parser on any JSON, in any order of keys', () => {
    const key = fc.constantFrom('id', 'data', 'id_str', 'text', 'a"b', 'x\\', 'user');
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.constantFrom<unknown>('1', '12', 'x', '', 7, null, true, '"', '\\', '}{', '\u{1F480}'),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 5 }), fc.boolean(), (root, spaced) => {
        expect(scan(JSON.stringify(root, null, spaced ? 2 : 0))).toBe(expectedId(root));
      }),
      { numRuns: 1000 },
    );
  });

  it('looks only at the part it is given', () => {
    const bytes = Buffer.from('{"data":{"id":"1"}}\n{"data":{"id":"2"}}');
    expect([scanPostId(bytes, 0, 19), scanPostId(bytes, 20, bytes.length), scanPostId(bytes, 0, 14)]).toEqual([
      '1',
      '2',
      undefined,
    ]);
  });
});

/** Where there is `data`, its `id` or nothing; else where there is `id_str`, that or nothing; else `id`. As the decoder reads it. */
function expectedId(root: Record<string, unknown>): string | undefined {
  const digits = (value: unknown) => (typeof value === 'string' && /^[0-9]{1,20}$/.test(value) ? value : undefined);
  if ('data' in root) {
    const { data } = root;
    return typeof data === 'object' && data !== null && !Array.isArray(data) && 'id' in data
      ? digits(data.id)
      : undefined;
  }
  return 'id_str' in root ? digits(root.id_str) : digits(root.id);
}
