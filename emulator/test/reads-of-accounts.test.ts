import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  EVERYTHING,
  EVERY_USER_FIELD,
  NOBODY,
  list,
  postsOfMany,
  problem,
  startReading,
  worldRead,
  type Asked,
  type Thing,
} from './support/reading-client.ts';

let subject: Awaited<ReturnType<typeof startReading>>;
beforeAll(async () => {
  subject = await startReading();
});
afterAll(async () => {
  await subject[Symbol.asyncDispose]();
});

const id = (name: string): string => subject.keys[`${name}_id`] ?? '';

/** Asked for once. */
let asking: Promise<Thing[]> | undefined;
const manyPosts = (): Promise<Thing[]> => (asking ??= postsOfMany(subject));

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

describe('calls for a user', () => {
  /** A token that somebody has granted, as an Authorization header. */
  async function granted(account: string, scopes: readonly string[]): Promise<string> {
    const body = JSON.stringify({ account, kind: 'oauth2', scopes });
    const answer = await fetch(`${subject.emulator.url}/_emulator/tokens`, { method: 'POST', body });
    const token = (await answer.json()) as { access_token: string };
    return `Bearer ${token.access_token}`;
  }
  const READ = ['tweet.read', 'users.read', 'follows.read'];

  it('show a protected account to itself and to its followers, and to nobody else', async () => {
    const hidden = id('user_protected');
    const world = worldRead();
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
