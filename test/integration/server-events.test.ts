/** Live events and a database that goes away, over real sockets. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/loader.ts';
import { addSampleCollection, sayStatus, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  await addSampleCollection(server.db, 'demo');
  await sayStatus(server.db, 'demo', { captured: 100 });
}, 120_000);
afterAll(() => server?.[Symbol.asyncDispose]());

type Event = { event: string; data: Record<string, unknown> };

/** Listens until disposed; `events` grows meanwhile. `ended` resolves when the server ends the stream. */
async function listen(path = '/api/v1/events') {
  const stop = new AbortController();
  const reply = await fetch(`${server.url}${path}`, { signal: stop.signal });
  const events: Event[] = [];
  let text = '';
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of reply.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
        const lines = text.slice(0, end).split('\n');
        text = text.slice(end + 2);
        const [event, data] = ['event: ', 'data: '].map((name) =>
          lines.find((line) => line.startsWith(name))?.slice(name.length),
        );
        if (event !== undefined && data !== undefined) events.push({ event, data: JSON.parse(data) });
      }
    }
  };
  const ended = read().catch(() => {}); // aborted by the test, or cut by the server: both are an end
  return {
    ...{ reply, events, ended },
    of: (name: string) => events.filter(({ event }) => event === name).map(({ data }) => data),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended;
    },
  };
}

describe('live events', () => {
  it('begin with the last minutes and the status, then follow it each second', async () => {
    await using listener = await listen();
    expect(listener.reply.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(listener.reply.headers.get('cache-control')).toContain('no-store');
    await eventually(async () => expect(listener.of('status').length).toBeGreaterThanOrEqual(3));
    expect(listener.events[0]?.event).toBe('history');
    expect(listener.of('status').at(-1)).toMatchObject({
      collections: [{ name: 'demo', captured: 100 }],
      disk: { folder: server.home },
    });
    await sayStatus(server.db, 'demo', { captured: 222 });
    await eventually(async () =>
      expect(listener.of('status').at(-1)).toMatchObject({ collections: [{ captured: 222 }] }),
    );
  });

  it('tell the rate of each step from the counts alone', async () => {
    await using listener = await listen();
    const seen = () => listener.of('rates').map((rates) => rates['demo'] as { at: number; postsPerSecond: number }[]);
    await eventually(async () => expect(seen().length).toBeGreaterThanOrEqual(1));
    const before = seen().length;
    await sayStatus(server.db, 'demo', { captured: 5_222 });
    await eventually(async () => {
      const rates = seen().slice(before).flat();
      // 5,000 more within one step of about five seconds.
      expect(rates.some(({ postsPerSecond }) => postsPerSecond > 700 && postsPerSecond < 1_300)).toBe(true);
    });
    await using later = await listen();
    await eventually(async () => expect(later.of('history')).toHaveLength(1));
    const [{ rates }] = later.of('history') as [{ rates: Record<string, unknown[]> }];
    expect(rates['demo']?.length).toBeGreaterThanOrEqual(2);
  });

  it('are one question to the database however many listen', async () => {
    const listeners = await Promise.all(Array.from({ length: 20 }, () => listen()));
    try {
      const last = () => listeners.map((each) => each.of('status').at(-1)?.['at']);
      await eventually(async () => expect(last().every((at) => at !== undefined)).toBe(true));
      // All were told the same thing at the same moment: the answer was not asked for each of them.
      await eventually(async () => expect(new Set(last()).size).toBe(1));
    } finally {
      await Promise.all(listeners.map((each) => each[Symbol.asyncDispose]()));
    }
  });
});

describe('a database that is away', () => {
  it('is said soon, refused or dead, and forgotten when it is back', async () => {
    for (const breakRoad of ['cut', 'hold'] as const) {
      await using listener = await listen();
      await eventually(async () => expect(listener.of('status').length).toBeGreaterThanOrEqual(1));
      server.database[breakRoad]();
      // What was answered a moment before may be told once more.
      await eventually(async () => expect((await fetch(`${server.url}/api/v1/status`)).status).toBe(503));
      for (const path of ['/api/v1/status', '/readyz', '/api/v1/collections/demo/gaps', '/api/v1/datasets']) {
        // A held road never answers: whatever waits for it would wait for ever.
        const reply = await fetch(`${server.url}${path}`, { signal: AbortSignal.timeout(10_000) });
        expect([breakRoad, path, reply.status]).toEqual([breakRoad, path, 503]);
        expect(reply.headers.get('content-type')).toContain('application/problem+json');
        const problem = await reply.json();
        expect(problem).toMatchObject({ code: 'database.unreachable', status: 503 });
        expect(JSON.stringify(problem)).not.toMatch(/password|postgres:\/\//);
      }
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      expect((await fetch(`${server.url}/api/v1/disk`)).status).toBe(200);
      await eventually(async () =>
        expect(listener.of('problem').at(-1)).toMatchObject({ code: 'database.unreachable' }),
      );

      server.database.open();
      const told = listener.of('status').length;
      await eventually(async () => expect(listener.of('status').length).toBeGreaterThan(told), 60_000);
      await eventually(async () => expect((await fetch(`${server.url}/readyz`)).status).toBe(200), 60_000);
    }
  });
});

describe('a server that ends', () => {
  it('ends its listeners and does not wait for them', async () => {
    const listener = await listen();
    await eventually(async () => expect(listener.of('status').length).toBeGreaterThanOrEqual(1));
    await server.stop();
    await listener.ended;
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed');
  });
});
