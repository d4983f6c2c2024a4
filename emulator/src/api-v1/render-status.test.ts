import { describe, expect, it } from 'vitest';
import { exactNumber } from './exact-number.ts';
import { oldTime } from './old-time.ts';
import { renderStatus } from './render-status.ts';
import { type Shape, STREAM_SHAPE } from './shape.ts';
import { parseExactly } from './test-client.ts';
import type { Post } from '../world/model.ts';
import { SeededWorld } from '../world/seeded-world.ts';

interface Entity {
  indices: [string, string];
  text?: string;
  screen_name?: string;
  url?: string;
}
interface Entities {
  hashtags: Entity[];
  symbols: Entity[];
  user_mentions: Entity[];
  urls: Entity[];
  media?: Entity[];
}
interface Status {
  id: string;
  id_str: string;
  text?: string;
  full_text?: string;
  truncated: boolean;
  display_text_range?: [string, string];
  entities: Entities;
  extended_entities?: { media: Entity[] };
  extended_tweet?: { full_text: string; display_text_range: [string, string]; entities: Entities };
  in_reply_to_status_id: string | null;
  in_reply_to_screen_name: string | null;
  retweeted_status?: Status;
  quoted_status?: Status;
  geo: { coordinates: string[] } | null;
  coordinates: { coordinates: string[] } | null;
  place: { bounding_box: { coordinates: string[][][] } } | null;
  possibly_sensitive?: boolean;
  user: Record<string, unknown>;
}

const START = Date.UTC(2026, 10, 22, 13);
const NOW = START + 3_600_000;
const world = new SeededWorld({ seed: 8, startAt: START, density: 50, accounts: 20_000, now: () => NOW });
const posts: Post[] = [...Iterator.from(world.posts({}, 'newest-first', NOW)).take(500)];
const EXTENDED: Shape = { ...STREAM_SHAPE, mode: 'extended' };
const rendered = new Map<string, Status[]>();

function statuses({ mode }: Shape): Status[] {
  let all = rendered.get(mode);
  if (all === undefined) {
    const shape = { ...STREAM_SHAPE, mode };
    all = posts.map((post) => parseExactly(JSON.stringify(renderStatus(world, post, NOW, shape))) as Status);
    rendered.set(mode, all);
  }
  return all;
}

function checkEntities(text: string, entities: Entities): number {
  const points = Array.from(text);
  const at = ({ indices: [start, end] }: Entity): string => points.slice(Number(start), Number(end)).join('');
  for (const tag of entities.hashtags) expect(at(tag)).toBe(`#${tag.text}`);
  for (const symbol of entities.symbols) expect(at(symbol)).toBe(`$${symbol.text}`);
  for (const mention of entities.user_mentions) expect(at(mention)).toBe(`@${mention.screen_name}`);
  for (const link of [...entities.urls, ...(entities.media ?? [])]) expect(at(link)).toBe(link.url);
  return Object.values(entities).flat().length;
}

describe('statuses of v1.1', () => {
  it('write 64-bit ids with all digits', () => {
    expect(JSON.stringify([exactNumber('2124402049282379781'), exactNumber('-9223372036854775807')])).toBe(
      '[2124402049282379781,-9223372036854775807]',
    );
    for (const [n, status] of statuses(EXTENDED).entries()) {
      expect([status.id, status.id_str]).toEqual([posts[n]?.id, posts[n]?.id]);
    }
  });

  it('write instants as of old', () => {
    expect(oldTime(Date.UTC(2018, 9, 10, 20, 19, 24, 657))).toBe('Wed Oct 10 20:19:24 +0000 2018');
    expect(oldTime(Date.UTC(2026, 0, 4, 3, 4, 5))).toBe('Sun Jan 04 03:04:05 +0000 2026');
  });

  it.each(['extended', 'compat', 'stream'] as const)('have entities at code points of their text: %s', (mode) => {
    let seen = 0;
    for (const status of statuses({ ...STREAM_SHAPE, mode })) {
      seen += checkEntities(status.full_text ?? status.text ?? '', status.entities);
      if (status.extended_tweet !== undefined)
        checkEntities(status.extended_tweet.full_text, status.extended_tweet.entities);
      const { media } = status.entities;
      expect(status.extended_entities?.media[0]?.indices).toEqual(media?.[0]?.indices);
    }
    expect(seen).toBeGreaterThan(200);
  });

  it('cut what is longer than 140 for those who know no more, and streams bring the rest', () => {
    const whole = statuses(EXTENDED);
    const streamed = statuses(STREAM_SHAPE);
    let cut = 0;
    for (const [n, compat] of statuses({ ...STREAM_SHAPE, mode: 'compat' }).entries()) {
      const typed = Array.from((compat.text ?? '').replaceAll(/&(amp|lt|gt);/g, '&'));
      expect(typed.length).toBeLessThanOrEqual(140);
      expect(streamed[n]?.truncated).toBe(streamed[n]?.extended_tweet !== undefined);
      if (!compat.truncated) {
        expect(compat.text).toBe(whole[n]?.full_text);
        continue;
      }
      cut++;
      expect(compat.text).toMatch(/… https:\/\/t\.co\/\w{10}$/);
      expect(compat.entities.media).toBeUndefined();
      expect(compat.entities.urls.at(-1)).toMatchObject({
        expanded_url: `https://twitter.com/i/web/status/${compat.id}`,
      });
    }
    expect(cut).toBeGreaterThan(20);
  });

  it('show a text without the names in front and the link behind', () => {
    let replies = 0;
    for (const status of statuses(EXTENDED)) {
      const points = Array.from(status.full_text ?? '');
      const [start, end] = (status.display_text_range ?? []).map(Number);
      const shown = points.slice(start, end).join('');
      if (status.entities.media !== undefined && status.retweeted_status === undefined) {
        expect(shown).not.toContain(String(status.entities.media[0]?.url));
      }
      if (status.in_reply_to_status_id === null || start === 0) continue;
      replies++;
      expect(points.slice(0, start).join('')).toMatch(/^(@\w+ )+$/);
    }
    expect(replies).toBeGreaterThan(40);
  });

  it('say latitude first in geo, longitude first elsewhere, and keep points in their place', () => {
    const placed = statuses(EXTENDED).filter(({ coordinates }) => coordinates !== null);
    expect(placed.length).toBeGreaterThan(0);
    for (const { geo, coordinates, place } of placed) {
      expect(geo?.coordinates.toReversed()).toEqual(coordinates?.coordinates);
      const [longitude = 0, latitude = 0] = (coordinates?.coordinates ?? []).map(Number);
      const corners = place?.bounding_box.coordinates[0] ?? [];
      const [xs, ys] = [0, 1].map((axis) => corners.map((corner) => Number(corner[axis])));
      expect(longitude).toBeGreaterThanOrEqual(Math.min(...(xs ?? [])));
      expect(latitude).toBeLessThanOrEqual(Math.max(...(ys ?? [])));
    }
  });

  it('are possibly sensitive only with links, hold what they repeat and quote, and no poll', () => {
    let [repeated, quoted] = [0, 0];
    for (const status of statuses(EXTENDED)) {
      // The link to the rest of a long post is none of its own.
      const links = [...status.entities.urls, ...(status.entities.media ?? [])].filter(
        (link) => !String((link as { expanded_url?: string }).expanded_url).includes('/i/web/status/'),
      );
      expect('possibly_sensitive' in status).toBe(links.length > 0);
      if (status.retweeted_status !== undefined) {
        repeated++;
        expect(status.full_text).toMatch(/^RT @\w+: /);
        expect(status.retweeted_status.user).toHaveProperty('followers_count');
      }
      if (status.quoted_status !== undefined) quoted++;
      expect(status).not.toHaveProperty('card');
    }
    expect(Math.min(repeated, quoted)).toBeGreaterThan(5);
  });
});
