import { describe, expect, it } from 'vitest';
import { postRenderer } from './render-post.ts';
import { readStreamParameters } from './stream-parameters.ts';
import { SeededWorld } from '../world/seeded-world.ts';

interface User {
  id: string;
  name: string;
  username: string;
  public_metrics?: Record<string, number>;
}
interface Entity {
  start: number;
  end: number;
  tag?: string;
  username?: string;
  url?: string;
}
interface Line {
  data: Record<string, unknown> & {
    id: string;
    text: string;
    entities?: Record<'hashtags' | 'mentions' | 'urls', Entity[] | undefined>;
    referenced_tweets?: { type: string; id: string }[];
  };
  includes?: { users: User[] };
}

interface Expanded {
  data: Record<string, unknown>;
  includes?: Record<string, Record<string, unknown>[]>;
}

const COLLECTOR_QUERY =
  'expansions=author_id&tweet.fields=author_id,conversation_id,created_at,id,lang,text,referenced_tweets,source' +
  '&user.fields=created_at,id,location,name,protected,public_metrics,username,verified&media.fields=&poll.fields=&place.fields=';

const world = new SeededWorld({ seed: 3, startAt: Date.UTC(2026, 10, 22, 13), density: 50 });

function rawLines(query: string, count = 2000): string[] {
  const read = readStreamParameters(new URLSearchParams(query));
  if (!read.ok) throw new Error(JSON.stringify(read.problem));
  const render = postRenderer(world, read.parameters.fields);
  return Array.from({ length: count }, (_, index) => render(world.sampled(index)));
}

/** A text without its escapes. */
const typed = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

const lines = (query: string, count?: number): Line[] => rawLines(query, count).map((line) => JSON.parse(line) as Line);

describe('rendered posts', () => {
  it('show id, text and edit history when nothing else is asked for', () => {
    for (const line of lines('')) {
      expect(Object.keys(line)).toEqual(['data']);
      expect(Object.keys(line.data).toSorted()).toEqual(['edit_history_tweet_ids', 'id', 'text']);
      expect(line.data['edit_history_tweet_ids']).toEqual([line.data.id]);
    }
  });

  it('carry ids that are snowflakes of the sample window and of created_at', () => {
    for (const { data } of lines('tweet.fields=created_at')) {
      const at = Number((BigInt(data.id) >> 22n) + 1288834974657n);
      expect(at % 1000).toBeGreaterThanOrEqual(657);
      expect(at % 1000).toBeLessThanOrEqual(666);
      expect(data['created_at']).toBe(`${new Date(at).toISOString().slice(0, 19)}.000Z`);
    }
  });

  it('show just the fields asked for, and the author when expanded', () => {
    for (const { data, includes } of lines(COLLECTOR_QUERY)) {
      const always = [
        'author_id',
        'conversation_id',
        'created_at',
        'edit_history_tweet_ids',
        'id',
        'lang',
        'source',
        'text',
      ];
      const expected = data.referenced_tweets === undefined ? always : [...always, 'referenced_tweets'];
      expect(Object.keys(data).toSorted()).toEqual(expected.toSorted());
      const [user, ...others] = includes?.users ?? [];
      expect(others).toEqual([]);
      expect(user?.id).toBe(data['author_id']);
      const keys = ['created_at', 'id', 'name', 'protected', 'public_metrics', 'username', 'verified'];
      expect(
        Object.keys(user ?? {})
          .filter((key) => key !== 'location')
          .toSorted(),
      ).toEqual(keys);
    }
  });

  it('bring author_id along with its expansion, and default user fields', () => {
    const [line] = lines('expansions=author_id', 1);
    expect(line?.data['author_id']).toBe(line?.includes?.users[0]?.id);
    expect(Object.keys(line?.includes?.users[0] ?? {}).toSorted()).toEqual(['id', 'name', 'username']);
  });

  it('list each user once when a reply goes to its own author', () => {
    let replies = 0;
    for (const { data, includes } of lines('expansions=author_id,in_reply_to_user_id', 5000)) {
      const ids = (includes?.users ?? []).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      if (data['in_reply_to_user_id'] === undefined) continue;
      replies++;
      expect(ids).toContain(data['in_reply_to_user_id']);
    }
    expect(replies).toBeGreaterThan(500);
  });

  it('weigh 0.7 to 0.9 KB with the fields of a sample collector', () => {
    const bytes = rawLines(COLLECTOR_QUERY, 5000).reduce((sum, line) => sum + Buffer.byteLength(line), 0) / 5000;
    expect(bytes).toBeGreaterThan(700);
    expect(bytes).toBeLessThan(900);
  });

  it('escape markup in texts, and cut reposts at 140 characters', () => {
    const all = lines(COLLECTOR_QUERY, 5000);
    expect(all.some(({ data }) => data.text.includes('&amp;'))).toBe(true);
    expect(all.some(({ data }) => data.text.includes('\n'))).toBe(true);
    for (const { data } of all) {
      expect(data.text).not.toMatch(/[<>]|&(?!(amp|lt|gt);)/);
      if (data.referenced_tweets?.[0]?.type !== 'retweeted') continue;
      expect(data.text).toMatch(/^RT @\w{4,15}: /);
      expect(Array.from(typed(data.text)).length).toBeLessThanOrEqual(140);
    }
    expect(all.some(({ data }) => Array.from(typed(data.text)).length === 140 && data.text.endsWith('…'))).toBe(true);
  });

  it('give entities whose offsets count code points of the text as delivered', () => {
    let seen = 0;
    for (const { data } of lines('tweet.fields=entities', 5000)) {
      const points = Array.from(data.text);
      const part = ({ start, end }: Entity) => points.slice(start, end).join('');
      for (const tag of data.entities?.hashtags ?? []) expect(part(tag)).toBe(`#${tag.tag}`);
      for (const mention of data.entities?.mentions ?? []) expect(part(mention)).toBe(`@${mention.username}`);
      for (const url of data.entities?.urls ?? []) expect(part(url)).toBe(url.url);
      seen += data.entities === undefined ? 0 : 1;
    }
    expect(seen).toBeGreaterThan(2000);
  });

  it('carry all that is expanded, once each', () => {
    const query =
      'tweet.fields=attachments,geo,referenced_tweets,note_tweet,display_text_range,entities,withheld,reply_settings' +
      '&expansions=attachments.media_keys,attachments.poll_ids,author_id,entities.mentions.username,geo.place_id,in_reply_to_user_id,referenced_tweets.id,referenced_tweets.id.author_id';
    const seen = new Set<string>();
    for (const raw of rawLines(query, 1000)) {
      expect(raw).toMatch(/^\{"data":\{/);
      expect(raw).not.toMatch(/:null|undefined/);
      const { data, includes = {} } = JSON.parse(raw) as Expanded;
      for (const [kind, objects] of Object.entries(includes)) {
        const ids = objects.map((object) => object['media_key'] ?? object['id']);
        expect(new Set(ids).size).toBe(ids.length);
        seen.add(kind);
      }
      for (const key of Object.keys(data)) seen.add(key);
    }
    const wanted = ['users', 'tweets', 'media', 'polls', 'places', 'attachments', 'geo', 'note_tweet'];
    for (const name of wanted) expect([...seen]).toContain(name);
  });

  it('say the same of a post whether by the fast way or not', () => {
    const fields =
      'tweet.fields=author_id,conversation_id,created_at,edit_controls,in_reply_to_user_id,lang,possibly_sensitive,referenced_tweets,reply_settings,source&expansions=author_id&user.fields=created_at,description,location,protected,verified,username';
    const slow = lines(`${fields},url`, 150);
    for (const [n, line] of lines(fields, 150).entries()) {
      expect(slow[n]?.data).toEqual(line.data);
      expect(slow[n]?.includes?.users[0]).toMatchObject(line.includes?.users[0] ?? {});
    }
  });

  it('never hold a null', () => {
    const everything =
      'tweet.fields=public_metrics,edit_controls,reply_settings,possibly_sensitive,geo,withheld&user.fields=description,url,verified_type&expansions=author_id';
    for (const line of rawLines(everything, 500)) expect(line).not.toMatch(/:null|undefined/);
  });
});
