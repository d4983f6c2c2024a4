import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HAS_SPECIFICATIONS, Specification } from './support/specification.ts';
import { DEFAULT_TOKEN, type Emulator, startEmulator } from '../src/start-emulator.ts';

const RECORDINGS = new URL('../../../shared/fixtures/x-v2/', import.meta.url);
const HAS_RECORDINGS = existsSync(RECORDINGS);
const WEEK_MS = 7 * 86_400_000;
const TOKEN = /^b26v89c19zqg[0-9a-z]{27,33}$/;
const EVERY_FIELD =
  'tweet.fields=attachments,author_id,conversation_id,created_at,edit_controls,entities,geo,in_reply_to_user_id,lang,public_metrics,referenced_tweets,reply_settings,withheld' +
  '&expansions=author_id,referenced_tweets.id,referenced_tweets.id.author_id,attachments.media_keys,attachments.poll_ids,geo.place_id,entities.mentions.username' +
  '&user.fields=created_at,description,public_metrics,verified&media.fields=url,width,height&place.fields=country,geo&poll.fields=options,voting_status';

interface Body {
  readonly data?: { readonly [key: string]: unknown }[];
  readonly includes?: object;
  readonly errors?: { readonly message?: string; readonly parameters?: object }[];
  readonly meta?: {
    readonly newest_id?: string;
    readonly oldest_id?: string;
    readonly result_count?: number;
    readonly next_token?: string;
    readonly total_tweet_count?: number;
  };
}

interface Got {
  readonly status: number;
  readonly body: Body;
}

let emulator: Emulator & AsyncDisposable;
let specification: Specification | undefined;

beforeAll(async () => {
  // Small, so that a week of it is walked in no time; its clock all but stands, so that no post goes between two questions.
  emulator = await startEmulator({ seed: 7, rate: 20, accounts: 2000, clock: 0.01 });
  specification = HAS_SPECIFICATIONS ? new Specification('2.166') : undefined;
});
afterAll(async () => emulator[Symbol.asyncDispose]());

async function ask(path: string, query: Record<string, string> | string, from = emulator): Promise<Got> {
  const text = typeof query === 'string' ? query : new URLSearchParams(query).toString();
  const answer = await fetch(`${from.url}${path}?${text}`, { headers: { authorization: `Bearer ${DEFAULT_TOKEN}` } });
  const body = (await answer.json()) as Body;
  if (from === emulator) specification?.expectValid('GET', path, answer.status, body);
  return { status: answer.status, body };
}
const recent = (query: Record<string, string> | string) => ask('/2/tweets/search/recent', query);
const idsOf = ({ body }: Got): string[] => (body.data ?? []).map(({ id }) => String(id));

/** Somebody who wrote at least ten posts lately. */
async function busyAuthor(): Promise<string> {
  const { body } = await recent({ query: 'min_likes:0', max_results: '100', 'tweet.fields': 'author_id' });
  for (const { author_id } of body.data ?? []) {
    const { body: own } = await recent({ query: `from:${String(author_id)}` });
    if (own.meta?.result_count === 10) return String(author_id);
  }
  throw new Error('nobody wrote ten posts');
}

describe('search', () => {
  it('gives pages with meta in the order of the recordings, and tokens that both parameters take', async () => {
    const author = await busyAuthor();
    const first = await recent(`query=from:${author}&max_results=10&${EVERY_FIELD}`);
    expect(Object.keys(first.body.meta ?? {})).toEqual(['newest_id', 'oldest_id', 'result_count', 'next_token']);
    expect(first.body.meta?.next_token).toMatch(TOKEN);
    expect(first.body.meta?.newest_id).toBe(idsOf(first)[0]);
    expect(first.body.meta?.oldest_id).toBe(idsOf(first).at(-1));
    const token = first.body.meta?.next_token ?? '';
    const pages = await Promise.all(
      ['next_token', 'pagination_token'].map((name) => recent({ query: `from:${author}`, [name]: token })),
    );
    expect(idsOf(pages[0] as Got)).toEqual(idsOf(pages[1] as Got));
    expect(idsOf(pages[0] as Got).some((id) => idsOf(first).includes(id))).toBe(false);
  });

  it('says that nothing was found without data', async () => {
    expect(await recent({ query: 'from:nobody_at_all' })).toEqual({ status: 200, body: { meta: { result_count: 0 } } });
  });

  it('keeps to since_id, until_id, start_time and end_time, and leaves out the last half minute', async () => {
    const { body } = await recent({ query: 'min_likes:0', max_results: '100', 'tweet.fields': 'created_at' });
    const posts = body.data ?? [];
    const [newer, older] = [String(posts[10]?.['id']), String(posts[60]?.['id'])];
    const between = await recent({ query: 'min_likes:0', max_results: '100', since_id: older, until_id: newer });
    expect(idsOf(between)).toEqual(posts.slice(11, 60).map(({ id }) => id));
    const start_time = String(posts[60]?.['created_at']);
    const end_time = String(posts[10]?.['created_at']);
    const timed = await recent({ query: 'min_likes:0', max_results: '100', start_time, end_time });
    const expected = posts.filter(
      ({ created_at }) => String(created_at) >= start_time && String(created_at) < end_time,
    );
    expect(idsOf(timed)).toEqual(expected.map(({ id }) => id));
    // The counts' last bucket ends at the present.
    const newest = Date.parse(String(posts[0]?.['created_at']));
    const { body: counts } = await ask('/2/tweets/counts/recent', { query: 'min_likes:0' });
    expect(Date.parse(String(counts.data?.at(-1)?.['end'])) - newest).toBeGreaterThanOrEqual(20_000);
  });

  it('finds a whole conversation', async () => {
    const { body } = await recent({ query: 'is:reply min_likes:0', 'tweet.fields': 'conversation_id' });
    const reply = body.data?.[0];
    const found = await recent({ query: `conversation_id:${String(reply?.['conversation_id'])}`, max_results: '100' });
    expect(idsOf(found)).toContain(reply?.['id']);
  });

  it('puts what was answered most in front when told to, on the same pages', async () => {
    const { body } = await recent({ query: 'min_likes:0', 'tweet.fields': 'created_at' });
    const end_time = String(body.data?.[0]?.['created_at']);
    const [plain, sorted] = await Promise.all(
      ['recency', 'relevancy'].map((sort_order) =>
        recent({ query: 'min_likes:0', max_results: '50', sort_order, end_time }),
      ),
    );
    expect(idsOf(sorted as Got).toSorted()).toEqual(idsOf(plain as Got).toSorted());
    expect(sorted?.body.meta).toEqual(plain?.body.meta);
  });

  it.each([
    ['', 'The `query` query parameter can not be empty'],
    ['query=', "Invalid 'query':''. 'query' must be a non-empty string"],
    ['query=cat&max_results=9', 'The `max_results` query parameter value [9] is not between 10 and 100'],
    ['query=cat&max_results=101', 'The `max_results` query parameter value [101] is not between 10 and 100'],
    ['query=cat&sort_order=age', 'The `sort_order` query parameter value [age] is not one of [recency,relevancy]'],
    ['query=cat&next_token=abc', "Invalid 'next_token':'abc'"],
    ['query=cat&since_id=abc', 'The `since_id` query parameter value [abc] is not valid'],
    [
      'query=cat&since_id=9999999999999999999',
      'The `since_id` query parameter value [9999999999999999999] is not valid',
    ],
    ['query=cat&start_time=yesterday', 'The `start_time` query parameter value [yesterday] is not valid'],
    [
      'query=cat&granularity=day',
      /^The query parameter \[granularity\] is not one of \[query,start_time,end_time,since_id,until_id,max_results,next_token,pagination_token,sort_order,expansions,/,
    ],
    ['query=cat&tweet.fields=colour', /^The `tweet\.fields` query parameter value \[colour\] is not one of \[/],
    [
      'query=and',
      /^There were errors processing your request: .*Ambiguous use of and as a keyword\. .*\(at position 1\)$/,
    ],
    ['query=(cat', "There were errors processing your request: missing ')' at '<EOF>' (at position 5)"],
    [`query=${'a'.repeat(513)}`, /512 characters$/],
    [
      'query=cat&since_id=1',
      /^'since_id' must be a tweet id created after \d{4}-\d\d-\d\dT\d\d:\d\dZ\. Please use a 'since_id' that is larger than \d{19}$/,
    ],
    [
      'query=cat&start_time=2020-01-01T00:00:00Z',
      /^Invalid 'start_time':'2020-01-01T00:00Z'\. 'start_time' must be on or after \d{4}-\d\d-\d\dT\d\d:\d\dZ$/,
    ],
    [
      'query=cat&end_time=2099-01-01T00:00:00Z',
      "Invalid 'end_time':'2099-01-01T00:00Z'. 'end_time' must be a minimum of 10 seconds prior to the request time.",
    ],
    [
      'query=cat&start_time=2099-01-01T00:00:00Z',
      "Invalid 'start_time':'2099-01-01T00:00Z'. 'start_time' must be a minimum of 10 seconds prior to the request time.",
    ],
  ] as const)('refuses ?%s', async (query, message) => {
    const { status, body } = await recent(query);
    expect(status).toBe(400);
    expect(Object.keys(body)).toEqual(['errors', 'title', 'detail', 'type']);
    const messages = body.errors?.map((error) => error.message) ?? [];
    expect(messages.length).toBe(1);
    if (typeof message === 'string') expect(messages[0]).toBe(message);
    else expect(messages[0]).toMatch(message);
  });

  it('refuses ids and times together, and a beginning after the end', async () => {
    const now = Date.now();
    const at = (ago: number): string => new Date(now - ago).toISOString();
    const newest = idsOf(await recent({ query: 'min_likes:0' }))[0] ?? '';
    const both = await recent({ query: 'cat', since_id: newest, end_time: at(60_000) });
    expect(both.status).toBe(400);
    expect(both.body.errors?.map(({ message }) => message)).toEqual([
      "Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'.",
    ]);
    expect(Object.keys(both.body.errors?.[0]?.parameters ?? {})).toEqual(['since_id', 'end_time']);
    const turned = await recent({ query: 'cat', start_time: at(60_000), end_time: at(120_000) });
    expect(turned.body.errors?.[0]?.message).toMatch(/'start_time' must be before 'end_time'$/);
  });

  it('answers every query and every parameter with 200 or 400', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'from:',
        '(',
        ')',
        '"',
        'OR',
        '-',
        'cat',
        '#',
        '@',
        '$',
        'lang:en',
        'min_likes:0',
        '1',
        '99999999999999999999',
      ),
      fc.constantFrom(
        'point_radius:[',
        '1 2 3km]',
        '~2',
        'conversation_id:',
        'quotes_of_tweet_id:1',
        'list:1',
        '\\',
        '\u0000',
        '😀',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    const values = fc.constantFrom(
      '2026-02-30T00:00:00Z',
      '0000-01-01T00:00:00Z',
      '9999-12-31T23:59:59Z',
      '9223372036854775807',
      '9223372036854775808',
      '-1',
      '1',
      '',
    );
    const names = fc.constantFrom(
      'start_time',
      'end_time',
      'since_id',
      'until_id',
      'next_token',
      'max_results',
      'granularity',
    );
    const paths = fc.constantFrom('search/recent', 'counts/recent', 'counts/all');
    await fc.assert(
      fc.asyncProperty(
        paths,
        fc.array(piece, { maxLength: 6 }),
        fc.array(fc.tuple(names, values), { maxLength: 2 }),
        async (path, pieces, others) => {
          const { status } = await ask(`/2/tweets/${path}`, { query: pieces.join(' '), ...Object.fromEntries(others) });
          expect([200, 400]).toContain(status);
        },
      ),
      { seed: 22, numRuns: 80 },
    );
  });

  it('takes a token for its own query alone', async () => {
    const { body } = await recent({ query: 'min_likes:0' });
    const other = await recent({ query: 'min_likes:1', next_token: body.meta?.next_token ?? '' });
    expect(other.status).toBe(400);
  });

  it('searches further back in the archive, 500 at a time, for apps alone', async () => {
    await using one = await startEmulator({ seed: 7, rate: 20, accounts: 2000 });
    const end_time = new Date(Date.now() - 2 * WEEK_MS).toISOString();
    const query = { query: 'min_likes:0', max_results: '500', end_time, 'tweet.fields': 'created_at' };
    const { status, body } = await ask('/2/tweets/search/all', query, one);
    expect([status, body.meta?.result_count]).toEqual([200, 500]);
    expect(String(body.data?.[0]?.['created_at']) < end_time).toBe(true);
    const order = { method: 'POST', body: JSON.stringify({ kind: 'oauth2' }) };
    const token = (await (await fetch(`${one.url}/_emulator/tokens`, order)).json()) as { access_token: string };
    const headers = { authorization: `Bearer ${token.access_token}` };
    const statuses = await Promise.all(
      ['search/recent', 'search/all', 'counts/recent', 'counts/all'].map(async (what) => {
        const answer = await fetch(`${one.url}/2/tweets/${what}?query=cat`, { headers });
        await answer.arrayBuffer();
        return answer.status;
      }),
    );
    expect(statuses).toEqual([200, 403, 403, 403]);
  });

  it('speaks of posts when told to', async () => {
    await using renamed = await startEmulator({ seed: 7, rate: 20, accounts: 2000, vocabulary: '2.167' });
    const found = await ask(
      '/2/tweets/search/recent',
      'query=is:reply%20min_likes:0&post.fields=public_metrics,note_post&expansions=referenced_posts',
      renamed,
    );
    expect(Object.keys(found.body.includes ?? {})).toContain('posts');
    const counts = await ask('/2/tweets/counts/recent', { query: 'min_likes:0', granularity: 'day' }, renamed);
    expect(Object.keys(counts.body.data?.[0] ?? {})).toEqual(['end', 'start', 'post_count']);
    expect(Object.keys(counts.body.meta ?? {})).toEqual(['total_post_count']);
    if (!HAS_SPECIFICATIONS) return;
    const newer = new Specification('2.167');
    newer.expectValid('GET', '/2/tweets/search/recent', found.status, found.body);
    newer.expectValid('GET', '/2/tweets/counts/recent', counts.status, counts.body);
  });
});

describe('counts', () => {
  it('come in whole hours with cut ends, oldest first, over the last week', async () => {
    const { body } = await ask('/2/tweets/counts/recent', { query: 'min_likes:0' });
    const data = body.data ?? [];
    const [start, end] = [String(data[0]?.['start']), String(data.at(-1)?.['end'])];
    expect(Date.parse(end) - Date.parse(start)).toBe(WEEK_MS);
    for (const [n, bucket] of data.entries()) {
      expect(Object.keys(bucket)).toEqual(['end', 'start', 'tweet_count']);
      if (n > 0) expect(String(bucket['start'])).toMatch(/T\d\d:00:00\.000Z$/);
      if (n > 0) expect(bucket['start']).toBe(data[n - 1]?.['end']);
    }
    expect(body.meta).toEqual({
      total_tweet_count: data.reduce((sum, { tweet_count }) => sum + Number(tweet_count), 0),
    });
  });

  it.each(['minute', 'hour', 'day'])('agree with search by the %s', async (granularity) => {
    const author = await busyAuthor();
    const found = await recent({ query: `from:${author}`, max_results: '100', 'tweet.fields': 'created_at' });
    const posts = found.body.data ?? [];
    const start_time = String(posts.at(-1)?.['created_at']);
    const end_time = new Date(Date.parse(String(posts[0]?.['created_at'])) + 1000).toISOString();
    const { body } = await ask('/2/tweets/counts/recent', {
      query: `from:${author}`,
      granularity,
      start_time,
      end_time,
    });
    expect(body.meta?.total_tweet_count).toBe(posts.length);
    for (const { start, end, tweet_count } of body.data ?? []) {
      const inside = posts.filter(
        ({ created_at }) => String(created_at) >= String(start) && String(created_at) < String(end),
      );
      expect(tweet_count).toBe(inside.length);
    }
  });

  it('of the archive begin thirty days ago at midnight, and are paged by 31 days without gaps', async () => {
    const path = '/2/tweets/counts/all';
    const first = await ask(path, { query: 'from:nobody_at_all', granularity: 'day' });
    const start = String(first.body.data?.[0]?.['start']);
    const end = Date.parse(String(first.body.data?.at(-1)?.['end']));
    expect(start).toBe(`${new Date(end - 30 * 86_400_000).toISOString().slice(0, 10)}T00:00:00.000Z`);
    expect(first.body.meta?.next_token).toBeUndefined();
    const start_time = new Date(end - 100 * 86_400_000).toISOString();
    let next: string | undefined;
    const spans: string[][] = [];
    do {
      const query = { query: 'min_likes:0', granularity: 'day', start_time, end_time: new Date(end).toISOString() };
      const { body } = await ask(path, next === undefined ? query : { ...query, next_token: next });
      next = body.meta?.next_token;
      expect(body.data?.length).toBeLessThanOrEqual(32);
      spans.unshift([String(body.data?.[0]?.['start']), String(body.data?.at(-1)?.['end'])]);
    } while (next !== undefined);
    expect(spans.length).toBe(4);
    for (const [n, [from]] of spans.entries()) if (n > 0) expect(from).toBe(spans[n - 1]?.[1]);
  });

  it.each([
    ['query=cat&granularity=week', 'The `granularity` query parameter value [week] is not one of [minute,hour,day]'],
    ['query=cat&max_results=10', /^The query parameter \[max_results\] is not one of \[query,/],
    ['granularity=day', 'The `query` query parameter can not be empty'],
  ] as const)('refuse ?%s', async (query, message) => {
    const { status, body } = await ask('/2/tweets/counts/recent', query);
    expect(status).toBe(400);
    if (typeof message === 'string') expect(body.errors?.[0]?.message).toBe(message);
    else expect(body.errors?.[0]?.message).toMatch(message);
  });
});

describe.skipIf(!HAS_RECORDINGS)('beside recordings (skipped where ../shared/fixtures is absent)', () => {
  const recorded = (name: string): { request: { uri: string }; response: { json: Body } }[] =>
    JSON.parse(readFileSync(new URL(name, RECORDINGS), 'utf8'));
  const shapeOf = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
    if (typeof value !== 'object' || value === null) return typeof value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
  };

  it('a search has the same keys, in the same order, and types', async () => {
    const [exchange] = recorded('tweepy-cassettes/test_client_search_recent_tweets.json');
    const found = await recent({ query: 'min_likes:0' });
    expect(JSON.stringify(shapeOf(found.body))).toBe(JSON.stringify(shapeOf(exchange?.response.json)));
  });

  it('so has one that found nothing', async () => {
    const [exchange] = recorded('sfm/search_recent_a.json').filter(({ response }) => response.json.data === undefined);
    expect((await recent({ query: 'from:nobody_at_all' })).body).toEqual(exchange?.response.json);
  });

  it('so have counts, which begin at the same time of day', async () => {
    const [exchange] = recorded('tweepy-cassettes/test_client_get_all_tweets_count.json');
    const counts = await ask('/2/tweets/counts/all', { query: 'from:nobody_at_all' });
    expect(JSON.stringify(shapeOf(counts.body))).toBe(JSON.stringify(shapeOf(exchange?.response.json)));
  });
});
