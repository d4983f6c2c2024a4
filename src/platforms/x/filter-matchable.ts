/** X payloads as the matcher of stream rules asks about them: v2 lines with their includes, v1.1 statuses. */
import type { Box } from '../../core/rules/boxes.ts';
import type { MatchablePost, NamedAccount } from '../../core/rules/matchable-post.ts';
import type { JsonObject } from '../read-adapter.ts';
import { isObject, list } from './json-values.ts';

/** By what a v2 line names the rules that matched it: tags and ids, each rule's tag first. None where the line names none. */
export function matchingRules(line: unknown): string[] {
  if (!isObject(line)) return [];
  return list(line.matching_rules).flatMap(({ tag, id }) =>
    [tag, id].filter((name): name is string => typeof name === 'string' && name !== ''),
  );
}

/** The post of a line; undefined when there is none in it. Fields that did not come are taken for empty. */
export function matchablePost(line: unknown): MatchablePost | undefined {
  if (!isObject(line)) return undefined;
  if (isObject(line.data)) return v2Post(line.data, new Includes(isObject(line.includes) ? line.includes : {}), 0);
  return typeof line.id_str === 'string' ? v1Post(line, 0) : undefined;
}

/** A repost of a quote of a post is the deepest that rules look. */
const DEEPEST = 2;

class Includes {
  readonly #users: Map<string, JsonObject>;
  readonly #posts: Map<string, JsonObject>;
  readonly #places: Map<string, JsonObject>;

  constructor(includes: JsonObject) {
    this.#users = byId(includes.users);
    this.#posts = byId(includes.tweets ?? includes.posts);
    this.#places = byId(includes.places);
  }

  user(id: unknown): JsonObject | undefined {
    return typeof id === 'string' ? this.#users.get(id) : undefined;
  }

  post(id: unknown): JsonObject | undefined {
    return typeof id === 'string' ? this.#posts.get(id) : undefined;
  }

  place(id: unknown): JsonObject | undefined {
    return typeof id === 'string' ? this.#places.get(id) : undefined;
  }
}

function v2Post(data: JsonObject, includes: Includes, depth: number): MatchablePost {
  const long = data.note_tweet ?? data.note_post;
  const { entities } = isObject(long) && isObject(long.entities) ? long : data;
  const named = isObject(entities) ? entities : {};
  const references = list(data.referenced_tweets ?? data.referenced_posts);
  const referenced = (type: string) => {
    const found = references.find((reference) => reference.type === type);
    if (found === undefined) return undefined;
    const post = depth < DEEPEST ? includes.post(found.id) : undefined;
    return {
      ...textAs('postId', found.id),
      ...(post === undefined ? {} : { post: v2Post(post, includes, depth + 1) }),
    };
  };
  const [repostOf, quoteOf, replied] = [
    referenced('retweeted'),
    referenced('quoted'),
    references.find(({ type }) => type === 'replied_to'),
  ];
  return {
    text: unescaped(textOf(isObject(long) ? long.text : data.text)),
    author: v2Account(data.author_id, includes),
    ...textAs('lang', data.lang),
    hashtags: list(named.hashtags).map(({ tag }) => textOf(tag)),
    cashtags: list(named.cashtags).map(({ tag }) => textOf(tag)),
    mentions: list(named.mentions).map(({ id, username }) => ({ ...textAs('id', id), ...textAs('name', username) })),
    links: list(named.urls).flatMap(({ url, expanded_url, unwound_url }) => texts([url, expanded_url, unwound_url])),
    ...textAs('conversationId', data.conversation_id),
    ...(replied === undefined && data.in_reply_to_user_id === undefined
      ? {}
      : { replyTo: { ...textAs('postId', replied?.id), account: v2Account(data.in_reply_to_user_id, includes) } }),
    ...(repostOf === undefined ? {} : { repostOf }),
    ...(quoteOf === undefined ? {} : { quoteOf }),
    ...v2Geo(data.geo, includes),
  };
}

function v2Account(id: unknown, includes: Includes): NamedAccount {
  return { ...textAs('id', id), ...textAs('name', includes.user(id)?.username) };
}

function v2Geo(geo: unknown, includes: Includes): Pick<MatchablePost, 'coordinates' | 'place'> {
  if (!isObject(geo)) return {};
  const point = isObject(geo.coordinates) ? pairOf(geo.coordinates.coordinates) : undefined;
  if (typeof geo.place_id !== 'string') return point === undefined ? {} : { coordinates: point };
  const place = includes.place(geo.place_id) ?? {};
  const shape = isObject(place.geo) ? boxOf(place.geo.bbox) : undefined;
  return {
    ...(point === undefined ? {} : { coordinates: point }),
    place: {
      id: geo.place_id,
      ...textAs('name', place.name),
      ...textAs('fullName', place.full_name),
      ...textAs('country', place.country_code),
      ...(shape === undefined ? {} : { box: shape }),
    },
  };
}

function v1Post(status: JsonObject, depth: number): MatchablePost {
  const extended = isObject(status.extended_tweet) ? status.extended_tweet : status;
  const entities = isObject(extended.entities) ? extended.entities : {};
  const inner = (value: unknown) =>
    isObject(value)
      ? { ...textAs('postId', value.id_str), ...(depth < DEEPEST ? { post: v1Post(value, depth + 1) } : {}) }
      : undefined;
  const [repostOf, quoteOf] = [inner(status.retweeted_status), inner(status.quoted_status)];
  const user = isObject(status.user) ? status.user : {};
  const point = isObject(status.coordinates) ? pairOf(status.coordinates.coordinates) : undefined;
  return {
    text: unescaped(textOf(extended.full_text ?? status.full_text ?? status.text)),
    author: { ...textAs('id', user.id_str), ...textAs('name', user.screen_name) },
    ...textAs('lang', status.lang),
    hashtags: list(entities.hashtags).map(({ text }) => textOf(text)),
    cashtags: list(entities.symbols).map(({ text }) => textOf(text)),
    mentions: list(entities.user_mentions).map(({ id_str, screen_name }) => ({
      ...textAs('id', id_str),
      ...textAs('name', screen_name),
    })),
    links: [...list(entities.urls), ...list(entities.media)].flatMap(({ url, expanded_url, display_url }) =>
      texts([url, expanded_url, display_url]),
    ),
    ...(typeof status.in_reply_to_user_id_str === 'string'
      ? {
          replyTo: {
            ...textAs('postId', status.in_reply_to_status_id_str),
            account: { id: status.in_reply_to_user_id_str, ...textAs('name', status.in_reply_to_screen_name) },
          },
        }
      : {}),
    ...(repostOf === undefined ? {} : { repostOf }),
    ...(quoteOf === undefined || repostOf !== undefined ? {} : { quoteOf }),
    ...(point === undefined ? {} : { coordinates: point }),
    ...v1Place(status.place),
  };
}

function v1Place(place: unknown): Pick<MatchablePost, 'place'> {
  if (!isObject(place)) return {};
  const ring =
    isObject(place.bounding_box) && Array.isArray(place.bounding_box.coordinates)
      ? (place.bounding_box.coordinates[0] as unknown)
      : undefined;
  const points = Array.isArray(ring) ? ring.flatMap((point) => pairOf(point) ?? []) : [];
  const [lons, lats] = [points.filter((_, at) => at % 2 === 0), points.filter((_, at) => at % 2 === 1)];
  const box: Box | undefined =
    lons.length === 0 ? undefined : [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
  return {
    place: {
      ...textAs('id', place.id),
      ...textAs('name', place.name),
      ...textAs('fullName', place.full_name),
      ...textAs('country', place.country_code),
      ...(box === undefined ? {} : { box }),
    },
  };
}

function boxOf(value: unknown): Box | undefined {
  if (!Array.isArray(value) || value.length !== 4 || !value.every((each) => typeof each === 'number')) return undefined;
  return value as unknown as Box;
}

function pairOf(value: unknown): readonly [number, number] | undefined {
  if (!Array.isArray(value)) return undefined;
  const [lon, lat] = value as unknown[];
  return typeof lon === 'number' && typeof lat === 'number' ? [lon, lat] : undefined;
}

/** The platform escapes three signs in texts. */
function unescaped(text: string): string {
  return text.includes('&') ? text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&') : text;
}

function byId(value: unknown): Map<string, JsonObject> {
  return new Map(list(value).flatMap((item) => (typeof item.id === 'string' ? [[item.id, item] as const] : [])));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function texts(values: readonly unknown[]): string[] {
  return values.filter((value): value is string => typeof value === 'string');
}

function textAs<K extends string>(key: K, value: unknown): { [key in K]?: string } {
  return typeof value === 'string' ? ({ [key]: value } as { [key in K]?: string }) : {};
}
