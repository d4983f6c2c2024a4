/** X payloads (v2 stream lines in the old and the renamed vocabulary, twarc's flattened form, v1.1 statuses) to core types. */
import { type AccountId, parseAccountId, parsePostId } from '../../core/ids.ts';
import type { Account, Decoded, Post, PostCounts, Reference } from '../../core/post.ts';
import type { JsonObject } from '../read-adapter.ts';
import { isObject, list } from './json-values.ts';

/**
 * Decodes one line of a stream. A line with a post's id is a post whatever else it lacks; without one it is a control message
 * when it is an object without `data`, else malformed. Ids that came as numbers are refused: their digits may be gone already.
 */
export function decodeLine(line: string): Decoded {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { kind: 'malformed', reason: 'not JSON' };
  }
  return decodeValue(value);
}

/** The same for a line that has been parsed already. */
export function decodeValue(value: unknown): Decoded {
  if (!isObject(value)) return { kind: 'malformed', reason: 'not an object' };
  // What an import found to be damaged, with the reason; inside may be what looks like a post.
  if (isObject(value.mistnet) && typeof value.mistnet.refused === 'string')
    return { kind: 'malformed', reason: value.mistnet.refused };
  if (isObject(value.data)) return decodeV2(value.data, isObject(value.includes) ? value.includes : {});
  if (value.data !== undefined) return { kind: 'malformed', reason: 'data is not an object' };
  if (value.id_str !== undefined) return decodeV11(value);
  if (parsePostId(value.id) !== undefined) return decodeV2(value, flattenedIncludes(value));
  return { kind: 'control', message: Object.keys(value).slice(0, 3).join(',') || 'empty' };
}

/** The author's profile in a payload that was parsed, as `decodeValue` has it; undefined when it is not in there. */
export function accountOf(payload: Record<string, unknown>): Account | undefined {
  if (payload.id_str !== undefined && payload.data === undefined) return authorV11(payload);
  const isLine = isObject(payload.data);
  const data = isLine ? (payload.data as JsonObject) : payload;
  return authorV2(data, isLine ? (isObject(payload.includes) ? payload.includes : {}) : flattenedIncludes(payload));
}

function authorV2({ author_id }: JsonObject, includes: JsonObject): Account | undefined {
  const accountId = parseAccountId(author_id);
  if (accountId === undefined) return undefined;
  const user = list(includes.users).find((candidate) => candidate.id === accountId);
  return user === undefined ? undefined : accountV2(accountId, user);
}

function authorV11(status: JsonObject): Account | undefined {
  const user = isObject(status.user) ? status.user : {};
  const accountId = parseAccountId(user.id_str);
  return accountId === undefined || user.screen_name === undefined ? undefined : accountV11(accountId, user);
}

function decodeV2(data: JsonObject, includes: JsonObject): Decoded {
  const postId = parsePostId(data.id);
  if (postId === undefined)
    return { kind: 'malformed', reason: data.id === undefined ? 'no id' : 'id is not a decimal string' };
  const post: Post = { platform: 'x', postId, references: references(data, includes) };
  const accountId = parseAccountId(data.author_id);
  setText(post, 'conversationId', data.conversation_id);
  setText(post, 'postedAt', data.created_at);
  setText(post, 'text', longText(data) ?? data.text);
  setText(post, 'lang', data.lang);
  setText(post, 'source', data.source);
  if (isObject(data.public_metrics)) post.counts = counts(data.public_metrics);
  if (accountId !== undefined) {
    post.accountId = accountId;
    const account = authorV2(data, includes);
    if (account !== undefined) post.account = account;
  }
  return { kind: 'post', post };
}

/** An account as v2 shows it, in either vocabulary. */
export function accountV2(accountId: AccountId, user: JsonObject): Account {
  const account: Account = { accountId };
  setText(account, 'handle', user.username);
  setText(account, 'name', user.name);
  setText(account, 'createdAt', user.created_at);
  setText(account, 'location', user.location);
  setText(account, 'description', user.description);
  setFlag(account, 'verified', user.verified);
  setFlag(account, 'protected', user.protected);
  if (isObject(user.public_metrics)) {
    const metrics = user.public_metrics;
    setCount(account, 'followers', metrics.followers_count);
    setCount(account, 'following', metrics.following_count);
    setCount(account, 'posts', metrics.tweet_count ?? metrics.post_count);
    setCount(account, 'listed', metrics.listed_count);
  }
  return account;
}

function counts(metrics: JsonObject): PostCounts {
  const found: PostCounts = {};
  setCount(found, 'reposts', metrics.retweet_count ?? metrics.repost_count);
  setCount(found, 'replies', metrics.reply_count);
  setCount(found, 'likes', metrics.like_count);
  setCount(found, 'quotes', metrics.quote_count);
  setCount(found, 'bookmarks', metrics.bookmark_count);
  setCount(found, 'impressions', metrics.impression_count);
  return found;
}

/** twarc's flattened form holds the author inside the post. */
function flattenedIncludes(post: JsonObject): JsonObject {
  return isObject(post.author) ? { users: [{ id: post.author_id, ...post.author }] } : {};
}

/** Long posts carry their whole text apart; `text` is then the cut version. */
function longText(data: JsonObject): unknown {
  const long = data.note_tweet ?? data.note_post;
  return isObject(long) ? long.text : undefined;
}

function decodeV11(status: JsonObject): Decoded {
  const postId = parsePostId(status.id_str);
  if (postId === undefined) return { kind: 'malformed', reason: 'id_str is not a decimal string' };
  const post: Post = { platform: 'x', postId, references: referencesV11(status) };
  const extended = isObject(status.extended_tweet) ? status.extended_tweet.full_text : undefined;
  setText(post, 'postedAt', typeof status.created_at === 'string' ? instantV11(status.created_at) : undefined);
  setText(post, 'text', extended ?? status.full_text ?? status.text);
  setText(post, 'lang', status.lang);
  setText(post, 'source', status.source);
  const found: PostCounts = {};
  setCount(found, 'reposts', status.retweet_count);
  setCount(found, 'replies', status.reply_count);
  setCount(found, 'likes', status.favorite_count);
  setCount(found, 'quotes', status.quote_count);
  if (Object.keys(found).length > 0) post.counts = found;
  const user = isObject(status.user) ? status.user : {};
  const accountId = parseAccountId(user.id_str);
  if (accountId !== undefined) {
    post.accountId = accountId;
    const account = authorV11(status);
    if (account !== undefined) post.account = account;
  }
  return { kind: 'post', post };
}

/** An account as v1.1 shows it. */
export function accountV11(accountId: AccountId, user: JsonObject): Account {
  const account: Account = { accountId };
  setText(account, 'handle', user.screen_name);
  setText(account, 'name', user.name);
  setText(account, 'createdAt', typeof user.created_at === 'string' ? instantV11(user.created_at) : undefined);
  setText(account, 'location', user.location);
  setText(account, 'description', user.description);
  setFlag(account, 'verified', user.verified);
  setFlag(account, 'protected', user.protected);
  setCount(account, 'followers', user.followers_count);
  setCount(account, 'following', user.friends_count);
  setCount(account, 'posts', user.statuses_count);
  setCount(account, 'listed', user.listed_count);
  return account;
}

function referencesV11(status: JsonObject): Reference[] {
  const found: Reference[] = [];
  const add = (type: string, id: unknown, author: unknown) => {
    if (typeof id === 'string' && id !== '') found.push(reference(type, id, author));
  };
  const writerOf = (other: unknown) => (isObject(other) && isObject(other.user) ? other.user.id_str : undefined);
  const { retweeted_status: repeated, quoted_status: quoted } = status;
  if (isObject(repeated)) add('retweeted', repeated.id_str, writerOf(repeated));
  add('replied_to', status.in_reply_to_status_id_str, status.in_reply_to_user_id_str);
  if (!isObject(repeated)) add('quoted', status.quoted_status_id_str, writerOf(quoted));
  return found;
}

function reference(type: string, postId: string, author: unknown): Reference {
  const accountId = parseAccountId(author);
  return accountId === undefined ? { type, postId } : { type, postId, accountId };
}

/** `Wed Oct 10 20:19:24 +0000 2018` to ISO 8601; undefined when it is no instant. */
function instantV11(text: string): string | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

/** twarc's filler `{"type":"original","id":null}` points nowhere and is left out. */
function references(data: JsonObject, includes: JsonObject): Reference[] {
  const found: Reference[] = [];
  for (const entry of list(data.referenced_tweets ?? data.referenced_posts)) {
    const { type, id } = entry;
    if (typeof type !== 'string' || typeof id !== 'string') continue;
    // twarc's flattened form has the other post within the reference.
    const other = list(includes.tweets ?? includes.posts).find((candidate) => candidate.id === id) ?? entry;
    found.push(reference(type, id, other.author_id));
  }
  return found;
}

function setText<K extends string>(target: { [key in K]?: string }, key: K, value: unknown): void {
  if (typeof value === 'string') target[key] = value;
}

function setFlag<K extends string>(target: { [key in K]?: boolean }, key: K, value: unknown): void {
  if (typeof value === 'boolean') target[key] = value;
}

function setCount<K extends string>(target: { [key in K]?: number }, key: K, value: unknown): void {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) target[key] = value;
}
