import { compatText, type DeliveredText, fullText } from './delivered-text.ts';
import { bothIds, exactNumber } from './exact-number.ts';
import { oldTime } from './old-time.ts';
import { programAnchor } from './program-anchor.ts';
import { renderEntities } from './render-entities.ts';
import { renderPlace, renderPoint } from './render-place.ts';
import { renderUser, trimmedUser } from './render-user.ts';
import type { Shape } from './shape.ts';
import { statusCounts } from './status-counts.ts';
import { escapeMarkup, type Part, postAddress, SHORT_LINK_BASE } from '../api/render-text.ts';
import { postId } from '../world/ids.ts';
import { comparePosts, type Post, type PostMetrics, type PostReference, type World } from '../world/model.ts';

/** Counts in streams, and of what is reposted or quoted, are up to so old: the famous are counted once for many. */
const STALE_COUNTS_MS = 10_000;

/** Where a status stands in an answer: at the top, or within another one. */
type Place = 'top' | 'repeated' | 'quoted' | 'in-user';

/** A status with all its keys, in the order of the recordings. @param at instant of counts, names and states */
export function renderStatus(world: World, post: Post, at: number, shape: Shape): object {
  return statusIn('top', world, post, at, shape);
}

/** The newest post of a user, as users show it: without `user`, as texts of 140. */
export function renderUserStatus(world: World, post: Post, at: number, shape: Shape): object {
  return statusIn('in-user', world, post, at, shape);
}

function statusIn(place: Place, world: World, post: Post, at: number, shape: Shape): object {
  const inStream = shape.mode === 'stream';
  const original = post.kind === 'repost' && post.about !== undefined ? world.post(post.about) : undefined;
  const full = fullText(world, post, original, !inStream);
  const media = { source: original, altText: shape.altText, inStream };
  const whole = renderEntities(world, full, post.media, media);
  const shown = shape.mode === 'extended' ? { ...full, truncated: false } : compatText(world, post, full);
  const seen = shown.truncated ? renderEntities(world, shown, post.media, media) : whole;
  const isFresh = place === 'top' && original === undefined && !inStream;
  const countedAt = isFresh ? at : Math.max(post.at, at - (at % STALE_COUNTS_MS));
  const metrics = countsOf(world, post, original, countedAt);
  const sensitivity = whole.hasLinks ? { possibly_sensitive: post.sensitive } : {};
  const repeats = original !== undefined && { retweeted_status: statusIn('repeated', world, original, at, shape) };
  const quotes = quoteOf(place, world, original ?? post, original !== undefined, at, shape);
  const language = { lang: post.language, ...withholdingOf(world, post, at) };
  const user = place === 'in-user' ? {} : { user: userOf(world, post.author, at, shape) };
  const head = { created_at: oldTime(post.at), ...bothIds(post.id) };
  if (inStream) {
    const { quoted_status_permalink, ...quoted } = quotes.keys;
    const hides = full.range[0] > 0 || full.range[1] < full.length;
    return {
      ...head,
      text: textOf(shown.parts),
      ...(hides && { display_text_range: shown.range }),
      source: programAnchor(post.program),
      truncated: shown.truncated,
      ...replyOf(world, post),
      ...user,
      ...wherePosted(world, post, at, true),
      ...repeats,
      ...quoted,
      ...(quoted_status_permalink !== undefined && { quoted_status_permalink }),
      is_quote_status: quotes.isQuote,
      ...(shown.truncated && { extended_tweet: extendedTweet(full, whole) }),
      quote_count: metrics.quotes,
      reply_count: metrics.replies,
      retweet_count: metrics.reposts,
      favorite_count: metrics.likes,
      entities: seen.entities,
      ...(seen.extended !== undefined && { extended_entities: seen.extended }),
      favorited: false,
      retweeted: false,
      ...sensitivity,
      filter_level: 'low',
      ...language,
      ...(place === 'top' && { timestamp_ms: String(post.at) }),
    };
  }
  return {
    ...head,
    [shape.mode === 'extended' ? 'full_text' : 'text']: textOf(shown.parts),
    truncated: shown.truncated,
    ...(shape.mode === 'extended' && { display_text_range: full.range }),
    ...(shape.includeEntities && { entities: seen.entities }),
    ...(shape.includeEntities && seen.extended !== undefined && { extended_entities: seen.extended }),
    ...(shape.inSearch && { metadata: { iso_language_code: post.language, result_type: 'recent' } }),
    source: programAnchor(post.program),
    ...replyOf(world, post),
    ...user,
    ...wherePosted(world, post, at, false),
    ...repeats,
    is_quote_status: quotes.isQuote,
    ...quotes.keys,
    retweet_count: metrics.reposts,
    favorite_count: metrics.likes,
    favorited: false,
    retweeted: isRepostedBy(world, shape.viewer, original ?? post, at),
    ...sensitivity,
    ...language,
  };
}

function textOf(parts: readonly Part[]): string {
  return escapeMarkup(parts.map(({ text }) => text).join(''));
}

function extendedTweet(full: DeliveredText, { entities, extended }: ReturnType<typeof renderEntities>): object {
  return {
    full_text: textOf(full.parts),
    display_text_range: full.range,
    entities,
    ...(extended !== undefined && { extended_entities: extended }),
  };
}

function userOf(world: World, author: number, at: number, shape: Shape): object {
  return shape.trimUser ? trimmedUser(world, author) : renderUser(world, author, at, shape);
}

/** A repost shows how often the original was reposted, but nobody can like it. */
function countsOf(world: World, post: Post, original: Post | undefined, at: number): PostMetrics {
  if (original === undefined) return statusCounts(world, post, at);
  return { ...statusCounts(world, original, at), likes: 0, replies: 0, quotes: 0 };
}

function replyOf(world: World, post: Post): object {
  const about = post.kind === 'reply' ? post.about : undefined;
  const status = about && postId(about);
  const user = about && world.account(about.author).id;
  return {
    in_reply_to_status_id: status === undefined ? null : exactNumber(status),
    in_reply_to_status_id_str: status ?? null,
    in_reply_to_user_id: user === undefined ? null : exactNumber(user),
    in_reply_to_user_id_str: user ?? null,
    in_reply_to_screen_name: about === undefined ? null : world.handleAt(about.author, post.at),
  };
}

function wherePosted(world: World, post: Post, at: number, inStream: boolean): object {
  const told = world.placeAt(post, at);
  return {
    ...renderPoint(told?.coordinates),
    place: told === undefined ? null : renderPlace(told.place, inStream),
    contributors: null,
  };
}

interface QuoteKeys {
  quoted_status_id?: unknown;
  quoted_status_id_str?: string;
  quoted_status?: object;
  quoted_status_permalink?: object;
}

/**
 * A quote names what it quotes, and shows it while it can be seen, but never within another quote. A repost of a quote
 * names it only: the post that it reposts shows it.
 */
function quoteOf(
  place: Place,
  world: World,
  post: Post,
  isRepost: boolean,
  at: number,
  shape: Shape,
): { isQuote: boolean; keys: QuoteKeys } {
  const quoted = post.kind === 'quote' ? post.about : post.alsoQuotes;
  if (quoted === undefined) return { isQuote: false, keys: {} };
  const id = postId(quoted);
  const keys: QuoteKeys = { quoted_status_id: exactNumber(id), quoted_status_id_str: id };
  // Search never had the link in a key of its own.
  if (!shape.inSearch) keys.quoted_status_permalink = permalink(world, quoted);
  const seen = world.post(quoted);
  if (!isRepost && place !== 'quoted' && seen !== undefined && world.postStateAt(seen, at) === 'public') {
    keys.quoted_status = statusIn('quoted', world, seen, at, shape);
  }
  return { isQuote: true, keys };
}

function permalink(world: World, quoted: PostReference): object {
  const handle = world.handleAt(quoted.author, quoted.at);
  return {
    url: SHORT_LINK_BASE + world.linkCode({ kind: 'post', post: quoted }),
    expanded: postAddress(handle, quoted),
    display: `${`twitter.com/${handle}/status/${postId(quoted)}`.slice(0, 26)}…`,
  };
}

function withholdingOf(world: World, post: Post, at: number): object {
  const withheld = world.withholdingAt(post, at);
  if (withheld === undefined) return {};
  const { countries, forCopyright } = withheld;
  // XX: everywhere. XY: everywhere, because of a request by who holds the copyright.
  const codes = countries.length > 0 ? countries : [forCopyright ? 'XY' : 'XX'];
  const scope = world.withheldInAt(post.author, at).length > 0 ? 'user' : 'status';
  return { ...(forCopyright && { withheld_copyright: true }), withheld_in_countries: codes, withheld_scope: scope };
}

function isRepostedBy(world: World, viewer: number | undefined, post: Post, at: number): boolean {
  if (viewer === undefined) return false;
  for (const own of world.postsOf(viewer, { after: post }, at)) {
    if (own.kind === 'repost' && own.about !== undefined && comparePosts(own.about, post) === 0) return true;
  }
  return false;
}
