import { describe, expect, it } from 'vitest';
import { simplePermits } from '../support/simple-permits.ts';
import type { HttpEnd } from '../../src/platforms/http-call.ts';
import { type CallEvent, makeCall } from '../../src/platforms/make-call.ts';
import { createXReads } from '../../src/platforms/x/read/x-reads.ts';

const PAGE = '{"data":[{"id":"20","text":"x"}]}';
const LADDER = { firstMs: 1, doubling: true, maxMs: 4 } as const;

function answered(status: number, body: string, headers: Record<string, string> = {}): HttpEnd {
  return { kind: 'answered', answer: { status, headers, body: Buffer.from(body) } };
}

/** Asks for one post; the network gives these ends, one after the other. */
async function ask(ends: HttpEnd[], options: { patience?: number; signal?: AbortSignal } = {}) {
  const permits = simplePermits();
  const events: CallEvent[] = [];
  const urls: URL[] = [];
  const waiting = [...ends];
  const all = options.patience ?? 5;
  const result = await makeCall(
    {
      permits,
      http: {
        call: async ({ url }) => {
          urls.push(url);
          return waiting.shift() ?? { kind: 'lost', cause: 'nothing left', maybeServed: false };
        },
        [Symbol.dispose]: () => {},
      },
      clock: { now: () => Date.UTC(2026, 0, 1) },
      ladders: { network: LADDER, server: LADDER, rate: LADDER },
      patience: { network: all, server: all, garbage: all, rate: all },
      random: () => 0.5,
      timeoutMs: 1000,
      maxBytes: 1000,
      onEvent: (event) => events.push(event),
    },
    createXReads({ apiUrl: 'https://api.example' }).posts(['20']),
    { signal: options.signal ?? new AbortController().signal },
  );
  return { result, permits, urls, repeats: events.filter((event) => event.kind === 'repeat') };
}

describe('making a call', () => {
  it('gives the page with its bytes, and settles the permit with what was told', async () => {
    const headers = {
      'x-rate-limit-limit': '300',
      'x-rate-limit-remaining': '299',
      'x-rate-limit-reset': '1700000000',
      date: 'Fri, 07 Oct 2022 22:43:18 UTC',
    };
    const { result, permits } = await ask([answered(200, PAGE, headers)]);
    expect(result).toMatchObject({
      kind: 'page',
      page: { receivedAt: '2026-01-01T00:00:00.000Z', endpoint: '/2/tweets' },
    });
    if (result.kind === 'page') expect(result.page.body.toString()).toBe(PAGE);
    expect(permits.wishes).toMatchObject([
      { limit: { endpoint: 'GET /2/tweets', app: 3500 }, reserve: { resource: 'post', atMost: 1 } },
    ]);
    expect(permits.settled).toEqual([
      {
        ...{ status: 200, billed: 1, limit: 300, remaining: 299, resetAtMs: 1_700_000_000_000 },
        platformNowMs: Date.UTC(2022, 9, 7, 22, 43, 18),
      },
    ]);
  });

  it('comes back after trouble of server and network, and bills what may have been served', async () => {
    const { result, permits, repeats } = await ask([
      answered(503, 'Service Unavailable'),
      { kind: 'lost', cause: 'refused', maybeServed: false },
      { kind: 'lost', cause: 'cut', maybeServed: true },
      answered(200, '<html>'),
      answered(200, PAGE),
    ]);
    expect(result.kind).toBe('page');
    expect(permits.settled.map(({ status, billed }) => [status, billed])).toEqual([
      [503, 0],
      ['no-answer', 0],
      ['no-answer', 1],
      [200, 1],
      [200, 1],
    ]);
    expect(repeats.map((event) => event.kind === 'repeat' && event.maybeBilled)).toEqual([false, false, true, true]);
  });

  it('lets the permit source wait for a window, and waits itself where calls remain', async () => {
    const body = '{"title":"Too Many Requests","detail":"Too Many Requests","type":"about:blank","status":429}';
    const { result, permits, repeats } = await ask([
      answered(429, body, { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '1700000000' }),
      answered(429, body, { 'x-rate-limit-remaining': '12', 'x-rate-limit-reset': '1700000000' }),
      answered(200, PAGE),
    ]);
    expect(result.kind).toBe('page');
    expect(repeats.map((event) => event.kind === 'repeat' && event.waitMs)).toEqual([0, 2]);
    expect(permits.settled.map(({ refusal }) => refusal)).toEqual(['rate-limited', 'rate-limited', undefined]);
  });

  it.each([
    [402, '{"title":"CreditsDepleted","detail":"none","type":"https://api.x.com/2/problems/credits"}', 'out-of-money'],
    [429, '{"title":"UsageCapExceeded","type":"https://api.twitter.com/2/problems/usage-capped"}', 'usage-capped'],
    [401, '{"title":"Unauthorized","type":"about:blank","status":401}', 'credential-refused'],
    [403, '{"title":"Client Forbidden","type":"https://api.twitter.com/2/problems/client-forbidden"}', 'not-allowed'],
    [400, '{"errors":[{"parameters":{"ids":["x"]},"message":"bad"}],"title":"Invalid Request"}', 'wrong-question'],
  ] as const)('asks no second time after %i %s', async (status, body, kind) => {
    const { result, urls } = await ask([answered(status, body)]);
    expect(result).toMatchObject({ kind: 'refused', refusal: { kind, status } });
    expect(urls).toHaveLength(1);
  });

  it('gives up after as many tries as patience allows', async () => {
    const { result, urls } = await ask([], { patience: 3 });
    expect(result).toEqual({ kind: 'unreachable', cause: 'nothing left' });
    expect(urls).toHaveLength(3);
    expect((await ask([answered(500, ''), answered(502, '')], { patience: 2 })).result).toMatchObject({
      kind: 'refused',
      refusal: { kind: 'server-trouble', status: 502 },
    });
  });

  it('asks in other words when X does not know a field, and remembers that', async () => {
    const complaint =
      '{"errors":[{"parameters":{"tweet.fields":["article"]},"message":"The `tweet.fields` query parameter value [article] is not one of [id,text]"}],"title":"Invalid Request","detail":"One or more parameters to your request was invalid.","type":"https://api.twitter.com/2/problems/invalid-request"}';
    const { result, urls } = await ask([answered(400, complaint), answered(200, PAGE)]);
    expect(result.kind).toBe('page');
    const fields = urls.map((url) => url.searchParams.get('tweet.fields')?.split(','));
    expect(fields[0]).toContain('article');
    expect(fields[1]).not.toContain('article');
    expect(fields[1]?.length).toBe((fields[0]?.length ?? 0) - 1);
  });

  it('throws the reason of an abort, and has settled before', async () => {
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    await expect(ask([answered(200, PAGE)], { signal: stop.signal })).rejects.toThrow('enough');
    const late = new AbortController();
    const ends: HttpEnd[] = Array.from({ length: 3 }, () => answered(503, ''));
    setImmediate(() => late.abort(new Error('later')));
    await expect(ask([...ends, ...ends], { signal: late.signal, patience: 1000 })).rejects.toThrow('later');
  });
});
