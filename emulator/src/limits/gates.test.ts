import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Access } from './access.ts';
import { accessGate } from './access-gate.ts';
import { type AccessLevel, PRESETS } from './access-level.ts';
import { Meter } from './meter.ts';
import { moneyGate } from './money-gate.ts';
import { rateGate } from './rate-gate.ts';
import { RateLedger } from './rate-ledger.ts';
import { changeSettings } from './settings-json.ts';
import type { App } from '../credentials/app.ts';
import type { Caller } from '../credentials/caller.ts';
import { V1, V2 } from '../http/dialect.ts';
import type { Route } from '../http/route.ts';
import { Router } from '../http/router.ts';
import { SeededWorld } from '../world/seeded-world.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const DAY_MS = 86_400_000;
const world = new SeededWorld({ seed: 1, startAt: NOON, density: 1, accounts: 1000 });
const app = (id: string): App => ({
  id,
  name: id,
  owner: 0,
  consumerKey: '',
  consumerSecret: '',
  clientId: '',
  clientSecret: '',
  clientType: 'either',
  redirectUris: [],
});
const CALLERS: Readonly<Record<string, Caller>> = {
  app: { kind: 'app', app: app('1'), token: 'app' },
  other: { kind: 'app', app: app('2'), token: 'other' },
  ann: { kind: 'user1', app: app('1'), token: 'ann', account: 0 },
  bob: { kind: 'user1', app: app('1'), token: 'bob', account: 1 },
  shy: { kind: 'user2', app: app('1'), token: 'shy', account: 0, scopes: new Set(['tweet.read', 'users.read']) },
};
const objects = (ids: string | undefined) => (ids ?? '').split(',').map((id) => ({ id }));
const get = (path: string, dialect = V2): Route => ({
  method: 'GET',
  path,
  callers: ['app', 'user1', 'user2'],
  dialect,
  // As an endpoint would: what is asked for by `ids` is found, `none` is a miss.
  handle: ({ url }) => {
    const ids = url.searchParams.get('ids') ?? '1';
    return { status: 200, body: ids === 'none' ? { meta: { result_count: 0 } } : { data: objects(ids), includes: {} } };
  },
});
const ROUTES: readonly Route[] = [
  get('/2/tweets'),
  get('/2/tweets/search/all'),
  get('/2/tweets/search/recent'),
  get('/2/tweets/counts/recent'),
  get('/2/users'),
  get('/2/users/:id/tweets'),
  get('/2/users/:id/followers'),
  get('/2/tweets/sample/stream'),
  get('/2/tweets/search/stream'),
  get('/2/usage/tweets'),
  get('/1.1/followers/ids.json', V1),
  get('/1.1/account/verify_credentials.json', V1),
  get('/1.1/statuses/show.json', V1),
  get('/1.1/statuses/show/:id', V1),
];

/** A platform with an access level, and a clock that only the test moves. */
async function platform(level: AccessLevel, changes = {}) {
  const access = new Access(changeSettings(PRESETS[level], JSON.stringify(changes)));
  const clock = { now: NOON };
  const ledger = new RateLedger(
    () => clock.now,
    (at) => at,
  );
  const meter = new Meter(access, () => clock.now);
  const router = new Router({
    routes: ROUTES,
    schemes: [{ identify: ({ request }) => CALLERS[request.headers.authorization ?? ''] }],
    gates: [accessGate(access), rateGate(access, ledger), moneyGate(access, meter, ledger, world)],
    observe: () => undefined,
    dialects: [['', V2]],
    standardHeaders: () => ({}),
  });
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    router.handle(request, response, url).catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    clock,
    meter,
    async ask(path: string, who = 'app') {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: who } });
      const told = (name: string) => Number(answer.headers.get(`x-${name}`) ?? Number.NaN);
      return { status: answer.status, text: await answer.text(), told };
    },
    async statuses(path: string, times: number, who = 'app') {
      const seen: number[] = [];
      for (let n = 0; n < times; n++) seen.push((await this.ask(path, who)).status);
      return seen;
    },
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const UNTOLD = Number.NaN;
const rateLimit = ({ told }: { told: (name: string) => number }) =>
  ['limit', 'remaining', 'reset'].map((name) => told(`rate-limit-${name}`));

describe('request limits', () => {
  it('are counted per app and per user, endpoint by endpoint, and refused in the words of v2', async () => {
    using x = await platform('open', { limits: { 'GET /2/users': { app: '2', user: '1' } } });
    const reset = NOON / 1000 + 900;
    expect(rateLimit(await x.ask('/2/users'))).toEqual([2, 1, reset]);
    x.clock.now += 1000;
    expect(rateLimit(await x.ask('/2/users'))).toEqual([2, 0, reset]);
    const refused = await x.ask('/2/users');
    expect([refused.status, refused.text, ...rateLimit(refused)]).toEqual([
      429,
      '{"title":"Too Many Requests","detail":"Too Many Requests","type":"about:blank","status":429}',
      2,
      0,
      reset,
    ]);
    expect(await x.statuses('/2/users', 1, 'other')).toEqual([200]);
    expect(await x.statuses('/2/users', 2, 'ann')).toEqual([200, 429]);
    expect(await x.statuses('/2/users', 2, 'bob')).toEqual([200, 429]);
    expect(await x.statuses('/2/tweets', 3)).toEqual([200, 200, 200]);
    x.clock.now = NOON + 900_000;
    expect(rateLimit(await x.ask('/2/users'))).toEqual([2, 1, reset + 900]);
  });

  it('are refused with code 88 in v1.1, where an endpoint is the same by each of its addresses', async () => {
    using x = await platform('open', { limits: { '* /1.1/statuses/show/:id': { app: '2' } } });
    expect(await x.statuses('/1.1/followers/ids.json', 15)).toEqual(Array.from({ length: 15 }, () => 200));
    const refused = await x.ask('/1.1/followers/ids.json');
    expect([refused.status, refused.text]).toEqual([429, '{"errors":[{"code":88,"message":"Rate limit exceeded"}]}']);
    expect(rateLimit(refused)).toEqual([15, 0, NOON / 1000 + 900]);
    const seen = [await x.ask('/1.1/statuses/show.json?id=1'), await x.ask('/1.1/statuses/show/1.json')];
    expect(seen.map((answer) => rateLimit(answer)[1])).toEqual([1, 0]);
  });

  it('hold one call per second in full-archive search, with calls remaining', async () => {
    using x = await platform('open');
    expect(await x.statuses('/2/tweets/search/all', 2)).toEqual([200, 429]);
    x.clock.now += 999;
    const refused = await x.ask('/2/tweets/search/all');
    expect([refused.status, ...rateLimit(refused)]).toEqual([429, 300, 299, NOON / 1000 + 900]);
    x.clock.now += 1;
    expect((await x.ask('/2/tweets/search/all')).status).toBe(200);
  });

  it('tell of days beside quarters of an hour, for the app over all its users', async () => {
    using x = await platform('open', { limits: { 'GET /2/users': { app: '3/24h', user: '9 2/24h' } } });
    const first = await x.ask('/2/users', 'ann');
    expect(rateLimit(first)).toEqual([9, 8, NOON / 1000 + 900]);
    expect([first.told('app-limit-24hour-remaining'), first.told('user-limit-24hour-remaining')]).toEqual([2, 1]);
    expect(first.told('app-limit-24hour-reset')).toBe(NOON / 1000 + 86_400);
    expect(await x.statuses('/2/users', 2, 'ann')).toEqual([200, 429]);
    expect(await x.statuses('/2/users', 2, 'bob')).toEqual([200, 429]);
    expect(await x.statuses('/2/users', 1)).toEqual([429]);
  });

  it('can hold for an address, whoever calls', async () => {
    using x = await platform('open', { limits: { 'GET /2/users': { ip: '2' } } });
    expect(await x.statuses('/2/users', 1, 'ann')).toEqual([200]);
    expect(await x.statuses('/2/users', 2, 'bob')).toEqual([200, 429]);
  });

  it('are not told where there are none', async () => {
    using x = await platform('open', { limits: { 'GET /2/users': null } });
    expect(rateLimit(await x.ask('/2/users'))).toEqual([UNTOLD, UNTOLD, UNTOLD]);
  });
});

describe('access levels', () => {
  it('refuse endpoints that were not bought', async () => {
    using x = await platform('basic');
    const followers = await x.ask('/2/users/1/followers');
    expect([followers.status, JSON.parse(followers.text)]).toEqual([
      403,
      {
        client_id: '1',
        detail:
          'When authenticating requests to the Twitter API v2 endpoints, you must use keys and tokens from a Twitter developer App that is attached to a Project. You can create a project via the developer portal.',
        registration_url: 'https://developer.twitter.com/en/docs/projects/overview',
        title: 'Client Forbidden',
        required_enrollment: 'Appropriate Level of API Access',
        reason: 'client-not-enrolled',
        type: 'https://api.twitter.com/2/problems/client-forbidden',
      },
    ]);
    expect(rateLimit(followers)).toEqual([UNTOLD, UNTOLD, UNTOLD]);
    const old = await x.ask('/1.1/followers/ids.json');
    expect([old.status, JSON.parse(old.text)]).toMatchObject([403, { errors: [{ code: 453 }] }]);
    expect(await x.statuses('/1.1/account/verify_credentials.json', 1, 'ann')).toEqual([200]);
    expect(await x.statuses('/2/tweets/sample/stream', 1)).toEqual([403]);
  });

  it.each([
    ['open', [200, 200, 200, 200]],
    ['pay-per-use', [200, 200, 403, 403]],
    ['basic', [403, 403, 403, 403]],
    ['pro', [200, 200, 403, 403]],
    ['enterprise', [200, 200, 200, 200]],
    ['academic', [200, 200, 200, 200]],
    ['2012', [404, 404, 404, 200]],
  ] as const)('%s: archive, followers, sample, v1.1', async (level, statuses) => {
    using x = await platform(level);
    const paths = [
      '/2/tweets/search/all',
      '/2/users/1/followers',
      '/2/tweets/sample/stream',
      '/1.1/followers/ids.json',
    ];
    const seen: number[] = [];
    for (const path of paths) seen.push((await x.ask(path)).status);
    expect(seen).toEqual(statuses);
  });

  it('refuse what a user has not granted', async () => {
    using x = await platform('open');
    expect(await x.statuses('/2/users', 1, 'shy')).toEqual([200]);
    const refused = await x.ask('/2/users/1/followers', 'shy');
    expect([refused.status, refused.text]).toEqual([
      403,
      '{"title":"Forbidden","type":"about:blank","status":403,"detail":"Forbidden"}',
    ]);
  });
});

describe('money', () => {
  it('is taken for each object, once per UTC day, until there is none', async () => {
    // $0.025: five posts.
    using x = await platform('pay-per-use', { credits: 0.025 });
    const credits = () => x.meter.balance(app('1')).credits;
    expect(await x.statuses('/2/tweets?ids=1,2,3', 2)).toEqual([200, 200]);
    expect(credits()).toBe(10_000);
    expect(await x.statuses('/2/tweets?ids=none', 1)).toEqual([200]);
    expect(await x.statuses('/2/tweets/search/recent?ids=3,4', 1)).toEqual([200]);
    expect(credits()).toBe(5000);
    x.clock.now += DAY_MS / 2;
    expect(await x.statuses('/2/tweets?ids=1', 1)).toEqual([200]);
    expect(credits()).toBe(0);
    const refused = await x.ask('/2/tweets?ids=1');
    expect([refused.status, refused.text]).toEqual([
      402,
      '{"account_id":1,"title":"CreditsDepleted","detail":"Your enrolled account [1] does not have any credits to fulfill this request.","type":"https://api.twitter.com/2/problems/credits"}',
    ]);
    expect(await x.statuses('/2/usage/tweets', 1)).toEqual([200]);
    expect(await x.statuses('/2/tweets', 1, 'other')).toEqual([200]);
  });

  it('costs what the list says: users, follows, counts by request, the own data less', async () => {
    using x = await platform('pay-per-use', { credits: 1 });
    const spent = async (path: string, who = 'app') => {
      const before = x.meter.balance(app('1')).credits ?? 0;
      await x.ask(path, who);
      return before - (x.meter.balance(app('1')).credits ?? 0);
    };
    expect(await spent('/2/users?ids=1,2')).toBe(20_000);
    expect(await spent('/2/users/7/followers?ids=1,2,3')).toBe(30_000);
    expect(await spent('/2/tweets/counts/recent')).toBe(5000);
    expect(await spent('/2/tweets/counts/recent')).toBe(5000);
    expect(await spent(`/2/users/${world.account(0).id}/tweets?ids=8,9`, 'ann')).toBe(2000);
    expect(await spent(`/2/users/${world.account(0).id}/tweets?ids=18,19`, 'bob')).toBe(10_000);
  });

  it('basic has no filtered stream, as the empty fields of the published table say, but has recent search', async () => {
    using x = await platform('basic');
    expect(await x.statuses('/2/tweets/search/stream', 1)).toEqual([403]);
    expect(await x.statuses('/2/tweets/search/recent', 1)).toEqual([200]);
  });

  it('has a last call: the one that reaches the monthly cap; streams are told to end', async () => {
    using x = await platform('pro', { monthlyPosts: 3, limits: { 'GET /2/tweets': { app: '50' } } });
    expect(await x.statuses('/2/tweets?ids=1,2', 2)).toEqual([200, 200]);
    expect(x.meter.balance(app('1')).posts).toBe(2);
    expect(await x.statuses('/2/tweets?ids=3', 1)).toEqual([200]);
    const refused = await x.ask('/2/tweets?ids=4');
    expect([refused.status, refused.text]).toEqual([
      429,
      '{"account_id":1,"product_name":"standard-pro","title":"UsageCapExceeded","period":"Monthly","scope":"Product","detail":"Usage cap exceeded: Monthly product cap","type":"https://api.twitter.com/2/problems/usage-capped"}',
    ]);
    expect(await x.statuses('/2/users', 1)).toEqual([200]);
    const stream = await x.ask('/2/tweets/search/stream');
    expect([stream.status, ...rateLimit(stream)]).toEqual([429, 50, 50, NOON / 1000 + 900]);
    expect(x.meter.delivered(app('2'), 2)).toBe(true);
    expect(x.meter.delivered(app('2'), 1)).toBe(false);
    x.clock.now = Date.UTC(2026, 11, 1);
    expect(await x.statuses('/2/tweets?ids=4', 1)).toEqual([200]);
    expect(x.meter.usage(app('1'), 90)).toEqual([
      { day: Date.UTC(2026, 10, 22), posts: 3 },
      { day: Date.UTC(2026, 11, 1), posts: 1 },
    ]);
  });
});
