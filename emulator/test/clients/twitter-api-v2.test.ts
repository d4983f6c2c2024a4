import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ApiResponseError,
  ETwitterStreamEvent,
  type TweetStream,
  type Tweetv2FieldsParams,
  TwitterApi,
  type TwitterApiTokens,
} from 'twitter-api-v2';
import { LACKS_SPECIFICATIONS, observeEmulator, type ObservedEmulator } from '../support/observed-emulator.ts';
import { orderFault } from '../support/stream-client.ts';
import { ToEmulatorAgent } from '../support/to-emulator-agent.ts';

const FIELDS = {
  'tweet.fields': ['created_at', 'public_metrics', 'entities', 'referenced_tweets', 'attachments', 'edit_controls'],
  expansions: ['author_id', 'referenced_tweets.id', 'attachments.media_keys', 'geo.place_id', 'attachments.poll_ids'],
  'user.fields': ['public_metrics', 'created_at', 'protected'],
} satisfies Partial<Tweetv2FieldsParams>;

let emulator: ObservedEmulator;
let agent: ToEmulatorAgent;
let app: TwitterApi;
let user: TwitterApi;

type ClientKeys = { clientId: string; clientSecret: string };
const client = (tokens: TwitterApiTokens | ClientKeys | string): TwitterApi =>
  new TwitterApi(tokens as TwitterApiTokens, { httpAgent: agent as never });
const key = (name: string): string => emulator.keys[name] ?? '';
const appKeys = () => ({ appKey: key('consumer_key'), appSecret: key('consumer_secret') });

beforeAll(async () => {
  emulator = await observeEmulator({ seed: 3, rate: 200, keepaliveMs: 50, accounts: 20_000 });
  agent = new ToEmulatorAgent(emulator.port);
  app = client(key('bearer_token'));
  user = client({ ...appKeys(), accessToken: key('access_token'), accessSecret: key('access_token_secret') });
});

afterAll(async () => {
  agent.destroy();
  await emulator[Symbol.asyncDispose]();
});

async function refusal(promise: Promise<unknown>): Promise<ApiResponseError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ApiResponseError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

/** Posts of the most followed account, newest first. */
async function somePosts(count: number): Promise<string[]> {
  const answer = await fetch(`${emulator.url}/_emulator/truth/account/posts?account=user_public&limit=${count}`);
  return (await answer.text()).trim().split('\n');
}

describe('twitter-api-v2, reading v2', () => {
  it('finds accounts by name, by id, many at once, and tells the missing', async () => {
    const { data } = await app.v2.userByUsername(key('user_public'), {
      'user.fields': ['public_metrics', 'created_at'],
    });
    expect(data).toMatchObject({ id: key('user_public_id'), username: key('user_public') });
    expect((await app.v2.user(data.id)).data.username).toBe(data.username);
    const states = ['user_public', 'user_protected', 'user_suspended', 'user_deleted', 'user_renamed'].map(key);
    const many = await app.v2.usersByUsernames(states);
    expect(many.data.map(({ username }) => username)).toEqual([states[0], states[1], states[4]]);
    expect(many.errors?.map(({ title }) => title)).toEqual(['Forbidden', 'Not Found Error']);
    expect((await app.v2.userByUsername(key('user_deleted'))).data).toBeUndefined();
    const ids = (await app.v2.followers(data.id, { max_results: 100 })).data.map(({ id }) => id);
    expect((await app.v2.users(ids)).data.map(({ id }) => id)).toEqual(ids);
  });

  it('finds posts, one, a hundred, with all they expand, and tells the missing', async () => {
    const ids = await somePosts(100);
    const { data, includes, errors } = await app.v2.tweets([...ids.slice(0, 99), '20'], FIELDS);
    expect(new Set(data.map(({ id }) => id)).size).toBe(99);
    expect(includes?.users?.length).toBeGreaterThan(0);
    expect(errors?.some(({ value }) => value === '20')).toBe(true);
    const one = await app.v2.singleTweet(ids[0] ?? '', FIELDS);
    expect(one.data).toMatchObject({ id: ids[0], author_id: key('user_public_id') });
  });

  it('reads a timeline to its end, each post once', async () => {
    const pages = await app.v2.userTimeline(key('user_public_id'), { max_results: 100, exclude: 'replies' });
    const read: string[] = [];
    for await (const post of pages) {
      read.push(post.id);
      if (read.length >= 450) break;
    }
    expect(new Set(read).size).toBe(read.length);
    expect(read).toEqual(read.toSorted((a, b) => (BigInt(a) < BigInt(b) ? 1 : -1)));
  });

  it('reads all followers and all accounts that are followed', async () => {
    const truth = await fetch(`${emulator.url}/_emulator/truth/account?account=user_self`);
    const counts = (await truth.json()) as { followers: number; following: number };
    for (const [method, count] of [
      ['followers', counts.followers],
      ['following', counts.following],
    ] as const) {
      const pages = await app.v2[method](key('user_self_id'), { asPaginator: true, max_results: 1000 });
      const ids: string[] = [];
      for await (const { id } of pages) ids.push(id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(Math.abs(ids.length - count)).toBeLessThan(3);
    }
  });

  it('reads mentions, quotes and reposters', async () => {
    const mentions = await app.v2.userMentionTimeline(key('user_public_id'), { max_results: 20 });
    expect(mentions.meta.result_count).toBe(mentions.tweets.length);
    const ids = await somePosts(100);
    const posts = (await app.v2.tweets(ids, { 'tweet.fields': ['public_metrics'] })).data;
    const most = (count: 'quote_count' | 'retweet_count'): (typeof posts)[number] | undefined =>
      posts.toSorted((a, b) => (b.public_metrics?.[count] ?? 0) - (a.public_metrics?.[count] ?? 0))[0];
    const quotes = await app.v2.quotes(most('quote_count')?.id ?? '', { max_results: 10 });
    expect(quotes.tweets.length > 0 || quotes.meta.result_count === 0).toBe(true);
    const reposted = await app.v2.tweetRetweetedBy(most('retweet_count')?.id ?? '');
    expect(reposted.meta.result_count).toBe((reposted.data ?? []).length);
  });

  it('searches the last days and all time by pages, and counts', async () => {
    const pages = await app.v2.search('(team OR time OR train) -is:retweet', { max_results: 10, ...FIELDS });
    await pages.fetchNext();
    expect(new Set(pages.tweets.map(({ id }) => id)).size).toBe(20);
    const all = await app.v2.searchAll(`from:${key('user_public')}`, { max_results: 20 });
    expect(all.tweets).toHaveLength(20);
    const { data, meta } = await app.v2.tweetCountRecent(`from:${key('user_public')}`, { granularity: 'day' });
    expect(data.reduce((sum, { tweet_count }) => sum + tweet_count, 0)).toBe(meta.total_tweet_count);
  });

  it('knows who it is, and the follows of its user', async () => {
    const me = await user.v2.me({ 'user.fields': ['created_at'] });
    expect(me.data).toMatchObject({ id: key('user_self_id'), username: key('user_self') });
    const wrong = await refusal(app.v2.me());
    expect(wrong).toMatchObject({ code: 403, data: { title: 'Unsupported Authentication' } });
  });

  it('is told what is wrong as the platform tells it', async () => {
    const bad = await refusal(app.v2.userTimeline(key('user_public_id'), { max_results: 3 }));
    expect(bad.code).toBe(400);
    expect(bad.errors?.[0]).toEqual({
      parameters: { max_results: ['3'] },
      message: 'The `max_results` query parameter value [3] is not between 5 and 100',
    });
    const nobody = await refusal(client('wrong').v2.user('12'));
    expect(nobody).toMatchObject({ code: 401, isAuthError: true });
    const query = await refusal(app.v2.search('cat and dog'));
    expect(query.errors?.[0]).toMatchObject({ message: expect.stringContaining('Ambiguous use of and') });
  });

  it('sees how many calls are left, and when there are none', async () => {
    await setLimits({ 'GET /2/users/me': { user: '2' } });
    const { rateLimit } = await user.v2.get('users/me', {}, { fullResponse: true });
    expect(rateLimit).toMatchObject({ limit: 2 });
    await user.v2.me().catch(() => undefined);
    const refused = await refusal(user.v2.me());
    expect(refused).toMatchObject({ code: 429, rateLimitError: true, rateLimit: { limit: 2, remaining: 0 } });
    expect(refused.rateLimit?.reset).toBeGreaterThan(Date.now() / 1000);
    await setLimits({ 'GET /2/users/me': { user: '75' } });
  });
});

async function setLimits(limits: Record<string, { user?: string; app?: string } | null>): Promise<void> {
  const answer = await fetch(`${emulator.url}/_emulator/limits`, { method: 'POST', body: JSON.stringify({ limits }) });
  expect(answer.status, await answer.text()).toBe(200);
}

/** Takes posts from a stream until there are enough. */
async function take<T>(stream: TweetStream<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const post of stream) if (taken.push(post) >= count) break;
  return taken;
}

describe('twitter-api-v2, streams', () => {
  it('adds, lists and deletes rules; doubles and broken ones are told', async () => {
    const added = await app.v2.updateStreamRules({
      add: [{ value: 'lang:en (team OR time OR train)', tag: 'a' }, { value: 'has:hashtags -house de' }],
    });
    expect(added.meta.summary).toMatchObject({ created: 2, not_created: 0, valid: 2 });
    const again = await app.v2.updateStreamRules({ add: [{ value: 'has:hashtags -house de' }] });
    expect(again.errors?.[0]).toMatchObject({ title: 'DuplicateRule', value: 'has:hashtags -house de' });
    const broken = await refusal(app.v2.updateStreamRules({ add: [{ value: 'a (b' }] }, { dry_run: true }));
    expect(broken.code).toBe(400);
    const tried = await app.v2.updateStreamRules({ add: [{ value: 'lang:fr team' }] }, { dry_run: true });
    expect(tried.meta.summary).toMatchObject({ created: 1 });
    const rules = await app.v2.streamRules();
    expect(rules.data.map(({ value }) => value).toSorted()).toEqual([
      'has:hashtags -house de',
      'lang:en (team OR time OR train)',
    ]);
  });

  it('reads the filtered stream, says which rule a post fits, and connects anew when it is cut', async () => {
    const rules = (await app.v2.streamRules()).data.map(({ id }) => id);
    const stream = app.v2.searchStream({ autoConnect: false, expansions: ['author_id'] });
    await stream.connect({ autoReconnect: true, autoReconnectRetries: 5 });
    try {
      for (const { matching_rules } of await take(stream, 5)) {
        for (const { id } of matching_rules) expect(rules).toContain(id);
      }
    } finally {
      stream.close();
    }
    const second = app.v2.sampleStream({ autoConnect: false });
    second.keepAliveTimeoutMs = 2000;
    await second.connect({ autoReconnect: true, autoReconnectRetries: 5 });
    try {
      for (const kind of ['cut', 'half-line', 'stall'] as const) {
        const back = new Promise<void>((resolve) => void second.once(ETwitterStreamEvent.Reconnected, () => resolve()));
        await orderFault(emulator.url, { kind });
        await back;
        expect(await new Promise((resolve) => void second.once(ETwitterStreamEvent.Data, resolve))).toHaveProperty(
          'data',
        );
      }
    } finally {
      second.close();
    }
    await app.v2.updateStreamRules({ delete: { ids: rules } });
    expect((await app.v2.streamRules()).data ?? []).toEqual([]);
  }, 30_000);

  it('is refused without rules', async () => {
    const error = await app.v2.searchStream().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 409, data: { connection_issue: 'RuleConfigurationIssue' } });
  });

  it("reads v1.1's filter stream, signed", async () => {
    const stream = await user.v1.filterStream({ track: ['the', 'de', 'a'] });
    try {
      const posts = await take(stream, 3);
      for (const post of posts)
        expect(post).toMatchObject({ id_str: expect.any(String), user: { id_str: expect.any(String) } });
    } finally {
      stream.close();
    }
  });
});

describe('twitter-api-v2, v1.1', () => {
  it('reads timelines, posts, accounts and ids of followers', async () => {
    const timeline = await user.v1.userTimelineByUsername(key('user_public'), { count: 30 });
    await timeline.fetchNext(30);
    expect(new Set(timeline.tweets.map(({ id_str }) => id_str)).size).toBe(timeline.tweets.length);
    const [first] = timeline.tweets;
    expect((await user.v1.singleTweet(first?.id_str ?? '')).id_str).toBe(first?.id_str);
    expect(await user.v1.tweets(timeline.tweets.map(({ id_str }) => id_str))).toHaveLength(timeline.tweets.length);
    expect(await user.v1.user({ screen_name: key('user_public') })).toMatchObject({ id_str: key('user_public_id') });
    expect(await user.v1.users({ screen_name: [key('user_public'), key('user_protected')] })).toHaveLength(2);
    const ids = await user.v1.userFollowerIds({ screen_name: key('user_self'), count: 5 });
    expect(ids.ids.length).toBeLessThanOrEqual(5);
    expect(await user.v1.verifyCredentials()).toMatchObject({ screen_name: key('user_self') });
    const status = await user.v1.rateLimitStatuses('users');
    expect(status.resources['users']?.['/users/lookup']?.limit).toBe(900);
  });

  it('is told of states by codes', async () => {
    expect(await refusal(user.v1.user({ screen_name: key('user_suspended') }))).toMatchObject({
      code: 403,
      errors: [{ code: 63 }],
    });
    expect(await refusal(user.v1.user({ screen_name: key('user_deleted') }))).toMatchObject({
      code: 404,
      errors: [{ code: 50 }],
    });
    expect(await refusal(user.v1.singleTweet('20'))).toMatchObject({ code: 404, errors: [{ code: 144 }] });
  });
});

describe('twitter-api-v2, signing in', () => {
  it('gets the token of its app', async () => {
    const bearer = await client(appKeys()).appLogin();
    expect((await bearer.v2.user(key('user_public_id'))).data.username).toBe(key('user_public'));
  });

  it.each(['oob', 'http://127.0.0.1:9/back'])('signs a user in by OAuth 1.0a, coming back to %s', async (callback) => {
    const link = await client(appKeys()).generateAuthLink(callback);
    const body = new URLSearchParams({ oauth_token: link.oauth_token, account: 'user_protected', decision: 'allow' });
    const page = await fetch(`${emulator.url}/oauth/authorize`, { method: 'POST', body, redirect: 'manual' });
    const back = page.headers.get('location');
    const verifier =
      back === null ? /<code>(\d{7})</.exec(await page.text())?.[1] : new URL(back).searchParams.get('oauth_verifier');
    const signedIn = await client({
      ...appKeys(),
      accessToken: link.oauth_token,
      accessSecret: link.oauth_token_secret,
    }).login(verifier ?? '');
    expect(signedIn).toMatchObject({ screenName: key('user_protected'), userId: key('user_protected_id') });
    expect((await signedIn.client.v2.me()).data.username).toBe(key('user_protected'));
  });

  it('signs a user in by OAuth 2, renews and gives back the token', async () => {
    const signingIn = client({ clientId: key('client_id'), clientSecret: key('client_secret') });
    const redirectUri = 'http://127.0.0.1:9/back';
    const scope = ['tweet.read', 'users.read', 'offline.access'] as const;
    const link = signingIn.generateOAuth2AuthLink(redirectUri, { scope: [...scope] });
    const address = new URL(link.url);
    const body = new URLSearchParams([...address.searchParams, ['account', 'user_public'], ['decision', 'allow']]);
    const page = await fetch(`${emulator.url}${address.pathname}`, { method: 'POST', body, redirect: 'manual' });
    const code = new URL(page.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const first = await signingIn.loginWithOAuth2({ code, codeVerifier: link.codeVerifier, redirectUri });
    expect((await first.client.v2.me()).data.username).toBe(key('user_public'));
    const next = await signingIn.refreshOAuth2Token(first.refreshToken ?? '');
    expect((await next.client.v2.me()).data.username).toBe(key('user_public'));
    await signingIn.revokeOAuth2Token(next.accessToken, 'access_token');
    expect((await refusal(next.client.v2.me())).code).toBe(401);
  });
});

it('twitter-api-v2 uploads ids to a compliance job and reads what became of them', async () => {
  const changes = await fetch(`${emulator.url}/_emulator/truth/changes?minutes=600`);
  const deleted = (await changes.text()).split('\n').flatMap((line) => {
    const { kind, post } = (line === '' ? {} : JSON.parse(line)) as { kind?: string; post?: string };
    return kind === 'post-deleted' && post !== undefined ? [post] : [];
  });
  expect(deleted.length).toBeGreaterThan(5);
  const kept = await somePosts(3);
  const { data: job } = await app.v2.sendComplianceJob({ type: 'tweets', ids: [...kept, ...deleted.slice(0, 5)] });
  expect((await app.v2.complianceJobs({ type: 'tweets' })).data.map(({ id }) => id)).toContain(job.id);
  const told = await app.v2.complianceJobResult((await app.v2.complianceJob(job.id)).data);
  expect(told.map(({ id }) => id).toSorted()).toEqual(deleted.slice(0, 5).toSorted());
});

it.skipIf(LACKS_SPECIFICATIONS)('every v2 answer of this file is what specification 2.166 says', () => {
  expect(emulator.expectAllValid()).toBeGreaterThan(50);
});
