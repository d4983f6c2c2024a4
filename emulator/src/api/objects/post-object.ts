import { geoOf, mediaKey } from './attachments.ts';
import type { Viewer } from './sight.ts';
import { entitiesOf, textOf } from './text-entities.ts';
import type { Fields } from '../field-names.ts';
import { isoSecond } from '../iso-second.ts';
import { bodyParts, codePoints, escapeMarkup, type Part, partsOf } from '../render-text.ts';
import { postId } from '../../world/ids.ts';
import { comparePosts, type Post, type PostReference, type Withholding, type World } from '../../world/model.ts';

const EDITABLE_MS = 3_600_000;
const EDITS = 5;
const REFERENCE_TYPES = { reply: 'replied_to', repost: 'retweeted', quote: 'quoted' } as const;
const REPLY_SETTINGS = { everyone: 'everyone', following: 'following', mentioned: 'mentionedUsers' } as const;
/** Where something is withheld for copyright everywhere, the platform says so by this made-up country. */
const EVERYWHERE_FOR_COPYRIGHT = 'XY';

/** Expansions that make the field show up that they expand. */
const BROUGHT_ALONG: readonly (readonly [expansion: string, field: string])[] = [
  ['author_id', 'author_id'],
  ['referenced_tweets.id', 'referenced_tweets'],
  ['referenced_tweets.id.author_id', 'referenced_tweets'],
  ['referenced_tweets.id.attachments.media_keys', 'referenced_tweets'],
  ['in_reply_to_user_id', 'in_reply_to_user_id'],
  ['attachments.media_keys', 'attachments'],
  ['attachments.poll_ids', 'attachments'],
  ['geo.place_id', 'geo'],
  ['entities.mentions.username', 'entities'],
  ['entities.note.mentions.username', 'note_tweet'],
];

/** The fields of a post that are shown: those asked for, and those that expansions bring along. */
export function shownTweetFields({ tweet, expansions }: Fields): ReadonlySet<string> {
  if (expansions.size === 0) return tweet;
  const shown = new Set(tweet);
  for (const [expansion, field] of BROUGHT_ALONG) if (expansions.has(expansion)) shown.add(field);
  return shown;
}

/**
 * A v2 `tweet` object as of `viewer.at` with just `fields` (of `shownTweetFields`); id, text and edit_history_tweet_ids
 * always. What a post hasn't got is absent, never null. Fields that only its owner may see are left out for others.
 */
export function postObject(world: World, post: Post, fields: ReadonlySet<string>, viewer: Viewer): object {
  const { at } = viewer;
  const parts = partsOf(world, post);
  const object: Record<string, unknown> = {};
  const put = (field: string, value: () => unknown): void => {
    if (!fields.has(field)) return;
    const made = value();
    if (made !== undefined) object[field] = made;
  };
  put('attachments', () => attachmentsOf(post));
  put('author_id', () => world.account(post.author).id);
  put('conversation_id', () => postId(post.thread));
  put('created_at', () => isoSecond(post.at));
  put('display_text_range', () => displayRange(post, parts));
  put('edit_controls', () => editControls(post, at));
  object['edit_history_tweet_ids'] = versionsBy(post, at).map(postId);
  put('entities', () => entitiesOf(world, parts, post.media.map(mediaKey)));
  put('geo', () => geoOf(world.placeAt(post, at)));
  object['id'] = post.id;
  put('in_reply_to_user_id', () => {
    return post.kind === 'reply' && post.about !== undefined ? world.account(post.about.author).id : undefined;
  });
  put('lang', () => post.language);
  if (viewer.account === post.author) {
    put('non_public_metrics', () => ({ impression_count: world.metricsAt(post, at).impressions }));
  }
  put('note_tweet', () => noteOf(world, post));
  if (viewer.account === post.author) put('organic_metrics', () => organicMetrics(world, post, at));
  put('possibly_sensitive', () => post.sensitive);
  put('public_metrics', () => publicMetrics(world, post, at));
  put('referenced_tweets', () => referencesOf(post));
  put('reply_settings', () => REPLY_SETTINGS[post.audience]);
  put('source', () => post.program);
  object['text'] = textOf(parts);
  put('withheld', () => withheldOf(world.withholdingAt(post, at)));
  return object;
}

/** All versions of a post that were made by then, oldest first. */
export function versionsBy({ versions }: Post, at: number): readonly PostReference[] {
  return versions.filter((version, n) => n === 0 || version.at <= at);
}

/** What a post points at: first what it answers, reposts or quotes, then what it quotes besides. */
export function referencesOf({ kind, about, alsoQuotes }: Post): { type: string; id: string }[] | undefined {
  if (kind === 'original' || about === undefined) return undefined;
  const references = [{ type: REFERENCE_TYPES[kind] as string, id: postId(about) }];
  if (alsoQuotes !== undefined) references.push({ type: 'quoted', id: postId(alsoQuotes) });
  return references;
}

/** The whole text of a long post, links included; undefined for others. */
export function noteParts(world: World, post: Post): Part[] | undefined {
  return post.long && post.kind !== 'repost' ? bodyParts(world, post, post) : undefined;
}

function noteOf(world: World, post: Post): object | undefined {
  const parts = noteParts(world, post);
  if (parts === undefined) return undefined;
  const entities = entitiesOf(world, parts, []);
  return { text: textOf(parts), ...(entities !== undefined && { entities }) };
}

function attachmentsOf({ media, poll }: Post): object | undefined {
  if (media.length > 0) return { media_keys: media.map(mediaKey) };
  return poll && { poll_ids: [poll.id] };
}

/** From after the names that a reply begins with to before the link to the post's own media. */
function displayRange({ kind }: Post, parts: readonly Part[]): [number, number] {
  const lengths = parts.map(({ text }) => codePoints(escapeMarkup(text)));
  const sum = (from: number, to: number): number =>
    lengths.slice(from, to).reduce((total, length) => total + length, 0);
  let first = 0;
  if (kind === 'reply') {
    while (parts[first]?.mention !== undefined && parts[first + 1]?.text === ' ') first += 2;
  }
  const hasMedia = parts.at(-1)?.link?.kind === 'media';
  const start = sum(0, first);
  return [start, Math.max(start, sum(0, hasMedia ? parts.length - 2 : parts.length))];
}

function editControls(post: Post, at: number): object {
  const [first] = post.versions;
  const edits = versionsBy(post, at).length - 1;
  return {
    edits_remaining: Math.max(0, EDITS - edits),
    is_edit_eligible: post.kind === 'original',
    editable_until: isoSecond((first ?? post).at + EDITABLE_MS),
  };
}

/** A repost shows how often its original was reposted, and nothing else of it. */
function publicMetrics(world: World, post: Post, at: number): object {
  if (post.kind === 'repost' && post.about !== undefined)
    return { retweet_count: world.repostsAt(post.about, at), ...NONE };
  const metrics = world.metricsAt(post, at);
  return {
    retweet_count: metrics.reposts,
    reply_count: metrics.replies,
    like_count: metrics.likes,
    quote_count: metrics.quotes,
    bookmark_count: metrics.bookmarks,
    impression_count: metrics.impressions,
  };
}

const NONE = { reply_count: 0, like_count: 0, quote_count: 0, bookmark_count: 0, impression_count: 0 } as const;

function organicMetrics(world: World, post: Post, at: number): object {
  const { impressions, reposts, replies, likes } = world.metricsAt(post, at);
  return { impression_count: impressions, retweet_count: reposts, reply_count: replies, like_count: likes };
}

function withheldOf(withheld: Withholding | undefined): object | undefined {
  if (withheld === undefined) return undefined;
  const { countries, forCopyright } = withheld;
  return { copyright: forCopyright, country_codes: countryCodes(countries) };
}

/** Where something is withheld, in the platform's codes: none is everywhere, for copyright. */
export function countryCodes(countries: readonly string[]): readonly string[] {
  return countries.length > 0 ? countries : [EVERYWHERE_FOR_COPYRIGHT];
}

/** Whether two references are to the same post. */
export function isSamePost(a: PostReference, b: PostReference): boolean {
  return comparePosts(a, b) === 0;
}
