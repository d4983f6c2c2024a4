/**
 * A page as one object a post, with what it refers to put inside, as twarc's `flatten` writes it: `author`, `in_reply_to_user`, `attachments.media`,
 * `attachments.poll`, `geo`, mentions and referenced posts filled in. What is missing from the page is an empty object. Both vocabularies of
 * v2; a status of v1.1 is flat already.
 */
import { parseToPassOn } from '../../../core/exact-json.ts';
import type { JsonObject } from '../../read-adapter.ts';
import { splitPage } from '../split-page.ts';
import { isObject } from '../json-values.ts';

/** One JSON text for each post, account or count of a page, in their order, without line ends. Numbers keep their digits. */
export function flattenPage(body: Buffer): string[] {
  const page = parseToPassOn(body.toString('utf8'));
  if (Array.isArray(page) || (isObject(page) && page.data === undefined)) return legacyItems(body, page);
  if (!isObject(page)) return [];
  const fill = filler(isObject(page.includes) ? page.includes : {});
  const items = Array.isArray(page.data) ? page.data : [page.data];
  return items.map((item) => JSON.stringify(fill(item)));
}

/** Statuses and users of v1.1, byte for byte but for line ends between members. */
function legacyItems(body: Buffer, page: unknown): string[] {
  if (isObject(page) && Array.isArray(page.users)) return page.users.map((user) => JSON.stringify(user));
  if (isObject(page) && Array.isArray(page.ids)) return page.ids.map((id) => JSON.stringify(id));
  if (isObject(page) && isObject(page.id))
    return Object.values(page.id)
      .filter(isObject)
      .map((status) => JSON.stringify(status));
  if (isObject(page) && page.statuses === undefined) return [];
  return (splitPage(body)?.posts ?? []).map((post) => onOneLine(post).toString('utf8'));
}

/** JSON on one line: a line end can only stand between its parts, where a blank means the same. */
export function onOneLine(json: Buffer): Buffer {
  if (!json.includes(10) && !json.includes(13)) return json;
  return Buffer.from(json.map((byte) => (byte === 10 || byte === 13 ? 32 : byte)));
}

/** How deep references are followed: a quote within a reply within …; included posts may point at each other in circles. */
const MAX_DEPTH = 8;

function filler(includes: JsonObject): (item: unknown) => unknown {
  const users = listOf(includes.users);
  const byId = indexBy(users, 'id');
  const byHandle = indexBy(users, 'username');
  const media = indexBy(listOf(includes.media), 'media_key');
  const polls = indexBy(listOf(includes.polls), 'id');
  const places = indexBy(listOf(includes.places), 'id');
  const posts = indexBy([...listOf(includes.tweets), ...listOf(includes.posts)], 'id');
  const of = (index: Map<unknown, JsonObject>, key: unknown): JsonObject => index.get(key) ?? {};
  const fill = (value: unknown, depth: number, within: ReadonlySet<unknown>): unknown => {
    if (Array.isArray(value)) return value.map((one) => fill(one, depth, within));
    if (!isObject(value) || JSON_NUMBER in value) return value;
    const filled: JsonObject = {};
    for (const [key, member] of Object.entries(value)) filled[key] = fill(member, depth, within);
    if ('author_id' in value) filled.author = of(byId, value.author_id);
    if ('in_reply_to_user_id' in value) filled.in_reply_to_user = of(byId, value.in_reply_to_user_id);
    if (Array.isArray(value.media_keys)) filled.media = value.media_keys.map((key) => of(media, key));
    if (Array.isArray(value.poll_ids) && value.poll_ids.length > 0) filled.poll = of(polls, value.poll_ids.at(-1));
    if (isObject(value.geo) && 'place_id' in value.geo)
      filled.geo = { ...value.geo, ...of(places, value.geo.place_id) };
    if (Array.isArray(value.mentions))
      filled.mentions = listOf(value.mentions).map((mention) => ({ ...mention, ...of(byHandle, mention.username) }));
    for (const name of ['referenced_tweets', 'referenced_posts'])
      if (Array.isArray(value[name]))
        filled[name] = listOf(value[name]).map((reference) => ({
          ...reference,
          ...included(reference.id, depth, within),
        }));
    for (const name of ['pinned_tweet_id', 'pinned_post_id'])
      if (name in value) filled[name.slice(0, -'_id'.length)] = included(value[name], depth, within);
    return filled;
  };
  const included = (id: unknown, depth: number, within: ReadonlySet<unknown>): JsonObject => {
    const post = posts.get(id);
    if (post === undefined || depth >= MAX_DEPTH || within.has(id)) return post ?? {};
    return fill(post, depth + 1, new Set([...within, id])) as JsonObject;
  };
  return (item) => fill(item, 0, new Set(isObject(item) ? [item.id] : []));
}

/** Marks numbers that are passed on as they stood; see `parseToPassOn`. */
const JSON_NUMBER = 'rawJSON';

function indexBy(list: JsonObject[], key: string): Map<unknown, JsonObject> {
  return new Map(list.map((item) => [item[key], item]));
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
