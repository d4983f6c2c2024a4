import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ended, hasPosts, idsOn, openStream, truthOf, until } from './support/stream-client.ts';
import { startEmulator } from '../src/start-emulator.ts';

async function withFolder<T>(files: Record<string, string | Buffer>, run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'emulator-world-'));
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const textOf = async (address: string): Promise<string> => (await fetch(address)).text();
const jsonOf = async (address: string): Promise<Record<string, unknown>> =>
  (await (await fetch(address)).json()) as Record<string, unknown>;

describe('the emulator', () => {
  it('hands out keys of every kind and a handle for each state', async () => {
    await using emulator = await startEmulator({ token: 'mine', accounts: 2000 });
    const keys = await jsonOf(`${emulator.url}/_emulator/credentials`);
    for (const name of [
      ...['consumer_key', 'consumer_secret', 'access_token', 'access_token_secret', 'client_id', 'client_secret'],
      ...['user_public', 'user_protected', 'user_suspended', 'user_deleted', 'user_renamed'],
    ]) {
      expect(keys[name], name).toMatch(/^[\w-]{4,}$/);
    }
    expect(keys['bearer_token']).toBe('mine');
    for (const [name, state] of [
      ['user_public', 'public'],
      ['user_protected', 'protected'],
      ['user_suspended', 'suspended'],
      ['user_deleted', 'deleted'],
      ['user_renamed', 'public'],
    ] as const) {
      const account = await jsonOf(`${emulator.url}/_emulator/truth/account?account=${String(keys[name])}`);
      expect(account, name).toMatchObject({ handle: keys[name], id: keys[`${name}_id`], state });
    }
    expect(
      (await fetch(`${emulator.url}/_emulator/truth/account?account=${String(keys['user_renamed_before'])}`)).status,
    ).toBe(404);
  });

  it('counts calls: made, allowed, refused', async () => {
    await using emulator = await startEmulator({ connectLimit: 1, accounts: 2000 });
    for (let n = 0; n < 3; n++) {
      using client = await openStream(emulator.url);
      if (n > 0) await ended(client);
    }
    await until('all are counted', async () => {
      const { calls } = (await jsonOf(`${emulator.url}/_emulator/truth/calls`)) as { calls: { made: number }[] };
      return calls[0]?.made === 3;
    });
    expect(await jsonOf(`${emulator.url}/_emulator/truth/calls`)).toMatchObject({
      calls: [
        { path: '/2/tweets/sample/stream', made: 3, allowed: 1, refused: 2, failed: 0, byStatus: { 200: 1, 429: 2 } },
      ],
    });
  });

  it('shows its world and its streams on the front page, and follows its short links', async () => {
    await using emulator = await startEmulator({ accounts: 2000, rate: 500 });
    using client = await openStream(emulator.url, { query: 'tweet.fields=entities' });
    await hasPosts(client, 200);
    const named = await fetch(`${emulator.url}/_emulator/apps`, {
      method: 'POST',
      body: JSON.stringify({ name: '<script>alert(1)</script>' }),
    });
    expect(named.status).toBe(201);
    const page = await textOf(`${emulator.url}/`);
    expect(page).toMatch(/2,000 accounts[\s\S]*sample\/stream/);
    expect(page).toContain(
      `curl -N -H 'authorization: Bearer emulator-token' ${emulator.url}/2/tweets/sample/stream`.replaceAll(
        "'",
        page.includes('&#39;') ? '&#39;' : "'",
      ),
    );
    expect(page).not.toContain('<script');
    const codes = client
      .posts()
      .flatMap((line) => [...line.matchAll(/"url":"https:\/\/t\.co\/(\w+)","expanded_url":"([^"]+)"/g)]);
    expect(codes.length).toBeGreaterThan(20);
    for (const [, code, address] of codes.slice(0, 20)) {
      const answer = await fetch(`${emulator.url}/t.co/${code}`, { redirect: 'manual' });
      expect([answer.status, answer.headers.get('location')]).toEqual([301, address]);
    }
    expect((await fetch(`${emulator.url}/t.co/nothing`)).status).toBe(404);
  });

  it('runs the world, the stream and its windows faster with a faster clock', async () => {
    await using emulator = await startEmulator({ accounts: 2000, rate: 20, clock: 50, connectLimit: 5 });
    using client = await openStream(emulator.url);
    const reset = Number(client.headers['x-rate-limit-reset']);
    expect(reset - Date.now() / 1000).toBeLessThan(25);
    await hasPosts(client, 600);
    const at = (id: string | undefined): number => Number(BigInt(id ?? 0) >> 22n);
    const ids = idsOn(client.posts());
    expect((at(ids.at(-1)) - at(ids[0])) / ids.length).toBeCloseTo(50, -1);
  });

  it('has an outage when the scenario says so: streams are cut, calls answered with 503, and then all is well', async () => {
    const scenario = JSON.stringify({ events: [{ at: '+20s', do: 'outage', for: '60s' }] });
    await withFolder({ 's.json': scenario }, async (folder) => {
      await using emulator = await startEmulator({ accounts: 2000, clock: 40, scenario: join(folder, 's.json') });
      using client = await openStream(emulator.url);
      await ended(client);
      expect((await truthOf(emulator.url)).connections[0]?.reason).toBe('cut');
      using refused = await openStream(emulator.url);
      expect(refused.status).toBe(503);
      await until('the outage is over', async () => {
        using again = await openStream(emulator.url);
        return again.status === 200;
      });
    });
  });

  it('imports statuses and followers as Twittomatic keeps them, and JSON Lines of v2', async () => {
    const user = {
      id_str: '2244994945',
      screen_name: 'Ring_er',
      name: 'Ringer',
      created_at: 'Sat Dec 14 04:35:55 +0000 2013',
    };
    const status = (id: string, text: string): string =>
      JSON.stringify({ created_at: 'Wed Oct 10 20:19:24 +0000 2018', full_text: text, id_str: id, user });
    const ids = Buffer.alloc(24);
    for (const [n, id] of [9_007_199_254_740_993n, 12n, 77n].entries()) ids.writeBigUInt64BE(id, n * 8);
    const v2 = {
      data: { id: '1050118621198921700', text: 'A &amp; B', author_id: '99', lang: 'en' },
      includes: { users: [{ id: '99', username: 'other', name: 'O' }] },
    };
    await withFolder(
      {
        '2244994945.twt': gzipSync(
          `${status('1050118621198921728', 'second')}\n${status('1050118621198921000', 'first')}\n`,
        ),
        '2244994945.fws': gzipSync(ids),
        'v2.jsonl': `${JSON.stringify(v2)}\nrubbish\n`,
      },
      async (folder) => {
        const files = ['2244994945.twt', '2244994945.fws', 'v2.jsonl'].map((name) => join(folder, name));
        for (const imports of [files, [folder]]) {
          const said: string[] = [];
          await using emulator = await startEmulator({
            accounts: 2000,
            imports,
            tell: (sentence) => said.push(sentence),
          });
          const truth = `${emulator.url}/_emulator/truth/account`;
          expect(await jsonOf(`${truth}?account=ring_er`)).toMatchObject({
            id: '2244994945',
            handle: 'Ring_er',
            followers: 3,
            posts: 2,
          });
          expect(await textOf(`${truth}/posts?account=2244994945`)).toBe('1050118621198921728\n1050118621198921000\n');
          expect(await textOf(`${truth}/followers?account=2244994945`)).toBe('9007199254740993\n12\n77\n');
          expect(await textOf(`${truth}/posts?account=other`)).toBe('1050118621198921700\n');
          expect(said).toEqual([`1 lines of ${join(folder, 'v2.jsonl')} hold neither posts nor accounts.`]);
        }
      },
    );
  });
});
