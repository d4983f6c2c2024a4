import { describe, expect, it } from 'vitest';
import { APP_ONLY, bearer, json, platform, signed } from './support/sign-in-client.ts';

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

  it('serves the pages that posts link to where it is told to, each with an end of its own', async () => {
    await using x = await platform({ linkHost: 'pages.test:8080' });
    const found = await x.call(
      `/2/tweets/search/recent?query=${encodeURIComponent('url:"http://pages.test" -is:retweet')}&tweet.fields=entities&max_results=100`,
      {
        headers: bearer('emulator-token'),
      },
    );
    const text = JSON.stringify(json(found));
    expect(text).not.toContain('news.example');
    const pages = [...text.matchAll(/"expanded_url":"http:\/\/pages\.test:8080(\/_emulator\/pages\/\w+)"/g)].map(
      ([, path]) => String(path),
    );
    const codes = [...text.matchAll(/"url":"https:\/\/t\.co\/(\w+)","expanded_url":"http:\/\/pages/g)].map(
      ([, code]) => code,
    );
    expect(pages.length).toBeGreaterThan(10);
    const short = await x.call(`/t.co/${codes[0]}`, {});
    expect([short.status, short.headers.get('location')]).toEqual([301, `http://pages.test:8080${pages[0]}`]);
    for (const [page, status, location] of [
      ['0', 200, null],
      ['4', 302, '/_emulator/pages/3'],
      ['5', 301, '/_emulator/pages/4'],
      ['6', 404, null],
      ['7', 410, null],
      ['no-page', 404, null],
    ] as const) {
      const answer = await x.call(`/_emulator/pages/${page}`, {});
      expect([page, answer.status, answer.headers.get('location')]).toEqual([page, status, location]);
    }
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
