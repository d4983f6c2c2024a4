/** Answers that were recorded from the real platform, read by our readers. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RawAnswer, Reading } from '../../read-adapter.ts';
import { flattenPage } from './flatten.ts';
import { idsOfLine } from './ids-of-json.ts';
import { readXRefusal } from './read-refusal.ts';
import { type LegacyReading, readLegacy } from './v1-page.ts';
import { readV2 } from './v2-page.ts';

const fixtures = join(import.meta.dirname, '../../../../../shared/fixtures');
const missing = existsSync(fixtures) ? undefined : `no recordings here: ${fixtures}`;

type Exchange = {
  request: { method: string; uri: string };
  response: { status: number; headers?: Record<string, string>; json?: unknown; text?: string };
};

function exchanges(file: string): Exchange[] {
  return JSON.parse(readFileSync(join(fixtures, file), 'utf8')) as Exchange[];
}

function answerOf({ response }: Exchange): RawAnswer {
  const body = response.json === undefined ? (response.text ?? '') : JSON.stringify(response.json);
  return { status: Number(response.status), headers: response.headers ?? {}, body: Buffer.from(body) };
}

function page(reading: Reading) {
  if (reading.kind !== 'page') throw new Error(JSON.stringify(reading));
  return reading.page;
}

/** All exchanges of a file with one endpoint, read. */
function v2Pages(file: string, path: RegExp, handout: 'posts' | 'accounts' | 'counts') {
  return exchanges(file)
    .filter(({ request }) => path.test(new URL(request.uri).pathname))
    .map((exchange) => ({ exchange, page: page(readV2({ endpoint: 'x', handout }, answerOf(exchange))) }));
}

function legacyPages(file: string, path: string, shape: LegacyReading['shape']) {
  return exchanges(file)
    .filter(({ request }) => new URL(request.uri).pathname.endsWith(path))
    .map((exchange) => ({ exchange, page: page(readLegacy({ endpoint: path, shape }, answerOf(exchange))) }));
}

type Data = { data?: unknown[]; meta?: { result_count: number; next_token?: string } };

describe.skipIf(missing !== undefined)(`recorded answers${missing === undefined ? '' : ` (${missing})`}`, () => {
  it.each([
    ['x-v2/sfm/user_tweets.json', /\/2\/users\/\d+\/tweets$/, 'posts'],
    ['x-v2/sfm/search_recent_a.json', /search\/recent$/, 'posts'],
    ['x-v2/tweepy-cassettes/test_client_get_users_tweets.json', /\/tweets$/, 'posts'],
    ['x-v2/tweepy-cassettes/test_client_search_recent_tweets.json', /search\/recent$/, 'posts'],
    ['x-v2/tweepy-cassettes/test_client_get_tweets.json', /\/2\/tweets$/, 'posts'],
    ['x-v2/tweepy-cassettes/test_client_get_quote_tweets.json', /quote_tweets$/, 'posts'],
    ['x-v2/tweepy-cassettes/test_client_get_retweeters.json', /retweeted_by$/, 'accounts'],
    ['x-v2/tweepy-cassettes/test_client_get_users_following.json', /following$/, 'accounts'],
    ['x-v2/tweepy-cassettes/test_client_get_users.json', /\/2\/users/, 'accounts'],
    ['x-v2/tweepy-cassettes/test_client_get_all_tweets_count.json', /counts\/all$/, 'counts'],
  ] as const)('of v2 are read whole: %s', (file, path, handout) => {
    const pages = v2Pages(file, path, handout);
    expect(pages.length).toBeGreaterThan(0);
    for (const { exchange, page: read } of pages) {
      const body = exchange.response.json as Data;
      const found = read.posts.length + read.accounts.length + read.counts.length;
      expect(found).toBe(Array.isArray(body.data) ? body.data.length : body.data === undefined ? 0 : 1);
      expect(read.next).toBe(body.meta?.next_token);
      if (handout !== 'counts') expect(read.billed).toBe(found);
      expect(flattenPage(Buffer.from(JSON.stringify(body)))).toHaveLength(found);
    }
  });

  it.each([
    ['x-v1.1/tweepy-cassettes/testusertimeline.json', '/statuses/user_timeline.json', 'statuses'],
    ['x-v1.1/tweepy-cassettes/testidcursoritems.json', '/statuses/user_timeline.json', 'statuses'],
    ['x-v1.1/tweepy-cassettes/testsearchtweets.json', '/search/tweets.json', 'search'],
    ['x-v1.1/tweepy-cassettes/testgetfollowers.json', '/followers/list.json', 'user-cursor'],
    ['x-v1.1/tweepy-cassettes/testgetfriends.json', '/friends/list.json', 'user-cursor'],
    ['x-recorded/rtweet-cassettes/get_followers.json', '/followers/ids.json', 'id-cursor'],
    ['x-recorded/rtweet-cassettes/get_timeline1.json', '/statuses/user_timeline.json', 'statuses'],
  ] as const)('of v1.1 are read whole: %s', (file, path, shape) => {
    const pages = legacyPages(file, path, shape);
    expect(pages.length).toBeGreaterThan(0);
    for (const { exchange, page: read } of pages) {
      const body = exchange.response.json as { statuses?: []; users?: []; ids?: []; next_cursor_str?: string } | [];
      const items = Array.isArray(body) ? body : (body.statuses ?? body.users ?? body.ids ?? []);
      expect(read.posts.length + read.accounts.length + read.accountIds.length).toBe(items.length);
      expect(items.length).toBeGreaterThan(0);
      const cursor = Array.isArray(body) || body.next_cursor_str === '0' ? undefined : body.next_cursor_str;
      expect(read.next).toBe(cursor);
    }
  });

  it('tells refusals apart', () => {
    const kinds = ['x-v2/errors/errors.json', 'x-v1.1/errors/errors.json'].flatMap((file) =>
      (JSON.parse(readFileSync(join(fixtures, file), 'utf8')) as { status: number; body: unknown }[])
        .filter(({ status }) => status >= 400)
        .map(({ status, body }) => {
          const refusal = readXRefusal({ status, headers: {}, body: Buffer.from(JSON.stringify(body)) });
          expect(refusal.sentence).toMatch(/^HTTP \d{3}/);
          return `${status} ${refusal.kind}`;
        }),
    );
    for (const kind of ['429 rate-limited', '403 not-allowed', '403 credential-refused']) expect(kinds).toContain(kind);
    expect(kinds.filter((kind) => kind.endsWith('garbage'))).toEqual([]);
  });

  it('of twarc give up all their ids, and flatten with everything in its place', () => {
    for (const file of [
      'two_tweets',
      'brexit',
      'kpop',
      'geo_tweets',
      'withheld_first_half',
      'edited',
      'mentions_tweet',
    ]) {
      const lines = readFileSync(join(fixtures, `x-v2/twarc-csv/${file}.jsonl`), 'utf8')
        .split('\n')
        .filter(Boolean);
      for (const line of lines) {
        const body = JSON.parse(line) as {
          data?: { id: string }[] | { id: string };
          includes?: { users?: { id: string }[] };
        };
        const data = body.data === undefined ? [] : [body.data].flat();
        expect(idsOfLine(line, 'posts')?.ids).toEqual(data.map(({ id }) => id));
        const flat = flattenPage(Buffer.from(line)).map((text) => JSON.parse(text) as Record<string, unknown>);
        expect(flat.map(({ id }) => id)).toEqual(data.map(({ id }) => id));
        const users = new Set(body.includes?.users?.map(({ id }) => id));
        for (const post of flat)
          if (users.has(post.author_id as string)) expect(post.author).toMatchObject({ id: post.author_id });
        for (const text of flattenPage(Buffer.from(line)))
          expect(idsOfLine(text, 'posts')).toMatchObject({
            ids: [(JSON.parse(text) as { id: string }).id],
            damaged: 0,
          });
      }
    }
  });
});
