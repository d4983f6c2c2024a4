import type { Clause, QueryNode } from '../../query/ast.ts';
import type { QueryOptions } from '../../query/query-options.ts';
import { fold, wordsOf } from '../../query/words.ts';
import type { PostKind, Sieve, World } from '../../world/model.ts';

/**
 * What a query can never match, told from a post's kind, language and body alone. Undefined where it can't tell: words are
 * looked for in reposts or in what is quoted, too.
 */
export function sieveOf(world: World, root: QueryNode, options: QueryOptions): Sieve | undefined {
  if (options.keywordsMatchReposts || options.matchQuoted) return undefined;
  const vocabularies = new Map<string, readonly string[]>();
  const isKnownIn = (word: string, language: string): boolean => {
    let known = vocabularies.get(language);
    if (known === undefined) {
      known = world.wordsIn(language).map((each) => fold(each, options));
      vocabularies.set(language, known);
    }
    return known.some((each) => each.includes(word));
  };
  const allowed = (kind: PostKind, language: string | undefined, text: string | undefined): boolean =>
    may(root, {
      kind,
      language,
      holds: (word) => {
        if (isElsewhere(word)) return true;
        return text === undefined ? language === undefined || isKnownIn(word, language) : text.includes(word);
      },
      options,
    });
  return {
    readsBodies: hasWords(root),
    mayBe: (kind, language) => allowed(kind, language, undefined),
    mayHold: (kind, language, body) => {
      const pieces = body.map((piece) => {
        if (piece.kind === 'text') return piece.text;
        return piece.kind === 'tag' ? `#${piece.tag}` : piece.kind === 'cashtag' ? `$${piece.symbol}` : '';
      });
      return allowed(kind, language, fold(pieces.join(''), options));
    },
  };
}

/** What is known of a post. */
interface Glimpse {
  readonly kind: PostKind;
  readonly language: string | undefined;
  /** Whether it can hold a word, folded. */
  readonly holds: (word: string) => boolean;
  readonly options: QueryOptions;
}

function may(node: QueryNode, glimpse: Glimpse): boolean {
  if (node.kind === 'clause') return mayClause(node, glimpse);
  return node.kind === 'and'
    ? node.parts.every((part) => may(part, glimpse))
    : node.parts.some((part) => may(part, glimpse));
}

function mayClause({ term, negated }: Clause, { kind, language, holds, options }: Glimpse): boolean {
  const isRepost = kind === 'repost';
  switch (term.kind) {
    case 'word':
    case 'phrase':
    case 'near':
      return negated || (!isRepost && wordsOf(term.text, options).every(holds));
    case 'hashtag':
      return negated || isRepost || wordsOf(term.name, options).every(holds);
    case 'mention':
    case 'cashtag':
      return true;
    case 'operator': {
      if (term.value.kind !== 'text') return true;
      const { text } = term.value;
      if (term.name === 'lang') {
        return isRepost || language === undefined || (language.toLowerCase() === text.toLowerCase()) !== negated;
      }
      if (term.name !== 'is') return true;
      if (text === 'retweet') return isRepost !== negated;
      if (text === 'reply') return (kind === 'reply') !== negated;
      // A reply can quote as well.
      return text !== 'quote' || kind === 'reply' || (kind === 'quote') !== negated;
    }
  }
}

/** Words that can stand in addresses and names, which are not looked at: all with a digit or a sign, and those that all addresses have. */
function isElsewhere(word: string): boolean {
  return !/^[\p{L}\p{M}]+$/u.test(word) || IN_ADDRESSES.has(word) || CODE.test(word);
}

const IN_ADDRESSES: ReadonlySet<string> = new Set([
  'https',
  't',
  'co',
  'twitter',
  'com',
  'status',
  'photo',
  'news',
  'example',
]);
/** Codes of short links are of ten letters and digits. */
const CODE = /^[a-z]{10}$/;

function hasWords(node: QueryNode): boolean {
  if (node.kind !== 'clause') return node.parts.some(hasWords);
  const { kind } = node.term;
  return !node.negated && (kind === 'word' || kind === 'phrase' || kind === 'near' || kind === 'hashtag');
}
