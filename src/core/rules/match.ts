/**
 * Whether a post matches a clause, as the platform documents its stream rules. It serves attribution: the platform has said that one of
 * a rule's clauses matched, and this says which. `undefined` where a payload does not tell.
 */
import type { Box } from './boxes.ts';
import type { Query } from './grammar.ts';
import type { MatchablePost, NamedAccount } from './matchable-post.ts';
import { folded, holdsRun, tokensOf } from './tokens.ts';

/** `api`: v1.1 counts a place that touches a box, v2 one that lies in it. `lenient`: without accents, for a second look. */
export type MatchOptions = { api: 'v2' | 'v1.1'; lenient?: boolean };

/** Operators that a payload answers. */
const DECIDABLE = new Set([
  ...[
    'from',
    'to',
    'retweets_of',
    'retweets_of_user',
    'conversation_id',
    'in_reply_to_tweet_id',
    'in_reply_to_status_id',
  ],
  ...[
    'retweets_of_tweet_id',
    'retweets_of_status_id',
    'bounding_box',
    'geo_bounding_box',
    'place',
    'place_country',
    'lang',
  ],
]);
const DECIDABLE_FLAGS = new Set([
  'is:retweet',
  'is:reply',
  'is:quote',
  'has:hashtags',
  'has:cashtags',
  'has:mentions',
  'has:geo',
]);

/** Whether every part of a rule can be told from a payload. */
export function isDecidable(query: Query): boolean {
  switch (query.kind) {
    case 'or':
    case 'and':
      return query.parts.every(isDecidable);
    case 'not':
      return isDecidable(query.part);
    case 'text':
      return query.near === undefined;
    case 'op':
      return DECIDABLE.has(query.name) || DECIDABLE_FLAGS.has(`${query.name}:${query.value.toLowerCase()}`);
    default:
      return true;
  }
}

/** A post with what is asked of it again and again worked out once. */
export class PostView {
  readonly post: MatchablePost;
  readonly options: MatchOptions;
  /** The post, what it reposts, what it quotes, what the reposted one quotes. */
  readonly parts: readonly MatchablePost[];
  /** Whether something that it reposts or quotes did not come along. */
  readonly isPartial: boolean;
  #runs: string[][] | undefined;
  #words: Set<string> | undefined;

  constructor(post: MatchablePost, options: MatchOptions) {
    this.post = post;
    this.options = options;
    const quotes = options.api === 'v2';
    const original = post.repostOf?.post;
    const around = [original, quotes ? post.quoteOf?.post : undefined, quotes ? original?.quoteOf?.post : undefined];
    this.parts = [post, ...around.filter((part) => part !== undefined)];
    this.isPartial = this.parts.some(({ repostOf, quoteOf }) =>
      [repostOf, quotes ? quoteOf : undefined].some((other) => other !== undefined && other.post === undefined),
    );
  }

  /** Runs of words: each text and each address. */
  get runs(): string[][] {
    this.#runs ??= this.parts.flatMap(({ text, links }) =>
      [text, ...links].map((each) => tokensOf(each, this.options.lenient)),
    );
    return this.#runs;
  }

  get words(): ReadonlySet<string> {
    this.#words ??= new Set(this.runs.flat());
    return this.#words;
  }
}

/** True, false, or undefined where what came along does not tell. */
export function matches(query: Query, view: PostView): boolean | undefined {
  switch (query.kind) {
    case 'and':
      return all(query.parts.map((part) => matches(part, view)));
    case 'or':
      return not(all(query.parts.map((part) => not(matches(part, view)))));
    case 'not':
      return not(matches(query.part, view));
    case 'text':
      return query.near === undefined ? orUnseen(hasText(query.text, view), view) : undefined;
    case 'hashtag':
      return orUnseen(hasTag(query.text, view, 'hashtags'), view);
    case 'cashtag':
      return orUnseen(hasTag(query.text, view, 'cashtags'), view);
    case 'mention':
      return orUnseen(
        view.parts.some(({ mentions }) => mentions.some((account) => isNamed(account, query.text))),
        view,
      );
    case 'op':
      return matchesOperator(query.name, query.value, view);
  }
}

function all(values: readonly (boolean | undefined)[]): boolean | undefined {
  if (values.includes(false)) return false;
  return values.includes(undefined) ? undefined : true;
}

function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}

/** What was not found may stand in a part that did not come along. */
function orUnseen(found: boolean, { isPartial }: PostView): boolean | undefined {
  return found || !isPartial ? found : undefined;
}

function hasText(text: string, view: PostView): boolean {
  const words = tokensOf(text, view.options.lenient);
  return words.every((word) => view.words.has(word)) && view.runs.some((run) => holdsRun(run, words));
}

function hasTag(tag: string, { parts, options }: PostView, kind: 'hashtags' | 'cashtags'): boolean {
  const wanted = folded(tag, options.lenient);
  return parts.some((part) => part[kind].some((each) => folded(each, options.lenient) === wanted));
}

function isNamed(account: NamedAccount | undefined, nameOrId: string): boolean {
  const wanted = nameOrId.toLowerCase().replace(/^@/, '');
  return account !== undefined && (account.id === wanted || account.name?.toLowerCase() === wanted);
}

function matchesOperator(name: string, value: string, view: PostView): boolean | undefined {
  const { post, parts } = view;
  switch (name) {
    case 'from':
      return isNamed(post.author, value);
    case 'to':
      return isNamed(post.replyTo?.account, value);
    case 'retweets_of':
    case 'retweets_of_user':
      if (post.repostOf === undefined) return false;
      return post.repostOf.post === undefined ? undefined : isNamed(post.repostOf.post.author, value);
    case 'conversation_id':
      return post.conversationId === undefined ? undefined : post.conversationId === value;
    case 'in_reply_to_tweet_id':
    case 'in_reply_to_status_id':
      return post.replyTo?.postId === value;
    case 'retweets_of_tweet_id':
    case 'retweets_of_status_id':
      return post.repostOf?.postId === value;
    case 'bounding_box':
    case 'geo_bounding_box':
      return inBox(value, view);
    case 'place':
      return isPlace(value, view);
    case 'place_country':
      return post.place === undefined ? false : sameOrUnknown(post.place.country, value);
    case 'lang':
      return post.lang?.toLowerCase() === value.toLowerCase();
    case 'is':
      return isFlag(value.toLowerCase(), view);
    case 'has':
      if (value === 'geo') return post.place !== undefined || post.coordinates !== undefined;
      if (value === 'hashtags' || value === 'cashtags' || value === 'mentions')
        return orUnseen(
          parts.some((part) => part[value].length > 0),
          view,
        );
      return undefined;
    default:
      return undefined;
  }
}

function isFlag(flag: string, view: PostView): boolean | undefined {
  const { post, parts, options } = view;
  if (flag === 'retweet') return post.repostOf !== undefined;
  // On a v2 stream a repost or a quote of a reply counts as one.
  if (flag === 'reply')
    return options.api === 'v1.1'
      ? post.replyTo !== undefined
      : orUnseen(
          parts.some(({ replyTo }) => replyTo !== undefined),
          view,
        );
  if (flag !== 'quote') return undefined;
  if (post.quoteOf !== undefined || post.repostOf?.post?.quoteOf !== undefined) return true;
  return post.repostOf !== undefined && post.repostOf.post === undefined ? undefined : false;
}

function sameOrUnknown(had: string | undefined, wanted: string): boolean | undefined {
  return had === undefined ? undefined : had.toLowerCase() === wanted.toLowerCase();
}

function isPlace(value: string, { post: { place }, options }: PostView): boolean | undefined {
  if (place === undefined) return false;
  if (place.id?.toLowerCase() === value.toLowerCase()) return true;
  const names = [place.name, place.fullName].filter((name) => name !== undefined);
  if (names.length === 0) return undefined;
  const words = tokensOf(value, options.lenient);
  return names.some((name) => holdsRun(tokensOf(name, options.lenient), words));
}

function inBox(value: string, { post: { coordinates, place }, options }: PostView): boolean | undefined {
  const [west = 0, south = 0, east = 0, north = 0] = value.trim().split(/\s+/).map(Number);
  if (coordinates !== undefined) {
    const [lon, lat] = coordinates;
    return lon >= west && lon <= east && lat >= south && lat <= north;
  }
  if (place === undefined) return false;
  if (place.box === undefined) return undefined;
  return (options.api === 'v2' ? lies : touches)(place.box, [west, south, east, north]);
}

function lies([w, s, e, n]: Box, [west, south, east, north]: Box): boolean {
  return w >= west && s >= south && e <= east && n <= north;
}

function touches([w, s, e, n]: Box, [west, south, east, north]: Box): boolean {
  return w <= east && e >= west && s <= north && n >= south;
}
