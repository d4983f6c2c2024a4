import { type Clause, conjunction, disjunction, type OperatorValue, type QueryNode, type Term } from '../query/ast.ts';
import { postTime } from '../world/ids.ts';
import { comparePosts, type PostRange, type PostTime, startOf } from '../world/model.ts';

/** A query of v1.1's search, parsed. */
export interface LegacyQuery {
  /** Undefined when nothing but bounds was asked for: then everything matches. */
  readonly root: QueryNode | undefined;
  /** Of `since:`, `until:`, `since_id:` and `max_id:`. */
  readonly range: PostRange;
}

/** What `filter:` names, as operators of today. Others leave nothing out. */
const FILTERS: ReadonlyMap<string, readonly ['is' | 'has', string]> = new Map([
  ['links', ['has', 'links']],
  ['media', ['has', 'media']],
  ['images', ['has', 'images']],
  ['twimg', ['has', 'images']],
  ['videos', ['has', 'video_link']],
  ['native_video', ['has', 'video_link']],
  ['hashtags', ['has', 'hashtags']],
  ['mentions', ['has', 'mentions']],
  ['retweets', ['is', 'retweet']],
  ['nativeretweets', ['is', 'retweet']],
  ['replies', ['is', 'reply']],
  ['quote', ['is', 'quote']],
  ['verified', ['is', 'verified']],
]);
const COUNTS: ReadonlyMap<string, string> = new Map([
  ['min_faves', 'min_likes'],
  ['min_retweets', 'min_reposts'],
  ['min_replies', 'min_replies'],
]);
const TEXTS: ReadonlySet<string> = new Set(['from', 'to', 'lang', 'url', 'list', 'place', 'source']);
const TOKEN = /\s*(?:(\()|(\))|(-?)(?:"([^"]*)"?|([a-z_]+):(?:"([^"]*)"?|([^\s()"]+))|([^\s()"]+)))/gy;
/** Deeper than what people write; no deeper than any stack. */
const MOST_NESTING = 50;

/**
 * Reads a query as v1.1's search did: it never refuses one, and takes for words what it doesn't know. Words side by side
 * must all occur; `OR` joins less tightly than that.
 */
export function parseLegacyQuery(source: string): LegacyQuery {
  return new Parser(source).whole();
}

type Item = QueryNode | 'or' | 'close';

class Parser {
  readonly #source: string;
  #after: PostTime | undefined;
  #before: PostTime | undefined;
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
  }

  whole(): LegacyQuery {
    const parts: QueryNode[] = [];
    // A bracket too many closes nothing.
    while (this.#at < this.#source.length) parts.push(...this.#alternatives());
    const root = parts.length === 0 ? undefined : conjunction(parts);
    return { root, range: { after: this.#after, before: this.#before } };
  }

  /** Up to a closing bracket or the end; empty when nothing but bounds stands there. */
  #alternatives(): QueryNode[] {
    const alternatives: QueryNode[][] = [[]];
    for (let item = this.#next(); item !== 'close'; item = this.#next()) {
      if (item === 'or') alternatives.push([]);
      else if (item !== undefined) alternatives.at(-1)?.push(item);
    }
    const parts = alternatives.filter((alternative) => alternative.length > 0).map(conjunction);
    return parts.length === 0 ? [] : [disjunction(parts)];
  }

  #next(): Item | undefined {
    TOKEN.lastIndex = this.#at;
    const token = TOKEN.exec(this.#source);
    if (token === null) {
      this.#at = this.#source.length;
      return 'close';
    }
    const position = this.#at + 1;
    this.#at = TOKEN.lastIndex;
    const [, open, close, minus, phrase, name, quoted, plain, word] = token;
    if (close !== undefined) return 'close';
    if (open !== undefined) return this.#group();
    if (word === 'OR' && minus === '') return 'or';
    if (word === 'AND' && minus === '') return undefined;
    const term = this.#term(phrase, name, quoted ?? plain, word);
    return term && ({ kind: 'clause', negated: minus === '-', term, position } satisfies Clause);
  }

  #group(): QueryNode | undefined {
    if (this.#depth === MOST_NESTING) return undefined;
    this.#depth++;
    const [group] = this.#alternatives();
    this.#depth--;
    return group;
  }

  #term(
    phrase: string | undefined,
    name: string | undefined,
    value: string | undefined,
    word: string | undefined,
  ): Term | undefined {
    if (phrase !== undefined) return /[\p{L}\p{N}]/u.test(phrase) ? { kind: 'phrase', text: phrase } : undefined;
    if (name !== undefined && value !== undefined) return this.#operator(name, value);
    const [, sign = '', body = ''] = /^([#@$]?)(.*)$/su.exec(word ?? '') ?? [];
    // Attitudes such as `:)` and the question mark have nothing to go by here.
    if (!/[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(body)) return undefined;
    if (sign === '#') return { kind: 'hashtag', name: body };
    if (sign === '@') return { kind: 'mention', name: body };
    if (sign === '$') return { kind: 'cashtag', name: body };
    return { kind: 'word', text: body };
  }

  #operator(name: string, value: string): Term | undefined {
    const text: OperatorValue = { kind: 'text', text: value.replace(/^@/, '') };
    if (TEXTS.has(name)) return { kind: 'operator', name, value: text };
    const count = COUNTS.get(name);
    if (count !== undefined && /^\d{1,9}$/.test(value)) {
      return { kind: 'operator', name: count, value: { kind: 'number', number: Number(value) } };
    }
    if (name === 'filter') {
      const [flag, what] = FILTERS.get(value.toLowerCase()) ?? [];
      if (flag === undefined || what === undefined) return undefined;
      return { kind: 'operator', name: flag, value: { kind: 'text', text: what } };
    }
    if (name === 'include') return undefined;
    return this.#bound(name, value) ? undefined : { kind: 'phrase', text: `${name} ${value}` };
  }

  /** Notes a bound; false when it is none. Days are those of UTC: `until:` ends before its day. */
  #bound(name: string, value: string): boolean {
    switch (name) {
      case 'since':
      case 'until': {
        const day = /^\d{4}-\d{1,2}-\d{1,2}$/.test(value) ? Date.parse(`${value} UTC`) : Number.NaN;
        if (Number.isNaN(day)) return false;
        if (name === 'since') this.#raise(startOf(day));
        else this.#lower(startOf(day));
        return true;
      }
      case 'since_id':
      case 'max_id': {
        const time = postTime(value);
        if (time === undefined) return false;
        if (name === 'since_id') this.#raise(time);
        else this.#lower({ at: time.at, slot: time.slot + 1 });
        return true;
      }
      default:
        return false;
    }
  }

  #raise(bound: PostTime): void {
    if (this.#after === undefined || comparePosts(bound, this.#after) > 0) this.#after = bound;
  }

  #lower(bound: PostTime): void {
    if (this.#before === undefined || comparePosts(bound, this.#before) < 0) this.#before = bound;
  }
}
