/** Collections by the API: made, changed, given up; what is in them; who sees them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/server/caller.ts';
import { findCollection } from '../../src/store/queries/find-collection.ts';
import { storeGaps } from '../../src/store/store-capture.ts';
import { addUser, arrive, callersOf } from '../support/collections.ts';
import { eventually } from '../support/loader.ts';
import { sayStatus, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
const ada: Caller = {
  role: 'collector',
  via: 'session',
  user: { userId: 'ada', name: 'Ada', email: 'ada@example.org' },
};
const bob: Caller = {
  role: 'collector',
  via: 'session',
  user: { userId: 'bob', name: 'Bob', email: 'bob@example.org' },
};
let caller: Caller = ada;

beforeAll(async () => {
  server = await startServer({
    callers: callersOf(
      () => server.db,
      () => caller,
    ),
  });
  await addUser(server.db, 'ada', 'Ada');
  await addUser(server.db, 'bob', 'Bob');
}, 120_000);
afterAll(() => server?.[Symbol.asyncDispose]());

/** What tests look at; each reply has some of it. */
type Body = Record<string, unknown> & {
  errors: { field: string }[];
  collections: { name: string; hours: number[]; gapsDay: number }[];
  versions: { version: number; by: string; reason: string }[];
  seeds: { text: string; isCurrent: boolean; posts: number }[];
  counts: { posts: number }[];
  days: { posts: number }[];
  words: string[];
  sentences: string[];
};
type Reply = { status: number; body: Body };
async function call(method: string, path: string, body?: unknown): Promise<Reply> {
  const reply = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { origin: server.url, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: reply.status, body: (await reply.json()) as Body };
}

describe('collections by the API', () => {
  it('are made with their maker as owner, listed, and say what they track', async () => {
    caller = ada;
    const made = await call('POST', '/collections', { name: 'birds', kind: 'sample', keep: 'days:30' });
    expect([made.status, made.body]).toEqual([
      201,
      expect.objectContaining({ name: 'birds', wanted: 'active', keep: 'days:30', access: 'own' }),
    ]);
    const { body } = await call('GET', '/collections');
    expect(body.collections).toEqual([
      expect.objectContaining({ name: 'birds', tracks: 'a random sample of all public posts' }),
    ]);
    expect((await call('POST', '/collections/birds/stop')).body.wanted).toBe('stopped');
    expect((await call('GET', '/collections/birds')).body.tracks).toBe('-');
    expect((await call('POST', '/collections/birds/start')).body.wanted).toBe('active');
  });

  it('tell beside which field of the form something is wrong', async () => {
    const field = async (body: unknown) => {
      const reply = await call('POST', '/collections', body);
      return [reply.status, reply.body.errors?.[0]?.field];
    };
    expect(await field({ name: 'birds', kind: 'sample' })).toEqual([409, 'body/name']);
    expect(await field({ name: 'Birds!', kind: 'sample' })).toEqual([400, 'body/name']);
    expect(await field({ name: 'x', kind: 'sample', zone: 'Moon/Crater' })).toEqual([400, 'body/zone']);
    expect(await field({ name: 'x', kind: 'sample', credential: 'nobody' })).toEqual([400, 'body/credential']);
    expect(await field({ name: 'x', kind: 'timeline', seeds: [{ account: 'nobody' }] })).toEqual([400, 'body/seeds']);
    const filter = { name: 'x', kind: 'filter', definition: { words: ['-cat'], locations: ['1,2,3'] } };
    const refused = await call('POST', '/collections', filter);
    expect([refused.status, refused.body.errors.map((each: { field: string }) => each.field)]).toEqual([
      400,
      expect.arrayContaining(['body/definition/locations/0']),
    ]);
    expect((await call('GET', '/collections')).body.collections).toHaveLength(1);
  });

  it("are asked with what serves everybody, or with one's own credential, and with nobody else's", async () => {
    await server.db.query(
      `insert into credentials (label, platform, kind, owner, key_id, nonce, sealed, added_at)
        select label, 'x', 'oauth1', owner, 'none', '\\x00', '\\x00', now()
        from (values ('desk', ''), ('x-ada', 'ada@example.org'), ('x-bob', 'bob@example.org')) as made (label, owner)`,
    );
    caller = bob;
    const definition = { words: ['cranes'] };
    const filter = { name: 'cranes', kind: 'filter', api: 'v1.1', definition, start: false };
    const withAda = await call('POST', '/collections', { ...filter, credential: 'x-ada' });
    const withNone = await call('POST', '/collections', { ...filter, credential: 'x-adi' });
    expect([withAda.status, withAda.body.errors]).toEqual([
      400,
      [expect.objectContaining({ field: 'body/credential' })],
    ]);
    // Whether there is one is not told, nor is a label that is near.
    expect(JSON.stringify(withNone.body).replaceAll('x-adi', 'x-ada')).toBe(JSON.stringify(withAda.body));
    for (const path of ['/filters/check', '/filters/preview'])
      expect((await call('POST', path, { definition, credential: 'x-ada' })).status).toBe(400);
    const made = await call('POST', '/collections', { ...filter, credential: 'x-bob' });
    expect([made.status, made.body['credential']]).toEqual([201, 'x-bob']);
    // A filter that is there is checked as it is asked for, by who may change it; this one's interface knows no raw rules.
    const raw = { words: [], raw: ['cranes has:links'] };
    expect((await call('POST', '/filters/check', { definition: raw })).body['problems']).toEqual([]);
    const asIs = await call('POST', '/filters/check', { definition: raw, collection: 'cranes' });
    expect(asIs.body['problems']).toEqual([expect.objectContaining({ field: 'raw' })]);
    for (const collection of ['birds', 'nowhere'])
      for (const path of ['/filters/check', '/filters/preview'])
        expect((await call('POST', path, { definition, collection })).status).toBe(collection === 'birds' ? 403 : 404);
    expect((await call('PATCH', '/collections/cranes', { credential: 'x-ada' })).status).toBe(400);
    expect((await call('PATCH', '/collections/cranes', { credential: 'desk' })).body['credential']).toBe('desk');
    // A person's keys open no stream of v2: that is said before anything is kept, beside the key.
    for (const kind of ['filter', 'sample'])
      expect(
        (
          await call('POST', '/collections', {
            ...{ name: 'herons', kind, credential: 'x-bob', start: false },
            ...(kind === 'filter' ? { definition } : {}),
          })
        ).body,
      ).toMatchObject({
        status: 400,
        errors: [{ field: 'body/credential', message: expect.stringMatching(/bearer.*OAuth 1\.0a/) }],
      });
    await server.db.query(`update credentials set kind = 'oauth2' where label = 'x-bob'`);
    expect((await call('PATCH', '/collections/cranes', { credential: 'x-bob' })).body).toMatchObject({
      errors: [{ field: 'body/credential', message: expect.stringMatching(/OAuth 2/) }],
    });
    const unnamed = await call('POST', '/collections', { ...filter, name: 'storks' });
    expect([unnamed.status, unnamed.body['credential']]).toEqual([201, 'desk']);
    for (const name of ['cranes', 'storks'])
      expect((await call('DELETE', `/collections/${name}`, { name })).status).toBe(200);
    await server.db.query('delete from credentials');
    caller = ada;
  });

  it('keep every version of a filter: what, who, when and why', async () => {
    const definition = { words: ['bird migration', '#birds'], languages: ['de'] };
    const checked = await call('POST', '/filters/check', { definition });
    expect(checked.body).toMatchObject({ problems: [], clauses: 2 });
    expect(checked.body.words.join(' ')).toContain('Only in German.');
    expect(checked.body.rule).toContain('lang:de');
    expect((await call('POST', '/collections', { name: 'migration', kind: 'filter', definition })).status).toBe(201);
    const changed = { definition: { words: ['bird migration'] }, reason: 'Too many cranes.' };
    expect((await call('PUT', '/collections/migration/filter', { ...changed, reason: ' ' })).status).toBe(400);
    expect((await call('PUT', '/collections/migration/filter', { ...changed, basedOn: 1 })).body).toEqual({
      warnings: [],
    });
    // Who saw the first version does not undo the second unseen.
    const late = { definition: { words: ['cranes'] }, reason: 'Only cranes.', basedOn: 1 };
    const refused = await call('PUT', '/collections/migration/filter', late);
    expect([refused.status, refused.body['code']]).toEqual([409, 'filter.changed']);
    const { body } = await call('GET', '/collections/migration/filter-versions');
    expect(body.versions.map((each) => [each.version, each.by, each.reason])).toEqual([
      [2, 'Ada', 'Too many cranes.'],
      [1, 'Ada', 'The first version.'],
    ]);
    const matches = await call('GET', '/collections/migration/matches');
    expect(matches.body.seeds.map((each) => [each.text, each.isCurrent, each.posts])).toEqual([
      ['#birds', false, 0],
      ['bird migration', true, 0],
    ]);
    expect((await call('GET', '/collections/birds/filter')).status).toBe(409);
  });

  it('show their posts by hour with what is missing, and the newest ones as they come', async () => {
    const now = Date.now();
    const hour = Math.floor(now / 3_600_000) * 3_600_000;
    await arrive(server, 'birds', [{ text: 'one' }, { text: 'two' }], hour - 3_600_000);
    await storeGaps(server.db, [
      {
        ...{ gapId: 'g1', plan: 'birds', node: 'n1', cause: 'cut', evidence: 'cut off', uncoveredMs: 60_000 },
        ...{ from: new Date(hour - 7_260_000).toISOString(), to: new Date(hour - 7_200_000).toISOString() },
      },
    ]);
    const { body } = await call('GET', '/collections/birds/posts-over-time?bucket=hour&count=3');
    expect(body.counts.map(({ posts }: { posts: number }) => posts)).toEqual([0, 2, 0]);
    expect(body.gaps).toEqual([]);
    const wider = await call('GET', '/collections/birds/posts-over-time?bucket=hour&count=4');
    expect(wider.body.gaps).toEqual([expect.objectContaining({ cause: 'cut', uncoveredMs: 60_000 })]);
    expect((await call('GET', '/collections/birds/posts-over-time?count=745')).status).toBe(400);

    const listening = new AbortController();
    const stream = await fetch(`${server.url}/api/v1/collections/birds/events`, { signal: listening.signal });
    let heard = '';
    const reading = (async () => {
      for await (const part of stream.body ?? []) heard += Buffer.from(part).toString('utf8');
    })().catch(() => undefined);
    await eventually(async () => expect(heard).toContain('"text":"two"'));
    await arrive(server, 'birds', [{ text: '<b>three</b>' }], now);
    await eventually(async () => expect(heard).toContain('<b>three</b>'));
    expect(heard.split('<b>three</b>')).toHaveLength(2);
    listening.abort();
    await reading;
    const days = await call('GET', '/collections/birds/segment-days');
    expect(days.body.days.reduce((sum: number, { posts }: { posts: number }) => sum + posts, 0)).toBe(3);
    const overview = await call('GET', '/overview');
    const [birds] = overview.body.collections;
    expect([birds?.name, birds?.hours.length, birds?.hours.at(-2), birds?.gapsDay]).toEqual(['birds', 24, 2, 1]);
  });

  it('that are private are not there for others, by no route and in no list, and come back when they are shared', async () => {
    caller = ada;
    expect((await call('POST', '/collections', { name: 'secret', kind: 'sample', visibility: 'private' })).status).toBe(
      201,
    );
    caller = bob;
    const lists = async () =>
      await Promise.all(
        ['/collections', '/status', '/overview'].map(async (path) => JSON.stringify((await call('GET', path)).body)),
      );
    for (const text of await lists()) expect(text).not.toContain('secret');
    const routes = [
      '',
      '/filter',
      '/matches',
      '/gaps',
      '/compaction',
      '/runs',
      '/segment-days',
      '/recent-posts',
      '/posts-over-time',
    ];
    for (const route of [...routes, '/events', '/filter-versions', '/fate'])
      expect([route, (await call('GET', `/collections/secret${route}`)).status]).toEqual([route, 404]);
    expect((await call('POST', '/collections/secret/stop')).status).toBe(404);
    expect((await call('DELETE', '/collections/secret', { name: 'secret' })).status).toBe(404);
    const { collectionId } = await findCollection(server.db, 'secret');
    await server.db.query(`insert into collection_shares values ($1, 'bob', 'view')`, [collectionId]);
    expect((await call('GET', '/collections/secret')).body.access).toBe('view');
    expect((await call('PATCH', '/collections/secret', { keep: 'all' })).status).toBe(403);
  });

  it('are given up only by name: empty ones disappear, others keep their files and stay listed', async () => {
    caller = ada;
    expect((await call('GET', '/collections/secret/fate')).body).toMatchObject({ isEmpty: true });
    expect((await call('DELETE', '/collections/secret', { name: 'secrets' })).status).toBe(400);
    expect((await call('DELETE', '/collections/secret', { name: 'secret' })).body).toEqual({ outcome: 'gone' });
    expect((await call('GET', '/collections/secret')).status).toBe(404);

    await sayStatus(server.db, 'birds');
    expect((await call('DELETE', '/collections/birds', { name: 'birds' })).status).toBe(409);
    await sayStatus(server.db, 'birds', { state: 'stopped' });
    const fate = await call('GET', '/collections/birds/fate');
    expect(fate.body.sentences.join(' ')).toContain('3 rows of it leave the database');
    expect((await call('DELETE', '/collections/birds', { name: 'birds' })).body).toEqual({ outcome: 'emptied' });
    expect((await call('GET', '/collections/birds')).body).toMatchObject({ wanted: 'stopped', keep: 'files' });
    expect((await call('DELETE', '/collections/migration', { name: 'migration' })).body).toEqual({ outcome: 'gone' });
  });
});

describe('what alerts are told', () => {
  it('is refused with the field that is wrong', async () => {
    const before = caller;
    caller = { ...ada, role: 'administrator' };
    const settings = { zone: 'UTC', quietFrom: 60, quietUntil: 60, remindHours: 0 };
    const rule = { isOn: true, threshold: 5, isUrgent: false, channels: ['4711'] };
    for (const [path, body, field] of [
      ['/alert-settings', settings, 'body/quietUntil'],
      ['/alert-rules/gap-opened', rule, 'body/channels'],
    ] as const)
      expect(await call('PUT', path, body)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    expect(await call('PUT', '/alert-settings', { ...settings, quietUntil: 61 })).toMatchObject({ status: 200 });
    expect(await call('PUT', '/alert-rules/gap-opened', { ...rule, channels: null })).toMatchObject({ status: 200 });
    caller = before;
  });
});
