import type { Clause, QueryNode } from './ast.ts';
import { namesOf, type PostView } from './post-view.ts';
import type { QueryOptions } from './query-options.ts';
import { fold, STOP_WORDS, wordsOf } from './words.ts';

/** A fact without which a rule can't match. */
export interface RequiredKey {
  readonly kind: KeyKind;
  readonly key: string;
}

type KeyKind = keyof typeof KEYS_OF;

/** The facts of each kind that a post has. */
const KEYS_OF = {
  word: (view: PostView) => view.words,
  hashtag: (view: PostView) => view.hashtags,
  cashtag: (view: PostView) => view.cashtags,
  mention: (view: PostView) => view.mentions,
  from: (view: PostView) => view.author,
  to: ({ post }: PostView) => (post.inReplyTo === undefined ? [] : namesOf(post.inReplyTo.account)),
  retweets_of: ({ post }: PostView) => (post.repostOf === undefined ? [] : namesOf(post.repostOf.author)),
  conversation_id: ({ post }: PostView) => [post.conversationId],
  in_reply_to_tweet_id: ({ post }: PostView) => (post.inReplyTo === undefined ? [] : [post.inReplyTo.postId]),
  retweets_of_tweet_id: ({ post }: PostView) => (post.repostOf === undefined ? [] : [post.repostOf.id]),
  quotes_of_tweet_id: ({ post }: PostView) => (post.quoteOf === undefined ? [] : [post.quoteOf.id]),
  url: (view: PostView) => view.addressWords,
  place_country: ({ post }: PostView) => (post.place === undefined ? [] : [post.place.countryCode.toLowerCase()]),
  lang: ({ post }: PostView) => [post.language.toLowerCase()],
} satisfies Record<string, (view: PostView) => Iterable<string>>;

/** Rules of value T by what they require, so that only those are looked at that a post could match. */
export class RuleIndex<T> {
  readonly #kinds = new Map<KeyKind, Map<string, Set<T>>>();

  add(keys: readonly RequiredKey[], rule: T): void {
    for (const { kind, key } of keys) {
      const buckets = this.#kinds.get(kind) ?? new Map<string, Set<T>>();
      this.#kinds.set(kind, buckets);
      const bucket = buckets.get(key) ?? new Set<T>();
      buckets.set(key, bucket.add(rule));
    }
  }

  delete(keys: readonly RequiredKey[], rule: T): void {
    for (const { kind, key } of keys) {
      const buckets = this.#kinds.get(kind);
      const bucket = buckets?.get(key);
      bucket?.delete(rule);
      if (bucket?.size === 0) buckets?.delete(key);
      if (buckets?.size === 0) this.#kinds.delete(kind);
    }
  }

  /** Calls back for each rule that the post could match; for one that has several of its keys, several times. */
  visit(view: PostView, callback: (rule: T) => void): void {
    for (const [kind, buckets] of this.#kinds) {
      for (const key of KEYS_OF[kind](view)) buckets.get(key)?.forEach(callback);
    }
  }
}

/**
 * Keys of which a post must have at least one to match; undefined when there are none to be had (all of the post's facts would have
 * to be looked at). Of the parts of a conjunction the one is taken that promises to let the fewest posts through.
 */
export function requiredKeys(root: QueryNode, options: QueryOptions): readonly RequiredKey[] | undefined {
  return cover(root, options)?.keys;
}

interface Cover {
  readonly keys: readonly RequiredKey[];
  /** Share of posts it is likely to let through, in no unit. */
  readonly cost: number;
}

function cover(node: QueryNode, options: QueryOptions): Cover | undefined {
  if (node.kind === 'clause') return coverClause(node, options);
  const covers = node.parts.map((part) => cover(part, options));
  if (node.kind === 'and') {
    return covers
      .filter((each) => each !== undefined)
      .reduce<Cover | undefined>((best, each) => cheaper(best, each), undefined);
  }
  const known = covers.filter((each) => each !== undefined);
  if (known.length < covers.length) return undefined;
  return { keys: known.flatMap(({ keys }) => keys), cost: known.reduce((sum, { cost }) => sum + cost, 0) };
}

function coverClause({ negated, term }: Clause, options: QueryOptions): Cover | undefined {
  if (negated) return undefined;
  switch (term.kind) {
    case 'word':
    case 'phrase':
    case 'near':
      return rarest('word', wordsOf(term.text, options));
    case 'hashtag':
      return { keys: [{ kind: 'hashtag', key: fold(term.name, options) }], cost: 2 };
    case 'mention':
    case 'cashtag':
      return { keys: [{ kind: term.kind, key: term.name.toLowerCase() }], cost: 2 };
    case 'operator':
      if (term.value.kind !== 'text' || !Object.hasOwn(KEYS_OF, term.name)) return undefined;
      if (term.name === 'url') return rarest('url', wordsOf(term.value.text, options));
      return {
        keys: [{ kind: term.name as KeyKind, key: term.value.text.toLowerCase() }],
        cost: COSTS.get(term.name) ?? 1,
      };
  }
}

const COSTS: ReadonlyMap<string, number> = new Map([
  ['lang', 3000],
  ['place_country', 100],
]);

/** The word that promises to be the rarest: not a common one, and long. */
function rarest(kind: 'word' | 'url', words: readonly string[]): Cover {
  let best: Cover | undefined;
  for (const key of words) best = cheaper(best, { keys: [{ kind, key }], cost: wordCost(key) });
  // No words: nothing matches, so nothing need be looked at.
  return best ?? { keys: [], cost: 0 };
}

function wordCost(word: string): number {
  if (STOP_WORDS.has(word) || COMMON_ADDRESS_WORDS.has(word)) return 2000;
  return 100 / (word.length + 1);
}

const COMMON_ADDRESS_WORDS: ReadonlySet<string> = new Set([
  'https',
  'http',
  'www',
  'com',
  'co',
  't',
  'org',
  'net',
  'rt',
  'twitter',
  'x',
]);

function cheaper(one: Cover | undefined, other: Cover): Cover {
  return one === undefined || other.cost < one.cost ? other : one;
}
