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

const RATE = 2000;

async function struckBy(kind: string, after: number, headers: Record<string, string> = {}) {
  const emulator = await startEmulator({ rate: RATE });
  await orderFault(emulator.url, { kind, after });
  const client = await openStream(emulator.url, { query: COLLECTOR_QUERY, headers });
  return { emulator, client };
}

const reasonOf = async (url: string): Promise<string | null | undefined> => (await truthOf(url)).connections[0]?.reason;

describe('faults of an open stream', () => {
  it.each([{}, { 'accept-encoding': 'gzip' }])('cut: a reset between two lines (%o)', async (headers) => {
    const { emulator, client } = await struckBy('cut', 25, headers);
    await using _ = emulator;
    using __ = client;
    await ended(client);
    expect(client.ending()).toBe('reset');
    expect(client.posts()).toHaveLength(25);
    expect(client.body().toString().endsWith('\r\n')).toBe(true);
    expect(await truthIds(emulator.url, '1')).toEqual(idsOn(client.posts()));
    expect(await reasonOf(emulator.url)).toBe('cut');
  });

  it('half-line: a reset in the middle of a line, which truth does not count', async () => {
    const { emulator, client } = await struckBy('half-line', 25);
    await using _ = emulator;
    using __ = client;
    await ended(client);
    expect(client.ending()).toBe('reset');
    expect(client.posts()).toHaveLength(25);
    const torn = client.body().toString().split('\r\n').at(-1) ?? '';
    expect(torn).toMatch(/^\{"data":/);
    expect(() => JSON.parse(torn) as unknown).toThrow(SyntaxError);
    expect(await truthIds(emulator.url, '1')).toEqual(idsOn(client.posts()));
    expect(await reasonOf(emulator.url)).toBe('half-line');
  });

  it('stall: an open stream that says nothing more, not even keep-alives, until the client leaves', async () => {
    await using emulator = await startEmulator({ rate: RATE, keepaliveMs: 20 });
    await orderFault(emulator.url, { kind: 'stall', after: 25 });
    using healthy = await openStream(emulator.url, { query: 'backfill_minutes=1' });
    await until('the first stream has stalled', async () => (await faultsOf(emulator.url))[0]?.struck === 1);
    using other = await openStream(emulator.url);
    // A second stream shows that time passes and posts are made.
    await hasPosts(other, 300);
    expect(healthy.lines()).toHaveLength(25);
    expect(healthy.ending()).toBeUndefined();
    healthy[Symbol.dispose]();
    await until('truth says so', async () => (await reasonOf(emulator.url)) === 'stall');
  });

  it('disconnect: the platform says so in the stream and ends it', async () => {
    const { emulator, client } = await struckBy('disconnect', 25);
    await using _ = emulator;
    using __ = client;
    await ended(client);
    expect(client.ending()).toBe('end');
    expect(client.posts()).toHaveLength(26);
    expect(client.posts().at(-1)).toBe(
      '{"errors":[{"title":"operational-disconnect","disconnect_type":"OperationalDisconnect","detail":"This stream has been disconnected for operational reasons.","type":"https://api.twitter.com/2/problems/operational-disconnect"}]}',
    );
    expect((await truthOf(emulator.url)).connections[0]).toMatchObject({ sent: 25, reason: 'disconnect' });
  });

  it('duplicate: a line twice, and twice in truth', async () => {
    await using emulator = await startEmulator({ rate: RATE });
    await orderFault(emulator.url, { kind: 'duplicate', after: 5, count: 3 });
    await orderFault(emulator.url, { kind: 'disconnect', after: 40 });
    using client = await openStream(emulator.url);
    await ended(client);
    const ids = idsOn(client.posts().slice(0, -1));
    expect(ids).toHaveLength(43);
    expect(ids.flatMap((id, n) => (id === ids[n - 1] ? [n] : []))).toEqual([6, 13, 20]);
    expect(await truthIds(emulator.url, '1')).toEqual(ids);
    expect((await truthOf(emulator.url)).connections[0]?.sent).toBe(43);
  });

  it('malformed: an extra broken line that is not in truth', async () => {
    await using emulator = await startEmulator({ rate: RATE });
    await orderFault(emulator.url, { kind: 'malformed', after: 10, count: 2 });
    await orderFault(emulator.url, { kind: 'disconnect', after: 40 });
    using client = await openStream(emulator.url);
    await ended(client);
    const lines = client.posts().slice(0, -1);
    const broken = lines.flatMap((line, n) => (isJson(line) ? [] : [n]));
    expect(broken).toEqual([10, 21]);
    expect(await truthIds(emulator.url, '1')).toEqual(idsOn(lines.filter(isJson)));
    expect(lines).toHaveLength(42);
  });

  it('huge-line: one post of 5 MB among the others', async () => {
    await using emulator = await startEmulator({ rate: RATE });
    await orderFault(emulator.url, { kind: 'huge-line', after: 10 });
    await orderFault(emulator.url, { kind: 'disconnect', after: 40 });
    using client = await openStream(emulator.url, { query: COLLECTOR_QUERY });
    await ended(client);
    const lines = client.posts().slice(0, -1);
    expect(lines).toHaveLength(40);
    expect(lines.flatMap((line, n) => (line.length > 5_000_000 ? [n] : []))).toEqual([10]);
    expect(idsOn(lines)).toEqual(await truthIds(emulator.url, '1'));
  });

  it('strikes at once when no number of posts is given, even in silence', async () => {
    await using emulator = await startEmulator({ rate: 0.001 });
    using client = await openStream(emulator.url, { query: 'backfill_minutes=1' });
    await hasPosts(client, 1);
    await orderFault(emulator.url, { kind: 'cut' });
    await ended(client);
    expect(client.ending()).toBe('reset');
  });

  it('counts from the order for a stream that is already open', async () => {
    await using emulator = await startEmulator({ rate: RATE });
    using client = await openStream(emulator.url);
    await hasPosts(client, 200);
    await orderFault(emulator.url, { kind: 'cut', after: 100 });
    await ended(client);
    expect(client.posts().length).toBeGreaterThanOrEqual(300);
  });

  it('strikes as often as asked, on one connection after the other', async () => {
    await using emulator = await startEmulator({ rate: RATE });
    await orderFault(emulator.url, { kind: 'cut', after: 10, count: 2 });
    for (const expected of ['reset', 'reset', undefined]) {
      using client = await openStream(emulator.url);
      if (expected === undefined) await hasPosts(client, 50);
      else await ended(client);
      expect(client.ending()).toBe(expected);
    }
  });
});

describe('faults of connects', () => {
  it.each([
    ['http-429', 429, '{"title":"Too Many Requests","detail":"Too Many Requests","type":"about:blank","status":429}'],
    [
      'http-503',
      503,
      '{"title":"Service Unavailable","detail":"Service Unavailable","type":"about:blank","status":503}',
    ],
  ])('%s: the next connects are refused, with rate-limit headers', async (kind, status, body) => {
    await using emulator = await startEmulator();
    await orderFault(emulator.url, { kind, count: 2 });
    for (let n = 0; n < 2; n++) {
      using client = await openStream(emulator.url);
      await ended(client);
      expect([client.status, client.body().toString()]).toEqual([status, body]);
      expect(client.headers['x-rate-limit-reset']).toMatch(/^\d{10}$/);
    }
    using accepted = await openStream(emulator.url);
    expect(accepted.status).toBe(200);
    expect((await truthOf(emulator.url)).connections).toHaveLength(1);
  });
});

interface FaultAnswer {
  id: number;
  kind: string;
  struck: number;
}

async function faultsOf(url: string): Promise<FaultAnswer[]> {
  return ((await (await fetch(`${url}/_emulator/faults`)).json()) as { faults: FaultAnswer[] }).faults;
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    // That is the answer.
    return false;
  }
}

describe('the fault endpoint', () => {
  it('answers 201 with the fault, lists it, and forgets all on DELETE', async () => {
    await using emulator = await startEmulator();
    const ordered = await orderFault(emulator.url, { kind: 'cut', after: 7 });
    expect(ordered.status).toBe(201);
    expect(await ordered.json()).toEqual({ id: 1, kind: 'cut', after: 7, count: 1, struck: 0 });
    expect(await faultsOf(emulator.url)).toEqual([{ id: 1, kind: 'cut', after: 7, count: 1, struck: 0 }]);
    expect((await fetch(`${emulator.url}/_emulator/faults`, { method: 'DELETE' })).status).toBe(200);
    expect(await faultsOf(emulator.url)).toEqual([]);
  });

  it.each([
    ['{', 400],
    ['{"kind":"flood"}', 400],
    [`{"kind":"${'x'.repeat(70_000)}"}`, 413],
  ])('refuses %.20s with a sentence', async (body, status) => {
    await using emulator = await startEmulator();
    const answer = await orderFault(emulator.url, body);
    expect(answer.status).toBe(status);
    expect(((await answer.json()) as { error: string }).error).toMatch(/\.$/);
  });

  it('says what is missing for unknown things below /_emulator', async () => {
    await using emulator = await startEmulator();
    const status = async (path: string) => (await fetch(emulator.url + path)).status;
    expect(await status('/_emulator/nothing')).toBe(404);
    expect(await status('/_emulator/truth/ids')).toBe(400);
    expect(await status('/_emulator/truth/ids?connection=99')).toBe(404);
    expect(await status('/_emulator/truth/posts')).toBe(400);
  });
});
