import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '../src/api-v1/test-client.ts';
import { startEmulator } from '../src/start-emulator.ts';

const FIXTURES = new URL('../../../shared/fixtures/', import.meta.url);
const FOLDERS = ['x-v2/tweepy-cassettes/', 'x-v1.1/tweepy-cassettes/', 'x-recorded/rtweet-cassettes/'];
const isSkipped = !existsSync(FIXTURES) && process.env['MISTNET_REQUIRE_ALL'] !== '1';

interface Exchange {
  readonly request: { readonly method: string; readonly uri: string };
  readonly response: { readonly status: number; readonly json?: unknown };
}

/** Reads of things that the emulator hasn't got: lists, likes, bookmarks, spaces, geo, help, and v1.1's lists of whole users. */
const NOT_SERVED =
  /\/(lists|favorites|bookmarks|spaces|geo|help|blocks|followers\/list|friends\/list|list_memberships|liking_users|reverse_chronological|home_timeline|mentions_timeline|retweets_of_me|retweeters)\b|compliance\/jobs\/\d/;
/** What says where in the recorded world to look; ours has other places. */
const PLACES = [
  'pagination_token',
  'next_token',
  'cursor',
  'max_id',
  'since_id',
  'until_id',
  'start_time',
  'end_time',
  'geocode',
];

function typesOf(value: unknown, path: string, found: Map<string, Set<string>>): Map<string, Set<string>> {
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const types = found.get(path) ?? new Set();
  found.set(path, types.add(type));
  if (Array.isArray(value)) for (const item of value) typesOf(item, `${path}[]`, found);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) typesOf(inner, `${path}.${key}`, found);
  }
  return found;
}

const exchanges: Exchange[] = isSkipped
  ? []
  : FOLDERS.flatMap((folder) => {
      const base = new URL(folder, FIXTURES);
      return readdirSync(base).flatMap(
        (name) => JSON.parse(readFileSync(new URL(encodeURIComponent(name), base), 'utf8')) as Exchange[],
      );
    });
const asked = exchanges.filter(
  ({ request: { method, uri }, response: { status, json } }) =>
    method === 'GET' && status === 200 && json !== undefined && !NOT_SERVED.test(new URL(uri).pathname),
);

describe.skipIf(isSkipped)('recorded requests, asked again (skipped: the recordings are absent)', () => {
  let emulator: Awaited<ReturnType<typeof startEmulator>>;
  let client: TestClient;
  let post: string;

  beforeAll(async () => {
    emulator = await startEmulator({ seed: 21, rate: 50, accounts: 20_000 });
    client = await TestClient.of(emulator.url);
    const posts = await fetch(`${emulator.url}/_emulator/truth/account/posts?account=user_public&limit=1`);
    post = (await posts.text()).trim();
  });

  afterAll(async () => {
    await emulator[Symbol.asyncDispose]();
  });

  /** The same request, of things that exist here. */
  function translated(uri: string): { path: string; parameters: Record<string, string> } {
    const { pathname, searchParams } = new URL(uri);
    const isOfPosts =
      pathname.includes('/tweets/') || pathname === '/2/tweets' || pathname.includes('/statuses/lookup');
    const key = (name: string): string => client.keys[name] ?? '';
    const parameters: Record<string, string> = {};
    for (const [name, value] of searchParams) {
      if (PLACES.includes(name)) continue;
      if (name === 'ids' || name === 'id') parameters[name] = isOfPosts ? post : key('user_public_id');
      else if (name === 'user_id') parameters[name] = key('user_public_id');
      else if (name === 'screen_name' || name === 'usernames') parameters[name] = key('user_public');
      else if (name === 'query' || name === 'q') parameters[name] = 'team';
      else parameters[name] = value;
    }
    return { path: pathname.replace(/\/\d{2,}/, `/${isOfPosts ? post : key('user_public_id')}`), parameters };
  }

  it('there are enough of them', () => {
    expect(asked.length).toBeGreaterThan(50);
  });

  it.each(asked.map(({ request, response }) => ({ uri: request.uri, recorded: response.json })))(
    '$uri',
    async ({ uri, recorded }) => {
      const { path, parameters } = translated(uri);
      let ours: unknown;
      if (path.startsWith('/1.1/')) {
        const answer = await client.get(path.slice('/1.1/'.length), parameters, 'user');
        expect(answer.status, answer.text).toBe(200);
        ours = answer.json;
      } else {
        const token = client.keys[path === '/2/users/me' ? 'oauth2_access_token' : 'bearer_token'];
        const address = `${emulator.url}${path}?${new URLSearchParams(parameters).toString()}`;
        const answer = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
        ours = await answer.json();
        expect(answer.status, JSON.stringify(ours)).toBe(200);
      }
      const theirs = typesOf(recorded, '', new Map());
      const differences = [...typesOf(ours, '', new Map())].flatMap(([at, types]) => {
        const known = theirs.get(at);
        // Which keys may come is held against all recordings together elsewhere; of what was null nothing is known.
        if (known === undefined || known.has('null')) return [];
        const others = [...types].filter((type) => type !== 'null' && !known.has(type));
        return others.map((type) => `${at} is ${type}, recorded as ${[...known].join(' or ')}`);
      });
      expect(differences).toEqual([]);
      if (Array.isArray(recorded)) expect(Array.isArray(ours)).toBe(true);
      // What is empty here or there is left out: next_token, includes, errors, data.
      else if (path.startsWith('/1.1/') && !path.includes('users/show') && !path.includes('verify')) {
        expect(Object.keys(ours as object)).toEqual(Object.keys(recorded as object));
      }
    },
  );
});
