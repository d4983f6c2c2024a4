import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  EVERYTHING,
  TWEET_FIELDS,
  EVERY_USER_FIELD,
  NOBODY,
  list,
  postsOfMany,
  problem,
  startReading,
  type Thing,
} from './support/reading-client.ts';
import { HAS_SPECIFICATIONS } from './support/specification.ts';

let subject: Awaited<ReturnType<typeof startReading>>;
let newer: Awaited<ReturnType<typeof startReading>>;
beforeAll(async () => {
  subject = await startReading();
  newer = await startReading('2.167');
});
afterAll(async () => {
  await subject[Symbol.asyncDispose]();
  await newer[Symbol.asyncDispose]();
});

const id = (name: string): string => subject.keys[`${name}_id`] ?? '';

/** Asked for once. */
let asking: Promise<Thing[]> | undefined;
const manyPosts = (): Promise<Thing[]> => (asking ??= postsOfMany(subject));

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
