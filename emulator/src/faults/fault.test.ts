import { describe, expect, it } from 'vitest';
import { FAULT_KINDS, parseFaultOrder } from './fault.ts';

describe('fault orders', () => {
  it.each(FAULT_KINDS)('can ask for %s, by default at once and one time', (kind) => {
    expect(parseFaultOrder(JSON.stringify({ kind }))).toEqual({ ok: true, order: { kind, after: 0, count: 1 } });
  });

  it.each([
    ['{', /^The body isn't JSON: /],
    ['[]', /must be a JSON object/],
    ['{}', /"kind" must be one of cut, stall, .*; it is undefined/],
    ['{"kind":"flood"}', /it is "flood"/],
    ['{"kind":"cut","after":-1}', /"after" must be a whole number of at least 0; it is -1/],
    ['{"kind":"cut","after":"3"}', /it is "3"/],
    ['{"kind":"cut","count":0}', /"count" must be a whole number of at least 1; it is 0/],
    ['{"kind":"cut","afters":1}', /Unknown key "afters"/],
  ])('refuse %s with a sentence', (body, sentence) => {
    const parsed = parseFaultOrder(body);
    expect(parsed.ok ? '' : parsed.complaint).toMatch(sentence);
    expect(parsed.ok ? '' : parsed.complaint).toMatch(/\.$/);
  });
});
