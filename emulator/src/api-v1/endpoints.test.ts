import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type As, TestClient } from './test-client.ts';
import { type Emulator, startEmulator } from '../start-emulator.ts';

interface Status {
  id: string;
  id_str: string;
  text: string;
  full_text?: string;
  user: { id_str: string };
  in_reply_to_status_id: string | null;
  retweeted_status?: Status;
}

let emulator: Emulator & AsyncDisposable;
let client: TestClient;
const name = (of: string): string => client.keys[of] ?? '';

beforeAll(async () => {
  emulator = await startEmulator({ seed: 11, rate: 20, accounts: 20_000 });
  client = await TestClient.of(emulator.url);
});
afterAll(async () => {
  await emulator[Symbol.asyncDispose]();
});

const one = (code: number) => ({ errors: [{ code, message: expect.any(String) as string }] });
const notAuthorized = (path: string) => ({ request: `/1.1/${path}`, error: 'Not authorized.' });

async function truth(what: string, account: string): Promise<string[]> {
  const answer = await fetch(`${emulator.url}/_emulator/truth/account/${what}?limit=4000&account=${account}`);
  return (await answer.text()).split('\n').filter(Boolean);
}

describe('what accounts of each state answer', () => {
  const timeline = 'statuses/user_timeline.json';
  const rows: [path: string, state: string, status: number, body: () => unknown][] = [
    [timeline, 'protected', 401, () => notAuthorized(timeline)],
    [timeline, 'suspended', 401, () => notAuthorized(timeline)],
    [timeline, 'deleted', 404, () => one(34)],
    [timeline, 'deactivated', 404, () => one(34)],
    ['followers/ids.json', 'protected', 401, () => notAuthorized('followers/ids.json')],
    ['friends/ids.json', 'suspended', 401, () => notAuthorized('friends/ids.json')],
    ['followers/list.json', 'deleted', 404, () => one(34)],
    ['friends/list.json', 'protected', 401, () => notAuthorized('friends/list.json')],
    ['users/show.json', 'suspended', 403, () => one(63)],
    ['users/show.json', 'deleted', 404, () => one(50)],
    ['users/show.json', 'deactivated', 404, () => one(50)],
    ['users/lookup.json', 'suspended', 404, () => one(17)],
    ['users/lookup.json', 'deleted', 404, () => one(17)],
  ];
  it.each(rows)('%s of one that is %s: %i', async (path, state, status, body) => {
    for (const parameters of [{ screen_name: name(`user_${state}`) }, { user_id: name(`user_${state}_id`) }]) {
      const answer = await client.get(path, parameters);
      expect([answer.status, answer.json]).toEqual([status, body()]);
    }
  });

  it('is gone in version 1', async () => {
    const answer = await fetch(`${emulator.url}/1/statuses/user_timeline.json?screen_name=${name('user_public')}`);
    expect([answer.status, await answer.json()]).toEqual([410, one(68)]);
  });

  it('shows a protected account, and finds a renamed one by its new name alone', async () => {
    const shown = await client.get('users/show.json', { screen_name: name('user_protected') });
    expect(shown.json).toMatchObject({ protected: true, screen_name: name('user_protected') });
    expect(shown.json).not.toHaveProperty('status');
    expect((await client.get('users/show.json', { screen_name: name('user_renamed') })).status).toBe(200);
    expect((await client.get('users/show.json', { screen_name: name('user_renamed_before') })).status).toBe(404);
  });
});

describe('what is refused', () => {
  const rows: [path: string, parameters: Record<string, string>, as: As, status: number, code: number][] = [
    ['statuses/user_timeline.json', {}, 'app', 400, 25],
    ['statuses/user_timeline.json', { screen_name: 'a', count: 'x' }, 'app', 404, 34],
    ['statuses/lookup.json', {}, 'app', 400, 25],
    ['statuses/lookup.json', { id: Array.from({ length: 101 }, (_, n) => n).join(',') }, 'app', 403, 18],
    ['statuses/show.json', {}, 'app', 400, 25],
    ['statuses/show.json', { id: '12345' }, 'app', 404, 144],
    ['statuses/show/12345.json', {}, 'app', 404, 144],
    ['statuses/show.json', { id: 'x' }, 'app', 404, 144],
    ['statuses/retweets/12345.json', {}, 'app', 404, 144],
    ['statuses/retweeters/ids.json', {}, 'app', 400, 25],
    ['users/lookup.json', {}, 'app', 400, 25],
    ['users/lookup.json', { user_id: Array.from({ length: 101 }, (_, n) => n).join(',') }, 'app', 403, 18],
    ['users/show.json', {}, 'app', 400, 25],
    ['friendships/show.json', { target_id: '1' }, 'app', 403, 163],
    ['search/tweets.json', {}, 'app', 400, 25],
    ['search/tweets.json', { q: 'x'.repeat(501) }, 'app', 403, 195],
    ['search/tweets.json', { q: 'x', geocode: 'here' }, 'app', 403, 195],
    ['search/tweets.json', { q: 'x', max_id: '1.5' }, 'app', 400, 44],
    ['search/tweets.json', { q: 'x', until: 'soon' }, 'app', 400, 44],
    ['account/verify_credentials.json', {}, 'app', 403, 220],
    ['users/show.json', {}, 'nobody', 400, 215],
    ['users/show.json', {}, 'stranger', 401, 89],
    ['users/nothing.json', {}, 'app', 404, 34],
  ];
  it.each(rows)('%s with %o by %s: %i, code %i', async (path, parameters, as, status, code) => {
    const answer = await client.get(path, parameters, as);
    expect([answer.status, answer.json]).toEqual([status, one(code)]);
  });

  it('says which parameter cannot be read', async () => {
    const parameters = { screen_name: name('user_public'), count: 'many' };
    const answer = await client.get('statuses/user_timeline.json', parameters);
    expect([answer.status, answer.text]).toEqual([
      400,
      '{"errors":[{"code":44,"message":"count parameter is invalid."}]}',
    ]);
  });
});

describe('timelines', () => {
  it('are what truth says, ids exact, by name and by id', async () => {
    const expected = await truth('posts', 'user_public');
    const { exact } = await client.get('statuses/user_timeline.json', {
      screen_name: name('user_public'),
      count: '200',
    });
    const statuses = exact as Status[];
    expect(statuses.map(({ id }) => id)).toEqual(expected.slice(0, 200));
    expect(statuses.map(({ id_str }) => id_str)).toEqual(statuses.map(({ id }) => id));
    expect(statuses.some(({ id }) => String(Number(id)) !== id)).toBe(true);
    const byId = await client.get('statuses/user_timeline.json', { user_id: name('user_public_id'), count: '200' });
    expect((byId.exact as Status[]).map(({ id }) => id)).toEqual(statuses.map(({ id }) => id));
  });

  it('count before they leave out replies and reposts', async () => {
    const parameters = { screen_name: name('user_public'), count: '50' };
    const all = (await client.get('statuses/user_timeline.json', parameters)).exact as Status[];
    const some = (
      await client.get('statuses/user_timeline.json', { ...parameters, exclude_replies: 'true', include_rts: 'false' })
    ).exact as Status[];
    const left = all.filter(
      ({ in_reply_to_status_id, retweeted_status }) => in_reply_to_status_id === null && retweeted_status === undefined,
    );
    expect(left.length).toBeLessThan(all.length);
    expect(some.map(({ id }) => id)).toEqual(left.map(({ id }) => id));
  });

  it('take max_id with, since_id without the post that it names', async () => {
    const ids = await truth('posts', 'user_public');
    const page = await client.get('statuses/user_timeline.json', {
      screen_name: name('user_public'),
      max_id: ids[3] ?? '',
      since_id: ids[8] ?? '',
    });
    expect((page.exact as Status[]).map(({ id }) => id)).toEqual(ids.slice(3, 8));
  });

  it('give each post once in pages of any size while new posts arrive', async () => {
    // The busiest account; the world goes on at full speed meanwhile.
    await using busy = await startEmulator({ seed: 3, rate: 400, accounts: 1000 });
    const other = await TestClient.of(busy.url);
    const answer = await fetch(`${busy.url}/_emulator/truth/account/posts?limit=4000&account=user_public`);
    const before = (await answer.text()).split('\n').filter(Boolean);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 40, max: 250 }), async (count) => {
        const seen: string[] = [];
        for (let maxId = ''; ; ) {
          const bounds = maxId === '' ? {} : { max_id: maxId };
          const parameters = { user_id: other.keys['user_public_id'] ?? '', count: String(count), trim_user: 'true' };
          const page = await other.get('statuses/user_timeline.json', { ...parameters, ...bounds });
          const ids = (page.exact as Status[]).map(({ id }) => id);
          if (ids.length === 0) break;
          seen.push(...ids);
          maxId = String(BigInt(ids.at(-1) ?? '0') - 1n);
          if (seen.length > 600) break;
        }
        expect(new Set(seen).size).toBe(seen.length);
        const start = seen.findIndex((id) => id === before[0]);
        const known = seen.slice(start, start + before.length);
        // Posts can be deleted meanwhile, but none is left out otherwise, and none comes twice.
        expect(start).toBeGreaterThanOrEqual(0);
        const gone = before.slice(0, known.length).filter((id) => !known.includes(id));
        expect(gone.length).toBeLessThanOrEqual(3);
      }),
      { numRuns: 4 },
    );
  });
});

describe('statuses', () => {
  it('are looked up by GET and POST, unknown ones left out, or null in a map', async () => {
    const [first = '', second = ''] = await truth('posts', 'user_public');
    const [hidden = ''] = await truth('posts', 'user_protected');
    const id = [first, '12345', second, hidden, first].filter(Boolean).join(',');
    for (const answer of [
      await client.get('statuses/lookup.json', { id }),
      await client.post('statuses/lookup.json', { id }),
    ]) {
      expect((answer.exact as Status[]).map((status) => status.id)).toEqual([first, second]);
    }
    const { json } = await client.get('statuses/lookup.json', { id, map: 'true' });
    expect(json).toMatchObject({ id: { [first]: { id_str: first }, [second]: { id_str: second }, 12345: null } });
  });

  it('are shown in both forms of the path, whole when asked so', async () => {
    const [id = ''] = await truth('posts', 'user_public');
    const compat = await client.get('statuses/show.json', { id });
    const extended = await client.get(`statuses/show/${id}.json`, { tweet_mode: 'extended' });
    expect(compat.exact).toMatchObject({ id, id_str: id });
    expect(extended.exact).toMatchObject({ id, full_text: expect.any(String) as string });
    expect(extended.json).not.toHaveProperty('text');
    const trimmed = await client.get('statuses/show.json', { id, trim_user: '1', include_entities: 'false' });
    expect(Object.keys((trimmed.json as Status).user)).toEqual(['id', 'id_str']);
    expect(trimmed.json).not.toHaveProperty('entities');
  });

  it('list their reposts, and who made them', async () => {
    const page = await client.get('statuses/user_timeline.json', { screen_name: name('user_public'), count: '200' });
    const reposts = (page.exact as Status[]).flatMap(({ retweeted_status }) => retweeted_status ?? []);
    const [original] = reposts;
    expect(original).toBeDefined();
    const listed = (await client.get(`statuses/retweets/${original?.id}.json`)).exact as Status[];
    expect(listed.length).toBeGreaterThan(0);
    for (const repost of listed) expect(repost.retweeted_status?.id).toBe(original?.id);
    const { exact } = await client.get('statuses/retweeters/ids.json', { id: original?.id ?? '' });
    expect(exact).toMatchObject({ ids: listed.map(({ user }) => user.id_str), next_cursor: '0', total_count: null });
  });
});

describe('follows', () => {
  interface Page {
    ids: string[];
    next_cursor: string;
    next_cursor_str: string;
    previous_cursor_str: string;
  }
  it.each(['followers', 'friends'])('%s come once each under any page size, there and back', async (side) => {
    const expected = await truth(side === 'friends' ? 'following' : side, 'user_public');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 20, max: 400 }), async (count) => {
        const pages: Page[] = [];
        for (let cursor = '-1'; cursor !== '0'; cursor = pages.at(-1)?.next_cursor_str ?? '0') {
          const parameters = { user_id: name('user_public_id'), count: String(count), cursor };
          pages.push((await client.get(`${side}/ids.json`, parameters)).exact as Page);
        }
        const ids = pages.flatMap((page) => page.ids);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.length).toBe(expected.length);
        for (const [n, page] of pages.entries()) {
          expect(page.next_cursor).toBe(page.next_cursor_str);
          if (n === 0) {
            expect(page.previous_cursor_str).toBe('0');
            continue;
          }
          const back = await client.get(`${side}/ids.json`, {
            user_id: name('user_public_id'),
            count: String(count),
            cursor: page.previous_cursor_str,
          });
          expect((back.exact as Page).ids).toEqual(pages[n - 1]?.ids);
        }
      }),
      { numRuns: 3 },
    );
  });

  it('say ids as text when asked, and users with their newest status', async () => {
    const parameters = { screen_name: name('user_public'), count: '5' };
    const numbers = (await client.get('followers/ids.json', parameters)).exact as Page;
    const { json } = await client.get('followers/ids.json', { ...parameters, stringify_ids: 'true' });
    expect((json as Page).ids).toEqual(numbers.ids);
    const users = (await client.get('followers/list.json', parameters)).exact as {
      users: { id: string; status?: object }[];
    };
    expect(users.users.map(({ id }) => id)).toEqual(numbers.ids);
    expect(users.users.some(({ status }) => status !== undefined && !('user' in status))).toBe(true);
    const bare = (await client.get('followers/list.json', { ...parameters, skip_status: 'true' })).json;
    expect((bare as { users: object[] }).users.some((user) => 'status' in user)).toBe(false);
  });

  it('say how two accounts stand to each other', async () => {
    const page = (await client.get('followers/ids.json', { screen_name: name('user_public'), count: '1' }))
      .exact as Page;
    const parameters = { source_id: page.ids[0] ?? '', target_screen_name: name('user_public') };
    const { json } = await client.get('friendships/show.json', parameters);
    expect(json).toMatchObject({ relationship: { source: { following: true }, target: { followed_by: true } } });
  });
});

describe('the user who signs', () => {
  it('is told who it is, with its address when asked', async () => {
    const { status, json } = await client.get('account/verify_credentials.json', { skip_status: 'true' }, 'user');
    expect([status, (json as { screen_name: string }).screen_name]).toEqual([200, name('user_self')]);
    expect(json).not.toHaveProperty('email');
    const named = await client.get('account/verify_credentials.json', { include_email: 'true' }, 'user');
    expect(named.json).toHaveProperty('email');
    expect(named.json).toMatchObject({ following: false, suspended: false });
  });

  it('reads its own posts and follows without a name', async () => {
    const own = await client.get('statuses/user_timeline.json', { count: '5' }, 'user');
    expect((own.json as Status[]).map(({ user }) => user.id_str)).toEqual(
      (own.json as Status[]).map(() => name('user_self_id')),
    );
    expect((await client.get('friends/ids.json', {}, 'user')).status).toBe(200);
  });
});

describe('search', () => {
  interface Found {
    statuses: Status[];
    search_metadata: Record<string, string | undefined>;
  }
  const search = async (parameters: Record<string, string>): Promise<Found> =>
    (await client.get('search/tweets.json', { tweet_mode: 'extended', ...parameters })).exact as Found;

  it('finds words, leaves out what is excluded, and leads through its pages once', async () => {
    const all: Status[] = [];
    let next: string | undefined = '?q=the+-filter:retweets&count=40';
    for (let n = 0; n < 4 && next !== undefined; n++) {
      const found: Found = await search(Object.fromEntries(new URLSearchParams(next)));
      all.push(...found.statuses);
      next = found.search_metadata['next_results'];
    }
    expect(all.length).toBe(160);
    expect(new Set(all.map(({ id }) => id)).size).toBe(160);
    for (const status of all) {
      expect(status.retweeted_status).toBeUndefined();
      expect(status.full_text?.toLowerCase()).toMatch(/\bthe\b/);
    }
    const ids = all.map(({ id }) => BigInt(id));
    expect(ids.toSorted((a, b) => (a < b ? 1 : -1))).toEqual(ids);
  });

  it('knows who wrote, and days', async () => {
    const found = await search({ q: `from:${name('user_public')}`, count: '20' });
    expect(found.statuses.length).toBeGreaterThan(0);
    for (const { user } of found.statuses) expect(user.id_str).toBe(name('user_public_id'));
    expect((await search({ q: `from:${name('user_public')} until:2007-01-01` })).statuses).toEqual([]);
    expect((await search({ q: 'from:nobody_at_all' })).search_metadata).toMatchObject({ count: '15', since_id: '0' });
  });
});
