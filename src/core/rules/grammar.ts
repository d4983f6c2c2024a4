/** The grammar of the platform's stream rules: read into a tree, and written with the right quotes. */
import { isTooCommon } from './stop-words.ts';

/** A rule as a tree. `op`: `from:12` and the like, with brackets and quotes taken off; `is` and `has` bear their value. */
export type Query =
  | { kind: 'or' | 'and'; parts: Query[] }
  | { kind: 'not'; part: Query }
  | { kind: 'text'; text: string; near?: number }
  | { kind: 'hashtag' | 'mention' | 'cashtag'; text: string }
  | { kind: 'op'; name: string; value: string };

/** `at`: from 1, in UTF-16 units. */
export type GrammarProblem = { message: string; at: number };

/** Operators that a stream takes, whether each may stand alone, and whether it must or must not be negated. */
export const OPERATORS: Readonly<Record<string, { alone: boolean; negation?: 'never' | 'always' }>> = {
  ...each(['from', 'to', 'retweets_of', 'retweets_of_user', 'conversation_id', 'in_reply_to_tweet_id'], {
    alone: true,
  }),
  ...each(['in_reply_to_status_id', 'retweets_of_tweet_id', 'retweets_of_status_id', 'url', 'entity'], { alone: true }),
  ...each(['place', 'context', 'place_country', 'point_radius', 'bounding_box', 'geo_bounding_box'], { alone: true }),
  ...each(['bio', 'bio_name', 'bio_location', 'url_title', 'url_description', 'url_contains', 'source'], {
    alone: true,
  }),
  ...each(['from_affiliate_of', 'to_affiliate_of', 'min_followers', 'followers_count'], { alone: true }),
  ...each(['tweets_count', 'statuses_count', 'following_count', 'friends_count', 'listed_count'], { alone: true }),
  ...each(['lang', 'is', 'has'], { alone: false }),
  sample: { alone: false, negation: 'never' },
  embedding: { alone: true, negation: 'never' },
  embedding_threshold: { alone: false, negation: 'never' },
};

const FLAGS: Readonly<Record<string, readonly string[]>> = {
  is: ['retweet', 'reply', 'quote', 'verified', 'nullcast'],
  has: ['hashtags', 'cashtags', 'links', 'mentions', 'media', 'media_link', 'images', 'video_link', 'videos', 'geo'],
};

/** Reads a rule; says everything that is wrong with it as far as that can be known without asking the platform. */
export function parseRule(
  text: string,
): { query: Query; problems: [] } | { query?: undefined; problems: GrammarProblem[] } {
  const reader = new Reader(text);
  const query = reader.rule();
  const [first] = reader.problems;
  if (first !== undefined || query === undefined)
    return { problems: reader.problems.length === 0 ? [{ message: 'The rule is empty.', at: 1 }] : reader.problems };
  const wrong = meaningProblems(query);
  return wrong.length === 0 ? { query, problems: [] } : { problems: wrong.map((message) => ({ message, at: 1 })) };
}

/** Whether a word may stand unquoted and means itself then. */
export function isPlainWord(word: string): boolean {
  return /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_]*$/u.test(word) && !/^(and|or|not)$/i.test(word);
}

/** In quotes, with quotes and backslashes inside escaped. */
export function quoteText(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function each<T>(names: readonly string[], value: T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, value]));
}

const SPACES = /[\s\u200b]+/y;
const SIGNED = /([#＃@$])([\p{L}\p{M}\p{N}_·.]+)/uy;
// The joiner and the selector of emoji are letters of words here, each for itself.
const WORD =
  // oxlint-disable-next-line no-misleading-character-class -- they are meant alone
  /[\p{L}\p{M}\p{N}\p{S}\p{Extended_Pictographic}_][\p{L}\p{M}\p{N}\p{S}\p{Extended_Pictographic}_'’.&/%@#$\u200d\ufe0f-]*/uy;
const OPERATOR = /([a-z_]+):/iy;
const VALUE = /[^\s()"[\]]+/y;
const NEAR = /~(\d+)/y;
const DEEPEST = 50;

class Reader {
  readonly problems: GrammarProblem[] = [];
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  rule(): Query | undefined {
    const query = this.#or();
    if (this.problems.length === 0 && this.#at < this.#text.length)
      this.#fault(`Unexpected "${this.#text[this.#at] ?? ''}".`);
    return query;
  }

  #or(): Query | undefined {
    const parts: Query[] = [];
    for (;;) {
      const part = this.#and();
      if (part === undefined) {
        if (parts.length > 0 && this.problems.length === 0) this.#fault('Something must follow OR.');
        return undefined;
      }
      parts.push(part);
      if (!this.#takeOr()) return parts.length === 1 ? parts[0] : { kind: 'or', parts };
    }
  }

  #and(): Query | undefined {
    const parts: Query[] = [];
    for (;;) {
      this.#take(SPACES);
      if (this.#at >= this.#text.length || this.#text[this.#at] === ')' || this.#isOr()) break;
      const part = this.#clause();
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return parts.length > 1 ? { kind: 'and', parts } : parts[0];
  }

  #clause(): Query | undefined {
    const isNegated = this.#take(/-+/y) !== undefined;
    if (this.#text[this.#at] === '(') {
      if (isNegated) return this.#fault('A group cannot be negated; put - before each part.');
      return this.#group();
    }
    const term = this.#term();
    return term === undefined || !isNegated ? term : { kind: 'not', part: term };
  }

  #group(): Query | undefined {
    if (++this.#depth > DEEPEST) return this.#fault('Too many parentheses inside each other.');
    this.#at++;
    const inner = this.#or();
    if (inner === undefined)
      return this.problems.length > 0 ? undefined : this.#fault('Nothing stands between ( and ).');
    if (this.#text[this.#at] !== ')') return this.#fault('A closing ) is missing.');
    this.#at++;
    this.#depth--;
    return inner;
  }

  #term(): Query | undefined {
    const from = this.#at;
    if (this.#text[this.#at] === '"') {
      const text = this.#quoted();
      if (text === undefined) return undefined;
      const near = this.#take(NEAR);
      if (near === undefined) return { kind: 'text', text };
      const distance = Number(near.slice(1));
      if (distance < 1 || distance > 6) return this.#fault('The distance after ~ must be 1 to 6.');
      return { kind: 'text', text, near: distance };
    }
    const signed = this.#take(SIGNED);
    if (signed !== undefined) {
      const text = signed.slice(1);
      if (signed.startsWith('@')) return { kind: 'mention', text };
      return { kind: signed.startsWith('$') ? 'cashtag' : 'hashtag', text };
    }
    const name = this.#take(OPERATOR)?.slice(0, -1);
    if (name !== undefined) return this.#operator(name.toLowerCase());
    const word = this.#take(WORD);
    if (word === undefined) return this.#fault(`"${this.#text[from] ?? ''}" cannot stand here; put it in quotes.`);
    if (/^and$/i.test(word)) return this.#fault('A space means AND; to find the word itself write "and" in quotes.');
    if (/^or$/i.test(word)) return this.#fault('Write OR in capitals; to find the word itself write "or" in quotes.');
    return { kind: 'text', text: word };
  }

  #operator(name: string): Query | undefined {
    if (OPERATORS[name] === undefined) return this.#fault(`Streams have no operator "${name}:".`);
    const next = this.#text[this.#at];
    let value: string | undefined;
    if (next === '"') value = this.#quoted();
    else if (next === '[') {
      const end = this.#text.indexOf(']', this.#at);
      if (end < 0) return this.#fault('A closing ] is missing.');
      value = this.#text.slice(this.#at + 1, end);
      this.#at = end + 1;
    } else value = this.#take(VALUE);
    if (value === undefined)
      return this.problems.length > 0 ? undefined : this.#fault(`A value must follow "${name}:".`);
    const flags = FLAGS[name];
    if (flags !== undefined && !flags.includes(value.toLowerCase()))
      return this.#fault(
        `"${name}:${value}" does not exist. There are: ${flags.map((flag) => `${name}:${flag}`).join(', ')}.`,
      );
    return { kind: 'op', name, value };
  }

  #quoted(): string | undefined {
    const match = /"((?:[^"\\]|\\.)*)"/suy;
    match.lastIndex = this.#at;
    const found = match.exec(this.#text);
    if (found === null) return this.#fault('A quotation mark is not closed.');
    this.#at = match.lastIndex;
    return (found[1] ?? '').replace(/\\(.)/gsu, '$1');
  }

  #isOr(): boolean {
    return /^OR(?![\p{L}\p{M}\p{N}_:'’-])/u.test(this.#text.slice(this.#at, this.#at + 4));
  }

  #takeOr(): boolean {
    this.#take(SPACES);
    if (!this.#isOr()) return false;
    this.#at += 2;
    return true;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found[0];
  }

  #fault(message: string): undefined {
    this.problems.push({ message, at: this.#at + 1 });
    this.#at = this.#text.length;
  }
}

/** Each alternative needs something that may stand alone and is not negated. */
function meaningProblems(query: Query): string[] {
  const problems = new Set<string>();
  for (const problem of negationProblems(query, false)) problems.add(problem);
  if (!standsAlone(query, () => true))
    problems.add(
      'Each alternative needs a word, a tag, a person or a place; lang:, is:, has: and what is excluded cannot stand alone.',
    );
  else if (!standsAlone(query, (text) => !isTooCommon(text)))
    problems.add(
      'Words like "the" and "and" are too common to be asked for alone; each alternative needs another one.',
    );
  return [...problems];
}

function* negationProblems(query: Query, isNegated: boolean): Generator<string> {
  if (query.kind === 'not') yield* negationProblems(query.part, true);
  else if (query.kind === 'or' || query.kind === 'and')
    for (const part of query.parts) yield* negationProblems(part, false);
  else if (query.kind === 'op') {
    const isNullcast = query.name === 'is' && query.value.toLowerCase() === 'nullcast';
    if (isNullcast && !isNegated) yield 'is:nullcast must be negated: -is:nullcast.';
    if (isNegated && OPERATORS[query.name]?.negation === 'never') yield `${query.name}: cannot be negated.`;
  }
}

/** `isRare`: whether a text is narrow enough to stand alone. */
function standsAlone(query: Query, isRare: (text: string) => boolean): boolean {
  if (query.kind === 'not') return false;
  if (query.kind === 'and') return query.parts.some((part) => standsAlone(part, isRare));
  if (query.kind === 'or') return query.parts.every((part) => standsAlone(part, isRare));
  if (query.kind === 'text') return isRare(query.text);
  return query.kind !== 'op' || OPERATORS[query.name]?.alone === true;
}
