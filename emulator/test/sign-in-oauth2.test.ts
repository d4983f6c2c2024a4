import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  APP_ONLY,
  REDIRECT,
  VERIFIER,
  basic,
  bearer,
  json,
  platform,
  short,
  wish,
  type Keys,
} from './support/sign-in-client.ts';

describe('app-only sign-in', () => {
  it('gives the same token until it is invalidated, and then another', async () => {
    await using x = await platform();
    const { consumer_key, consumer_secret } = x.keys;
    const auth = basic(consumer_key, consumer_secret);
    const give = () => x.post('/oauth2/token', { grant_type: 'client_credentials' }, auth);
    expect(short(await give())).toEqual([200, '{"token_type":"bearer","access_token":"emulator-token"}']);
    expect((await give()).text).toBe((await give()).text);
    const gone = await x.post('/oauth2/invalidate_token', { access_token: 'emulator-token' }, auth);
    expect(short(gone)).toEqual([200, '{"access_token":"emulator-token"}']);
    expect((await x.call(APP_ONLY, { headers: bearer('emulator-token') })).status).toBe(401);
    const { access_token } = json(await give());
    expect(access_token).toMatch(/^AAAA/);
    expect((await x.call(APP_ONLY, { headers: bearer(access_token) })).status).toBe(200);
    expect((await x.post('/oauth2/invalidate_token', { access_token: 'emulator-token' }, auth)).status).toBe(401);
  });

  it('refuses wrong keys with code 99', async () => {
    await using x = await platform();
    const { consumer_key, consumer_secret } = x.keys;
    const refused = [
      403,
      '{"errors":[{"code":99,"label":"authenticity_token_error","message":"Unable to verify your credentials"}]}',
    ];
    const grant = { grant_type: 'client_credentials' };
    for (const headers of [basic(consumer_key, 'no'), basic('no', consumer_secret), { authorization: 'Basic %' }, {}]) {
      expect(short(await x.post('/oauth2/token', grant, headers))).toEqual(refused);
    }
    expect((await x.post('/oauth2/token', {}, basic(consumer_key, consumer_secret))).status).toBe(403);
  });
});

describe('OAuth 2 for users', () => {
  it('asks on a page that runs nothing and leads nowhere but back to the app', async () => {
    await using x = await platform();
    const asked = await x.call(
      `/i/oauth2/authorize?${new URLSearchParams({ ...wish(x.keys), state: '"><script>' }).toString()}`,
    );
    expect([asked.status, asked.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const policy = asked.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self' http://127.0.0.1:9;");
    const [, style = ''] = /<style>(.*)<\/style>/s.exec(asked.text) ?? [];
    expect(policy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(asked.text).not.toContain('<script');
    expect(asked.text).toContain('<label for="account">');
    expect(asked.text).toContain('<li>offline.access');
  });

  it('gives a public client a code, a token for it, and a token that acts for the account', async () => {
    await using x = await platform();
    const back = await x.consent({});
    expect([...back.searchParams.keys()]).toEqual(['from', 'state', 'code']);
    expect(back.searchParams.get('state')).toBe('a b&c');
    const given = await x.token({ code: back.searchParams.get('code') ?? '' });
    expect(given.status).toBe(200);
    expect(Object.keys(json(given))).toEqual(['token_type', 'expires_in', 'access_token', 'scope', 'refresh_token']);
    expect(json(given)).toMatchObject({
      token_type: 'bearer',
      expires_in: 7200,
      scope: 'tweet.read users.read offline.access',
    });
    const call = await x.call(APP_ONLY, { headers: bearer(json(given)['access_token']) });
    expect([call.status, json(call)['detail']]).toEqual([
      403,
      'Authenticating with OAuth 2.0 User Context is forbidden for this endpoint.  Supported authentication types are [OAuth 2.0 Application-Only].',
    ]);
  });

  it('takes a plain challenge, and gives no refresh token without offline.access', async () => {
    await using x = await platform();
    const fields = { scope: 'tweet.read', code_challenge: 'simple', code_challenge_method: 'plain' };
    const given = await x.token({ code: await x.codeFor(fields), code_verifier: 'simple' });
    expect(Object.keys(json(given))).toEqual(['token_type', 'expires_in', 'access_token', 'scope']);
  });

  it('sends the user back without a code when the answer is no', async () => {
    await using x = await platform();
    const back = await x.consent({ decision: 'deny' });
    expect(Object.fromEntries(back.searchParams)).toEqual({ from: 'x', state: 'a b&c', error: 'access_denied' });
  });

  it.each([
    [{ client_id: 'nobody' }, 'client id'],
    [{ redirect_uri: 'not an address' }, 'redirect uri'],
    [{ redirect_uri: 'javascript:alert(1)' }, 'redirect uri'],
    [{ response_type: 'token' }, 'response type'],
    [{ state: '' }, 'state'],
    [{ state: 'x'.repeat(501) }, 'state'],
    [{ scope: 'tweet.read all' }, 'scope'],
    [{ scope: '' }, 'scope'],
    [{ code_challenge: '' }, 'code challenge'],
    [{ code_challenge_method: 'S512' }, 'code challenge method'],
    [{ account: 'user_suspended' }, 'user_suspended'],
  ])('shows a page, and sends nobody anywhere, for %j', async (fields, words) => {
    await using x = await platform();
    const answer = await x.post('/i/oauth2/authorize', { ...wish(x.keys), decision: 'allow', ...fields });
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
    expect(answer.text).toContain(words);
  });

  it('compares redirect_uri with the list of the app, to the letter', async () => {
    await using x = await platform();
    const app = await x.register({ redirect_uris: [REDIRECT], type: 'public' });
    const asked = (redirect_uri: string) =>
      x.call(`/i/oauth2/authorize?${new URLSearchParams({ ...wish(app), redirect_uri }).toString()}`);
    expect((await asked(REDIRECT)).status).toBe(200);
    for (const other of [`${REDIRECT}/`, REDIRECT.replace('http:', 'https:'), 'http://127.0.0.1:9/']) {
      expect((await asked(other)).status).toBe(400);
    }
  });

  it.each([
    [{ grant_type: '' }, 'Missing required parameter [grant_type].'],
    [
      { grant_type: 'client_credentials' },
      'Value passed for the grant type was invalid. Grant type should be one of [authorization_code, refresh_token].',
    ],
    [{ client_id: '' }, 'Missing required parameter [client_id].'],
    [{ code: '' }, 'Missing required parameter [code].'],
    [{ redirect_uri: '' }, 'Missing required parameter [redirect_uri].'],
    [{ code_verifier: '' }, 'Missing required parameter [code_verifier].'],
    [{ code: 'wrong' }, 'Value passed for the authorization code was invalid.'],
    [
      { redirect_uri: 'http://127.0.0.1:9/' },
      'Value passed for the redirect uri did not match the uri of the authorization code.',
    ],
    [{ code_verifier: 'wrong' }, 'Value passed for the code verifier did not match the code challenge.'],
    [{ grant_type: 'refresh_token', refresh_token: 'wrong' }, 'Value passed for the token was invalid.'],
  ])('refuses %j', async (fields, error_description) => {
    await using x = await platform();
    const refused = await x.token({ code: await x.codeFor(), ...fields } as Keys);
    expect(short(refused)).toEqual([400, JSON.stringify({ error: 'invalid_request', error_description })]);
  });

  it('takes a code once, and a refresh token once', async () => {
    await using x = await platform();
    const code = await x.codeFor();
    const first = json(await x.token({ code }));
    expect((await x.token({ code })).status).toBe(400);
    const refresh = () => x.token({ grant_type: 'refresh_token', refresh_token: String(first['refresh_token']) });
    const second = await refresh();
    expect([second.status, json(second)['scope']]).toEqual([200, first['scope']]);
    expect(json(second)['refresh_token']).not.toBe(first['refresh_token']);
    expect((await refresh()).status).toBe(400);
  });

  it('reads JSON as well as forms', async () => {
    await using x = await platform();
    const fields = { grant_type: 'authorization_code', code: await x.codeFor(), redirect_uri: REDIRECT };
    const init = (body: string): RequestInit => ({
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    const whole = JSON.stringify({ ...fields, code_verifier: VERIFIER, client_id: x.keys['client_id'] });
    expect((await x.call('/2/oauth2/token', init(whole))).status).toBe(200);
    expect(json(await x.call('/2/oauth2/token', init('{"grant')))).toMatchObject({
      error_description: 'Missing required parameter [grant_type].',
    });
  });

  it('asks confidential clients for their secret, and lets nobody use the code of another', async () => {
    await using x = await platform();
    const app = await x.register({ type: 'confidential' });
    expect(app['status']).toBe('201');
    const { client_id = '', client_secret } = app;
    const code = await x.codeFor({ client_id });
    const unauthorized = [
      401,
      '{"error":"unauthorized_client","error_description":"Missing valid authorization header"}',
    ];
    expect(short(await x.token({ code, client_id }))).toEqual(unauthorized);
    expect(short(await x.token({ code, client_id }, basic(client_id, 'wrong')))).toEqual(unauthorized);
    expect(short(await x.token({ code, client_id: 'nobody' }))).toEqual([
      400,
      '{"error":"invalid_client","error_description":"Value passed for the client id was invalid."}',
    ]);
    expect((await x.token({ code })).status).toBe(400);
    expect((await x.token({ code, client_id }, basic(client_id, client_secret))).status).toBe(200);
  });

  it('forgets tokens that are revoked', async () => {
    await using x = await platform();
    const { access_token, refresh_token } = json(await x.token({ code: await x.codeFor() }));
    const { client_id = '' } = x.keys;
    const revoke = (token: unknown) => x.post('/2/oauth2/revoke', { token: String(token), client_id });
    expect(short(await revoke(access_token))).toEqual([200, '{"revoked":true}']);
    expect(short(await x.call(APP_ONLY, { headers: bearer(access_token) }))).toEqual([
      401,
      '{"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"}',
    ]);
    await revoke(refresh_token);
    expect((await x.token({ grant_type: 'refresh_token', refresh_token: String(refresh_token) })).status).toBe(400);
  });

  it('ends tokens after two hours of the world', async () => {
    // Two hours pass in 72 ms.
    await using x = await platform({ clock: 100_000 });
    const given = json(await x.token({ code: await x.codeFor() }));
    expect(given['expires_in']).toBe(1);
    await expect
      .poll(async () => (await x.call(APP_ONLY, { headers: bearer(given['access_token']) })).status, {
        timeout: 10_000,
      })
      .toBe(401);
  });
});
