import { describe, expect, it } from 'vitest';
import { FAULT_KINDS } from './fault.ts';
import { parseFaultOrders } from './parse-fault-orders.ts';

describe('fault orders', () => {
  it.each(FAULT_KINDS)('can ask for %s, by default at once and one time', (kind) => {
    expect(parseFaultOrders(JSON.stringify({ kind }))).toEqual({
      ok: true,
      orders: [{ kind, after: 0, count: 1 }],
      isList: false,
    });
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
    ['{"kind":"cut","window":3}', /Only out-of-order has a "window"/],
    ['{"kind":"cut","forMs":3}', /Only drip and half-open have "forMs"/],
    ['{"kind":"out-of-order","window":1}', /"window" must be a whole number from 2 to 1000; it is 1/],
    ['{"kind":"http-429","connection":"1"}', /never becomes a connection/],
    ['{"kind":"cut","connection":1}', /"connection" must be an id/],
    ['{"kind":"cut","path":"x"}', /"path" must be the path/],
    ['{"kind":"random","kinds":["http-429"]}', /"kind" must be one of cut, .*; it is "http-429"/],
    ['{"kind":"random","kinds":[]}', /"kinds" must be a list/],
    ['{"kind":"random","window":3}', /Unknown key "window"; a random plan has/],
    ['{"faults":[]}', /"faults" must be a list of 1 to 1000/],
    ['{"faults":[1]}', /Each fault must be a JSON object/],
    ['{"faults":[{"kind":"cut"}],"kind":"cut"}', /a list has only faults/],
  ])('refuse %s with a sentence', (body, sentence) => {
    const parsed = parseFaultOrders(body);
    expect(parsed.ok ? '' : parsed.complaint).toMatch(sentence);
    expect(parsed.ok ? '' : parsed.complaint).toMatch(/\.$/);
  });

  it('can be several at once, for one connection or path, or drawn by a seed', () => {
    const orders = [
      { kind: 'drip', after: 2, count: 3, connection: '4', path: '/2/tweets/search/stream', forMs: 50 },
      { kind: 'out-of-order', after: 0, count: 1, window: 5 },
      { kind: 'random', seed: 9, every: 30, kinds: ['cut', 'duplicate'], after: 1, count: 2 },
    ];
    expect(parseFaultOrders(JSON.stringify({ faults: orders }))).toEqual({ ok: true, orders, isList: true });
  });
});
