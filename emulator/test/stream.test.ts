import { describe, expect, it } from 'vitest';
import {
  COLLECTOR_QUERY,
  ended,
  hasPosts,
  idsOn,
  openStream,
  orderFault,
  truthIds,
  truthOf,
  until,
} from './support/stream-client.ts';
import { startEmulator } from '../src/start-emulator.ts';

const start = new Date('2026-11-22T13:00:00Z');
/** With both given, every connection ends after so many posts, and truth is exact. */
const endAfter = async (url: string, after: number) => orderFault(url, { kind: 'disconnect', after, count: 100 });

async function takePosts(url: string, count: number, headers: Record<string, string> = {}): Promise<Buffer> {
  await endAfter(url, count);
  using client = await openStream(url, { query: COLLECTOR_QUERY, headers });
  await ended(client);
  return client.body();
}

describe('the sample stream', () => {
  it('gives the same bytes for the same seed and start, flat out and live', async () => {
    for (const rate of ['max', 2000] as const) {
      await using one = await startEmulator({ seed: 5, start, rate });
      await using two = await startEmulator({ seed: 5, start, rate });
      await using other = await startEmulator({ seed: 6, start, rate });
      const query = `${COLLECTOR_QUERY}&backfill_minutes=1`;
      const bodies: Buffer[] = [];
      for (const { url } of [one, two, other]) {
        await endAfter(url, 600);
        using client = await openStream(url, { query });
        await ended(client);
        bodies.push(client.body());
      }
      expect(bodies[0]?.equals(bodies[1] ?? Buffer.alloc(0))).toBe(true);
      expect(bodies[0]?.equals(bodies[2] ?? Buffer.alloc(0))).toBe(false);
    }
  });

  it('ends each line with CRLF and its ids grow, each in the window of the sample', async () => {
    await using emulator = await startEmulator({ start, rate: 'max' });
    const body = await takePosts(emulator.url, 3000);
    const text = body.toString('utf8');
    expect(text.endsWith('\r\n')).toBe(true);
    expect(text.split('\n').length).toBe(text.split('\r\n').length);
    const ids = idsOn(text.split('\r\n').slice(0, 3000)).map(BigInt);
    for (const [n, id] of ids.entries()) {
      expect(n === 0 || id > (ids[n - 1] ?? 0n)).toBe(true);
      const ms = Number(((id >> 22n) + 1288834974657n) % 1000n);
      expect(ms >= 657 && ms <= 666, `id ${id}`).toBe(true);
    }
  });

  it('says in truth what the client received', async () => {
    await using emulator = await startEmulator({ seed: 9, rate: 2000 });
    await endAfter(emulator.url, 250);
    using client = await openStream(emulator.url, { query: COLLECTOR_QUERY });
    await ended(client);
    const received = client.posts().slice(0, -1);
    const { seed, connections } = await truthOf(emulator.url);
    expect(seed).toBe(9);
    expect(connections).toEqual([
      {
        id: '1',
        path: '/2/tweets/sample/stream',
        openedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        closedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        reason: 'disconnect',
        sent: 250,
        firstId: idsOn(received)[0],
        lastId: idsOn(received).at(-1),
      },
    ]);
    expect(await truthIds(emulator.url, '1')).toEqual(idsOn(received));

    const texts = await (await fetch(`${emulator.url}/_emulator/truth/posts?connection=1`)).text();
    const expected = received.map((line) => (JSON.parse(line) as { data: { id: string; text: string } }).data);
    expect(
      texts
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toEqual(expected.map(({ id, text }) => ({ id, text })));
    const two = await fetch(`${emulator.url}/_emulator/truth/posts?ids=${expected[3]?.id},12345,${expected[1]?.id}`);
    expect(
      (await two.text())
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id),
    ).toEqual([expected[3]?.id, expected[1]?.id]);
  });

  it('goes on as a prefix of truth when the client leaves by itself', async () => {
    await using emulator = await startEmulator({ rate: 500 });
    {
      using client = await openStream(emulator.url);
      await hasPosts(client, 20);
      expect((await truthOf(emulator.url)).connections[0]).toMatchObject({ closedAt: null, reason: null });
      const received = idsOn(client.posts());
      expect((await truthIds(emulator.url, '1')).slice(0, received.length)).toEqual(received);
    }
    await until(
      'truth knows that the client left',
      async () => (await truthOf(emulator.url)).connections[0]?.reason === 'client-left',
    );
  });

  it('sends a keep-alive after each silence, and none between posts that come quickly', async () => {
    await using quiet = await startEmulator({ rate: 0.001, keepaliveMs: 30 });
    using silent = await openStream(quiet.url, { query: 'backfill_minutes=1' });
    await until('four keep-alives have come', () => silent.lines().length >= 5);
    expect(silent.lines()[0]).toMatch(/^\{"data"/);
    expect(new Set(silent.lines().slice(1))).toEqual(new Set(['']));

    await using busy = await startEmulator({ rate: 1000, keepaliveMs: 10_000 });
    using stream = await openStream(busy.url);
    await hasPosts(stream, 300);
    expect(stream.lines()).not.toContain('');
  });

  it('sends the same through gzip, when asked, and each burst at once', async () => {
    const bodies: Buffer[] = [];
    for (const coding of ['gzip, deflate, br', 'identity', 'gzip;q=0']) {
      await using emulator = await startEmulator({ seed: 2, start, rate: 'max' });
      bodies.push(await takePosts(emulator.url, 2000, { 'accept-encoding': coding }));
    }
    expect(bodies[0]?.equals(bodies[1] ?? Buffer.alloc(0))).toBe(true);
    expect(bodies[2]?.equals(bodies[1] ?? Buffer.alloc(0))).toBe(true);

    await using slow = await startEmulator({ rate: 0.001, keepaliveMs: 20 });
    using client = await openStream(slow.url, { query: 'backfill_minutes=1', headers: { 'accept-encoding': 'gzip' } });
    expect(client.headers['content-encoding']).toBe('gzip');
    await until('the only post and a keep-alive have come through the open stream', () => client.lines().length >= 2);
    expect(client.ending()).toBeUndefined();
  });

  it('replays the last minutes to a client that asks for backfill, and goes on live without a hole', async () => {
    await using emulator = await startEmulator({ rate: 300 });
    using early = await openStream(emulator.url, { query: 'backfill_minutes=1' });
    await hasPosts(early, 150);
    using late = await openStream(emulator.url, { query: 'backfill_minutes=2' });
    using without = await openStream(emulator.url);
    const atConnect = early.posts().length;
    await hasPosts(late, atConnect + 150);
    await hasPosts(without, 30);
    await hasPosts(early, late.posts().length);
    const ids = idsOn(early.posts());
    // The late one may be ahead by now.
    const backfilled = idsOn(late.posts()).slice(0, ids.length);
    expect(backfilled).toEqual(ids.slice(0, backfilled.length));
    const live = idsOn(without.posts());
    const from = ids.indexOf(live[0] ?? '');
    expect(from).toBeGreaterThanOrEqual(150);
    expect(live.slice(0, 30)).toEqual(ids.slice(from, from + 30));
  });

  it('waits for slow readers flat out, and loses nothing', async () => {
    await using emulator = await startEmulator({ rate: 'max' });
    using client = await openStream(emulator.url);
    await hasPosts(client, 100);
    client.pause();
    let sent = -1;
    await until('the sender stands still', async () => {
      const before = sent;
      sent = (await truthOf(emulator.url)).connections[0]?.sent ?? 0;
      return sent === before;
    });
    client.resume();
    await hasPosts(client, sent + 1000);
    const received = idsOn(client.posts());
    expect((await truthIds(emulator.url, '1')).slice(0, received.length)).toEqual(received);
  });

  it('drops a reader of the live world that is too far behind', async () => {
    await using emulator = await startEmulator({ rate: 15_000, maxBehindSec: 0.1 });
    using client = await openStream(emulator.url, { query: COLLECTOR_QUERY });
    await hasPosts(client, 10);
    client.pause();
    await until(
      'the slow reader is dropped',
      async () => (await truthOf(emulator.url)).connections[0]?.reason === 'slow-reader',
    );
    client.resume();
    await ended(client);
    expect(client.ending()).toBe('reset');
  });
});

describe('answers to wrong or too many requests', () => {
  it('are 401 without the right token', async () => {
    await using emulator = await startEmulator({ token: 'right' });
    for (const token of [null, 'wrong', 'right2']) {
      using client = await openStream(emulator.url, { token });
      await ended(client);
      expect(client.status).toBe(401);
      expect(client.body().toString()).toBe(
        '{"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"}',
      );
    }
    using accepted = await openStream(emulator.url, { token: 'right' });
    expect(accepted.status).toBe(200);
    expect(accepted.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it('are 400 in the form of the platform for bad parameters', async () => {
    await using emulator = await startEmulator();
    using client = await openStream(emulator.url, { query: 'backfill_minutes=6' });
    await ended(client);
    expect(client.status).toBe(400);
    expect(client.body().toString()).toBe(
      '{"errors":[{"parameters":{"backfill_minutes":["6"]},"message":"The `backfill_minutes` query parameter value [6] is not between 0 and 5"}],' +
        '"title":"Invalid Request","detail":"One or more parameters to your request was invalid.","type":"https://api.twitter.com/2/problems/invalid-request"}',
    );
    expect((await truthOf(emulator.url)).connections).toEqual([]);
  });

  it('are 404 for an unknown path and 405 for another method', async () => {
    await using emulator = await startEmulator();
    using unknown = await openStream(emulator.url, { path: '/2/nothing/here' });
    using posted = await openStream(emulator.url, { method: 'POST' });
    expect([unknown.status, posted.status]).toEqual([404, 405]);
    await ended(unknown);
    expect(unknown.body().toString()).toBe(
      '{"title":"Not Found","detail":"Not Found","type":"about:blank","status":404}',
    );
  });

  it('are 429 beyond the connect limit, and the headers count down', async () => {
    await using emulator = await startEmulator({ connectLimit: 2 });
    const statuses: [number, unknown, unknown][] = [];
    for (let n = 0; n < 3; n++) {
      using client = await openStream(emulator.url);
      statuses.push([client.status, client.headers['x-rate-limit-limit'], client.headers['x-rate-limit-remaining']]);
      expect(Number(client.headers['x-rate-limit-reset'])).toBeGreaterThan(Date.now() / 1000);
      if (n < 2) continue;
      await ended(client);
      expect(client.body().toString()).toBe(
        '{"title":"Too Many Requests","detail":"Too Many Requests","type":"about:blank","status":429}',
      );
    }
    expect(statuses).toEqual([
      [200, '2', '1'],
      [200, '2', '0'],
      [429, '2', '0'],
    ]);
  });
});

describe('starting in process', () => {
  it('frees the port and drops open streams when disposed of', async () => {
    const emulator = await startEmulator();
    using client = await openStream(emulator.url);
    await emulator[Symbol.asyncDispose]();
    await ended(client);
    expect(client.ending()).toBe('reset');
    await using again = await startEmulator({ port: emulator.port });
    expect(again.port).toBe(emulator.port);
  });

  it('fails with the system error when the port is taken', async () => {
    await using emulator = await startEmulator();
    await expect(startEmulator({ port: emulator.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
