import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { percentEncode, sign, signatureBase } from '../src/credentials/oauth1-signature.ts';
import { type EmulatorOptions, startEmulator } from '../src/start-emulator.ts';

const REDIRECT = 'http://127.0.0.1:9/callback?from=x';
/** RFC 7636, appendix B. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const USER_ONLY = '/1.1/oauth/invalidate_token.json';
const APP_ONLY = '/2/usage/tweets';

type Keys = Readonly<Record<string, string>>;
interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** An emulator, with words for what clients do. */
async function platform(options: EmulatorOptions = {}) {
  const emulator = await startEmulator({ accounts: 1000, rate: 1, ...options });
  const call = async (path: string, init: RequestInit = {}): Promise<Reply> => {
    const answer = await fetch(emulator.url + path, { redirect: 'manual', ...init });
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  };
  const post = (path: string, fields: Keys, headers: Keys = {}) =>
    call(path, { method: 'POST', body: new URLSearchParams(fields), headers });
  const keys = JSON.parse((await call('/_emulator/credentials')).text) as Keys;
  return {
    url: emulator.url,
    keys,
    call,
    post,
    /** A new app of the emulator. */
    async register(order: object): Promise<Keys> {
      const answer = await call('/_emulator/apps', { method: 'POST', body: JSON.stringify(order) });
      return { ...(JSON.parse(answer.text) as Keys), status: String(answer.status) };
    },
    /** Consent without a browser; gives back where the user is sent. */
    async consent(fields: Keys): Promise<URL> {
      const answer = await post('/i/oauth2/authorize', {
        ...wish(keys),
        account: 'user_public',
        decision: 'allow',
        ...fields,
      });
      expect([answer.status, answer.text]).toEqual([302, '']);
      return new URL(answer.headers.get('location') ?? '');
    },
    async codeFor(fields: Keys = {}): Promise<string> {
      return (await this.consent(fields)).searchParams.get('code') ?? '';
    },
    token: (fields: Keys, headers: Keys = {}) =>
      post(
        '/2/oauth2/token',
        {
          grant_type: 'authorization_code',
          client_id: keys['client_id'] ?? '',
          redirect_uri: REDIRECT,
          code_verifier: VERIFIER,
          ...fields,
        },
        headers,
      ),
    [Symbol.asyncDispose]: () => emulator[Symbol.asyncDispose](),
  };
}

const wish = (keys: Keys): Keys => ({
  response_type: 'code',
  client_id: keys['client_id'] ?? '',
  redirect_uri: REDIRECT,
  scope: 'tweet.read users.read offline.access',
  state: 'a b&c',
  code_challenge: CHALLENGE,
  code_challenge_method: 's256',
});
const basic = (name = '', secret = ''): Keys => ({
  authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`,
});
const bearer = (token: unknown): Keys => ({ authorization: `Bearer ${String(token)}` });
const json = ({ text }: Reply) => JSON.parse(text) as Record<string, unknown>;
const short = ({ status, text }: Reply) => [status, text];

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

interface Signer {
  readonly key: string;
  readonly secret: string;
  readonly token?: string;
  readonly tokenSecret?: string;
}
let nonces = 0;

/** Signs as a client does. `extra` are further oauth_ parameters, and may be wrong ones. */
function signed(method: string, address: string, signer: Signer, extra: Keys = {}, body: Keys = {}): Keys {
  const { key, secret, token, tokenSecret = '' } = signer;
  const oauth: Record<string, string> = {
    oauth_consumer_key: key,
    oauth_nonce: `n${nonces++}`,
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
    oauth_version: '1.0',
    ...(token !== undefined && { oauth_token: token }),
    ...extra,
  };
  const url = new URL(address);
  const all = [...Object.entries(oauth), ...url.searchParams, ...Object.entries(body)];
  const base = signatureBase(method, url.origin + url.pathname, all);
  const header = { ...oauth, oauth_signature: sign(base, secret, tokenSecret), ...extra };
  const list = Object.entries(header).map(([name, value]) => `${percentEncode(name)}="${percentEncode(value)}"`);
  return { authorization: `OAuth ${list.join(', ')}` };
}

describe('signatures', () => {
  const setup = async () => {
    const x = await platform();
    const {
      consumer_key: key = '',
      consumer_secret: secret = '',
      access_token: token = '',
      access_token_secret: tokenSecret = '',
    } = x.keys;
    return { x, user: { key, secret, token, tokenSecret } };
  };
  /** What a user's call of an endpoint for apps alone is answered tells that the signature was believed: 403, not 401. */
  const believed = 403;

  it('are believed over query and form, by whatever name the emulator is called', async () => {
    const { x, user } = await setup();
    await using _ = x;
    const path = `${APP_ONLY}?days=7&usage.fields=${encodeURIComponent("it's (all), *right*!")}`;
    const origins = [x.url, x.url.replace('http:', 'https:'), 'https://api.x.com', 'https://api.twitter.com'];
    for (const origin of origins) {
      expect((await x.call(path, { headers: signed('GET', origin + path, user) })).status).toBe(believed);
    }
    const fields = { access_token: 'ü + x', more: '' };
    const headers = signed('POST', x.url + USER_ONLY, user, {}, fields);
    expect((await x.post(USER_ONLY, { ...fields, more: 'changed' }, headers)).status).toBe(401);
    expect((await x.post(USER_ONLY, fields, signed('POST', x.url + USER_ONLY, user, {}, fields))).status).toBe(200);
  });

  it('are believed when the form repeats what the header says', async () => {
    const { x, user } = await setup();
    await using _ = x;
    const headers = signed('POST', x.url + USER_ONLY, user);
    expect((await x.post(USER_ONLY, { oauth_token: user.token }, headers)).status).toBe(200);
  });

  it('do not cover bodies of JSON', async () => {
    const { x, user } = await setup();
    await using _ = x;
    const headers = { ...signed('POST', x.url + USER_ONLY, user), 'content-type': 'application/json' };
    expect((await x.call(USER_ONLY, { method: 'POST', body: '{"a":1}', headers })).status).toBe(200);
  });

  it.each([
    [
      'a wrong secret',
      { secret: 'wrong' },
      {},
      401,
      '{"errors":[{"code":32,"message":"Could not authenticate you."}]}',
    ],
    [
      'a wrong token secret',
      { tokenSecret: 'wrong' },
      {},
      401,
      '{"errors":[{"code":32,"message":"Could not authenticate you."}]}',
    ],
    ['an unknown app', { key: 'nobody' }, {}, 401, '{"errors":[{"code":32,"message":"Could not authenticate you."}]}'],
    [
      'an unknown token',
      { token: 'nobody' },
      {},
      401,
      '{"errors":[{"code":89,"message":"Invalid or expired token."}]}',
    ],
    [
      'an old timestamp',
      {},
      { oauth_timestamp: '1318622958' },
      401,
      '{"errors":[{"code":135,"message":"Timestamp out of bounds."}]}',
    ],
    [
      'another method',
      {},
      { oauth_signature_method: 'PLAINTEXT' },
      400,
      '{"errors":[{"code":215,"message":"Bad Authentication data."}]}',
    ],
  ])('are refused for %s', async (_name, change, extra, status, body) => {
    const { x, user } = await setup();
    await using _ = x;
    const headers = signed('POST', x.url + USER_ONLY, { ...user, ...change }, extra as Keys);
    expect(short(await x.post(USER_ONLY, {}, headers))).toEqual([status, body]);
    const v2 = signed('GET', x.url + APP_ONLY, { ...user, ...change }, extra as Keys);
    expect(short(await x.call(APP_ONLY, { headers: v2 }))).toEqual([
      401,
      '{"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"}',
    ]);
  });

  it('are good for one call', async () => {
    const { x, user } = await setup();
    await using _ = x;
    const headers = signed('GET', x.url + APP_ONLY, user);
    expect((await x.call(APP_ONLY, { headers })).status).toBe(believed);
    expect((await x.call(APP_ONLY, { headers })).status).toBe(401);
  });

  it('are missed with code 215', async () => {
    const { x } = await setup();
    await using _ = x;
    const none = [400, '{"errors":[{"code":215,"message":"Bad Authentication data."}]}'];
    expect(short(await x.post(USER_ONLY, {}))).toEqual(none);
    expect(short(await x.post(USER_ONLY, {}, { authorization: 'OAuth oauth_consumer_key="x"' }))).toEqual(none);
  });
});

describe('three-legged sign-in', () => {
  const flow = async () => {
    const x = await platform();
    const app = await x.register({ name: 'A <b>old</b> app', redirect_uris: ['http://127.0.0.1:9/back'] });
    const { consumer_key: key = '', consumer_secret: secret = '' } = app;
    const begin = async (oauth_callback: string) => {
      const headers = signed('POST', `${x.url}/oauth/request_token`, { key, secret }, { oauth_callback });
      return x.call('/oauth/request_token', { method: 'POST', headers });
    };
    const end = (token: string, tokenSecret: string, fields: Keys) =>
      x.post(
        '/oauth/access_token',
        fields,
        signed('POST', `${x.url}/oauth/access_token`, { key, secret, token, tokenSecret }, {}, fields),
      );
    return { x, key, secret, begin, end };
  };

  it('goes from a request token by consent to an access token that is believed', async () => {
    const { x, key, secret, begin, end } = await flow();
    await using _ = x;
    const begun = await begin('http://127.0.0.1:9/back?session=7');
    expect([begun.status, [...new URLSearchParams(begun.text).keys()]]).toEqual([
      200,
      ['oauth_token', 'oauth_token_secret', 'oauth_callback_confirmed'],
    ]);
    const { oauth_token = '', oauth_token_secret = '' } = Object.fromEntries(new URLSearchParams(begun.text));
    const asked = await x.call(`/oauth/authorize?oauth_token=${oauth_token}`);
    expect([asked.status, asked.text.includes('A &lt;b&gt;old&lt;/b&gt; app')]).toEqual([200, true]);
    const invalid = await end(oauth_token, oauth_token_secret, { oauth_verifier: 'guess' });
    expect(short(invalid)).toEqual([401, 'Error processing your OAuth request: Invalid oauth_verifier parameter']);
    const agreed = await x.post('/oauth/authorize', { oauth_token, account: 'user_public', decision: 'allow' });
    const back = new URL(agreed.headers.get('location') ?? '');
    expect([agreed.status, [...back.searchParams.keys()]]).toEqual([302, ['session', 'oauth_token', 'oauth_verifier']]);
    const oauth_verifier = back.searchParams.get('oauth_verifier') ?? '';
    const ended = await end(oauth_token, oauth_token_secret, { oauth_verifier });
    const access = Object.fromEntries(new URLSearchParams(ended.text));
    expect([ended.status, Object.keys(access)]).toEqual([
      200,
      ['oauth_token', 'oauth_token_secret', 'user_id', 'screen_name'],
    ]);
    expect([access['user_id'], access['screen_name']]).toEqual([x.keys['user_public_id'], x.keys['user_public']]);
    expect((await end(oauth_token, oauth_token_secret, { oauth_verifier })).status).toBe(401);
    const user = { key, secret, token: access['oauth_token'] ?? '', tokenSecret: access['oauth_token_secret'] ?? '' };
    expect((await x.call(APP_ONLY, { headers: signed('GET', x.url + APP_ONLY, user) })).status).toBe(403);

    // Who has agreed before is not asked again by /oauth/authenticate.
    const again = Object.fromEntries(new URLSearchParams((await begin('http://127.0.0.1:9/back')).text));
    const path = `/oauth/authenticate?oauth_token=${again['oauth_token']}&screen_name=${access['screen_name']}`;
    expect((await x.call(path)).headers.get('location')).toContain('oauth_verifier=');
    expect((await x.call(`${path}&force_login=true`)).status).toBe(200);
  });

  it('shows a PIN when there is no address to go back to', async () => {
    const { x, begin, end } = await flow();
    await using _ = x;
    const { oauth_token = '', oauth_token_secret = '' } = Object.fromEntries(
      new URLSearchParams((await begin('oob')).text),
    );
    const agreed = await x.post('/oauth/authorize', {
      oauth_token,
      account: x.keys['user_public'] ?? '',
      decision: 'allow',
    });
    const [, pin = ''] = /<code>(\d{7})<\/code>/.exec(agreed.text) ?? [];
    expect((await end(oauth_token, oauth_token_secret, { oauth_verifier: pin })).status).toBe(200);
  });

  it('tells the app when the user says no', async () => {
    const { x, begin } = await flow();
    await using _ = x;
    const { oauth_token = '' } = Object.fromEntries(new URLSearchParams((await begin('http://127.0.0.1:9/back')).text));
    const denied = await x.post('/oauth/authorize', { oauth_token, decision: 'deny' });
    expect(denied.headers.get('location')).toBe(`http://127.0.0.1:9/back?denied=${oauth_token}`);
    expect((await x.call(`/oauth/authorize?oauth_token=${oauth_token}`)).status).toBe(401);
  });

  it("refuses callbacks that are not the app's", async () => {
    const { x, begin } = await flow();
    await using _ = x;
    const refused = await begin('http://127.0.0.1:9/elsewhere');
    expect([refused.status, refused.text.includes('<error code="415">')]).toEqual([403, true]);
  });
});

describe('the emulator itself', () => {
  it('hands out tokens of any account without signing in', async () => {
    await using x = await platform();
    const order = (body: object) => x.call('/_emulator/tokens', { method: 'POST', body: JSON.stringify(body) });
    const first = json(await order({ account: 'user_protected' }));
    expect(first).toMatchObject({ user_id: x.keys['user_protected_id'], screen_name: x.keys['user_protected'] });
    expect(json(await order({ account: String(first['user_id']) }))).toEqual(first);
    const second = await order({ kind: 'oauth2', account: 'user_public', scopes: ['tweet.read'] });
    expect([second.status, json(second)['scope']]).toEqual([201, 'tweet.read']);
    expect((await x.call(APP_ONLY, { headers: bearer(json(second)['access_token']) })).status).toBe(403);
    for (const wrong of [{ account: 'user_deleted' }, { app: '7' }]) expect((await order(wrong)).status).toBe(404);
    for (const wrong of [{ kind: 'oauth3' }, { kind: 'oauth2', scopes: ['all'] }])
      expect((await order(wrong)).status).toBe(400);
    expect((await x.call('/_emulator/apps', { method: 'POST', body: '[' })).status).toBe(400);
    expect((await x.register({ type: 'secret' }))['status']).toBe('400');
  });

  it('tells, changes and forgets limits while it runs', async () => {
    await using x = await platform({ access: 'pro' });
    const change = (body: object) => x.call('/_emulator/limits', { method: 'POST', body: JSON.stringify(body) });
    const usage = () => x.call(APP_ONLY, { headers: bearer('emulator-token') });
    const changed = await change({ limits: { 'GET /2/usage/tweets': { app: '2' } }, monthlyPosts: 7, credits: 2.5 });
    expect(json(changed)).toMatchObject({
      level: 'pro',
      monthlyPosts: 7,
      apps: [{ app: '1001', credits: 2.5, postsThisMonth: 0 }],
    });
    expect(json(await usage())).toMatchObject({ data: { project_cap: 7, project_id: '1001', project_usage: 0 } });
    expect([(await usage()).status, (await usage()).status]).toEqual([200, 429]);
    const again = json(await change({ credits: 2.5 }));
    expect(again).toMatchObject({ apps: [{ credits: 2.5 }] });
    await x.call('/_emulator/limits', { method: 'DELETE' });
    expect((await usage()).status).toBe(200);
    for (const wrong of [
      { level: 'free' },
      { rules: -1 },
      { limits: { '/2/users': {} } },
      { prices: { like: 'much' } },
      { speed: 1 },
    ]) {
      const refused = await change(wrong);
      expect([refused.status, typeof json(refused)['error']]).toEqual([400, 'string']);
    }
  });

  it('tells how the windows of v1.1 stand', async () => {
    await using x = await platform();
    const {
      consumer_key: key = '',
      consumer_secret: secret = '',
      access_token: token = '',
      access_token_secret: tokenSecret = '',
    } = x.keys;
    const path = '/1.1/application/rate_limit_status.json?resources=application,account';
    const app = await x.call(path, { headers: bearer('emulator-token') });
    const standing = { limit: 180, remaining: 179, reset: Number(app.headers.get('x-rate-limit-reset')) };
    expect(json(app)).toEqual({
      rate_limit_context: { application: key },
      resources: { application: { '/application/rate_limit_status': standing } },
    });
    const user = await x.call(path, { headers: signed('GET', x.url + path, { key, secret, token, tokenSecret }) });
    expect(json(user)).toMatchObject({
      rate_limit_context: { access_token: token },
      resources: { account: { '/account/verify_credentials': { limit: 75, remaining: 75 } } },
    });
  });
});
