import {
  ApiError,
  Client,
  generateCodeVerifier,
  OAuth1,
  OAuth2,
  PostPaginator,
  UserPaginator,
} from '@xdevplatform/xdk';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Vocabulary } from '../../src/api/vocabulary.ts';
import { LACKS_SPECIFICATIONS, observeEmulator, type ObservedEmulator } from '../support/observed-emulator.ts';
import { orderFault } from '../support/stream-client.ts';

interface Found {
  readonly id: string;
  readonly username?: string;
  readonly publicMetrics?: Readonly<Record<string, number>>;
}
interface Page {
  readonly data?: Found[];
  readonly meta?: { resultCount?: number; nextToken?: string };
  readonly errors?: { title: string }[];
  readonly includes?: Readonly<Record<string, Found[]>>;
}

/** The names that its types give to things are those of the newest specification; values are looked at as they come. */
const asPage = (answer: unknown): Page => answer as Page;

let emulator: ObservedEmulator;
let app: Client;
const key = (name: string): string => emulator.keys[name] ?? '';

async function refusal(promise: Promise<unknown>): Promise<ApiError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

async function somePosts(count: number): Promise<string[]> {
  const answer = await fetch(`${emulator.url}/_emulator/truth/account/posts?account=user_public&limit=${count}`);
  return (await answer.text()).trim().split('\n');
}

interface Streamed {
  [Symbol.asyncIterator](): AsyncIterator<unknown>;
  close(): void;
  /** Its own; `close` leaves the connection open. */
  readonly webStream: ReadableStream;
}

/** Reads a stream until there are that many posts or it ends. */
async function take(opened: unknown, count: number): Promise<Found[]> {
  const stream = opened as Streamed;
  const taken: Found[] = [];
  try {
    for await (const line of stream as AsyncIterable<{ data?: Found }>) {
      if (line.data !== undefined && taken.push(line.data) >= count) break;
    }
  } finally {
    stream.close();
    await stream.webStream.cancel().catch(() => undefined);
  }
  return taken;
}

describe.each<[Vocabulary, { posts: string; reposts: string }]>([
  ['2.166', { posts: 'tweets', reposts: 'retweetCount' }],
  ['2.167', { posts: 'posts', reposts: 'repostCount' }],
])('xdk, answered in the words of %s', (vocabulary, words) => {
  beforeAll(async () => {
    emulator = await observeEmulator({ seed: 4, rate: 200, keepaliveMs: 50, accounts: 20_000, vocabulary });
    app = new Client({ baseUrl: emulator.url, bearerToken: key('bearer_token') });
  });

  afterAll(async () => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    await emulator[Symbol.asyncDispose]();
  });

  it('finds accounts and posts, one and many, and is told of the missing', async () => {
    const one = await app.users.getByUsername(key('user_public'), { userFields: ['public_metrics', 'created_at'] });
    expect((one as { data: unknown }).data).toMatchObject({ id: key('user_public_id') });
    const states = ['user_public', 'user_suspended', 'user_deleted'].map(key);
    const many = asPage(await app.users.getByUsernames(states));
    expect(many.data?.map(({ username }) => username)).toEqual([key('user_public')]);
    expect(many.errors?.map(({ title }) => title)).toEqual(['Forbidden', 'Not Found Error']);
    const byId = await app.users.getById(key('user_protected_id'), { userFields: ['protected'] });
    expect((byId as { data: unknown }).data).toMatchObject({ protected: true });
    const ids = await somePosts(100);
    const options = {
      postFields: ['public_metrics', 'created_at', 'attachments', 'entities'],
      expansions: ['author_id', 'referenced_posts', 'attachments.media_keys'],
      mediaFields: ['url', 'variants', 'public_metrics'],
    };
    const posts = asPage(await app.posts.getByIds(ids, options as object));
    expect(posts.data?.map(({ id }) => id)).toEqual(ids);
    expect(posts.data?.[0]?.publicMetrics).toHaveProperty(words.reposts);
    expect(posts.includes?.[words.posts]?.length).toBeGreaterThan(0);
    const single = await app.posts.getById(ids[0] ?? '');
    expect((single as { data: unknown }).data).toMatchObject({ id: ids[0] });
  });

  it('reads a timeline, mentions, followers and quotes by pages', async () => {
    const fetchPosts = (paginationToken?: string): Promise<never> =>
      app.users.getPosts(key('user_public_id'), {
        maxResults: 50,
        ...(paginationToken !== undefined && { paginationToken }),
      }) as Promise<never>;
    const timeline = new PostPaginator(fetchPosts);
    await timeline.fetchLast(150);
    const ids = (timeline.posts as Found[]).map(({ id }) => id);
    expect(ids).toHaveLength(150);
    expect(new Set(ids).size).toBe(150);
    const followers = new UserPaginator(
      (paginationToken) =>
        app.users.getFollowers(key('user_self_id'), {
          maxResults: 7,
          ...(paginationToken !== undefined && { paginationToken }),
        }) as Promise<never>,
    );
    const read: string[] = [];
    for await (const { id } of followers as AsyncIterable<Found>) read.push(id);
    expect(new Set(read).size).toBe(read.length);
    const mentions = asPage(await app.users.getMentions(key('user_public_id'), { maxResults: 5 }));
    expect(mentions.meta?.resultCount).toBe(mentions.data?.length ?? 0);
    const following = asPage(await app.users.getFollowing(key('user_self_id'), { maxResults: 10 }));
    expect(following.meta?.resultCount).toBe(following.data?.length ?? 0);
    const quotes = asPage(await app.posts.getQuoted(ids[0] ?? '', { maxResults: 10 }));
    expect(quotes.meta?.resultCount).toBe(quotes.data?.length ?? 0);
    const by = asPage(await app.posts.getRepostedBy(ids[0] ?? '', { maxResults: 10 }));
    expect(by.meta?.resultCount).toBe(by.data?.length ?? 0);
  });

  it('searches and counts', async () => {
    const found = asPage(
      await app.posts.searchRecent(`from:${key('user_public')}`, { maxResults: 10, expansions: ['author_id'] }),
    );
    expect(found.data).toHaveLength(10);
    const next = asPage(
      await app.posts.searchRecent(`from:${key('user_public')}`, {
        maxResults: 10,
        nextToken: found.meta?.nextToken ?? '',
      }),
    );
    expect(new Set([...(found.data ?? []), ...(next.data ?? [])].map(({ id }) => id)).size).toBe(20);
    const all = asPage(await app.posts.searchAll(`from:${key('user_public')}`, { maxResults: 20 }));
    expect(all.data).toHaveLength(20);
    const counts = asPage(await app.posts.getCountsRecent(`from:${key('user_public')}`, { granularity: 'day' }));
    expect(counts.data?.length).toBeGreaterThanOrEqual(7);
    const usage = await app.usage.get({ days: 3 });
    expect(usage).toHaveProperty('data');
  });

  it('is refused in the words of the platform', async () => {
    const bad = await refusal(app.posts.searchRecent('(broken', { maxResults: 10 }));
    expect(bad).toMatchObject({ status: 400, data: { title: 'Invalid Request' } });
    const stranger = new Client({ baseUrl: emulator.url, bearerToken: 'wrong' });
    expect(await refusal(stranger.users.getById('12'))).toMatchObject({ status: 401, data: { title: 'Unauthorized' } });
    const limits = { 'GET /2/usage/tweets': { app: '1' } };
    await fetch(`${emulator.url}/_emulator/limits`, { method: 'POST', body: JSON.stringify({ limits }) });
    const limited = await refusal(app.usage.get().then(() => app.usage.get()));
    expect(limited).toMatchObject({ status: 429, data: { title: 'Too Many Requests' } });
    expect(limited.headers?.get('x-rate-limit-remaining')).toBe('0');
  });

  it('makes rules, reads the filtered and the sample stream, and takes them up again after a break', async () => {
    // It speaks of each broken stream on stderr.
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const made = asPage(
      await app.stream.updateRules({ add: [{ value: 'lang:en (team OR time OR train)', tag: 'x' }] }),
    );
    expect(made.data).toHaveLength(1);
    const rules = asPage(await app.stream.getRules());
    expect(rules.data?.[0]).toMatchObject({ value: 'lang:en (team OR time OR train)', tag: 'x' });
    expect(await take(await app.stream.posts({ tweetFields: ['public_metrics'] }), 2)).toHaveLength(2);
    const sample = await app.stream.postsSample({ tweetFields: ['created_at'], expansions: ['author_id'] });
    expect(await take(sample, 5)).toHaveLength(5);
    for (const kind of ['cut', 'disconnect']) {
      const struck = await app.stream.postsSample();
      await orderFault(emulator.url, { kind, after: 2 });
      const before = await take(struck, 1e6).catch(() => []);
      expect(before.length).toBeLessThan(1e6);
      expect(await take(await app.stream.postsSample(), 3)).toHaveLength(3);
    }
    await app.stream.updateRules({ delete: { ids: (rules.data ?? []).map(({ id }) => id) } });
    expect(asPage(await app.stream.getRules()).data).toBeUndefined();
  });

  it('signs users in by OAuth 1.0a and OAuth 2', async () => {
    // These two call the platform's address, wherever the client points.
    const direct = globalThis.fetch;
    vi.stubGlobal('fetch', ((to: string, init?: RequestInit) =>
      direct(String(to).replace('https://api.x.com', emulator.url), init)) as typeof fetch);
    const callback = 'http://127.0.0.1:9/back';
    const keys = { apiKey: key('consumer_key'), apiSecret: key('consumer_secret'), callback };
    const oauth1 = new OAuth1(keys);
    const asked = await oauth1.getRequestToken();
    const consent = new URLSearchParams({
      oauth_token: asked.oauthToken,
      account: 'user_protected',
      decision: 'allow',
    });
    const page = await direct(`${emulator.url}/oauth/authorize`, { method: 'POST', body: consent, redirect: 'manual' });
    const verifier = new URL(page.headers.get('location') ?? '').searchParams.get('oauth_verifier') ?? '';
    // A new one, for this one would go on signing with the secret of the request token.
    const granted = await oauth1.getAccessToken(verifier);
    const signed = new Client({ baseUrl: emulator.url, oauth1: new OAuth1({ ...keys, ...granted }) });
    expect(((await signed.users.getMe()) as { data: unknown }).data).toMatchObject({ username: key('user_protected') });

    const oauth2 = new OAuth2({
      clientId: key('client_id'),
      clientSecret: key('client_secret'),
      redirectUri: callback,
      scope: ['tweet.read', 'users.read', 'offline.access'],
    });
    const codeVerifier = generateCodeVerifier();
    await oauth2.setPkceParameters(codeVerifier);
    const address = new URL(await oauth2.getAuthorizationUrl('state'));
    const form = new URLSearchParams([...address.searchParams, ['account', 'user_public'], ['decision', 'allow']]);
    const back = await direct(`${emulator.url}${address.pathname}`, { method: 'POST', body: form, redirect: 'manual' });
    const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
    await oauth2.exchangeCode(code, codeVerifier);
    const token = await oauth2.refreshToken();
    const user = new Client({ baseUrl: emulator.url, accessToken: token.access_token });
    expect(((await user.users.getMe()) as { data: unknown }).data).toMatchObject({ username: key('user_public') });
  });

  it.skipIf(LACKS_SPECIFICATIONS)('every v2 answer was what that specification says', () => {
    expect(emulator.expectAllValid()).toBeGreaterThan(40);
  });
});
