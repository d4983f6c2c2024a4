/** Invented posts for tests of the search, as the platform sends them, captured into a collection, loaded and indexed. */
import { join } from 'node:path';
import { systemClock } from '../../src/core/time.ts';
import type { Database } from '../../src/store/db.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { indexAll } from './index-all.ts';
import { loadAll } from './loader.ts';
import { snowflakeAt } from './sample-posts.ts';
import { writeSealedSegment } from './write-segment.ts';

export type PostWish = {
  text: string;
  atMs: number;
  /** Tells posts of one millisecond apart. */
  sequence?: number;
  author?: { id: string; handle: string; name: string };
  lang?: string;
  references?: { type: string; id: string }[];
  hashtags?: string[];
  links?: { url: string; expanded: string }[];
  media?: string[];
  point?: [longitude: number, latitude: number];
  place?: { id: string; name: string; bbox: [number, number, number, number] };
  likes?: number;
  /** Ids of all its versions, this one the last. */
  versions?: string[];
};

const ANYBODY = { id: '1000001', handle: 'bird_one', name: 'Bird One' };

export function idOf({ atMs, sequence = 0 }: Pick<PostWish, 'atMs' | 'sequence'>): string {
  return snowflakeAt(atMs, sequence);
}

/** A line of a v2 stream. */
export function lineOf(wish: PostWish): string {
  const {
    text,
    atMs,
    author = ANYBODY,
    lang = 'en',
    references,
    hashtags = [],
    links = [],
    media = [],
    point,
    place,
  } = wish;
  const id = idOf(wish);
  return JSON.stringify({
    data: {
      ...{ id, text, author_id: author.id, created_at: new Date(atMs).toISOString(), lang, conversation_id: id },
      ...(references === undefined ? {} : { referenced_tweets: references }),
      ...(wish.versions === undefined ? {} : { edit_history_tweet_ids: wish.versions }),
      entities: {
        hashtags: hashtags.map((tag) => ({ tag })),
        urls: links.map(({ url, expanded }) => ({ url, expanded_url: expanded })),
      },
      ...(media.length === 0 ? {} : { attachments: { media_keys: media.map((_, at) => `3_${at}`) } }),
      ...(point === undefined && place === undefined
        ? {}
        : {
            geo: {
              ...(point === undefined ? {} : { coordinates: { type: 'Point', coordinates: point } }),
              ...(place === undefined ? {} : { place_id: place.id }),
            },
          }),
      public_metrics: { retweet_count: 1, reply_count: 0, like_count: wish.likes ?? 0, quote_count: 0 },
    },
    includes: {
      users: [{ id: author.id, username: author.handle, name: author.name, created_at: '2015-03-01T10:00:00.000Z' }],
      media: media.map((url, at) => ({ media_key: `3_${at}`, type: 'photo', url })),
      places:
        place === undefined
          ? []
          : [{ id: place.id, full_name: place.name, geo: { type: 'Feature', bbox: place.bbox } }],
    },
  });
}

let sequence = 0;

/** Captures posts in a segment of a collection, which is made when it is new; nothing is loaded yet. */
export async function capturePosts(
  { db, home }: { db: Database; home: string },
  collection: string,
  posts: readonly PostWish[],
  capturedMs = Date.parse('2026-11-22T13:00:00.000Z'),
): Promise<void> {
  const [known] = await db.query('select from collections where name = $1', [collection]);
  if (known === undefined)
    await addCollection(db, systemClock, { name: collection, kind: 'sample', platform: 'x', api: 'v2' });
  await writeSealedSegment({
    ...{
      segmentsFolder: join(home, 'segments'),
      plan: collection,
      node: 'n1',
      openedAtMs: capturedMs,
      sequence: ++sequence,
    },
    frames: posts.map((post) => ({ payload: lineOf(post) })),
  });
}

/** The same, loaded and indexed. */
export async function storePosts(
  place: { db: Database; home: string },
  collection: string,
  posts: readonly PostWish[],
  capturedMs?: number,
): Promise<void> {
  await capturePosts(place, collection, posts, capturedMs);
  await loadAll({ db: place.db, segmentsFolder: join(place.home, 'segments') });
  await indexAll(place.db);
}
