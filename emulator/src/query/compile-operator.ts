import type { OperatorValue, Term } from './ast.ts';
import { cornersOf, distanceKm, holdsBox, holdsPoint, toKm } from './geo.ts';
import { holdsPhrase } from './phrase.ts';
import { namesOf, type PostView, type Predicate } from './post-view.ts';
import type { QueryOptions } from './query-options.ts';
import type { QueryAuthor, QueryName, QueryPost } from './query-post.ts';
import { fold, STOP_WORDS, wordsOf } from './words.ts';

type OperatorTerm = Extract<Term, { kind: 'operator' }>;

/** What one operator asks of a post. Parsing has seen to it that its value suits it. */
export function compileOperator({ name, value }: OperatorTerm, options: QueryOptions, threshold: number): Predicate {
  switch (value.kind) {
    case 'text':
      return name === 'is' || name === 'has'
        ? compileFlag(`${name}:${value.text}`, options)
        : compileText(name, value.text, options, threshold);
    case 'number':
      return compileNumber(name, value.number);
    case 'range':
      return compileRange(name, value);
    case 'circle': {
      const km = toKm(value.radius, value.unit);
      const near = (point: readonly [number, number]) => distanceKm(value.center, point) <= km;
      return ({ post: { coordinates, place } }) =>
        coordinates === undefined ? place !== undefined && cornersOf(place.box).every(near) : near(coordinates);
    }
    case 'box': {
      const { box } = value;
      return ({ post: { coordinates, place } }) =>
        coordinates === undefined ? place !== undefined && holdsBox(box, place.box) : holdsPoint(box, coordinates);
    }
  }
}

function compileText(name: string, text: string, options: QueryOptions, threshold: number): Predicate {
  const lower = text.toLowerCase();
  const words = wordsOf(text, options);
  const found = (content: string | undefined) =>
    content !== undefined && content !== '' && holdsPhrase(wordsOf(content, options), words);
  const isNamed = (account: QueryName | undefined) => account !== undefined && namesOf(account).includes(lower);
  switch (name) {
    case 'from':
      return (view) => view.author.has(lower);
    case 'to':
      return ({ post }) => isNamed(post.inReplyTo?.account);
    case 'retweets_of':
      return ({ post }) => isNamed(post.repostOf?.author);
    case 'from_affiliate_of':
      return ({ post }) => post.author.affiliations.some(isNamed);
    case 'to_affiliate_of':
      return ({ post }) => post.inReplyTo?.account.affiliations.some(isNamed) ?? false;
    case 'conversation_id':
      return ({ post }) => post.conversationId === text;
    case 'in_reply_to_tweet_id':
      return ({ post }) => post.inReplyTo?.postId === text;
    case 'retweets_of_tweet_id':
      return ({ post }) => post.repostOf?.id === text;
    case 'quotes_of_tweet_id':
      return ({ post }) => post.quoteOf?.id === text;
    case 'list':
      return ({ post }) => post.author.lists.includes(text);
    case 'url':
      return (view) =>
        words.every((word) => view.addressWords.has(word)) &&
        view.addresses.some((address) => holdsPhrase(address, words));
    case 'url_contains':
      return inLinks(({ expandedUrl, unwoundUrl }) =>
        [expandedUrl, unwoundUrl ?? ''].some((address) => address.toLowerCase().includes(lower)),
      );
    case 'url_title':
      return inLinks(({ title }) => found(title));
    case 'url_description':
      return inLinks(({ description }) => found(description));
    case 'context':
      return compileContext(text);
    case 'entity': {
      const entity = fold(text, options);
      return (view) => view.parts.some((part) => part.entities.some((other) => fold(other, options) === entity));
    }
    case 'bio':
      return ({ post }) => found(post.author.bio);
    case 'bio_name':
      return ({ post }) => found(post.author.displayName);
    case 'bio_location':
      return ({ post }) => found(post.author.location);
    case 'place':
      return ({ post: { place } }) =>
        place !== undefined && (place.id === lower || found(place.fullName) || found(place.name));
    case 'place_country':
      return ({ post }) => post.place?.countryCode.toLowerCase() === lower;
    case 'lang':
      return ({ post }) => post.language.toLowerCase() === lower;
    case 'source':
      return ({ post }) => post.program?.toLowerCase() === lower;
    case 'embedding': {
      const topics = [...new Set(words)].filter((word) => !STOP_WORDS.has(word));
      return (view) =>
        topics.length > 0 && topics.filter((word) => view.words.has(word)).length >= threshold * topics.length;
    }
    default:
      return never;
  }
}

function compileContext(text: string): Predicate {
  if (text.endsWith('.*'))
    return inParts((part) => part.contexts.some((context) => context.startsWith(text.slice(0, -1))));
  if (text.startsWith('*.')) return inParts((part) => part.contexts.some((context) => context.endsWith(text.slice(1))));
  return inParts((part) => part.contexts.includes(text));
}

function compileFlag(flag: string, { matchQuoted }: QueryOptions): Predicate {
  switch (flag) {
    case 'is:retweet':
      return ({ post }) => post.repostOf !== undefined;
    case 'is:reply':
      // On a stream also a repost or a quote of a reply.
      return matchQuoted ? inParts((part) => part.inReplyTo !== undefined) : ({ post }) => post.inReplyTo !== undefined;
    case 'is:quote':
      return ({ post }) => post.quoteOf !== undefined || (matchQuoted && post.repostOf?.quoteOf !== undefined);
    case 'is:verified':
      return ({ post }) => post.author.verified;
    case 'is:nullcast':
      return ({ post }) => post.promotedOnly;
    case 'has:hashtags':
      return inParts((part) => part.hashtags.length > 0);
    case 'has:cashtags':
      return inParts((part) => part.cashtags.length > 0);
    case 'has:links':
      return inParts((part) => part.links.length > 0 || part.media.length > 0);
    case 'has:mentions':
      return inParts((part) => part.mentions.length > 0);
    case 'has:media':
      return inParts((part) => part.media.length > 0);
    case 'has:images':
      return inParts((part) => part.media.some(({ kind }) => kind === 'photo'));
    case 'has:video_link':
      return inParts((part) => part.media.some(({ kind }) => kind === 'video'));
    case 'has:geo':
      return ({ post }) => post.place !== undefined || post.coordinates !== undefined;
    default:
      return never;
  }
}

function compileNumber(name: string, number: number): Predicate {
  switch (name) {
    case 'min_followers':
      return ({ post }) => post.author.followers >= number;
    case 'min_likes':
      return ({ post }) => post.likes >= number;
    case 'min_replies':
      return ({ post }) => post.replies >= number;
    case 'min_reposts':
      return ({ post }) => post.reposts >= number;
    case 'sample':
      return ({ post }) => percentileOf(post.id) < number;
    case 'embedding_threshold':
      return () => true;
    default:
      return never;
  }
}

function compileRange(name: string, { from, to }: Extract<OperatorValue, { kind: 'range' }>): Predicate {
  const count = COUNTS.get(name);
  if (count === undefined) return never;
  return ({ post }) => {
    const number = count(post.author);
    return number >= from && number <= to;
  };
}

const COUNTS: ReadonlyMap<string, (author: QueryAuthor) => number> = new Map([
  ['followers_count', (author) => author.followers],
  ['following_count', (author) => author.following],
  ['tweets_count', (author) => author.posts],
  ['listed_count', (author) => author.listed],
]);

function inParts(test: (part: QueryPost) => boolean): Predicate {
  return (view: PostView) => view.parts.some(test);
}

function inLinks(test: (link: QueryPost['links'][number]) => boolean): Predicate {
  return inParts((part) => part.links.some(test));
}

function never(): boolean {
  return false;
}

/** 0 to 99, evenly, and always the same for a post: whoever is in `sample:10` is in `sample:20`. */
export function percentileOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % 100;
}
