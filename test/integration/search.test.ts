/** Search: what is found in which script, pages, sight, and that each post is indexed once, whatever ends the job. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everybodyViews } from '../../src/server/caller.ts';
import { forgetLoaded } from '../../src/store/forget-loaded.ts';
import { indexBesideLoader, isLoaderBehind } from '../../src/store/search/give-way.ts';
import { findCollection } from '../../src/store/queries/find-collection.ts';
import { rebuildCollection } from '../../src/store/rebuild.ts';
import { freshDatabase } from '../support/database.ts';
import { indexAll } from '../support/index-all.ts';
import { loadAll, temporaryFolder } from '../support/loader.ts';
import { runToCrashPoint } from '../support/run-to-crash-point.ts';
import { capturePosts, idOf, lineOf, type PostWish, storePosts } from '../support/searchable-posts.ts';
import { startServer, type TestServer } from '../support/server.ts';

const DAY_MS = 86_400_000;
const NOON = Date.parse('2026-11-20T12:00:00.000Z');
const owl = { id: '77', handle: 'Night_Owl', name: 'Night Owl' };

/** By a name that the tests call them by; a minute apart, the first the oldest. */
const posts: Record<string, PostWish> = Object.fromEntries(
  (
    [
      ['umlaut', { text: 'Über den Vögeln: die Straße nach Köln', lang: 'de', hashtags: ['Vögel'] }],
      ['plain', { text: 'uber drivers strike in the north', author: owl }],
      ['arabic', { text: 'الطُّيُورُ المهاجرة في الصباح #طيور', lang: 'ar' }],
      ['japanese', { text: '今日は野鳥の声を聞きました。#バードウォッチング', lang: 'ja' }],
      ['thai', { text: 'นกเงือกในป่าใหญ่', lang: 'th' }],
      ['korean', { text: '한국어로 새를 관찰해요', lang: 'ko' }],
      ['emoji', { text: 'look 🦉🏽 at 👩‍👩‍👧 and 🇦🇹', likes: 5 }],
      ['phrase', { text: 'the early bird catches the worm, the late one sleeps' }],
      ['other-order', { text: 'bird early worm catches' }],
      ['reply', { text: '@Night_Owl yes, it is', references: [{ type: 'replied_to', id: '1' }] }],
      [
        'linked',
        { text: 'read https://t.co/a', links: [{ url: 'https://t.co/a', expanded: 'https://news.example.org/x' }] },
      ],
      ['pictured', { text: 'a picture', media: ['https://pbs.example/1.jpg'], hashtags: ['nofilter'] }],
      [
        'placed',
        {
          text: 'from here',
          point: [16.37, 48.21],
          place: { id: 'p1', name: 'Wien', bbox: [16.18, 48.12, 16.58, 48.32] },
        },
      ],
      ['place-only', { text: 'from there', place: { id: 'p2', name: 'Suva', bbox: [178, -19, -179, -17] } }],
      ['markup', { text: '<script>alert(1)</script> <b>bold</b> & "quoted"' }],
    ] as [string, Omit<PostWish, 'atMs'>][]
  ).map(([name, post], at) => [name, { ...post, atMs: NOON + at * 60_000 }]),
);
const names = new Map(Object.entries(posts).map(([name, post]) => [idOf(post), name]));

let server: TestServer;

beforeAll(async () => {
  // Who calls says in a header what they see.
  server = await startServer({
    callers: {
      ...everybodyViews,
      callerOf: async ({ headers }) => ({
        ...{ role: 'viewer', via: 'session' },
        user: { userId: String(headers['x-user'] ?? 'u1'), name: 'U', email: 'u@example.org' },
      }),
      sightOf: async () => 'all',
    },
  });
  await storePosts(server, 'public', Object.values(posts));
}, 60_000);
afterAll(async () => server[Symbol.asyncDispose]());

const get = async (path: string) => {
  const reply = await server.app.inject({ url: path });
  return { status: reply.statusCode, body: reply.body, json: () => reply.json() as never };
};
const search = async (query: Record<string, string>): Promise<string[]> => {
  const { status, body } = await get(`/api/v1/posts?${new URLSearchParams(query).toString()}`);
  expect(status, body).toBe(200);
  const reply = JSON.parse(body) as { posts: { postId: string }[] };
  return reply.posts.map(({ postId }) => names.get(postId) ?? postId);
};

describe('a search', () => {
  it('finds words of any script, folded alike in texts and questions', async () => {
    const found: Record<string, string[]> = {
      vogeln: ['umlaut'],
      VÖGELN: ['umlaut'],
      strasse: ['umlaut'],
      uber: ['plain', 'umlaut'],
      '#vögel': ['umlaut'],
      الطيور: ['arabic'],
      '#طيور': ['arabic'],
      野鳥: ['japanese'],
      鳥の声: ['japanese'],
      声: ['japanese'],
      鳥声: [],
      '#バードウォッチング': ['japanese'],
      ウォッチ: ['japanese'],
      เงือก: ['thai'],
      ป่า: ['thai'],
      관찰: ['korean'],
      '🦉': ['emoji'],
      '🇦🇹': ['emoji'],
      '🇦🇺': [],
    };
    for (const [q, expected] of Object.entries(found)) expect([q, await search({ q })]).toEqual([q, expected]);
  });

  it('knows phrases, either-or, leaving out, beginnings, groups, marks', async () => {
    const found: Record<string, string[]> = {
      'early bird': ['other-order', 'phrase'],
      '"early bird"': ['phrase'],
      '„early bird“': ['phrase'],
      'early -late': ['other-order'],
      'early -"catches the"': ['other-order'],
      'strike OR sleeps': ['phrase', 'plain'],
      'early (sleeps OR strike)': ['phrase'],
      'catch*': ['other-order', 'phrase'],
      catch: [],
      'from:night_owl': ['plain'],
      'from:@NIGHT_OWL': ['plain'],
      'from:77': ['plain'],
      '@night_owl': ['reply'],
      'is:reply': ['reply'],
      'has:media': ['pictured'],
      'has:geo': ['place-only', 'placed'],
      'link:example.org': ['linked'],
      'https://news.example.org/elsewhere': ['linked'],
      'lang:ja': ['japanese'],
      '#nofilter': ['pictured'],
      '<b>bold</b>': ['markup'],
      bold: ['markup'],
      alert: ['markup'],
    };
    for (const [q, expected] of Object.entries(found)) expect([q, await search({ q })]).toEqual([q, expected]);
  });

  it('joins all its filters', async () => {
    expect(await search({ author: '@night_owl', q: 'strike' })).toEqual(['plain']);
    expect(await search({ author: '77', lang: 'de' })).toEqual([]);
    expect(await search({ hashtag: '#VOGEL' })).toEqual(['umlaut']);
    expect(await search({ has: 'media,geo' })).toEqual([]);
    expect(await search({ kind: 'reply', collection: 'public' })).toEqual(['reply']);
    const [from, to] = [60_000, 120_000].map((ms) => new Date(NOON + ms).toISOString());
    expect(await search({ from: from ?? '', to: to ?? '' })).toEqual(['plain']);
    expect((await get('/api/v1/posts?collection=nobody')).status).toBe(404);
  });

  it('survives whatever is written into it', async () => {
    const hostile = [
      ...[
        '',
        ' ',
        'OR',
        '|| | OR',
        '-',
        '--',
        '*',
        '-*',
        '"',
        '""',
        '((((',
        '))))',
        '(-)',
        '!',
        '& | !',
        ':*',
        'a:*b',
        "'",
        "'':1",
        '\\',
        "\\'",
      ],
      ...[
        "'; drop table posts; --",
        '%',
        '_',
        '$1',
        '\ud800',
        '\u202e',
        'from:',
        'from:"',
        'lang:%',
        'is:nothing',
        'has:all',
      ],
      ...[
        '<img src=x onerror=alert(1)>',
        '('.repeat(999),
        'a '.repeat(499),
        `${'x'.repeat(999)}*`,
        '鳥'.repeat(999),
        '-a -b',
        '🐦'.repeat(200),
      ],
    ];
    for (const q of hostile) {
      const { status, body } = await get(`/api/v1/posts?q=${encodeURIComponent(q.toWellFormed())}`);
      expect([q, status, body.slice(0, 200)]).toEqual([q, 200, expect.stringContaining('"posts":')]);
    }
    for (const refused of ['\u0000', 'a\u0000b', 'x'.repeat(10_000)])
      expect((await get(`/api/v1/posts?q=${encodeURIComponent(refused)}`)).status).toBe(400);
    for (const bad of [
      'from=yesterday',
      'from=0000-01-01T00:00:00Z',
      'before=x',
      'limit=0',
      'limit=1000',
      'has=all',
      'kind=joke',
    ])
      expect([bad, (await get(`/api/v1/posts?${bad}`)).status]).toEqual([bad, 400]);
    expect(await search({ author: "' or 1=1" })).toEqual([]);
    expect(await search({ hashtag: "'':*" })).toEqual([]);
  });

  it('says what the matches have in common', async () => {
    const { json } = await get('/api/v1/posts/facets?collection=public');
    const facets: { [name: string]: unknown } = json();
    expect(facets).toMatchObject({
      total: { count: 15, exact: true },
      kinds: [
        { value: 'original', count: 14 },
        { value: 'reply', count: 1 },
      ],
      collections: [{ value: 'public', count: 15 }],
    });
    expect(facets.hashtags).toContainEqual({ value: 'vogel', count: 1 });
    expect(facets.authors).toContainEqual({
      platform: 'x',
      accountId: '77',
      handle: 'Night_Owl',
      name: 'Night Owl',
      count: 1,
    });
    const timeline = (await get('/api/v1/posts/timeline')).json() as { unit: string; buckets: { count: number }[] };
    expect([timeline.unit, timeline.buckets.map(({ count }) => count)]).toEqual(['minute', Array(15).fill(1)]);
    const places = (await get('/api/v1/posts/places')).json() as {
      cells: { latitude: number; longitude: number; place: string }[];
    };
    expect(places.cells.toSorted((a, b) => b.latitude - a.latitude)).toEqual([
      { latitude: 48.21, longitude: 16.37, count: 1, place: 'Wien' },
      { latitude: -18, longitude: 179.5, count: 1, place: 'Suva' },
    ]);
  });

  it('finds what was written around a point, over the edge of the map too', async () => {
    const near = (point: string, more: Record<string, string> = {}) => search({ near: point, ...more });
    expect(await near('48.21,16.37,200')).toEqual(['placed']);
    // Linz is 155 km from Vienna, Salzburg 250.
    expect(await near('48.306,14.286,200')).toEqual(['placed']);
    expect(await near('47.8,13.044,200')).toEqual([]);
    expect(await near('-18,-179.5,200')).toEqual(['place-only']);
    expect(await near('0,0,20100')).toEqual(['place-only', 'placed']);
    expect(await near('48.21,16.37,200', { q: 'there' })).toEqual([]);
    expect((await get('/api/v1/posts/facets?near=48.21,16.37,200')).json()).toMatchObject({ total: { count: 1 } });
    // The author takes back where posts up to this one were written.
    await server.db.query(
      `insert into account_withdrawals (platform, account_id, kind, noted_at, source, up_to_post_id)
        values ('x', '1000001', 'places', now(), 'test', $1)`,
      [idOf(posts.placed as PostWish)],
    );
    expect(await near('0,0,20100')).toEqual(['place-only']);
    expect((await get('/api/v1/posts/facets?near=48.21,16.37,200')).json()).toMatchObject({ total: { count: 0 } });
    await server.db.query('delete from account_withdrawals');
    for (const wrong of ['48.21,16.37', '91,0,5', '0,181,5', '0,0,0', '0,0,30000', '1e1,0,5', "0,0,5'"])
      expect((await get(`/api/v1/posts?near=${encodeURIComponent(wrong)}`)).status).toBe(400);
  });

  it('shows a post whole, as received, and gives a search as lines', async () => {
    const wish = posts.placed as PostWish;
    const detail = (await get(`/api/v1/posts/x/${idOf(wish)}`)).json() as Record<string, unknown>;
    expect(detail).toMatchObject({
      payload: lineOf(wish),
      collections: ['public'],
      met: 1,
      meetings: [{ collection: 'public', likes: 0, reposts: 1, impressions: null }],
      post: { text: 'from here', place: 'Wien', latitude: 48.21, handle: 'bird_one', kind: 'original' },
    });
    expect((await get('/api/v1/posts/x/1')).status).toBe(404);
    const { body } = await get('/api/v1/posts/download?q=early');
    const lines = body.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { payload: unknown }).payload)).toEqual(
      ['other-order', 'phrase'].map((name) => JSON.parse(lineOf(posts[name] as PostWish)) as unknown),
    );
  });

  it('keeps searches for each user apart', async () => {
    const as = (user: string, method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) =>
      server.app.inject({
        ...{ method, url, headers: { 'x-user': user, origin: 'http://localhost', host: 'localhost' } },
        ...(payload === undefined ? {} : { payload }),
      });
    await server.db.query(
      `insert into auth."user" (id, name, email, "emailVerified", role, active, "updatedAt")
        select u, u, u || '@example.org', true, 'viewer', true, now() from unnest(array['u1', 'u2']) as u`,
    );
    const saved = await as('u1', 'POST', '/api/v1/saved-searches', { name: 'Owls', query: { q: 'owl', lang: 'en' } });
    expect([saved.statusCode, saved.json()]).toEqual([
      200,
      expect.objectContaining({ query: { q: 'owl', lang: 'en' } }),
    ]);
    const { searchId } = saved.json() as { searchId: string };
    expect((await as('u2', 'GET', '/api/v1/saved-searches')).json()).toEqual({ searches: [] });
    expect((await as('u2', 'DELETE', `/api/v1/saved-searches/${searchId}`)).statusCode).toBe(404);
    expect((await as('u1', 'DELETE', '/api/v1/saved-searches/9999999999999999999')).statusCode).toBe(404);
    expect((await as('u1', 'POST', '/api/v1/saved-searches', { name: 'x', query: { evil: '1' } })).statusCode).toBe(
      400,
    );
    expect((await as('u1', 'DELETE', `/api/v1/saved-searches/${searchId}`)).statusCode).toBe(204);
  });
});

describe('sight', () => {
  it('is of the collections that still hold a post, whatever came and went', async () => {
    let sight: ReadonlySet<string> = new Set(['open']);
    await using own = await startServer({ callers: { ...everybodyViews, sightOf: async () => sight } });
    const shared = { text: 'shared heron', atMs: NOON };
    const secret = { text: 'secret heron', atMs: NOON + 1 };
    await storePosts(own, 'closed', [shared, secret]);
    const seen = async (query = 'q=heron') => {
      const { posts: found } = (await own.app.inject({ url: `/api/v1/posts?${query}` })).json() as {
        posts: { text: string; collections: string[] }[];
      };
      return found.map(({ text, collections }) => [text, ...collections]);
    };
    expect(await seen()).toEqual([]);
    await storePosts(own, 'open', [shared], NOON + DAY_MS);
    expect(await seen()).toEqual([['shared heron', 'open']]);
    for (const path of ['', '/facets', '/timeline', '/places', '/download'])
      expect((await own.app.inject({ url: `/api/v1/posts${path}?collection=closed` })).statusCode).toBe(404);
    const one = async (post: PostWish) =>
      (await own.app.inject({ url: `/api/v1/posts/x/${idOf(post)}` })).json() as object;
    expect(await one(secret)).toMatchObject({ code: 'post.unknown' });
    expect(await one(shared)).toMatchObject({ collections: ['open'], met: 1 });
    const facets = (await own.app.inject({ url: '/api/v1/posts/facets' })).json() as object;
    expect(facets).toMatchObject({ total: { count: 1 }, collections: [{ value: 'open', count: 1 }] });
    sight = new Set();
    expect(await seen()).toEqual([]);

    sight = new Set(['open', 'closed']);
    expect(await seen()).toEqual([
      ['secret heron', 'closed'],
      ['shared heron', 'closed', 'open'],
    ]);
    // Thrown away to be loaded anew: until then the collection holds nothing.
    await rebuildCollection(own.db, 'closed');
    expect(await seen()).toEqual([['shared heron', 'open']]);
    expect(await seen('collection=closed')).toEqual([]);
    await loadAll({ db: own.db, segmentsFolder: join(own.home, 'segments') });
    await indexAll(own.db);
    expect(await seen('collection=closed')).toHaveLength(2);
    await own.db.query(
      `insert into post_withdrawals (platform, post_id, kind, noted_at, source) values ('x', $1, 'deleted', now(), 'stream')`,
      [idOf(secret)],
    );
    expect(await seen()).toEqual([['shared heron', 'closed', 'open']]);
    expect(await one(secret)).toMatchObject({
      post: null,
      payload: null,
      takenBack: [{ kind: 'deleted', of: 'post' }],
    });
  });
});

describe('pages', () => {
  it('follow each other without doubles and gaps while posts arrive', async () => {
    await using own = await startServer();
    const wishes = Array.from({ length: 40 }, (_, at) => ({
      text: `tern ${at}`,
      atMs: NOON + Math.floor(at / 3),
      sequence: at,
    }));
    await storePosts(own, 'terns', wishes);
    const ids: string[] = [];
    for (let before: string | null = null, round = 0; round === 0 || before !== null; round++) {
      const query = new URLSearchParams({ q: 'tern', limit: '7', ...(before === null ? {} : { before }) });
      const { posts: page, next } = (await own.app.inject({ url: `/api/v1/posts?${query.toString()}` })).json() as {
        posts: { postId: string }[];
        next: string | null;
      };
      ids.push(...page.map(({ postId }) => postId));
      before = next;
      await storePosts(
        own,
        'terns',
        [{ text: `tern late ${round}`, atMs: NOON + 1000 + round }],
        NOON + 60_000 * (round + 1),
      );
    }
    expect(ids).toEqual(wishes.map(idOf).toSorted().toReversed());
  }, 60_000);
});

describe('the job that indexes', () => {
  it('indexes each post once, wherever it is ended', async () => {
    await using test = await freshDatabase();
    await using folder = await temporaryFolder();
    const place = { db: test.db, home: folder.path };
    const wishes = Array.from({ length: 2500 }, (_, at) => ({ text: `lark ${at}`, atMs: NOON + at }));
    await capturePosts(place, 'larks', wishes);
    await loadAll({ db: test.db, segmentsFolder: join(folder.path, 'segments') });
    const program = 'test/support/index-once.ts';
    for (const name of ['search.batch-written', 'search.batch-committed'] as const) {
      const ended = await runToCrashPoint(program, [test.url], { name, signal: 'SIGKILL' });
      expect([name, ended.signal, ended.stderr]).toEqual([name, 'SIGKILL', '']);
      const [counted] = await test.db.query<{ posts: string }>('select count(*) as posts from post_search');
      expect([name, counted?.posts]).toEqual([name, name === 'search.batch-written' ? '0' : '1000']);
    }
    await Promise.all([indexAll(test.db), indexAll(test.db)]);
    const rows = await test.db.query<{ post_id: string }>('select post_id from post_search order by at');
    expect(rows.map(({ post_id }) => post_id)).toEqual(wishes.map(idOf));
    expect(await indexAll(test.db)).toEqual({ observations: 0, posts: 0 });
    // Looked at again, nothing is written again.
    await test.db.transaction(async (tx) => {
      const { collectionId } = await findCollection(tx, 'larks');
      await forgetLoaded(tx, collectionId);
      await tx.query('delete from observations');
    });
    await loadAll({ db: test.db, segmentsFolder: join(folder.path, 'segments') });
    expect(await indexAll(test.db)).toEqual({ observations: 2500, posts: 0 });
  }, 120_000);

  it('gives way to a loader that is behind, yet goes on', async () => {
    await using test = await freshDatabase();
    await using folder = await temporaryFolder();
    const wishes = Array.from({ length: 600 }, (_, at) => ({ text: `lark ${at}`, atMs: NOON + at }));
    await capturePosts({ db: test.db, home: folder.path }, 'larks', wishes);
    await loadAll({ db: test.db, segmentsFolder: join(folder.path, 'segments') });
    const isBehindWith = async (notes: string) =>
      test.db.transaction(async (tx) => {
        await tx.query(`update search_backlog set ${notes}`);
        return isLoaderBehind(tx); // the transaction's now() is both sides' clock
      });
    expect(await isBehindWith('noted_at = now(), captured_to = greatest(captured_to, now())')).toBe(false);
    expect(await isBehindWith("noted_at = now() - interval '1 minute'")).toBe(false);
    // As if it went on for an hour.
    expect(await isBehindWith("noted_at = now() + interval '1 hour'")).toBe(true);
    const next = async () => indexBesideLoader(test.db, new Set(), AbortSignal.abort()); // no pause
    expect(await next()).toEqual({ observations: 250, posts: 250 });
    expect(await next()).toEqual({ observations: 250, posts: 250 });
    expect(await isBehindWith("noted_at = now() - interval '1 minute'")).toBe(false);
    expect(await next()).toEqual({ observations: 100, posts: 100 });
    expect(await next()).toBeUndefined();
  }, 60_000);
});
