import { describe, expect, it } from 'vitest';
import { addRules } from './support/rules-client.ts';
import { ended, hasPosts, idsOn, openStream, orderFault, truthIds, truthOf, until } from './support/stream-client.ts';
import { startEmulator } from '../src/start-emulator.ts';

const start = new Date('2026-11-22T13:00:00Z');

interface StreamTruth {
  readonly struck: readonly { readonly kind: string; readonly line: number }[];
}
const struckOn = async (url: string): Promise<StreamTruth['struck'][]> => {
  const { streams } = (await (await fetch(`${url}/_emulator/truth/streams`)).json()) as { streams: StreamTruth[] };
  return streams.map(({ struck }) => struck);
};

describe('faults of streams', () => {
  it('out-of-order: the next lines come shuffled, none lost, and truth tells the order sent', async () => {
    await using emulator = await startEmulator({ rate: 2000 });
    await orderFault(emulator.url, {
      faults: [
        { kind: 'out-of-order', after: 10, window: 20 },
        { kind: 'disconnect', after: 50 },
      ],
    });
    using client = await openStream(emulator.url);
    await ended(client);
    const ids = idsOn(client.posts().slice(0, -1));
    expect(ids).toHaveLength(50);
    expect(new Set(ids).size).toBe(50);
    const sorted = ids.toSorted();
    expect(ids.slice(0, 10)).toEqual(sorted.slice(0, 10));
    expect(ids.slice(10, 30)).not.toEqual(sorted.slice(10, 30));
    expect(ids.slice(10, 30).toSorted()).toEqual(sorted.slice(10, 30));
    expect(ids.slice(30)).toEqual(sorted.slice(30));
    expect(await truthIds(emulator.url, '1')).toEqual(ids);
  });

  it('drip: one line in many pieces, and then the others', async () => {
    await using emulator = await startEmulator({ rate: 500 });
    await orderFault(emulator.url, {
      faults: [
        { kind: 'drip', after: 3, forMs: 200 },
        { kind: 'disconnect', after: 20 },
      ],
    });
    using client = await openStream(emulator.url);
    await ended(client);
    expect(idsOn(client.posts().slice(0, -1))).toEqual(await truthIds(emulator.url, '1'));
    expect(client.posts()).toHaveLength(21);
  });

  it.each([
    ['upstream-disconnect', 'UpstreamOperationalDisconnect'],
    ['force-disconnect', 'ForceDisconnect'],
  ])('%s: the platform says so and ends it', async (kind, type) => {
    await using emulator = await startEmulator({ rate: 500 });
    await orderFault(emulator.url, { kind, after: 2 });
    using client = await openStream(emulator.url);
    await ended(client);
    expect(client.ending()).toBe('end');
    expect(JSON.parse(client.posts().at(-1) ?? '')).toMatchObject({
      errors: [{ title: 'operational-disconnect', disconnect_type: type }],
    });
  });

  it('half-open: silence, and a place that stays taken after the client has gone', async () => {
    await using emulator = await startEmulator({ rate: 500, access: 'pay-per-use', keepaliveMs: 20 });
    const path = '/2/tweets/search/stream';
    await addRules(emulator.url, { value: 'coffee OR music OR today OR love' });
    await orderFault(emulator.url, { kind: 'half-open', after: 2, forMs: 3_600_000, path });
    {
      using client = await openStream(emulator.url, { path });
      await hasPosts(client, 2);
      await until('it struck', async () => (await struckOn(emulator.url))[0]?.length === 1);
    }
    using second = await openStream(emulator.url, { path });
    expect(second.status).toBe(429);
    expect((await truthOf(emulator.url)).connections[0]).toMatchObject({ closedAt: null, sent: 2 });
  });

  it('slow readers of the whole world are reset, like those of the sample', async () => {
    await using emulator = await startEmulator({ rate: 15_000, maxBehindSec: 1 });
    using client = await openStream(emulator.url, {
      path: '/2/tweets/firehose/stream/lang/ja',
      query: 'partition=1&tweet.fields=entities&expansions=author_id&user.fields=description',
    });
    await hasPosts(client, 10);
    client.pause();
    await until('it is dropped', async () => (await truthOf(emulator.url)).connections[0]?.reason === 'slow-reader');
    client.resume();
    await ended(client);
    expect(client.ending()).toBe('reset');
  });

  it('mean one connection only, when they say which, also one that is yet to come', async () => {
    await using emulator = await startEmulator({ rate: 1000 });
    await orderFault(emulator.url, { kind: 'disconnect', after: 5, connection: '2' });
    using one = await openStream(emulator.url);
    await hasPosts(one, 30);
    using two = await openStream(emulator.url);
    await ended(two);
    expect(two.posts()).toHaveLength(6);
    expect(one.ending()).toBeUndefined();
  });

  it('drawn by a seed are the same on every run, byte for byte', async () => {
    const run = async (seed: number) => {
      await using emulator = await startEmulator({ seed: 5, start, rate: 'max' });
      const kinds = ['duplicate', 'malformed', 'out-of-order', 'cut'];
      await orderFault(emulator.url, { kind: 'random', seed, every: 25, kinds });
      await orderFault(emulator.url, { kind: 'disconnect', after: 300, count: 100 });
      const bodies: string[] = [];
      for (let n = 0; n < 3; n++) {
        using client = await openStream(emulator.url);
        await ended(client);
        // A reset can take what came last.
        bodies.push(client.posts().join('\n'));
      }
      return { bodies, struck: await struckOn(emulator.url) };
    };
    const first = await run(7);
    const second = await run(7);
    const other = await run(8);
    expect(second.struck).toEqual(first.struck);
    expect(second.bodies).toEqual(first.bodies);
    expect(other.struck).not.toEqual(first.struck);
    expect(first.struck.flat().length).toBeGreaterThan(5);
    const [one, two] = first.struck;
    expect(one).not.toEqual(two);
  });
});
