import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simplePermits } from '../support/simple-permits.ts';
import type { HttpEnd, HttpRequest } from '../../src/platforms/http-call.ts';
import type { Asker } from '../../src/platforms/make-call.ts';
import type { Position } from '../../src/platforms/read-adapter.ts';
import { readPages, type WalkEnd } from '../../src/platforms/read-pages.ts';
import { createLegacyXReads, createXReads } from '../../src/platforms/x/read/x-reads.ts';

const LADDER = { firstMs: 0, doubling: true, maxMs: 0 } as const;
const API = { apiUrl: 'https://api.example' };

function asker(answer: (request: HttpRequest) => HttpEnd): Asker {
  return {
    ...{ permits: simplePermits(), clock: { now: () => 0 }, random: () => 0, timeoutMs: 1000, maxBytes: 1e6 },
    ladders: { network: LADDER, server: LADDER, rate: LADDER },
    http: { call: async (request) => answer(request), [Symbol.dispose]: () => {} },
  };
}

function json(value: unknown, status = 200): HttpEnd {
  return { kind: 'answered', answer: { status, headers: {}, body: Buffer.from(JSON.stringify(value)) } };
}

async function walk(
  who: Asker,
  question: Parameters<typeof readPages>[1],
  from?: Position,
  stopAfter = Number.POSITIVE_INFINITY,
): Promise<{ ids: string[]; pages: number; end: WalkEnd | undefined; next: Position | undefined }> {
  const steps = readPages(who, question, {
    signal: new AbortController().signal,
    ...(from === undefined ? {} : { from }),
  });
  const ids: string[] = [];
  let next: Position | undefined;
  for (let pages = 0; ; pages++) {
    if (pages === stopAfter) return { ids, pages, end: undefined, next };
    const step = await steps.next();
    if (step.done) return { ids, pages, end: step.value, next };
    ids.push(...step.value.page.posts.map(({ postId }) => postId));
    next = step.value.next;
  }
}

/** Posts 1 … n, newest first, in pages cut as the platform likes: short, empty, whatever. Tokens say how many lie behind. */
function timelineServer(count: number, cuts: number[], dies: (token: string, asked: number) => boolean) {
  let asked = 0;
  return (request: HttpRequest): HttpEnd => {
    const { searchParams } = request.url;
    const token = searchParams.get('pagination_token');
    const until = Number(searchParams.get('until_id') ?? count + 1);
    asked += 1;
    if (token !== null && dies(token, asked))
      return json(
        {
          errors: [
            {
              parameters: { pagination_token: [token] },
              message: 'The `pagination_token` query parameter value [x] is not valid',
            },
          ],
          title: 'Invalid Request',
        },
        400,
      );
    const top = token === null ? until - 1 : Number(token.split('-')[0]);
    const size = Math.min(top, cuts[asked % cuts.length] ?? 0);
    const ids = Array.from({ length: size }, (_, at) => String(top - at));
    const rest = top - size;
    return json({
      ...(size === 0 ? {} : { data: ids.map((id) => ({ id, text: id })) }),
      meta: { result_count: size, ...(rest > 0 ? { next_token: `${rest}-${asked}` } : {}) },
    });
  };
}

describe('walking through pages', () => {
  it('gives each post once, however the platform cuts its pages, stops in between or forgets tokens', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(60),
        fc.array(fc.nat(7), { minLength: 1, maxLength: 5 }).filter((cuts) => cuts.some((size) => size > 0)),
        fc.nat(5),
        fc.array(fc.nat(30), { maxLength: 3 }),
        async (count, cuts, stopAfter, dyingCalls) => {
          const dead = new Set(dyingCalls);
          const serve = timelineServer(count, cuts, (_, asked) => dead.delete(asked));
          const question = createXReads(API).timeline({ accountId: '7' });
          const first = await walk(asker(serve), question, undefined, stopAfter);
          const isOver = first.end !== undefined || (first.pages > 0 && first.next === undefined);
          const rest = isOver ? { ids: [] } : await walk(asker(serve), question, first.next);
          const expected = Array.from({ length: count }, (_, at) => String(count - at));
          // A token that dies before any post was seen leads nowhere, and that is said.
          if (!isOver && 'end' in rest && rest.end?.kind === 'refused') return;
          if (first.end?.kind === 'refused') return;
          expect([...first.ids, ...rest.ids]).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('goes on below the oldest post when a token is dead, with ids instead of times', async () => {
    const asked: URLSearchParams[] = [];
    const serve = timelineServer(30, [10], (token, call) => token.startsWith('20') && call === 2);
    const question = createXReads(API).timeline({ accountId: '7', startTime: '2020-01-01T00:00:00Z' });
    const { ids, end } = await walk(
      asker((request) => {
        asked.push(request.url.searchParams);
        return serve(request);
      }),
      question,
    );
    expect(end).toEqual({ kind: 'end' });
    expect(ids).toHaveLength(30);
    expect(asked[2]?.get('until_id')).toBe('21');
    expect(asked[2]?.get('start_time')).toBeNull();
    // The last id before 2020 began: the bound is exclusive.
    expect(asked[2]?.get('since_id')).toBe(String((BigInt(Date.UTC(2020, 0, 1) - 1_288_834_974_657) << 22n) - 1n));
  });

  it('ends a list without order with the refusal when its token is dead', async () => {
    const serve = timelineServer(30, [10], () => true);
    const { ids, end } = await walk(asker(serve), createXReads(API).quotes('5'));
    expect(ids).toHaveLength(10);
    expect(end).toMatchObject({ kind: 'refused', refusal: { kind: 'wrong-question' } });
  });

  it('does not go in circles', async () => {
    const { end, pages } = await walk(
      asker(() => json({ data: [{ id: '5' }], meta: { next_token: 'same' } })),
      createXReads(API).timeline({ accountId: '7' }),
    );
    expect(end).toEqual({ kind: 'endless' });
    expect(pages).toBe(2);
  });

  it('asks for no more than is wanted, and for nothing when nothing is', async () => {
    const sizes: (string | null)[] = [];
    const question = createXReads(API).timeline({ accountId: '7' });
    let wanted = 108;
    const steps = readPages(
      asker((request) => {
        sizes.push(request.url.searchParams.get('max_results'));
        return json({ data: [{ id: String(1000 - sizes.length) }], meta: { next_token: `t${sizes.length}` } });
      }),
      question,
      { signal: new AbortController().signal, wanted: () => wanted },
    );
    await steps.next();
    wanted = 8;
    await steps.next();
    wanted = 2;
    await steps.next();
    wanted = 0;
    expect(await steps.next()).toEqual({ done: true, value: { kind: 'enough' } });
    expect(sizes).toEqual(['100', '8', '5']);
  });

  it('walks v1.1 down by ids until an empty page, however short pages are', async () => {
    const asked: (string | null)[] = [];
    const serve = ({ url }: HttpRequest) => {
      asked.push(url.searchParams.get('max_id'));
      const top = Math.min(50, Number(url.searchParams.get('max_id') ?? 50));
      const size = Math.min(top, [7, 1, 3][asked.length % 3] as number);
      return json(Array.from({ length: size }, (_, at) => ({ id: top - at, id_str: String(top - at) })));
    };
    const { ids, end } = await walk(asker(serve), createLegacyXReads(API).timeline({ account: { id: '7' } }));
    expect(ids).toEqual(Array.from({ length: 50 }, (_, at) => String(50 - at)));
    expect(end).toEqual({ kind: 'end' });
    expect(asked.at(-1)).toBe('0');
  });
});
