import { doesNotMatch } from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HAS_SPECIFICATIONS, Specification } from './support/specification.ts';
import type { Vocabulary } from '../src/api/vocabulary.ts';
import { type Emulator, startEmulator } from '../src/start-emulator.ts';
import { SeededWorld } from '../src/world/seeded-world.ts';

type Keys = Readonly<Record<string, string>>;
interface Thing {
  readonly id: string;
  readonly [key: string]: unknown;
}
interface Body {
  readonly data?: Thing | Thing[];
  readonly includes?: Readonly<Record<string, Thing[]>>;
  readonly errors?: Record<string, string>[];
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}
interface Asked {
  readonly status: number;
  readonly body: Body;
  readonly path: string;
}

const TWEET_FIELDS =
  'attachments,author_id,context_annotations,conversation_id,created_at,display_text_range,edit_controls,entities,geo,id,in_reply_to_user_id,lang,note_tweet,possibly_sensitive,public_metrics,referenced_tweets,reply_settings,source,text,withheld';
const EVERYTHING =
  `tweet.fields=${TWEET_FIELDS}` +
  '&user.fields=connection_status,created_at,description,entities,location,most_recent_tweet_id,pinned_tweet_id,profile_image_url,protected,public_metrics,url,verified,verified_type' +
  '&media.fields=alt_text,duration_ms,height,preview_image_url,public_metrics,url,variants,width' +
  '&poll.fields=duration_minutes,end_datetime,voting_status&place.fields=country,country_code,geo,name,place_type' +
  '&expansions=attachments.media_keys,attachments.poll_ids,author_id,edit_history_tweet_ids,entities.mentions.username,geo.place_id,in_reply_to_user_id,entities.note.mentions.username,referenced_tweets.id,referenced_tweets.id.attachments.media_keys,referenced_tweets.id.author_id';
const EVERY_USER_FIELD =
  'tweet.fields=author_id,created_at&user.fields=created_at,description,entities,location,most_recent_tweet_id,pinned_tweet_id,profile_image_url,protected,public_metrics,url,verified,verified_type&expansions=pinned_tweet_id,most_recent_tweet_id';
const NOBODY = '999999999999999999';

/** An emulator that stands still, and ways of asking it. */
class Subject {
  readonly emulator: Emulator;
  readonly keys: Keys;
  readonly specification: Specification | undefined;

  constructor(emulator: Emulator, keys: Keys, specification: Specification | undefined) {
    this.emulator = emulator;
    this.keys = keys;
    this.specification = specification;
  }

  /** Asks with the app's token, and holds the answer against the specification. */
  async get(path: string, authorization = `Bearer ${this.keys['bearer_token']}`): Promise<Asked> {
    const response = await fetch(this.emulator.url + path, { headers: { authorization } });
    const text = await response.text();
    doesNotMatch(text, /:null\b|undefined/);
    const body = JSON.parse(text) as Body;
    this.specification?.expectValid('GET', path.split('?')[0] ?? '', response.status, body);
    return { status: response.status, body, path };
  }

  /** Asks as the user behind the OAuth 1.0a keys. */
  getAsUser(path: string): Promise<Asked> {
    return this.get(path, signed(this.keys, this.emulator.url + path));
  }
}

async function makeSubject(emulator: Emulator, vocabulary: Vocabulary): Promise<Subject> {
  const keys = (await (await fetch(`${emulator.url}/_emulator/credentials`)).json()) as Keys;
  return new Subject(emulator, keys, HAS_SPECIFICATIONS ? new Specification(vocabulary) : undefined);
}

let emulator: Emulator & AsyncDisposable;
let renamed: Emulator & AsyncDisposable;
let subject: Subject;
let newer: Subject;
const options = { accounts: 5000, rate: 5, seed: 5, start: new Date('2026-11-22T13:00:00Z') } as const;

beforeAll(async () => {
  emulator = await startEmulator(options);
  renamed = await startEmulator({ ...options, vocabulary: '2.167' });
  subject = await makeSubject(emulator, '2.166');
  newer = await makeSubject(renamed, '2.167');
});
afterAll(async () => {
  await emulator[Symbol.asyncDispose]();
  await renamed[Symbol.asyncDispose]();
});

const list = ({ body }: Asked): Thing[] =>
  Array.isArray(body.data) ? body.data : body.data === undefined ? [] : [body.data];
const id = (name: string): string => subject.keys[`${name}_id`] ?? '';

/** The newest posts of the busiest accounts, asked for once. */
let asking: Promise<Thing[]> | undefined;
const manyPosts = (): Promise<Thing[]> => (asking ??= askForPosts());

async function askForPosts(): Promise<Thing[]> {
  const { seed, start, rate, accounts } = options;
  const world = new SeededWorld({ seed, startAt: start.getTime(), density: rate, accounts });
  const posts: Thing[] = [];
  for (let number = 0; number < 16; number++) {
    const account = world.account(number).id;
    posts.push(...list(await subject.get(`/2/users/${account}/tweets?max_results=100&${EVERYTHING}`)));
  }
  return posts;
}

const problem = (title: string, detail: string) => expect.objectContaining({ title, detail });

describe('lookups of accounts', () => {
  it.each(['/2/users/:id', '/2/users?ids=:id', '/2/users/by/username/:name', '/2/users/by?usernames=:name'])(
    '%s shows public, protected and renamed accounts and says why not the others',
    async (pattern) => {
      const isId = pattern.includes(':id');
      const parameter = /(ids|usernames)=/.exec(pattern)?.[1] ?? (isId ? 'id' : 'username');
      const ask = (value: string): Promise<Asked> => subject.get(pattern.replace(/:(id|name)/, value));
      for (const state of ['user_public', 'user_protected', 'user_renamed', 'user_self']) {
        const { status, body } = await ask((isId ? id(state) : subject.keys[state]) ?? '');
        expect([status, Object.keys(body)]).toEqual([200, ['data']]);
        const [user] = Array.isArray(body.data) ? body.data : [body.data];
        expect(user).toEqual({ id: id(state), name: expect.any(String), username: subject.keys[state] });
      }
      const suspended = (isId ? id('user_suspended') : subject.keys['user_suspended']) ?? '';
      expect(await ask(suspended)).toMatchObject({
        status: 200,
        body: {
          errors: [
            {
              parameter,
              resource_id: suspended,
              value: suspended,
              detail: `User has been suspended: [${suspended}].`,
              title: 'Forbidden',
              resource_type: 'user',
              type: 'https://api.twitter.com/2/problems/resource-not-found',
            },
          ],
        },
      });
      for (const value of [
        isId ? id('user_deleted') : subject.keys['user_deleted'],
        isId ? id('user_deactivated') : subject.keys['user_deactivated'],
        isId ? NOBODY : 'nobody_ever_was',
        isId ? '0' : subject.keys['user_renamed_before'],
      ]) {
        const { status, body } = await ask(value ?? '');
        expect([status, Object.keys(body)]).toEqual([200, ['errors']]);
        expect(body.errors).toEqual([
          {
            value,
            detail: `Could not find user with ${parameter}: [${value}].`,
            title: 'Not Found Error',
            resource_type: 'user',
            parameter,
            resource_id: value,
            type: 'https://api.twitter.com/2/problems/resource-not-found',
          },
        ]);
      }
    },
  );

  it('find handles whatever their case, and keep the order asked for', async () => {
    const names = [subject.keys['user_renamed'], subject.keys['user_suspended'], subject.keys['user_public']];
    const asked = await subject.get(`/2/users/by?usernames=${names.join(',').toUpperCase()}`);
    expect(list(asked).map(({ username }) => username)).toEqual([names[0], names[2]]);
    expect(asked.body.errors).toHaveLength(1);
  });

  it('tell the truth about protection and counts', async () => {
    const asked = await subject.get(`/2/users?ids=${id('user_public')},${id('user_protected')}&${EVERY_USER_FIELD}`);
    expect(list(asked).map((user) => user['protected'])).toEqual([false, true]);
    const followers = await subject.get(`/2/users/${id('user_public')}/followers?max_results=1000`);
    const [user] = list(asked);
    expect(user?.['public_metrics']).toMatchObject({ followers_count: followers.body.meta?.['result_count'] });
    expect(asked.body.includes?.['tweets']?.map((post) => post.id)).toContain(user?.['most_recent_tweet_id']);
  });

  it('give a user itself, and no app', async () => {
    const me = await subject.getAsUser('/2/users/me');
    expect(me).toMatchObject({
      status: 200,
      body: { data: { id: id('user_self'), username: subject.keys['user_self'] } },
    });
    expect((await subject.get('/2/users/me')).status).toBe(403);
  });
});

describe('lists below an account', () => {
  it.each(['tweets', 'mentions', 'followers', 'following'])(
    '/2/users/:id/%s says why it shows nothing',
    async (name) => {
      const ask = (account: string): Promise<Asked> => subject.get(`/2/users/${account}/${name}`);
      const hidden = id('user_protected');
      expect((await ask(hidden)).body).toEqual({
        errors: [
          {
            resource_id: hidden,
            parameter: 'id',
            resource_type: 'user',
            section: 'data',
            title: 'Authorization Error',
            value: hidden,
            detail: `Sorry, you are not authorized to see the user with id: [${hidden}].`,
            type: 'https://api.twitter.com/2/problems/not-authorized-for-resource',
          },
        ],
      });
      const suspended = id('user_suspended');
      expect((await ask(suspended)).body).toEqual({
        errors: [problem('Forbidden', `User has been suspended: [${suspended}].`)],
      });
      for (const gone of [id('user_deleted'), id('user_deactivated'), NOBODY]) {
        expect((await ask(gone)).body).toEqual({
          errors: [problem('Not Found Error', `Could not find user with id: [${gone}].`)],
        });
      }
      const { status, body } = await ask(id('user_renamed'));
      expect([status, body.errors, typeof body.meta?.['result_count']]).toEqual([200, undefined, 'number']);
    },
  );

  it('bound a timeline by ids and by times', async () => {
    const base = `/2/users/${id('user_self')}/tweets?tweet.fields=created_at`;
    const all = list(await subject.get(`${base}&max_results=20`));
    const [third, ninth] = [all[2], all[8]];
    const ids = async (query: string): Promise<string[]> =>
      list(await subject.get(`${base}&max_results=20&${query}`)).map((post) => post.id);
    const between = all.slice(3, 8).map((post) => post.id);
    expect(await ids(`since_id=${ninth?.id}&until_id=${third?.id}`)).toEqual(between);
    const times = `start_time=${String(ninth?.['created_at'])}&end_time=${String(third?.['created_at'])}`;
    expect(await ids(times)).toEqual(all.slice(3, 9).map((post) => post.id));
  });

  it('leave out replies and reposts when told to', async () => {
    const { body } = await subject.get(
      `/2/users/${id('user_self')}/tweets?max_results=100&exclude=replies,retweets&${EVERYTHING}`,
    );
    for (const post of body.data as Thing[]) {
      const references = (post['referenced_tweets'] ?? []) as { type: string }[];
      expect(references.map(({ type }) => type)).not.toContain('retweeted');
      expect(references.map(({ type }) => type)).not.toContain('replied_to');
    }
  });

  it('name an account in all its mentions', async () => {
    const posts = await manyPosts();
    const authors = [...new Set(posts.map((post) => String(post['author_id'])))].slice(0, 12);
    let seen = 0;
    for (const author of authors) {
      const mentions = list(await subject.get(`/2/users/${author}/mentions?max_results=50&${EVERYTHING}`));
      for (const post of mentions) {
        const { mentions: named } = post['entities'] as { mentions: { id: string }[] };
        expect(named.map((mention) => mention.id)).toContain(author);
        seen++;
      }
    }
    expect(seen).toBeGreaterThan(10);
  });
});

describe('posts', () => {
  it('are looked up as timelines show them, one or many, with all they expand', async () => {
    const posts = await manyPosts();
    expect(posts.length).toBeGreaterThan(500);
    const seen = new Set<string>();
    for (let n = 0; n < posts.length; n += 100) {
      const some = posts.slice(n, n + 100);
      const asked = await subject.get(`/2/tweets?ids=${some.map((post) => post.id).join(',')}&${EVERYTHING}`);
      expect(list(asked).map((post) => post.id)).toEqual(some.map((post) => post.id));
      const included = new Map(Object.entries(asked.body.includes ?? {}).map(([name, things]) => [name, things]));
      const has = (kind: string, key: string, value: unknown): boolean =>
        included.get(kind)?.some((thing) => thing[key] === value) === true ||
        asked.body.errors?.some((error) => error['value'] === value) === true;
      for (const [name, things] of included) {
        const key = name === 'media' ? 'media_key' : 'id';
        expect(new Set(things.map((thing) => thing[key])).size).toBe(things.length);
        seen.add(name);
      }
      for (const post of list(asked)) {
        for (const key of Object.keys(post)) seen.add(key);
        expect(has('users', 'id', post['author_id'])).toBe(true);
        for (const reference of (post['referenced_tweets'] ?? []) as Thing[]) {
          expect(has('tweets', 'id', reference.id)).toBe(true);
        }
        const { media_keys = [], poll_ids = [] } = (post['attachments'] ?? {}) as Record<string, string[]>;
        for (const key of media_keys) expect(has('media', 'media_key', key)).toBe(true);
        for (const poll of poll_ids) expect(has('polls', 'id', poll)).toBe(true);
        const points = Array.from(String(post['text']));
        const entities = (post['entities'] ?? {}) as Record<
          string,
          { start: number; end: number; tag?: string; url?: string }[]
        >;
        for (const { start, end, tag } of entities['hashtags'] ?? []) {
          expect(points.slice(start, end).join('')).toBe(`#${tag}`);
        }
        for (const { start, end, url } of entities['urls'] ?? []) expect(points.slice(start, end).join('')).toBe(url);
        const [from = 0, to = 0] = post['display_text_range'] as number[];
        expect(from <= to && to <= points.length).toBe(true);
      }
    }
    for (const name of [...TWEET_FIELDS.split(','), 'users', 'tweets', 'media', 'places', 'polls']) {
      // The world has no topics.
      if (name !== 'context_annotations') expect([...seen]).toContain(name);
    }
  });

  it('that are long are cut, and whole in note_tweet', async () => {
    const long = (await manyPosts()).filter((post) => post['note_tweet'] !== undefined);
    expect(long.length).toBeGreaterThan(0);
    for (const post of long) {
      const note = post['note_tweet'] as { text: string };
      expect(Array.from(note.text).length).toBeGreaterThan(280);
      expect(String(post['text'])).toMatch(/… https:\/\/t\.co\/\w{10}$/);
      expect(note.text.startsWith(String(post['text']).split('… https')[0] ?? '-')).toBe(true);
    }
  });

  it('that were edited name all versions, and each version can be looked up', async () => {
    const posts = await manyPosts();
    const edited = posts.filter((post) => (post['edit_history_tweet_ids'] as string[]).length > 1);
    expect(edited.length).toBeGreaterThan(0);
    const [post] = edited;
    const history = post?.['edit_history_tweet_ids'] as string[];
    expect(history.at(-1)).toBe(post?.id);
    const asked = await subject.get(
      `/2/tweets/${history[0]}?tweet.fields=edit_controls&expansions=edit_history_tweet_ids`,
    );
    expect(asked.body.data).toMatchObject({ id: history[0], edit_history_tweet_ids: history });
    expect(asked.body.includes?.['tweets']?.map((version) => version.id)).toEqual(history.slice(1));
  });

  it('that are not there are partial errors', async () => {
    expect((await subject.get('/2/tweets/20')).body).toEqual({
      errors: [problem('Not Found Error', 'Could not find tweet with id: [20].')],
    });
    const asked = await subject.get(`/2/tweets?ids=20,${NOBODY}`);
    expect([asked.status, Object.keys(asked.body), asked.body.errors?.length]).toEqual([200, ['errors'], 2]);
  });

  it('show their owner what only owners see, and refuse it to others', async () => {
    const [mine] = list(await subject.get(`/2/users/${id('user_self')}/tweets`));
    const path = `/2/tweets/${mine?.id}?tweet.fields=non_public_metrics,organic_metrics`;
    const owned = await subject.getAsUser(path);
    expect(owned.body.data).toMatchObject({ non_public_metrics: { impression_count: expect.any(Number) } });
    expect(owned.body.errors).toBeUndefined();
    const refused = await subject.get(path);
    expect(Object.keys(refused.body.data ?? {})).toEqual(['edit_history_tweet_ids', 'id', 'text']);
    expect(refused.body.errors?.map(({ title, field }) => [title, field])).toEqual([
      ['Field Authorization Error', 'non_public_metrics'],
      ['Field Authorization Error', 'organic_metrics'],
    ]);
  });

  it('tell who quoted and reposted them, page by page', async () => {
    const posts = await manyPosts();
    const targets = new Map<string, number>();
    for (const post of posts) {
      for (const { id: target } of (post['referenced_tweets'] ?? []) as Thing[]) {
        targets.set(target, (targets.get(target) ?? 0) + 1);
      }
    }
    const [busiest = ''] = [...targets].toSorted(([, a], [, b]) => b - a).map(([target]) => target);
    const whole = list(await subject.get(`/2/tweets/${busiest}/retweeted_by?${EVERY_USER_FIELD}`)).map(
      (user) => user.id,
    );
    expect(whole.length).toBeGreaterThan(3);
    const paged: string[] = [];
    let token = '';
    do {
      const asked = await subject.get(
        `/2/tweets/${busiest}/retweeted_by?max_results=3${token && `&pagination_token=${token}`}`,
      );
      paged.push(...list(asked).map((user) => user.id));
      token = (asked.body.meta?.['next_token'] ?? '') as string;
    } while (token !== '');
    expect(paged.slice(0, whole.length)).toEqual(whole);
    expect(new Set(paged).size).toBe(paged.length);
    const reposts = list(await subject.get(`/2/tweets/${busiest}/retweets?${EVERYTHING}`));
    expect(reposts.map((post) => post['author_id'])).toEqual(whole);
    const quotes = list(await subject.get(`/2/tweets/${busiest}/quote_tweets?max_results=100&${EVERYTHING}`));
    for (const quote of quotes) {
      expect(quote['referenced_tweets']).toContainEqual({ type: 'quoted', id: busiest });
    }
    const { body } = await subject.get(`/2/tweets/${busiest}?tweet.fields=public_metrics`);
    expect((body.data as Thing)['public_metrics']).toMatchObject({ quote_count: quotes.length });
  });

  it('are refused with a broken token, in the platform’s words', async () => {
    const self = id('user_self');
    for (const path of [`/2/users/${self}/tweets`, `/2/users/${self}/followers`, `/2/users/${self}/mentions`]) {
      const { status, body } = await subject.get(
        `${path}?pagination_token=7140dibdnow9c7btw424c28hb253lhiosbtsfts9xou28`,
      );
      expect(status).toBe(400);
      expect(body.errors?.[0]?.['message']).toBe(
        'The `pagination_token` query parameter value [7140dibdnow9c7btw424c28hb253lhiosbtsfts9xou28] is not a valid token',
      );
    }
  });
});

describe('the newer words', () => {
  it('stand in answers of every kind', async () => {
    const self = newer.keys['user_self_id'] ?? '';
    const everything = EVERYTHING.replace('tweet.fields=', 'post.fields=');
    const timeline = await newer.get(`/2/users/${self}/tweets?max_results=100&${everything}`);
    const text = JSON.stringify(timeline.body);
    for (const word of [
      '"edit_history_post_ids":',
      '"referenced_posts":',
      '"repost_count":',
      '"posts":[',
      '"post_count":',
    ]) {
      expect(text).toContain(word);
    }
    expect(text).not.toMatch(/"(edit_history_tweet_ids|referenced_tweets|retweet_count|tweets|tweet_count)":/);
    await newer.get(
      `/2/tweets?ids=${list(timeline)
        .map((post) => post.id)
        .join(',')}&${everything}`,
    );
    for (const state of ['protected', 'suspended', 'deleted']) {
      await newer.get(`/2/users/${newer.keys[`user_${state}_id`]}/tweets`);
      await newer.get(`/2/users/${newer.keys[`user_${state}_id`]}`);
    }
    await newer.get(`/2/users/${self}/followers?expansions=pinned_post_id&user.fields=public_metrics`);
    const bad = await newer.get(`/2/users/${self}/tweets?bogus=1`);
    expect(bad.status).toBe(400);
    expect(JSON.stringify(bad.body)).toContain(',post.fields,');
  });
});

it.skipIf(!HAS_SPECIFICATIONS)('answers are held against the specifications (skipped: they are absent)', () => {
  expect([subject.specification, newer.specification]).not.toContain(undefined);
});

describe('calls for a user', () => {
  /** A token that somebody has granted, as an Authorization header. */
  async function granted(account: string, scopes: readonly string[]): Promise<string> {
    const body = JSON.stringify({ account, kind: 'oauth2', scopes });
    const answer = await fetch(`${emulator.url}/_emulator/tokens`, { method: 'POST', body });
    const token = (await answer.json()) as { access_token: string };
    return `Bearer ${token.access_token}`;
  }
  const READ = ['tweet.read', 'users.read', 'follows.read'];

  it('show a protected account to itself and to its followers, and to nobody else', async () => {
    const hidden = id('user_protected');
    const { seed, start, rate, accounts } = options;
    const world = new SeededWorld({ seed, startAt: start.getTime(), density: rate, accounts });
    const number = world.accountById(hidden, world.now()) ?? -1;
    const [follow] = world.followers(number, {}, world.now());
    const follower = world.account(follow?.account ?? -1).id;
    for (const name of ['tweets', 'mentions', 'followers', 'following']) {
      const path = `/2/users/${hidden}/${name}`;
      for (const viewer of [hidden, follower]) {
        const { body } = await subject.get(path, await granted(viewer, READ));
        expect([body.errors, typeof body.meta?.['result_count']]).toEqual([undefined, 'number']);
      }
      const { body } = await subject.get(path, await granted('user_public', READ));
      expect(body.errors).toEqual([expect.objectContaining({ title: 'Authorization Error', section: 'data' })]);
    }
  });

  it('are 403 without the scope that the endpoint needs', async () => {
    const self = id('user_self');
    const withoutFollows = await granted('user_self', ['tweet.read', 'users.read']);
    expect((await subject.get(`/2/users/${self}/tweets`, withoutFollows)).status).toBe(200);
    expect((await subject.get('/2/users/me', withoutFollows)).status).toBe(200);
    for (const [path, token] of [
      [`/2/users/${self}/followers`, withoutFollows],
      [`/2/users/${self}/tweets`, await granted('user_self', ['users.read'])],
    ] as const) {
      expect(await subject.get(path, token)).toMatchObject({
        status: 403,
        body: { title: 'Forbidden', type: 'about:blank', status: 403, detail: 'Forbidden' },
      });
    }
  });
});

/** An OAuth 1.0a header for a GET. */
function signed(keys: Keys, address: string): string {
  const url = new URL(address);
  const encode = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  const oauth: Record<string, string> = {
    oauth_consumer_key: keys['consumer_key'] ?? '',
    oauth_nonce: randomBytes(16).toString('hex'),
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
    oauth_token: keys['access_token'] ?? '',
    oauth_version: '1.0',
  };
  const parameters = [...Object.entries(oauth), ...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join('&');
  const base = `GET&${encode(url.origin + url.pathname)}&${encode(parameters)}`;
  const key = `${encode(keys['consumer_secret'] ?? '')}&${encode(keys['access_token_secret'] ?? '')}`;
  oauth['oauth_signature'] = createHmac('sha1', key).update(base).digest('base64');
  return `OAuth ${Object.entries(oauth)
    .map(([name, value]) => `${encode(name)}="${encode(value)}"`)
    .join(', ')}`;
}
