/** What a payload says beyond the columns that every post is loaded into: tags, links, places, the author as of then, and whatever else is in it. */
import type { Account } from '../../core/post.ts';
import { accountOf } from './decode.ts';
import type { JsonObject } from '../read-adapter.ts';
import { isObject, list, object, text } from './json-values.ts';

/** A link of a post: as it stands in the text, and where the platform says that it leads. */
export type PostLink = { url: string; expanded: string };

/**
 * `shortText`: `text` as the platform wrote it, cut where a long post has its whole text elsewhere. `mentions`: handles without @. `author`: as it stood
 * in this payload; undefined when the payload has no profile. `isRepost`: by the platform's own mark. `rest`: members of the post object
 * that nothing else here says, posts of others left out.
 */
export type PostDetails = {
  shortText: string | undefined;
  hashtags: string[];
  mentions: string[];
  links: PostLink[];
  mediaUrls: string[];
  longitude: number | undefined;
  latitude: number | undefined;
  place: string | undefined;
  repliedAccountId: string | undefined;
  repliedHandle: string | undefined;
  sensitive: boolean | undefined;
  isRepost: boolean;
  author: Account | undefined;
  rest: JsonObject;
};

/** Reads v2 lines, twarc's flattened form and v1.1 statuses; a payload that is none of them gives empty details. */
export function postDetails(payload: string): PostDetails {
  const root = object(parse(payload));
  const author = accountOf(root);
  if (typeof root.id_str === 'string') return detailsV11(root, author, payload);
  const isLine = isObject(root.data);
  return detailsV2(
    isLine ? object(root.data) : root,
    isLine ? object(root.includes) : flattened(root),
    author,
    payload,
  );
}

function detailsV2(data: JsonObject, includes: JsonObject, author: Account | undefined, payload: string): PostDetails {
  const entities = { ...object(data.entities), ...object(object(data.note_tweet ?? data.note_post).entities) };
  const [longitude, latitude] = numbers(object(object(data.geo).coordinates).coordinates);
  const placeId = text(object(data.geo).place_id);
  const mediaKeys = Array.isArray(object(data.attachments).media_keys) ? object(data.attachments).media_keys : [];
  const repliedAccountId = text(data.in_reply_to_user_id);
  const mentions = list(entities.mentions);
  return {
    shortText: text(data.text),
    hashtags: texts(list(entities.hashtags), 'tag'),
    mentions: texts(mentions, 'username'),
    links: links(entities.urls),
    mediaUrls: list(includes.media)
      .filter(({ media_key }) => (mediaKeys as unknown[]).includes(media_key))
      .flatMap((media) => text(media.url) ?? text(media.preview_image_url) ?? []),
    longitude,
    latitude,
    place: text(list(includes.places).find(({ id }) => id === placeId)?.full_name) ?? text(object(data.geo).full_name),
    repliedAccountId,
    repliedHandle:
      repliedAccountId === undefined
        ? undefined
        : text([...list(includes.users), ...mentions].find(({ id }) => id === repliedAccountId)?.username),
    sensitive: flag(data.possibly_sensitive),
    isRepost: list(data.referenced_tweets ?? data.referenced_posts).some(({ type }) =>
      /^(retweeted|reposted)$/.test(String(type)),
    ),
    author,
    rest: rest(data, SAID_V2, payload),
  };
}

function detailsV11(status: JsonObject, author: Account | undefined, payload: string): PostDetails {
  const extended = object(status.extended_tweet);
  const entities = { ...object(status.entities), ...object(extended.entities) };
  const media = list(object(extended.extended_entities ?? status.extended_entities).media);
  const [longitude, latitude] = numbers(object(status.coordinates).coordinates);
  return {
    shortText: text(status.text) ?? text(status.full_text),
    hashtags: texts(list(entities.hashtags), 'text'),
    mentions: texts(list(entities.user_mentions), 'screen_name'),
    links: links(entities.urls),
    mediaUrls: texts(media.length > 0 ? media : list(entities.media), 'media_url_https'),
    longitude,
    latitude,
    place: text(object(status.place).full_name),
    repliedAccountId: text(status.in_reply_to_user_id_str),
    repliedHandle: text(status.in_reply_to_screen_name),
    sensitive: flag(status.possibly_sensitive),
    isRepost: isObject(status.retweeted_status),
    author,
    rest: rest(status, SAID_V11, payload),
  };
}

/** Members that a column says, or that say nothing of their own. */
const SAID_V2 = new Set(
  (
    'id text author_id conversation_id created_at lang source public_metrics referenced_tweets referenced_posts entities geo ' +
    'in_reply_to_user_id possibly_sensitive note_tweet note_post author'
  ).split(' '),
);
/** Numeric ids are repeated as text; the posts of others inside are posts of their own. */
const SAID_V11 = new Set(
  (
    'id id_str text full_text extended_tweet created_at lang source entities extended_entities user coordinates geo place ' +
    'in_reply_to_user_id in_reply_to_user_id_str in_reply_to_screen_name in_reply_to_status_id in_reply_to_status_id_str ' +
    'possibly_sensitive retweet_count reply_count favorite_count quote_count retweeted_status quoted_status quoted_status_id quoted_status_id_str'
  ).split(' '),
);

function rest(post: JsonObject, said: Set<string>, payload: string): JsonObject {
  const found: JsonObject = {};
  for (const key in post)
    if (!said.has(key) && post[key] !== null) found[key] = isTooDeep(post[key], MOST_LEVELS) ? TOO_DEEP : post[key];
  return holdsLostDigits(found) ? exactRest(payload, found) : found;
}

/** Whatever writes JSON calls itself for each level, and at some ten thousand of them has no stack left. */
const MOST_LEVELS = 500;
const TOO_DEEP = 'nested too deeply to be repeated here; the payload has it';

function isTooDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isTooDeep(inner, levels - 1));
}

/** Whether a number may have lost digits when it was read. */
function holdsLostDigits(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isSafeInteger(value) && Math.abs(value) > Number.MAX_SAFE_INTEGER;
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsLostDigits);
}

/** Reads once more, with numbers beyond 2^53 as text. */
function exactRest(payload: string, found: JsonObject): JsonObject {
  const exact = readExactly(payload);
  const post = isObject(object(exact).data) ? object(object(exact).data) : object(exact);
  return Object.fromEntries(
    Object.entries(found).map(([key, value]) => [key, holdsLostDigits(value) ? (post[key] ?? TOO_DEEP) : value]),
  );
}

/** Undefined where the payload is nested too deeply. */
function readExactly(payload: string): unknown {
  try {
    return JSON.parse(payload, (_key, value: unknown, context?: { source?: string }) =>
      typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER ? (context?.source ?? value) : value,
    );
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** twarc's flattened form has what belongs to a post inside of it. */
function flattened(post: JsonObject): JsonObject {
  return {
    users: isObject(post.in_reply_to_user) ? [post.in_reply_to_user] : [],
    media: object(post.attachments).media,
  };
}

function links(value: unknown): PostLink[] {
  return list(value).flatMap(({ url, expanded_url }) =>
    typeof url === 'string' ? { url, expanded: text(expanded_url) ?? '' } : [],
  );
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined; // what was loaded is JSON; whatever else gives empty details, as promised
  }
}

function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function texts(entries: JsonObject[], key: string): string[] {
  return entries.flatMap((entry) => text(entry[key]) ?? []);
}

function numbers(value: unknown): (number | undefined)[] {
  return Array.isArray(value) ? value.map((part) => (typeof part === 'number' ? part : undefined)) : [];
}
