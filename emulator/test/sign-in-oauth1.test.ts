import { describe, expect, it } from 'vitest';
import { APP_ONLY, USER_ONLY, platform, short, signed, type Keys } from './support/sign-in-client.ts';

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

  it('may stand in the address instead of a header, also where unknown parameters are refused', async () => {
    const { x, user } = await setup();
    await using _ = x;
    const { authorization = '' } = signed('GET', `${x.url}/2/users/me`, user);
    const inAddress = authorization.replace('OAuth ', '').replaceAll('"', '').split(', ').join('&');
    expect((await x.call(`/2/users/me?${inAddress}`)).status).toBe(200);
    expect((await x.call(`/2/users/me?${inAddress.replace('oauth_nonce=', 'oauth_nonce=x')}`)).status).toBe(401);
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
