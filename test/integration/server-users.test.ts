/** Sign-in, users, rights and the audit log over HTTP: one server on one database. */
import { getMigrations } from 'better-auth/db/migration';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSignInDesk } from '../../src/server/auth/sign-in-desk.ts';
import { createSignInEngine } from '../../src/server/auth/sign-in-engine.ts';
import { leastRoleByRoute, mayCall, type Role } from '../../src/server/permissions.ts';
import { addUser } from '../../src/store/users/users.ts';
import { systemClock } from '../../src/core/time.ts';
import { codeOf } from '../support/one-time-code.ts';
import { addSampleCollection, startServer, type TestServer } from '../support/server.ts';
import { type Visitor, visitor as openVisitor } from '../support/visitor.ts';

const password = 'nine quiet herons stand';
let server: TestServer;

beforeAll(async () => {
  server = await startServer({ signIn: true });
}, 120_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

const visitor = (options?: Parameters<typeof openVisitor>[1]) => openVisitor(() => server.url, options);

async function person(name: string, role: 'viewer' | 'collector' | 'administrator'): Promise<Visitor> {
  const email = `${name}@example.org`;
  await addUser(server.db, systemClock, { email, name, role, password });
  const it = visitor();
  expect((await it.signIn(email, password)).body).toEqual({ next: 'in' });
  return it;
}

describe('first run', () => {
  it('lets whoever sits at the machine look, and nobody who comes through a proxy', async () => {
    const { body } = await visitor().call('GET', '/api/v1/session');
    expect(body).toMatchObject({ role: 'viewer', via: 'loopback', user: null, setupNeeded: true, demo: false });
    expect((await visitor().call('GET', '/api/v1/status')).status).toBe(200);
    const proxied = visitor({ headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect((await proxied.call('GET', '/api/v1/status')).status).toBe(401);
    expect((await proxied.call('GET', '/healthz')).status).toBe(200);
  });

  it('asks whoever is elsewhere for the set-up code', async () => {
    const elsewhere = visitor({ headers: { 'x-forwarded-for': '203.0.113.9' } });
    const wish = { name: 'Eve', email: 'eve@example.org', password };
    expect((await elsewhere.call('POST', '/api/v1/setup', wish)).body.code).toBe('setup.code-needed');
    expect((await elsewhere.call('POST', '/api/v1/setup', { ...wish, code: 'AAAA-AAAA-AAAA' })).status).toBe(403);
  });

  it('refuses passwords that are guessed first, and makes one administrator of several at once', async () => {
    const weak = { name: 'Ada', email: 'ada@example.org', password: 'passwordpassword' };
    expect((await visitor().call('POST', '/api/v1/setup', weak)).body.code).toBe('password.weak');
    const both = await Promise.all(
      ['ada', 'bob'].map((name) =>
        visitor().call('POST', '/api/v1/setup', { name, email: `${name}@example.org`, password }),
      ),
    );
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 409]);
    const made = both.find(({ status }) => status === 204);
    expect(made?.cookies[0]).toMatch(/^mistnet\.session_token=.+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/i);
    expect((await visitor().call('GET', '/api/v1/status')).body.code).toBe('sign-in.required');
    expect((await visitor().call('GET', '/api/v1/session')).body).toMatchObject({ role: 'nobody', setupNeeded: false });
  });
});

describe('signing in', () => {
  it('works with the password, not without, and ends when one signs out', async () => {
    const ada = await person('Ada Lovelace'.replace(' ', '.'), 'viewer');
    const { body } = await ada.call('GET', '/api/v1/session');
    expect(body).toMatchObject({ role: 'viewer', via: 'session', user: { email: 'ada.lovelace@example.org' } });
    const old = new Map(ada.jar);
    expect((await ada.call('DELETE', '/api/v1/session')).status).toBe(204);
    expect((await ada.call('GET', '/api/v1/me')).status).toBe(401);
    for (const [name, value] of old) ada.jar.set(name, value);
    expect((await ada.call('GET', '/api/v1/me')).status).toBe(401);
  });

  it('says the same of a wrong password and of an unknown address, and slows down guessing', async () => {
    await person('carl', 'viewer');
    const [wrong, unknown] = [
      await visitor().signIn('carl@example.org', 'not the password'),
      await visitor().signIn('nobody@example.org', 'not the password'),
    ];
    expect(wrong.status).toBe(401);
    expect({ ...unknown.body }).toEqual(wrong.body);
    const many = await Promise.all(Array.from({ length: 8 }, () => visitor().signIn('carl@example.org', 'not this')));
    expect(many.some(({ status }) => status === 429)).toBe(true);
    // The pause may be over on a slow machine.
    await server.db.query("update sign_in_failures set blocked_until = now() + interval '1 hour'");
    const { status, body } = await visitor().signIn('carl@example.org', password);
    expect([status, body.code]).toEqual([429, 'sign-in.throttled']);
    await server.db.query('delete from sign_in_failures');
  });

  it('asks for a code once a second factor is confirmed; a recovery code works once', async () => {
    const dora = await person('dora', 'viewer');
    const begun = await dora.call('POST', '/api/v1/me/second-factor', { password });
    expect(begun.status).toBe(200);
    const { uri, recoveryCodes } = begun.body as { uri: string; recoveryCodes: string[] };
    expect((await dora.call('PUT', '/api/v1/me/second-factor', { code: '000000' })).status).toBe(401);
    expect((await dora.call('PUT', '/api/v1/me/second-factor', { code: codeOf(uri) })).status).toBe(204);
    const again = visitor();
    expect((await again.signIn('dora@example.org', password)).body).toEqual({ next: 'second-factor' });
    expect((await again.call('GET', '/api/v1/me')).status).toBe(401);
    expect((await again.call('POST', '/api/v1/sign-in/code', { code: '000000' })).status).toBe(401);
    const code = codeOf(uri);
    expect((await again.call('POST', '/api/v1/sign-in/code', { code })).body).toEqual({ next: 'in' });
    const follower = visitor();
    await follower.signIn('dora@example.org', password);
    const second = await follower.call('POST', '/api/v1/sign-in/code', { code });
    expect([second.status, second.body.detail]).toEqual([
      401,
      expect.stringContaining('Begin again with the password'),
    ]);
    expect((await follower.call('GET', '/api/v1/me')).status).toBe(401);
    expect((await again.call('GET', '/api/v1/me')).body.sessions).toHaveLength(2);
    expect((await again.call('GET', '/api/v1/me')).body.user.hasSecondFactor).toBe(true);
    for (const expected of [200, 401]) {
      const third = visitor();
      await third.signIn('dora@example.org', password);
      const reply = await third.call('POST', '/api/v1/sign-in/code', { code: recoveryCodes[0], kind: 'recovery' });
      expect(reply.status).toBe(expected);
      if (expected === 401) expect(reply.body.detail).toContain('none of your recovery codes');
    }
  });

  it('is refused to pages of other sites', async () => {
    const reply = await visitor().call(
      'POST',
      '/api/v1/sign-in',
      { email: 'ada@example.org', password },
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    );
    expect(reply.body.code).toBe('origin.refused');
  });
});

describe('whoever tries to get in otherwise', () => {
  const library = {
    ...{ secret: 'of a test, long enough for the library', clock: systemClock, providers: [], consent: undefined },
    ...{ welcome: async () => undefined, log: pino({ level: 'silent' }) },
  };

  it('finds no session that was there before, and cannot end or begin one from another site', async () => {
    const nora = await person('nora', 'viewer');
    const planted = nora.jar.get('mistnet.session_token') ?? '';
    const again = visitor();
    again.jar.set('mistnet.session_token', planted);
    expect((await again.signIn('nora@example.org', password)).body).toEqual({ next: 'in' });
    expect(again.jar.get('mistnet.session_token')).not.toBe(planted);
    const forged = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    for (const [method, path] of [
      ['DELETE', '/api/v1/session'],
      ['DELETE', '/api/v1/me/linked/x'],
      ['POST', '/api/v1/setup'],
    ] as const)
      expect((await nora.call(method, path, undefined, forged)).body.code).toBe('origin.refused');
    expect((await nora.call('GET', '/api/v1/me')).status).toBe(200);
    nora.jar.set('mistnet.session_token', `${planted.split('.')[0]}.${'A'.repeat(43)}%3D`);
    expect((await nora.call('GET', '/api/v1/me')).status).toBe(401);
  });

  it('cannot choose the host of links, nor the address for which guesses count', async () => {
    const reply = await server.app.inject({ url: '/api/v1/session', headers: { host: 'evil.example' } });
    expect(reply.json().code).toBe('host.refused');
    await server.db.query('delete from sign_in_failures');
    for (const number of [1, 2, 3]) {
      const claim = { 'x-forwarded-for': `203.0.113.${number}`, 'x-real-ip': `203.0.113.${number}` };
      expect((await visitor({ headers: claim }).signIn(`guess${number}@example.org`, 'not this')).status).toBe(401);
    }
    const counted = await server.db.query<{ failures: number }>('select failures from sign_in_failures order by 1');
    expect(counted.map(({ failures }) => failures)).toEqual([1, 1, 1, 3]);
    await server.db.query('delete from sign_in_failures');
  });

  it('finds cookies that neither listeners nor neighbouring sites can have, where there is encryption', async () => {
    await person('otto', 'viewer');
    const desk = createSignInDesk({ ...library, db: server.db, onArrival: async () => {} });
    const wish = { email: 'otto@example.org', password, rememberMe: false };
    const cookieAt = async (publicUrl: string) =>
      (await desk.signIn({ publicUrl, cookie: '', userAgent: '', address: '' }, wish)).cookies[0];
    expect(await cookieAt('https://data.example.org')).toMatch(
      /^__Host-mistnet\.session_token=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect(await cookieAt('https://data.example.org/mistnet')).toMatch(
      /^__Secure-mistnet\.session_token=[^;]+; Path=\/mistnet\/; HttpOnly; Secure; SameSite=Strict$/,
    );
  });

  it('enters a demo only at its own machine', async () => {
    await using demo = await startServer({ signIn: true, environment: { MISTNET_DEMO: 'true' } });
    const at = (headers: Record<string, string>) => openVisitor(() => demo.url, { headers });
    for (const sign of ['x-forwarded-for', 'x-real-ip', 'via', 'forwarded', 'x-forwarded-host']) {
      const reply = await at({ [sign]: '203.0.113.9' }).call('POST', '/api/v1/session/demo');
      expect([sign, reply.body.code]).toEqual([sign, 'access.denied']);
    }
    const elsewhere = { method: 'POST', url: '/api/v1/session/demo', remoteAddress: '203.0.113.9' } as const;
    expect((await demo.app.inject({ ...elsewhere, headers: { host: 'localhost' } })).json().code).toBe('access.denied');
    const here = at({});
    expect((await here.call('POST', '/api/v1/session/demo')).status).toBe(204);
    expect((await here.call('GET', '/api/v1/session')).body).toMatchObject({ role: 'administrator', via: 'session' });
    expect((await visitor().call('POST', '/api/v1/session/demo')).body.code).toBe('access.denied');
  });

  it('meets the tables that the sign-in library expects', async () => {
    const { options } = createSignInEngine({
      ...{ ...library, db: server.db, publicUrl: server.url, onTokens: () => {}, onAccount: () => {} },
    });
    const lacking = async () => {
      const { toBeCreated, toBeAdded } = await getMigrations(options);
      return [...toBeCreated, ...toBeAdded].map(({ table, fields }) => `${table}: ${Object.keys(fields).join(', ')}`);
    };
    expect(await lacking()).toEqual([]);
    await server.db.query('alter table auth."twoFactor" rename "lockedUntil" to other');
    try {
      expect(await lacking()).toEqual(['twoFactor: lockedUntil']);
    } finally {
      await server.db.query('alter table auth."twoFactor" rename other to "lockedUntil"');
    }
  });
});

describe('users', () => {
  it('come by invitation, which works once', async () => {
    const root = await person('root1', 'administrator');
    const wish = { email: 'New@example.org', name: 'New Person', role: 'collector' };
    const { body } = await root.call('POST', '/api/v1/users/invitations', wish);
    expect(body.sent).toBe(false);
    const token = String(body.link).split('/invitation/')[1] ?? '';
    const fresh = visitor();
    expect((await fresh.call('GET', `/api/v1/invitations/${token}`)).body).toEqual({
      ...{ email: 'new@example.org', name: 'New Person', role: 'collector' },
    });
    const accept = { name: 'New Person', password };
    expect((await fresh.call('POST', `/api/v1/invitations/${token}`, { ...accept, password: 'short' })).status).toBe(
      422,
    );
    expect((await fresh.call('POST', `/api/v1/invitations/${token}`, accept)).status).toBe(204);
    expect((await fresh.call('GET', '/api/v1/session')).body.role).toBe('collector');
    expect((await visitor().call('POST', `/api/v1/invitations/${token}`, accept)).body.code).toBe('link.unknown');
  });

  it('set a new password by a link, which ends their sessions', async () => {
    const root = await person('root2', 'administrator');
    const emil = await person('emil', 'viewer');
    const { body } = await emil.call('GET', '/api/v1/me');
    const offered = await root.call('POST', `/api/v1/users/${body.user.userId}/reset`);
    const token = String(offered.body.link).split('/reset-password/')[1] ?? '';
    const next = 'eleven loud rooks argue';
    expect((await visitor().call('POST', `/api/v1/password-resets/${token}`, { password: next })).status).toBe(204);
    expect((await visitor().call('POST', `/api/v1/password-resets/${token}`, { password: next })).status).toBe(404);
    expect((await emil.call('GET', '/api/v1/me')).status).toBe(401);
    expect((await visitor().signIn('emil@example.org', next)).status).toBe(200);
    // Whether there is such a person is not told.
    for (const email of ['emil@example.org', 'ghost@example.org'])
      expect((await visitor().call('POST', '/api/v1/password-resets', { email })).status).toBe(202);
  });

  it('who are deactivated lose sessions and tokens at once and cannot come back', async () => {
    const root = await person('root3', 'administrator');
    const finn = await person('finn', 'viewer');
    const { body } = await finn.call('POST', '/api/v1/me/tokens', { label: 'script', scopes: ['read'] });
    const program = visitor({ token: body.secret });
    expect((await program.call('GET', '/api/v1/status')).status).toBe(200);
    const { userId } = (await finn.call('GET', '/api/v1/me')).body.user;
    expect((await root.call('PATCH', `/api/v1/users/${userId}`, { active: false })).status).toBe(200);
    expect((await finn.call('GET', '/api/v1/status')).status).toBe(401);
    expect((await program.call('GET', '/api/v1/status')).status).toBe(401);
    expect((await visitor().signIn('finn@example.org', password)).body.code).toBe('sign-in.inactive');
    expect((await visitor().signIn('finn@example.org', 'not the password')).body.code).toBe('sign-in.failed');
  });

  it('cannot all stop being administrators', async () => {
    const root = await person('root4', 'administrator');
    const { users } = (await root.call('GET', '/api/v1/users')).body as { users: { userId: string; role: string }[] };
    const mine = (await root.call('GET', '/api/v1/me')).body.user.userId as string;
    for (const { userId } of users.filter(({ role, userId }) => role === 'administrator' && userId !== mine))
      expect((await root.call('PATCH', `/api/v1/users/${userId}`, { role: 'viewer' })).status).toBe(200);
    expect((await root.call('PATCH', `/api/v1/users/${mine}`, { role: 'viewer' })).body.code).toBe('user.refused');
    expect((await root.call('PATCH', `/api/v1/users/${mine}`, { active: false })).body.code).toBe('user.refused');
  });
});

describe('rights', () => {
  it('are what the table says, route by route, for sessions of each role and for tokens', async () => {
    await addUser(server.db, systemClock, {
      email: 'table@example.org',
      name: 'table',
      role: 'administrator',
      password,
    });
    const owner = visitor();
    await owner.signIn('table@example.org', password);
    const callers: [string, Role, Visitor][] = [
      ['nobody', 'nobody', visitor()],
      ['viewer', 'viewer', await person('viewer1', 'viewer')],
      ['collector', 'collector', await person('collector1', 'collector')],
      ['administrator', 'administrator', owner],
    ];
    for (const [scope, role] of [
      ['read', 'viewer'],
      ['collect', 'collector'],
      ['administer', 'administrator'],
    ] as const) {
      const { body } = await owner.call('POST', '/api/v1/me/tokens', { label: scope, scopes: [scope] });
      callers.push([`token ${scope}`, role, visitor({ token: body.secret })]);
    }
    const differences: string[] = [];
    for (const [name, role, caller] of callers)
      for (const [key, leastRole] of Object.entries(leastRoleByRoute)) {
        const [method = '', pattern = ''] = key.split(' ');
        // Without an end; signing out would end the session of the test.
        if (pattern.endsWith('/events') || key === 'DELETE /api/v1/session' || key === 'GET /metrics') continue;
        const path = pattern.replace('*', 'x').replaceAll(/:\w+/g, 'x');
        const reply = await caller.call(method, path, ['POST', 'PUT', 'PATCH'].includes(method) ? {} : undefined);
        const detail = String(reply.body.detail ?? '');
        const isDenied = reply.body.code === 'sign-in.required' || detail.startsWith('This needs the role');
        if (isDenied === mayCall(role, leastRole)) differences.push(`${name}: ${key} ${reply.status} ${detail}`);
      }
    expect(differences).toEqual([]);
  }, 60_000);

  it('of a token end with its scope, and nothing of the account itself can be done by one', async () => {
    const gina = await person('gina', 'collector');
    expect((await gina.call('POST', '/api/v1/me/tokens', { label: 'x', scopes: ['administer'] })).body.code).toBe(
      'access.denied',
    );
    const { body } = await gina.call('POST', '/api/v1/me/tokens', { label: 'x', scopes: ['collect'] });
    const program = visitor({ token: body.secret });
    expect((await program.call('GET', '/api/v1/session')).body).toMatchObject({ role: 'collector', via: 'token' });
    expect((await program.call('POST', '/api/v1/me/tokens', { label: 'y', scopes: ['read'] })).status).toBe(403);
    const kept = await server.db.query<{ row: string }>('select t::text as row from api_tokens t');
    expect(kept.every(({ row }) => !row.includes(String(body.secret).slice(8)))).toBe(true);
    expect((await gina.call('DELETE', `/api/v1/me/tokens/${body.token.tokenId}`)).status).toBe(204);
    expect((await program.call('GET', '/api/v1/status')).status).toBe(401);
  });

  it('to a private collection are its owner’s, those with whom it is shared, and administrators’', async () => {
    await addSampleCollection(server.db, 'secret');
    await addSampleCollection(server.db, 'open');
    const [root, owner, friend, stranger] = [
      await person('root5', 'administrator'),
      await person('owner', 'collector'),
      await person('friend', 'collector'),
      await person('stranger', 'collector'),
    ];
    const idOf = async (one: Visitor) => (await one.call('GET', '/api/v1/me')).body.user.userId as string;
    const share = { ownerId: await idOf(owner), visibility: 'private', shares: [] as object[] };
    expect((await root.call('PUT', '/api/v1/collections/secret/sharing', share)).status).toBe(200);
    const namesOf = async (one: Visitor) =>
      (await one.call('GET', '/api/v1/status')).body.collections.map(({ name }: { name: string }) => name);
    expect(await namesOf(owner)).toEqual(['open', 'secret']);
    expect(await namesOf(friend)).toEqual(['open']);
    expect((await friend.call('GET', '/api/v1/collections/secret/gaps')).body.code).toBe('collection.unknown');
    share.shares = [{ userId: await idOf(friend), access: 'view' }];
    expect((await owner.call('PUT', '/api/v1/collections/secret/sharing', share)).status).toBe(200);
    expect((await friend.call('GET', '/api/v1/collections/secret/gaps')).status).toBe(200);
    expect((await friend.call('PUT', '/api/v1/collections/secret/sharing', share)).body.code).toBe('access.denied');
    for (const path of [
      '/api/v1/collections/secret/gaps',
      '/api/v1/collections/secret/compaction',
      '/api/v1/collections/secret/sharing',
      '/api/v1/collections/secret',
      '/api/v1/retention-runs?collection=secret',
      '/api/v1/datasets?collection=secret',
      '/files/datasets/secret/2026-11-22/2026-11-22_report.txt',
    ])
      expect([path, (await stranger.call('GET', path)).status]).toEqual([path, 404]);
    expect(await namesOf(stranger)).toEqual(['open']);
  });
});

describe('the audit log', () => {
  it('tells who did what, filtered and page by page, to administrators alone', async () => {
    const root = await person('root6', 'administrator');
    const all = await root.call('GET', '/api/v1/audit?limit=500');
    const actions = new Set(all.body.entries.map(({ action }: { action: string }) => action));
    for (const action of [
      ...['user.add', 'session.start', 'session.end', 'sign-in.fail', 'sign-in.throttled', 'user.invite', 'user.grant'],
      ...['user.deactivate', 'token.add', 'token.revoke', 'collection.share', 'user.add-second-factor'],
    ])
      expect([action, actions.has(action)]).toEqual([action, true]);
    expect(JSON.stringify(all.body)).not.toContain(password);
    const first = await root.call('GET', '/api/v1/audit?action=token&limit=2');
    expect(first.body.entries).toHaveLength(2);
    const second = await root.call('GET', `/api/v1/audit?action=token&limit=2&before=${first.body.next}`);
    expect(second.body.entries[0].entryId).not.toBe(first.body.entries[1].entryId);
    expect(second.body.entries.every(({ action }: { action: string }) => action.startsWith('token.'))).toBe(true);
  });
});
