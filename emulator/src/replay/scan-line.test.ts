import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IdSpan, scanLine } from './scan-line.ts';

function idOn(line: string | Buffer): string | undefined {
  const bytes = Buffer.from(line as string);
  const span: IdSpan = { at: 0, length: 0 };
  scanLine(bytes, 0, bytes.length, span);
  return span.length > 0 ? bytes.toString('utf8', span.at, span.at + span.length) : undefined;
}

describe('the id on a line', () => {
  it.each([
    ['{"data":{"id":"2124336349593067520","text":"x"}}', '2124336349593067520'],
    ['{"includes":{"users":[{"id":"5"}]},"data": { "text": "\\"id\\":\\"9\\"", "id" : "7" }}', '7'],
    ['{"data":{"attachments":{"id":"1"},"id":"2"}}', '2'],
    ['{"id":850007368138018817,"id_str":"850007368138018817","text":"v1.1"}', '850007368138018817'],
    ['{"user":{"id_str":"1"},"id_str":"2","id":3}', '2'],
    ['{"id": 1050118621198921728, "text":"no id_str"}', '1050118621198921728'],
  ])('of %s is %s', (line, id) => {
    expect(idOn(line)).toBe(id);
  });

  it.each([
    '',
    '{"errors":[{"title":"operational-disconnect","id":"1"}]}',
    '{"delete":{"status":{"id":1,"id_str":"1"}}}',
    '{"data":[{"id":"1","text":"a page"}]}',
    '[{"id":"1"}]',
    '"id"',
    '{"data":{"id":"1","text":"torn',
    '{"data":{"id":"1"}',
  ])('is none for %s', (line) => {
    expect(idOn(line)).toBeUndefined();
  });

  it('is what JSON.parse finds, for any object and order of keys', () => {
    const value = fc.jsonValue({ maxDepth: 2 });
    const data = fc.tuple(fc.dictionary(fc.string(), value), fc.stringMatching(/^\d{1,19}$/), fc.boolean());
    fc.assert(
      fc.property(data, fc.dictionary(fc.string(), value), fc.boolean(), ([others, id, idFirst], rest, dataFirst) => {
        const post = idFirst ? { id, ...others } : { ...others, id };
        const line = JSON.stringify(dataFirst ? { data: post, ...rest } : { ...rest, data: post });
        const parsed = JSON.parse(line) as { data: { id?: unknown } };
        const expected = typeof parsed.data?.id === 'string' ? parsed.data.id : undefined;
        fc.pre(expected === id && expected !== '');
        expect(idOn(line)).toBe(expected);
      }),
    );
  });

  it('is none however a line is torn', () => {
    const line = Buffer.from(
      '{"data":{"id":"2124","text":"日本\\"語","n":[1,{"a":2}]},"includes":{"users":[{"id":"1"}]}}',
    );
    for (let length = 0; length < line.length; length++)
      expect(idOn(line.subarray(0, length)), `cut at ${length}`).toBeUndefined();
    expect(idOn(line)).toBe('2124');
  });
});
