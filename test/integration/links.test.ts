/** Links of stored posts: found, followed once, kept, tried again over days, and gone on with after a kill. */
import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../src/core/log.ts';
import { expandLinks, type ExpandWish } from '../../src/jobs/links/expand-links.ts';
import { followDue, type LinkWork } from '../../src/jobs/links/follow-due.ts';
import { openQueue } from '../../src/jobs/queue.ts';
import { queueDueLinks, workOnLinks } from '../../src/jobs/work-links.ts';
import { createHostTurns } from '../../src/platforms/links/host-turns.ts';
import type { Database } from '../../src/store/db.ts';
import { asOnlyExpander } from '../../src/store/links/expander-lock.ts';
import { listLinks } from '../../src/store/links/list-links.ts';
import { forgetLinksOfGonePosts } from '../../src/store/links/note-links.ts';
import { exportBench } from '../support/exports.ts';
import { eventually } from '../support/loader.ts';
import { sampleLine, snowflakeAt } from '../support/sample-posts.ts';

const START = Date.parse('2026-11-20T13:00:00.000Z');
const HOUR = 3_600_000;
const at = (hours: number) => START + hours * HOUR;
const program = join(import.meta.dirname, '../../bin/mistnet');

/** A post of hour `n` by account `n % 2`, with links. */
function post(n: number, ...urls: string[]): { payload: string; atMs: number } {
  const line = JSON.parse(sampleLine({ id: snowflakeAt(at(n), n), atMs: at(n), account: n % 2 }));
  if (urls.length > 0)
    line.data.entities = { urls: urls.map((expanded_url, k) => ({ url: `https://t.co/${n}x${k}`, expanded_url })) };
  return { payload: JSON.stringify(line), atMs: at(n) + 10 };
}

/** A server that notes what is asked for; `/503/…` is answered so, `/to/N` leads to `/N`. */
async function startWeb() {
  const asked: string[] = [];
  const server: Server = createServer(({ url = '', method }, response) => {
    asked.push(`${method} ${url}`);
    const [, first = '', second = ''] = url.split('/');
    if (first === 'to') response.writeHead(301, { location: `/${second}` }).end();
    else response.writeHead(/^\d{3}$/.test(first) ? Number(first) : 200).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ asked, port, url: `http://127.0.0.1:${port}` },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function workOn(db: Database, ports: number[]) {
  const time = { nowMs: at(100) };
  const monotonicMs = () => performance.now();
  const work: LinkWork = {
    db,
    signal: new AbortController().signal,
    follower: {
      allowed: new Set(ports.map((port) => `127.0.0.1:${port}`)),
      resolve: async (name) => {
        throw new Error(`no name server knows ${name}`);
      },
      turns: createHostTurns({ gapMs: 0, monotonicMs, sleep: (ms, signal) => pause(ms, undefined, { signal }) }),
      userAgent: 'mistnet/test (+link check)',
      clock: { now: () => time.nowMs },
      monotonicMs,
    },
  };
  const expand = (wish: Partial<ExpandWish> = {}) => expandLinks(work, { selection: {}, refetch: false, ...wish });
  return { time, work, expand };
}

describe('links of posts', () => {
  it('are followed once, whoever links to them, and kept with their way; a second run follows nothing', async () => {
    await using bench = await exportBench();
    await using web = await startWeb();
    const { db } = bench;
    await bench.load('birds', [
      post(1, `${web.url}/to/end`, `${web.url}/a`),
      post(2, `${web.url}/a`),
      post(3),
      post(4, 'http://169.254.169.254/latest/meta-data/', 'file:///etc/passwd'),
    ]);
    const { expand } = workOn(db, [web.port]);
    const first = await expand();
    expect(first).toMatchObject({
      posts: 4,
      postsTotal: 4,
      expanded: 3,
      followed: 4,
      answered: 2,
      refused: 2,
      again: 0,
      waiting: 0,
    });
    expect(first.statuses).toEqual({ '2xx': 2 });
    expect([...web.asked].sort()).toEqual(['HEAD /a', 'HEAD /end', 'HEAD /to/end']);
    const [redirected] = (await listLinks(db, { limit: 10 })).filter(({ url }) => url.endsWith('/to/end'));
    expect(redirected).toMatchObject({
      state: 'done',
      ...{ finalUrl: `${web.url}/end`, finalStatus: 200, posts: 1, tries: 1, dueAt: null },
      history: [{ status: 301, url: `${web.url}/to/end`, headers: { location: '/end' } }],
      checkedAt: new Date(at(100)).toISOString(),
    });
    const refused = await listLinks(db, { state: 'refused', limit: 10 });
    expect(refused.map(({ cause }) => cause ?? '').sort()).toEqual([
      'file: is not followed',
      'it leads to 169.254.169.254, which is link-local or metadata of a cloud',
    ]);
    expect(await db.query('select post_id, position, link, kind from post_links order by post_id, position')).toEqual([
      ...[0, 1].map((position) => ({
        post_id: snowflakeAt(at(1), 1),
        position,
        link: `https://t.co/1x${position}`,
        kind: 'url',
      })),
      { post_id: snowflakeAt(at(2), 2), position: 0, link: 'https://t.co/2x0', kind: 'url' },
      ...[0, 1].map((position) => ({
        post_id: snowflakeAt(at(4), 4),
        position,
        link: `https://t.co/4x${position}`,
        kind: 'url',
      })),
    ]);
    expect(await expand()).toMatchObject({ posts: 4, expanded: 0, followed: 0 });
    expect(web.asked).toHaveLength(3);
    await bench.load('birds', [post(5, `${web.url}/a`, `${web.url}/b`)]);
    expect(await expand()).toMatchObject({ expanded: 1, followed: 1 });
    expect(web.asked.slice(3)).toEqual(['HEAD /b']);
  });

  it('are those of the days, the account, the collection and the number of posts that are asked for', async () => {
    await using bench = await exportBench();
    await using web = await startWeb();
    const { db } = bench;
    await bench.load(
      'birds',
      [1, 2, 3, 20, 21, 40].map((n) => post(n, `${web.url}/${n}`)),
    );
    await bench.load('frogs', [post(50, `${web.url}/50`)]);
    const { expand, time } = workOn(db, [web.port]);
    const paths = () =>
      web.asked
        .splice(0)
        .map((each) => each.slice('HEAD /'.length))
        .sort();
    const day = (text: string) => `${text}T00:00:00.000Z`;
    const collectionId = (
      await db.query<{ collection_id: number }>("select collection_id from collections where name = 'frogs'")
    )[0]?.collection_id;
    expect(await expand({ selection: { collectionId: collectionId ?? 0 } })).toMatchObject({ postsTotal: 1 });
    expect(paths()).toEqual(['50']);
    await expand({ selection: { postedFrom: day('2026-11-21'), postedTo: day('2026-11-22') } });
    expect(paths()).toEqual(['20', '21']);
    await expand({ selection: { account: { platform: 'x', accountId: '1000001' } } });
    expect(paths()).toEqual(['1', '3']);
    expect(await expand({ limit: 1 })).toMatchObject({ expanded: 1, followed: 1 });
    expect(paths()).toHaveLength(1);
    expect(await db.query('select 1 from links')).toHaveLength(6); // what is beyond the limit is not even noted
    await expand();
    expect(paths()).toHaveLength(1);
    time.nowMs += HOUR;
    expect(await expand({ refetch: true, limit: 2 })).toMatchObject({ expanded: 2, followed: 2 });
    time.nowMs += HOUR;
    await expand({ refetch: true });
    expect(web.asked).toHaveLength(2 + 7);
  });

  it('without an answer are tried again by the plan of days, and then given up; a dead host is not asked for all its links', async () => {
    await using bench = await exportBench();
    await using web = await startWeb();
    await using gone = await startWeb();
    await gone[Symbol.asyncDispose]();
    const { db } = bench;
    await bench.load('birds', [
      post(1, `${web.url}/503/a`, `${web.url}/404/b`),
      post(2, ...[1, 2, 3, 4, 5].map((n) => `${gone.url}/${n}`)),
    ]);
    const { expand, work, time } = workOn(db, [web.port, gone.port]);
    expect(await expand()).toMatchObject({
      followed: 7,
      answered: 2,
      unreachable: 5,
      again: 6,
      statuses: { '4xx': 1, '5xx': 1 },
    });
    const causes = (await listLinks(db, { limit: 10 })).map(({ cause }) => cause ?? '');
    expect(causes.filter((cause) => cause.startsWith('not tried'))).toHaveLength(2);
    expect(causes.filter((cause) => cause.includes('ECONNREFUSED'))).toHaveLength(3);
    expect(await followDue(work, 100)).toMatchObject({ followed: 0 });
    for (const [days, last] of [
      [0.06, false],
      [1.06, false],
      [3.06, false],
      [7.06, true],
    ] as const) {
      time.nowMs += days * 24 * HOUR;
      expect([days, await followDue(work, 100)]).toMatchObject([days, { followed: 6, again: last ? 0 : 6 }]);
    }
    time.nowMs += 365 * 24 * HOUR;
    expect(await followDue(work, 100)).toMatchObject({ followed: 0 });
    expect(web.asked.filter((each) => each === 'HEAD /503/a')).toHaveLength(5);
    expect((await listLinks(db, { status: 503, limit: 10 })).map(({ state, tries }) => [state, tries])).toEqual([
      ['done', 5],
    ]);
    expect(await listLinks(db, { state: 'unreachable', limit: 10 })).toHaveLength(5);
  });

  it('that are due are followed by the worker, one follower at a time; links of posts that went are forgotten', async () => {
    await using bench = await exportBench();
    await using web = await startWeb();
    const { db, url } = bench;
    await bench.load('birds', [post(1, `${web.url}/503/a`)]);
    const { expand, work, time } = workOn(db, [web.port]);
    await expand();
    time.nowMs += 2 * HOUR;
    await using queue = await openQueue({ url, node: 'n1', log: silentLog });
    await asOnlyExpander(db, async () => expect(await asOnlyExpander(db, async () => 'a second one')).toBeUndefined());
    await workOnLinks(work, queue, silentLog);
    await queueDueLinks(work, queue);
    await eventually(async () => expect(web.asked).toHaveLength(2));
    await db.query('delete from posts');
    await forgetLinksOfGonePosts(db);
    expect(await db.query('select 1 from post_links')).toEqual([]);
    expect(await db.query('select 1 from links')).toHaveLength(1);
  });
});

describe('mistnet urls', () => {
  it('goes on after kill -9 and asks for nothing twice but what was under way', async () => {
    await using bench = await exportBench();
    const hosts = new AsyncDisposableStack();
    await using _ = hosts;
    const webs: Awaited<ReturnType<typeof startWeb>>[] = [];
    for (let n = 0; n < 4; n++) webs.push(hosts.use(await startWeb()));
    const links = webs.flatMap(({ url }) => [1, 2, 3].map((n) => `${url}/${n}`));
    await bench.load(
      'birds',
      links.map((link, n) => post(n, link)),
    );
    const environment = {
      PATH: process.env.PATH,
      MISTNET_HOME: bench.home,
      MISTNET_DATABASE_URL: bench.url,
      MISTNET_LINKS_ALLOW: webs.map(({ port }) => `127.0.0.1:${port}`).join(', '),
    };
    const asked = () => webs.flatMap((web) => web.asked.map((each) => `${web.url}${each.slice('HEAD '.length)}`));
    const killed = run(['urls', 'expand', '--no-progress'], environment);
    await eventually(async () => expect(asked().length).toBeGreaterThanOrEqual(5));
    killed.child.kill('SIGKILL');
    await killed.ended;
    const before = asked().length;
    expect(before).toBeLessThan(links.length);
    const second = await run(['urls', 'expand', '--json'], environment).ended;
    expect(second).toMatchObject({ code: 0 });
    expect(new Set(asked())).toEqual(new Set(links));
    expect(asked().length - links.length).toBeLessThanOrEqual(webs.length); // one a host was under way
    expect(JSON.parse(second.out)).toMatchObject({
      posts: 12,
      refused: 0,
      unreachable: 0,
      statuses: { '2xx': expect.any(Number) },
    });
    const list = await run(['urls', 'list', '--status', '200', '--json'], environment).ended;
    const records = list.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.map(({ url }) => String(url)).sort()).toEqual([...links].sort());
    for (const record of records) expect(record).toMatchObject({ tries: 1, state: 'done' });
    for (const web of webs) web.asked.length = 0;
    expect((await run(['urls', 'expand'], environment).ended).err).toContain('0 links followed');
    expect(asked()).toEqual([]);
  }, 120_000);

  it('refuses days that are none, and an end before the start', async () => {
    const environment = { PATH: process.env.PATH };
    const says = async (...args: string[]) => await run(['urls', 'expand', ...args], environment).ended;
    for (const day of ['22.11.2026', '2026-02-30', '2026-1-1'])
      expect(await says('--start-date', day)).toMatchObject({
        code: 2,
        err: expect.stringContaining('dates must be in the format YYYY-MM-DD'),
      });
    expect(await says('--start-date', '2026-11-02', '--end-date', '2026-11-01')).toMatchObject({
      code: 2,
      err: expect.stringContaining('before --start-date'),
    });
  }, 60_000);
});

function run(args: string[], env: NodeJS.ProcessEnv) {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (err += data.toString()));
  const ended = new Promise<{ code: number | null; out: string; err: string }>((done) =>
    child.once('close', (code) => done({ code, out, err })),
  );
  return { child, ended };
}
