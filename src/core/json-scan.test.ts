import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileWanted, nextElement, scanMembers, skipValue } from './json-scan.ts';

const parses = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // the answer itself
  }
};

/** What the walk found in a slot, read as JSON; undefined where it found nothing. */
function found(bytes: Buffer, spans: Int32Array, slot: number): unknown {
  const from = spans[2 * slot] as number;
  return from === -1 ? undefined : JSON.parse(bytes.toString('utf8', from, spans[2 * slot + 1]));
}

/** A JSON text of which some characters were replaced, put in or taken out. */
const damagedJson = fc
  .tuple(
    fc.json({ maxDepth: 4 }),
    fc.array(
      fc.record({
        at: fc.nat(),
        remove: fc.nat(2),
        insert: fc.constantFrom(
          '',
          '"',
          '\\',
          '{',
          '}',
          '[',
          ']',
          ',',
          ':',
          '0',
          '.',
          'e',
          '-',
          'n',
          '\\u12',
          '\t',
          '\u0001',
          ' ',
        ),
      }),
      { maxLength: 3 },
    ),
  )
  .map(([text, edits]) =>
    edits.reduce((edited, { at, remove, insert }) => {
      const place = at % (edited.length + 1);
      return edited.slice(0, place) + insert + edited.slice(place + remove);
    }, text),
  );

describe('walking JSON bytes', () => {
  it('accepts exactly what JSON.parse accepts', () => {
    fc.assert(
      fc.property(damagedJson, (text) => {
        const bytes = Buffer.from(text);
        const start = text.length - text.trimStart().length;
        const end = skipValue(bytes, start, bytes.length);
        expect(end !== -1 && bytes.toString('utf8', end).trim() === '' && !/[\u00a0\ufeff\v\f]/.test(text)).toBe(
          parses(text) && !/[\u00a0\ufeff\v\f]/.test(text),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    '01',
    '-',
    '1.',
    '.5',
    '1e',
    '1e+',
    '+1',
    'tru',
    'nul',
    'True',
    '"',
    '"\\"',
    '"\\x"',
    '"\\u12g4"',
    '"a\tb"',
    '[1,]',
    '[,1]',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{a:1}',
    '{"a":1 "b":2}',
    '[1}',
    '{"a":[}',
    '',
    '[[[[',
    '{"a":1',
  ])('refuses %s', (text) => {
    const bytes = Buffer.from(text);
    expect(skipValue(bytes, 0, bytes.length) === bytes.length && text !== '').toBe(false);
  });

  it('walks nesting of any depth', () => {
    const bytes = Buffer.from('['.repeat(100_000) + ']'.repeat(100_000));
    expect(skipValue(bytes, 0, bytes.length)).toBe(bytes.length);
  });

  it('stops at the end that it was given, though the buffer goes on', () => {
    const bytes = Buffer.from('"cut here" and on');
    expect(skipValue(bytes, 0, 5)).toBe(-1);
    expect(skipValue(Buffer.from('12345'), 0, 3)).toBe(3);
    expect(scanMembers(Buffer.from('{"a":"b"}'), 0, 7, compileWanted({ a: 0 }), new Int32Array(2).fill(-1))).toBe(-1);
  });

  it('finds wanted members whatever their order, spelling, nesting and repetition, as JSON.parse does', () => {
    const key = fc.constantFrom('id', 'text', 'author', 'name', 'i', 'idd', 'other', 'ürl');
    const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.string({ unit: 'grapheme' }),
        fc.integer(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 3 }),
        tie('object'),
      ),
      // Told apart from an array that holds pairs by chance.
      object: fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((members) => ({ members })),
    })).object;
    const wanted = compileWanted({ id: 0, text: 1, author: [2, { id: 3, name: 4 }] });
    fc.assert(
      fc.property(value, fc.boolean(), (members, isSpaced) => {
        const text = write(members, isSpaced ? ' ' : '');
        const bytes = Buffer.from(text);
        const spans = new Int32Array(10).fill(-1);
        expect(scanMembers(bytes, 0, bytes.length, wanted, spans)).toBe(bytes.length);
        const parsed = JSON.parse(text);
        const author = typeof parsed.author === 'object' && !Array.isArray(parsed.author) ? parsed.author : undefined;
        expect([0, 1, 2, 3, 4].map((slot) => found(bytes, spans, slot))).toEqual([
          parsed.id,
          parsed.text,
          parsed.author,
          author?.id,
          author?.name,
        ]);
      }),
      { numRuns: 2000 },
    );
  });

  it('does not take a repeated value for another that begins with it', () => {
    const wanted = compileWanted({ url: { slot: 0, repeats: true }, id: 1 });
    for (const url of ['"a"', '"a"', '"ab"', '"a\\""', '12', '123', '"a"']) {
      const bytes = Buffer.from(`{"url":${url},"id":7}`);
      const spans = new Int32Array(4).fill(-1);
      expect(scanMembers(bytes, 0, bytes.length, wanted, spans)).toBe(bytes.length);
      expect([found(bytes, spans, 0), found(bytes, spans, 1)]).toEqual([JSON.parse(url), 7]);
    }
    const cut = Buffer.from('{"url":"a');
    expect(scanMembers(cut, 0, cut.length, wanted, new Int32Array(4))).toBe(-1);
  });

  it('gives the elements of an array', () => {
    const bytes = Buffer.from('[ 1 , {"a":[2]},"x" ]');
    const elements: unknown[] = [];
    for (let at = nextElement(bytes, 1, bytes.length); at !== -1; ) {
      const end = skipValue(bytes, at, bytes.length);
      elements.push(JSON.parse(bytes.toString('utf8', at, end)));
      at = nextElement(bytes, end, bytes.length);
    }
    expect(elements).toEqual([1, { a: [2] }, 'x']);
  });
});

/** Members (name and value pairs) as JSON; names may repeat, and some are written with escapes. */
function write(value: unknown, space: string): string {
  if (!isMembers(value))
    return Array.isArray(value)
      ? `[${value.map((item) => write(item, space)).join(`,${space}`)}]`
      : JSON.stringify(value);
  const members = value.members.map(([name, inner], index) => {
    const key =
      index % 2 === 0
        ? JSON.stringify(name)
        : `"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}"`;
    return `${key}${space}:${space}${write(inner, space)}`;
  });
  return `{${space}${members.join(`${space},${space}`)}${space}}`;
}

function isMembers(value: unknown): value is { members: [string, unknown][] } {
  return typeof value === 'object' && value !== null && 'members' in value;
}
