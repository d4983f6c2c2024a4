/** What pages tell beside their lists: an account's figures, a day of jobs, the last post, where links lead, whose mistnet it is. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { silentLog } from '../../src/core/log.ts';
import { openQueue } from '../../src/jobs/queue.ts';
import { PLACES_OF_A_WORKER, reportWork } from '../../src/jobs/work-report.ts';
import { follow } from '../../src/store/accounts/note-sights.ts';
import { dueOfPosts, noteTried } from '../../src/store/links/due-links.ts';
import { noteLinks } from '../../src/store/links/note-links.ts';
import { indexAll } from '../support/index-all.ts';
import { loadAll } from '../support/loader.ts';
import { sampleLine, snowflakeAt } from '../support/sample-posts.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { systemClock } from '../../src/core/time.ts';
import { addSampleCollection, sayStatus, startServer, type TestServer } from '../support/server.ts';
import { writeSealedSegment } from '../support/write-segment.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Noon of the day before yesterday, UTC. */
const START = Math.floor(Date.now() / DAY_MS) * DAY_MS - 36 * HOUR_MS;
const UID = '1000007';
const postId = (at: number) => snowflakeAt(START + at, 1);

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  await addSampleCollection(server.db, 'press');
  await addSampleCollection(server.db, 'quiet');
  const segmentsFolder = join(server.home, 'segments');
  // The followers that a line tells are as many as its likes.
  const said = [
    [-400 * DAY_MS, 0, 10],
    [60_000, 0, 10],
    [120_000, 180_000, 11],
    [DAY_MS, DAY_MS, 15],
  ] as const;
  for (const [sequence, [postedAt, capturedAt, likes]] of said.entries()) {
    const line = sampleLine({ id: postId(postedAt), atMs: START + postedAt, account: 7, likes });
    const frames = [{ payload: line, atMs: START + capturedAt }];
    const openedAtMs = START + capturedAt;
    await writeSealedSegment({ segmentsFolder, plan: 'press', node: 'n1', openedAtMs, sequence, frames });
  }
  const other = sampleLine({ id: postId(5), atMs: START, account: 8 });
  const frames = [{ payload: other, atMs: START }];
  await writeSealedSegment({ segmentsFolder, plan: 'press', node: 'n1', openedAtMs: START, sequence: 9, frames });
  await loadAll({ db: server.db, segmentsFolder });
  await indexAll(server.db);
}, 60_000);
afterAll(async () => server[Symbol.asyncDispose]());

const get = async (path: string) => {
  const reply = await server.app.inject({ url: path });
  expect(reply.statusCode, reply.body).toBe(200);
  return reply.json() as Record<string, never>;
};
const iso = (at: number) => new Date(START + at).toISOString();
const day = (at: number) => iso(at).slice(0, 10);

describe('an account', () => {
  it('has its own posts counted, and its counts as they were said with profile and posts, once a day', async () => {
    const metrics = { followers_count: 8, following_count: 2, tweet_count: 3, listed_count: 1 };
    const profile = { id: UID, username: 'bird7', created_at: '2015-03-01T10:00:00.000Z', public_metrics: metrics };
    const sight = {
      ...{ platform: 'x', accountId: UID, handle: 'bird7', state: 'public' as const, profile },
      ...{ endpoint: 'GET /2/users', evidence: 'it is there', atMs: START - HOUR_MS },
    };
    await server.db.transaction((tx) => follow(tx, [sight]));
    const found = await get(`/api/v1/accounts/${UID}`);
    expect(found).toMatchObject({
      createdAt: '2015-03-01T10:00:00.000Z',
      holdings: { posts: 4, collections: ['press'] },
      postsByDay: [
        { day: day(0), posts: 2 },
        { day: day(DAY_MS), posts: 1 },
      ],
      counts: [
        { at: iso(-HOUR_MS), followers: 8, following: 2, posts: 3, listed: 1 },
        { at: iso(180_000), followers: 11, following: 1, posts: 5, listed: 0 },
        { at: iso(DAY_MS), followers: 15 },
      ],
    });
  });
});

describe('the last post of a collection', () => {
  it('is its newest row, or what capture says where that is later; null where none came', async () => {
    const said = async () => {
      const { collections } = (await get('/api/v1/overview')) as unknown as {
        collections: { name: string; lastPostAt: string | null }[];
      };
      return Object.fromEntries(collections.map(({ name, lastPostAt }) => [name, lastPostAt]));
    };
    expect(await said()).toEqual({ press: iso(DAY_MS), quiet: null });
    const now = new Date(Date.now() - 5_000).toISOString();
    await sayStatus(server.db, 'press', { lastPostAt: now });
    await sayStatus(server.db, 'quiet', { lastPostAt: iso(-30 * DAY_MS) });
    await expect.poll(said, { timeout: 20_000, interval: 500 }).toEqual({ press: now, quiet: null });
  });
});

describe('the links of a post', () => {
  it('are shown with each redirect and their ends, once they were followed', async () => {
    const key = { platform: 'x', postId: postId(60_000) };
    const path = `/api/v1/posts/x/${key.postId}`;
    expect(await get(path)).toMatchObject({ followedLinks: [] });
    const links = [
      { link: 'https://t.co/a', url: 'https://example.org/a', kind: 'url' as const },
      { link: 'http://10.0.0.1/', url: 'http://10.0.0.1/', kind: 'text' as const },
    ];
    await server.db.transaction((tx) => noteLinks(tx, [{ ...key, links }], START));
    const [due] = await dueOfPosts(server.db, [key], START);
    if (due === undefined) throw new Error('nothing is due');
    await noteTried(server.db, due, {
      ...{ state: 'done', finalUrl: 'https://example.org/b', finalStatus: 404, durationMs: 7, checkedAt: iso(0) },
      history: [{ status: 301, url: 'https://example.org/a', headers: { 'x-secret': 'no' } }],
    });
    expect(await get(path)).toMatchObject({
      followedLinks: [
        {
          ...{ link: 'https://t.co/a', url: 'https://example.org/a', state: 'done', checkedAt: iso(0), cause: null },
          redirects: [{ status: 301, url: 'https://example.org/a' }],
          ...{ finalUrl: 'https://example.org/b', finalStatus: 404 },
        },
        { link: 'http://10.0.0.1/', state: 'due', redirects: [], finalUrl: null, finalStatus: null, checkedAt: null },
      ],
    });
    expect((await server.app.inject({ url: path })).body).not.toContain('x-secret');
  });
});

describe('a day of jobs', () => {
  it('is counted by kind and hour, and nothing is said where nothing ended', async () => {
    expect(await get('/api/v1/jobs/hours')).toMatchObject({ kinds: [] });
    await using queue = await openQueue({ url: server.database.url, node: 'n1', log: silentLog });
    await queue.enqueue('export', [{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
    await queue.enqueue('search', [{ at: iso(0) }]);
    expect(await get('/api/v1/jobs/hours'), 'what waits has not ended').toMatchObject({ kinds: [] });
    await server.db.query(
      `update pgboss.job set completed_on = now() - case when data->>'name' = 'c' then interval '2 days' else interval '0' end,
        state = case when data->>'name' = 'b' then 'failed' else 'completed' end::pgboss.job_state`,
    );
    const zeros = Array.from({ length: 23 }, () => 0);
    const { kinds, firstHour } = await get('/api/v1/jobs/hours');
    expect(kinds).toEqual([{ kind: 'export', done: [...zeros, 1], failed: [...zeros, 1] }]);
    expect(Date.now() - Date.parse(firstHour as unknown as string)).toBeLessThan(DAY_MS);
  });
});

describe('work', () => {
  it('says how busy the workers are and what came of the last day, to each what they may see', async () => {
    const { db, database } = server;
    await using queue = await openQueue({ url: database.url, node: 'n1', log: silentLog });
    await db.query('delete from pgboss.job');
    expect(await get('/api/v1/jobs/work')).toMatchObject({ workers: 0, places: 0, running: 0 });
    const roles = ['server', 'worker'].map((role) => ({
      ...{ role, state: 'running', pid: 1, startedAt: iso(0), restarts: 0, lastExit: null, nextTryAt: null },
    }));
    for (const [node, ago] of [
      ['n1', 1],
      ['n2', 30],
      ['gone', 300],
    ] as const)
      await db.query(
        `insert into nodes (node, version, seen_at, body) values ($1, '1', now() - $2 * interval '1 second', $3)`,
        [node, ago, JSON.stringify(nodeBody(roles))],
      );
    for (const name of ['library', 'secret'])
      await addCollection(db, systemClock, { name, kind: 'timeline', platform: 'x', api: 'v2' });
    for (const [name, ago, pages, posts] of [
      ['library', 1, 3, 250],
      ['library', 20, 2, 17],
      ['library', 30, 9, 900],
      ['secret', 2, 1, 5],
    ] as const)
      await db.query(
        `insert into timeline_runs (run_id, collection_id, platform, account_id, node, started_at, pages, posts)
          select gen_random_uuid(), collection_id, 'x', '1', 'n1', now() - $2 * interval '1 hour', $3, $4 from collections where name = $1`,
        [name, ago, pages, posts],
      );
    for (const collection of ['library', 'secret'])
      await queue.enqueue('timeline', [{ collection, collectionId: 1, platform: 'x', accountId: collection }]);
    await queue.enqueue('export', [{ name: 'a' }, { name: 'b' }]);
    await db.query(`update pgboss.job set state = 'active', started_on = now() where data->>'collection' = 'secret'`);
    await db.query(`update pgboss.job set state = 'completed', completed_on = now() where data->>'name' = 'b'`);
    const all = await reportWork(db, new Date(Date.now() - DAY_MS).toISOString(), () => true);
    expect(all).toMatchObject({ workers: 2, places: 2 * PLACES_OF_A_WORKER, running: 1 });
    const amounts = [
      { unit: 'requests', amount: 6 },
      { unit: 'posts', amount: 272 },
    ];
    const timeline = { kind: 'timeline', running: 1, waiting: 1, done: 0, failed: 0, amounts };
    const exported = { kind: 'export', running: 0, waiting: 1, done: 1, failed: 0, amounts: [] };
    expect(all.kinds.filter(({ kind }) => kind === 'timeline' || kind === 'export')).toEqual([exported, timeline]);
    expect(await get('/api/v1/jobs/work')).toMatchObject({ kinds: all.kinds, running: 1 });
    const own = await reportWork(db, all.since, (kind, subject) => kind !== 'timeline' || subject === 'library');
    expect(own.running, 'places are taken by what is out of sight too').toBe(1);
    expect(own.kinds.find(({ kind }) => kind === 'timeline')).toMatchObject({
      ...{ running: 0, waiting: 1 },
      amounts: [
        { unit: 'requests', amount: 5 },
        { unit: 'posts', amount: 267 },
      ],
    });
    const metrics = await server.app.inject({ url: '/metrics' });
    for (const line of ['mistnet_workers 2', 'mistnet_work_last_day{kind="timeline",unit="posts"} 272'])
      expect(metrics.body).toContain(line);
  });
});

/** What a node says of itself, as far as nobody asks for more here. */
function nodeBody(roles: object[]) {
  const bytes = { totalBytes: 2, freeBytes: 1, segmentsBytes: 0, datasetsBytes: 0, databaseBytes: 0, otherBytes: 0 };
  return {
    ...{ startedAt: iso(0), cpus: 2, cpu: 0.5, load: 1, memoryUsed: 1, memoryTotal: 2 },
    ...{ disk: { folder: '/data', ...bytes }, roles, processes: [] },
  };
}

describe('the institution', () => {
  it('is nobody’s where the settings name none', async () => {
    expect(await get('/api/v1/institution')).toEqual({ institution: null });
    expect((await server.app.inject({ url: '/api/v1/institution/logo' })).statusCode).toBe(404);
  });

  it('has name, address and logo for everybody, and no part of it without the name and its page', async () => {
    const logo = join(server.home, 'logo.svg');
    await writeFile(logo, '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    const environment = {
      MISTNET_INSTITUTION: 'Library of <b>Birds</b>',
      MISTNET_INSTITUTION_URL: 'https://library.example.org',
      MISTNET_INSTITUTION_ADDRESS: 'Reed Street 1 | 7141 Podersdorf',
      MISTNET_INSTITUTION_LOGO: logo,
    };
    await using own = await startServer({ environment, signIn: true });
    const outside = { remoteAddress: '203.0.113.9' };
    const told = await own.app.inject({ url: '/api/v1/institution', ...outside });
    expect(told.json()).toEqual({
      institution: {
        ...{ name: 'Library of <b>Birds</b>', url: 'https://library.example.org', mail: null },
        ...{ address: ['Reed Street 1', '7141 Podersdorf'], logo: '/api/v1/institution/logo' },
      },
    });
    const shown = await own.app.inject({ url: '/api/v1/institution/logo', ...outside });
    expect([shown.statusCode, shown.headers['content-type']]).toEqual([200, 'image/svg+xml']);
    expect(shown.headers['content-security-policy']).toContain('sandbox');
    for (const wrong of [
      { MISTNET_INSTITUTION_MAIL: 'ask@example.org' },
      { MISTNET_INSTITUTION: 'Library' },
      { ...environment, MISTNET_INSTITUTION_LOGO: '/etc/passwd' },
      { ...environment, MISTNET_INSTITUTION_URL: 'javascript:alert(1)' },
    ])
      expect(() => readConfig(wrong)).toThrow(/MISTNET_INSTITUTION/);
  });
});
