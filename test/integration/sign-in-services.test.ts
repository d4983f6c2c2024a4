/** Coming in by other services over HTTP: X by both of its ways against the emulator, an institution's OpenID Connect against a real provider. */
import { createServer as createWebServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../src/core/time.ts';
import { oidcProvider } from '../../src/server/auth/providers.ts';
import { createSignInDesk } from '../../src/server/auth/sign-in-desk.ts';
import { invite, listInvitations } from '../../src/store/users/sign-in-links.ts';
import { addUser, setActive } from '../../src/store/users/users.ts';
import { type OpenIdProvider, startOpenIdProvider } from '../support/openid-provider.ts';
import { eventually } from '../support/loader.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { startEmulator } from '../support/system/emulator.ts';
import { openWorkbench } from '../support/system/workbench.ts';
import { type Visitor, visitor as openVisitor } from '../support/visitor.ts';

const password = 'nine quiet herons stand';
const cleanup = new AsyncDisposableStack();
let server: TestServer;
let institution: OpenIdProvider;

beforeAll(async () => {
  const emulator = await startEmulator(cleanup.use(await openWorkbench()), ['--seed', '7', '--token', 'secret']);
  const keys = (await (await fetch(new URL('/_emulator/credentials', emulator.url))).json()) as Record<string, string>;
  institution = cleanup.use(
    await startOpenIdProvider((login) => ({
      email: `${login.replace('-unchecked', '')}@example.org`,
      email_verified: !login.endsWith('-unchecked'),
    })),
  );
  server = cleanup.use(
    await startServer({
      signIn: true,
      environment: {
        MISTNET_X_API_URL: emulator.url,
        MISTNET_X_CLIENT_ID: keys.client_id ?? '',
        MISTNET_X_CLIENT_SECRET: keys.client_secret ?? '',
        MISTNET_X_CONSUMER_KEY: keys.consumer_key ?? '',
        MISTNET_X_CONSUMER_SECRET: keys.consumer_secret ?? '',
        MISTNET_OIDC_ISSUER: institution.issuer,
        MISTNET_OIDC_CLIENT_ID: institution.client.id,
        MISTNET_OIDC_CLIENT_SECRET: institution.client.secret,
      },
    }),
  );
  institution.allow(`${server.url}/api/v1/sign-in/callback/oidc`);
}, 180_000);
afterAll(() => cleanup.disposeAsync());
beforeEach(async () => {
  await server.db.query('delete from sign_in_failures');
});

const visitor = () => openVisitor(() => server.url);

async function person(name: string): Promise<Visitor & { userId: string }> {
  const email = `${name}@example.org`;
  const { userId } = await addUser(server.db, systemClock, { email, name, role: 'viewer', password });
  const it = visitor();
  expect((await it.signIn(email, password)).body).toEqual({ next: 'in' });
  return { ...it, userId };
}

/** Where the visitor is sent to be asked. */
async function begin(who: Visitor, provider: string, body: object = {}): Promise<string> {
  const reply = await who.call('POST', `/api/v1/sign-in/with/${provider}`, body);
  expect(reply.status).toBe(200);
  return String(reply.body.url);
}

/** What X's page of consent does when a button is pressed: the path, below our address, that it sends the browser to. */
async function decide(address: string, account: string, decision: 'allow' | 'deny' = 'allow'): Promise<string> {
  const url = new URL(address);
  const form = new URLSearchParams([...url.searchParams, ['account', account], ['decision', decision]]);
  const reply = await fetch(`${url.origin}${url.pathname}`, { method: 'POST', redirect: 'manual', body: form });
  return pathOf(reply.headers.get('location') ?? '');
}

function pathOf(address: string): string {
  expect(address.startsWith(server.url)).toBe(true);
  return address.slice(server.url.length);
}

/** As from the service's own site. Answers where the page is led to. */
async function comeBack(who: Visitor, path: string): Promise<string> {
  const reply = await who.call('GET', path, undefined, {}, { fromAnotherSite: true });
  expect(reply.status).toBe(302);
  return pathOf(reply.location);
}

async function by(who: Visitor, provider: string, account: string, body: object = {}): Promise<string> {
  return await comeBack(who, await decide(await begin(who, provider, body), account));
}

async function rowsOf(): Promise<{ users: number; linked: number }> {
  const [row] = await server.db.query<{ users: string; linked: string }>(
    `select (select count(*) from auth."user") as users,
      (select count(*) from auth.account where "providerId" <> 'credential') as linked`,
  );
  return { users: Number(row?.users), linked: Number(row?.linked) };
}

async function credentialsOf(userId: string): Promise<string[]> {
  const rows = await server.db.query<{ label: string; kind: string }>(
    'select label, kind from credentials where owner_id = $1 order by label',
    [userId],
  );
  return rows.map(({ label, kind }) => `${label} ${kind}`);
}

async function actionsOf(userId: string): Promise<string[]> {
  const rows = await server.db.query<{ action: string }>('select action from audit_log where user_id = $1 order by 1', [
    userId,
  ]);
  return [...new Set(rows.map(({ action }) => action))];
}

describe.each([
  ['x', 'OAuth 2', 'user_public'],
  ['x-oauth1', 'OAuth 1.0a', 'user_protected'],
])('%s, X by %s', (provider, _words, account) => {
  it('lets nobody in who is not known, and makes no user of them', async () => {
    const before = await rowsOf();
    const stranger = visitor();
    expect(await by(stranger, provider, account)).toBe('/sign-in?error=not_invited');
    expect(stranger.jar.has('mistnet.session_token')).toBe(false);
    expect(await rowsOf()).toEqual(before);
    expect(await comeBack(stranger, await decide(await begin(stranger, provider), account, 'deny'))).toContain(
      '/sign-in?error=access_denied',
    );
  });

  it('links an account to who is signed in, though that cookie stays behind, keeps the tokens and then lets in', async () => {
    const name = `ada-${provider}`;
    const ada = await person(name);
    const before = await rowsOf();
    expect(await by(ada, provider, account, { link: true, backTo: '/profile' })).toBe('/profile');
    // X's own name for it is known from the first time on, and again whenever somebody comes by it.
    const named = [
      { provider: 'x', accountId: expect.stringMatching(/^\d+$/), handle: expect.stringMatching(/^\w+$/) },
    ];
    expect((await ada.call('GET', '/api/v1/me')).body.linked).toMatchObject(named);
    await server.db.query(`update auth.account set handle = 'as it was' where "userId" = $1`, [ada.userId]);
    const label = provider === 'x' ? `x-${name} oauth2` : `x-${name}-oauth1 oauth1`;
    expect(await credentialsOf(ada.userId)).toEqual([label]);
    expect(await actionsOf(ada.userId)).toContain('user.link');
    const again = visitor();
    expect(await by(again, provider, account, { backTo: '/posts?q=a' })).toBe('/posts?q=a');
    expect((await again.call('GET', '/api/v1/me')).body.user.email).toBe(`${name}@example.org`);
    expect((await again.call('GET', '/api/v1/me')).body.linked).toMatchObject(named);
    expect(await rowsOf()).toEqual({ users: before.users, linked: before.linked + 1 });
    expect(await credentialsOf(ada.userId)).toEqual([label]);
    // What lies in the database opens nothing.
    const [row] = await server.db.query<{ text: string }>('select json_agg(a)::text as text from auth.account a');
    expect(row?.text).not.toMatch(/"accessToken":"/);

    const other = await person(`other-${provider}`);
    expect(await by(other, provider, account, { link: true })).toBe(
      '/profile?error=account_already_linked_to_different_user',
    );
    await setActive(server.db, systemClock, ada.userId, false);
    const late = visitor();
    expect(await by(late, provider, account)).toMatch(/^\/sign-in\?error=user_inactive/);
    expect((await late.call('GET', '/api/v1/me')).status).toBe(401);
    expect(late.jar.has('mistnet.session_token')).toBe(false);
  });

  it('takes an answer once, from the browser that asked, and leads to no other site', async () => {
    const carl = await person(`carl-${provider}`);
    const answer = await decide(await begin(carl, provider, { link: true }), 'user_self');
    // Somebody else's browser is led here with it.
    const victim = await person(`victim-${provider}`);
    expect(await comeBack(victim, answer)).toMatch(/error=state_mismatch$/);
    expect((await victim.call('GET', '/api/v1/me')).body.linked).toEqual([]);
    const cookies = new Map(carl.jar);
    expect(await comeBack(carl, answer)).toBe('/');
    for (const [key, value] of cookies) carl.jar.set(key, value);
    expect(await comeBack(carl, answer)).toMatch(/error=state_mismatch$/);
    expect((await carl.call('DELETE', '/api/v1/me/linked/x')).status).toBe(204);
    for (const backTo of ['//evil.example/', '/\\evil.example', 'https://evil.example/', '/\t/evil.example'])
      expect((await visitor().call('POST', `/api/v1/sign-in/with/${provider}`, { backTo })).status).toBe(400);
    for (const made of ['?error=x&state=https://evil.example', '?denied=x', '?oauth_token=a&oauth_verifier=b', ''])
      expect(await comeBack(visitor(), `/api/v1/sign-in/callback/${provider}${made}`)).toMatch(/^\/sign-in\?error=/);
    const forged = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    const link = await carl.call('POST', `/api/v1/sign-in/with/${provider}`, { link: true }, forged);
    expect(link.body.code).toBe('origin.refused');
  });

  it('links nothing when the session in which it was asked for has ended', async () => {
    const dora = await person(`dora-${provider}`);
    const answer = await decide(await begin(dora, provider, { link: true }), 'user_self');
    await dora.call('DELETE', '/api/v1/session');
    expect(await comeBack(dora, answer)).toMatch(/^\/profile\?error=unable_to_link_account/);
    expect(await credentialsOf(dora.userId)).toEqual([]);
  });
});

describe('X by both ways', () => {
  it('is one account: who linked it by one comes in by the other, as the same user, with tokens of both', async () => {
    const before = await rowsOf();
    const emma = await person('emma');
    expect(await by(emma, 'x', 'user_self', { link: true })).toBe('/');
    const again = visitor();
    expect(await by(again, 'x-oauth1', 'user_self')).toBe('/');
    expect((await again.call('GET', '/api/v1/me')).body.user.email).toBe('emma@example.org');
    expect(await rowsOf()).toEqual({ users: before.users + 1, linked: before.linked + 1 });
    expect(await credentialsOf(emma.userId)).toEqual(['x-emma oauth2', 'x-emma-oauth1 oauth1']);
  });
});

describe('an institution’s OpenID Connect', () => {
  const enter = async (who: Visitor, login: string, body: object = {}, change = (address: string) => address) =>
    await comeBack(who, pathOf(await institution.enter(change(await begin(who, 'oidc', body)), login)));

  it('lets in who was invited at the address that it vouches for, as what they were invited', async () => {
    expect(await enter(visitor(), 'stranger')).toBe('/sign-in?error=not_invited');
    const wish = { email: 'ann@example.org', name: 'Ann', role: 'collector', madeBy: null } as const;
    const { token } = await invite(server.db, systemClock, wish);
    expect(await enter(visitor(), 'ann-unchecked')).toBe('/sign-in?error=not_invited');
    const ann = visitor();
    expect(await enter(ann, 'ann', { backTo: '/collections' })).toBe('/collections');
    expect((await ann.call('GET', '/api/v1/session')).body).toMatchObject({
      ...{ role: 'collector', via: 'session', user: { email: 'ann@example.org' } },
    });
    // The link of the mail is for nobody any more.
    expect((await visitor().call('GET', `/api/v1/invitations/${token}`)).status).toBe(404);
    expect(await listInvitations(server.db, systemClock)).toEqual([]);
  });

  it('links to who is signed in, and to who has the address only when it vouches for that', async () => {
    const finn = await person('finn');
    expect(await enter(visitor(), 'finn-unchecked')).toBe('/sign-in?error=account_not_linked');
    expect(await enter(finn, 'finn', { link: true, backTo: '/profile' })).toBe('/profile');
    expect((await finn.call('GET', '/api/v1/me')).body.linked).toMatchObject([
      { provider: 'oidc', accountId: 'finn', handle: 'finn@example.org' },
    ]);
    const again = visitor();
    expect(await enter(again, 'finn')).toBe('/');
    expect((await again.call('GET', '/api/v1/me')).body.user.email).toBe('finn@example.org');
    await setActive(server.db, systemClock, finn.userId, false);
    const late = visitor();
    expect(await enter(late, 'finn')).toMatch(/^\/sign-in\?error=user_inactive/);
    expect((await late.call('GET', '/api/v1/me')).status).toBe(401);
  });

  it('is not believed with another nonce, another issuer, or a description of somebody else', async () => {
    await person('gina');
    const otherNonce = (address: string) => address.replace(/nonce=[^&]+/, 'nonce=another');
    expect(await enter(visitor(), 'gina', {}, otherNonce)).toMatch(/^\/sign-in\?error=/);
    const gina = visitor();
    const back = pathOf(await institution.enter(await begin(gina, 'oidc'), 'gina'));
    const issuer = encodeURIComponent('https://evil.example');
    expect(await comeBack(gina, back.replace(/iss=[^&]+/, `iss=${issuer}`))).toBe('/sign-in?error=issuer_mismatch');
    expect(await enter(visitor(), 'gina')).toBe('/');
    institution.claimIssuer('https://evil.example');
    try {
      const desk = deskFor(institution.issuer);
      const visit = { publicUrl: server.url, cookie: '', userAgent: 'test', address: '127.0.0.1' };
      const { value, cookies } = await desk.begin(visit, { provider: 'oidc', backTo: '/', link: false });
      const answer = new URL(await institution.enter(value, 'gina'));
      const cookie = cookies.map((each) => each.split(';', 1)[0]).join('; ');
      answer.searchParams.delete('iss');
      const end = await desk.comeBack({ ...visit, cookie }, { provider: 'oidc', query: answer.search });
      expect(end.value).toEqual({ location: expect.stringMatching(/sign-in\?error=/) });
      expect(end.cookies.some((each) => each.includes('session_token='))).toBe(false);
    } finally {
      institution.claimIssuer(undefined);
    }
  });

  it('that moves is found again within the hour, and at once when somebody failed to come in by it', async () => {
    const places = { authorization: 'first', token: 'gone' };
    const service = createWebServer((request, reply) => {
      const isDescription = request.url?.includes('openid-configuration') === true;
      const at = (path: string) => `http://${request.headers.host ?? ''}/${path}`;
      reply.writeHead(isDescription ? 200 : 404, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          ...{ issuer: at('').replace(/\/$/, ''), jwks_uri: at('keys'), token_endpoint: at(places.token) },
          ...{ authorization_endpoint: at(places.authorization), id_token_signing_alg_values_supported: ['RS256'] },
        }),
      );
    });
    await new Promise<void>((resolve) => {
      service.listen(0, '127.0.0.1', resolve);
    });
    try {
      let nowMs = Date.now();
      const clock = { now: () => nowMs };
      const desk = deskFor(`http://127.0.0.1:${(service.address() as AddressInfo).port}`, clock);
      const visit = { publicUrl: server.url, cookie: '', userAgent: 'test', address: '127.0.0.1' };
      const ask = () => desk.begin(visit, { provider: 'oidc', backTo: '/', link: false });
      const leadsTo = (place: string) =>
        eventually(async () => expect((await ask()).value).toContain(`/${place}?`), 5_000);
      await leadsTo('first');
      places.authorization = 'second';
      await leadsTo('first');
      nowMs += 3_600_000;
      await leadsTo('second');
      places.authorization = 'third';
      nowMs += 20_000;
      const { value, cookies } = await ask();
      const cookie = cookies.map((each) => each.split(';', 1)[0]).join('; ');
      const query = `?code=c&state=${new URL(value).searchParams.get('state') ?? ''}`;
      const end = await desk.comeBack({ ...visit, cookie }, { provider: 'oidc', query });
      expect(end.value.location).toMatch(/sign-in\?error=/);
      await leadsTo('third');
    } finally {
      service.closeAllConnections();
      service.close();
    }
  });

  it('that keeps silent keeps out nobody who has a password', async () => {
    await person('hugo');
    const silent = createServer();
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    const held: { destroy(): void }[] = [];
    silent.on('connection', (socket) => held.push(socket));
    try {
      const desk = deskFor(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
      const visit = { publicUrl: server.url, cookie: '', userAgent: 'test', address: '127.0.0.1' };
      const entered = await desk.signIn(visit, { email: 'hugo@example.org', password, rememberMe: false });
      expect(entered.value).toBe('in');
      expect(held.length).toBeGreaterThan(0);
      const wish = { provider: 'oidc', backTo: '/', link: false };
      for (const socket of held) socket.destroy();
      silent.close();
      await expect(desk.begin(visit, wish)).rejects.toThrow('Institution does not answer.');
    } finally {
      for (const socket of held) socket.destroy();
      silent.close();
    }
  });
});

/** Beside the server's own, on its database. */
function deskFor(issuer: string, clock: Clock = systemClock) {
  return createSignInDesk({
    ...{ db: server.db, secret: 'of a test, long enough for the library', clock },
    providers: [oidcProvider({ issuer, clientId: institution.client.id, name: 'institution' })],
    welcome: async () => undefined,
    onArrival: async () => {},
    log: pino({ level: 'silent' }),
  });
}
