import type { QueryProblem } from './query-error.ts';

/** A piece of a query. `position` is where it begins, in UTF-16 units from 1; `text` is as it was written. */
export type Token =
  | {
      readonly kind: 'open' | 'close' | 'or' | 'minus' | 'end' | 'stray';
      readonly text: string;
      readonly position: number;
    }
  | { readonly kind: 'word'; readonly text: string; readonly position: number }
  | { readonly kind: 'hashtag' | 'mention' | 'cashtag'; readonly text: string; readonly position: number }
  | QuotedToken
  | OperatorToken;

export interface QuotedToken {
  readonly kind: 'quoted';
  readonly text: string;
  readonly position: number;
  /** What stands between the quotes, escapes undone. */
  readonly content: string;
  /** The N of `"…"~N`. */
  readonly distance: number | undefined;
}

export interface OperatorToken {
  readonly kind: 'operator';
  readonly text: string;
  readonly position: number;
  /** As it was written, without the colon. */
  readonly name: string;
  /** Undefined when nothing follows the colon. Brackets and quotes are taken off. */
  readonly value: { readonly form: 'bare' | 'quoted' | 'bracketed'; readonly content: string } | undefined;
}

/*
 * What an unquoted word may begin with and go on with. That `'`, `<` and `/` can't begin one, and that `'` and `-` may go on,
 * is recorded; for the other punctuation this is the nearest guess. Letters, digits, marks, emoji and symbols of all scripts do.
 */
const START = '[[[\\p{L}\\p{N}\\p{M}\\p{S}\\p{Extended_Pictographic}]--[\\x00-\\x7f]]a-zA-Z0-9_]';
const INSIDE = `[${START}\\-'’.&\\/%@#$\\u200d\\ufe0f]`;
const WORD = new RegExp(`${START}${INSIDE}*`, 'vy');
const VALUE = new RegExp(`[${START}*][${INSIDE}*]*`, 'vy');
const SPACE = /[\s\u200b]+/y;
const HASHTAG = /[#＃][\p{L}\p{M}\p{N}_·]+/uy;
const MENTION = /@[A-Za-z0-9_]{1,15}/y;
const CASHTAG = /\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?/y;
const DISTANCE = /~(\d{1,4})/y;

/** Cuts a query into tokens, the last one being `end`, in time linear in its length. Never throws: what can't be read is in `problems`. */
export function tokenise(source: string): { tokens: Token[]; problems: QueryProblem[] } {
  const lexer = new Lexer(source);
  while (!lexer.done) lexer.step();
  const { tokens, problems } = lexer;
  tokens.push({ kind: 'end', text: '<EOF>', position: source.length + 1 });
  return { tokens, problems };
}

class Lexer {
  readonly tokens: Token[] = [];
  readonly problems: QueryProblem[] = [];
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  get done(): boolean {
    return this.#at >= this.#source.length;
  }

  step(): void {
    if (this.#take(SPACE) !== undefined) return;
    const start = this.#at;
    const position = start + 1;
    switch (this.#source[start]) {
      case '(':
        this.#at++;
        this.tokens.push({ kind: 'open', text: '(', position });
        return;
      case ')':
        this.#at++;
        this.tokens.push({ kind: 'close', text: ')', position });
        return;
      case '[':
      case ']':
        this.#at++;
        this.tokens.push({ kind: 'stray', text: this.#source[start] ?? '', position });
        return;
      case '-':
        // A run of dashes negates once: the platform answers to `--b` as to `-b`.
        while (this.#source[this.#at] === '-') this.#at++;
        this.tokens.push({ kind: 'minus', text: this.#source.slice(start, this.#at), position });
        return;
      case '"':
        this.#quoted();
        return;
      default:
        this.#wordOrTag();
    }
  }

  #quoted(): void {
    const start = this.#at;
    const content = this.#string();
    if (content === undefined) return;
    const distance = this.#take(DISTANCE);
    const text = this.#source.slice(start, this.#at);
    const number = distance === undefined ? undefined : Number(distance.slice(1));
    this.tokens.push({ kind: 'quoted', text, position: start + 1, content, distance: number });
  }

  #wordOrTag(): void {
    const position = this.#at + 1;
    const hashtag = this.#take(HASHTAG);
    if (hashtag !== undefined) return void this.tokens.push({ kind: 'hashtag', text: hashtag, position });
    const mention = this.#take(MENTION);
    if (mention !== undefined) return void this.tokens.push({ kind: 'mention', text: mention, position });
    const cashtag = this.#take(CASHTAG);
    if (cashtag !== undefined) return void this.tokens.push({ kind: 'cashtag', text: cashtag, position });
    const word = this.#take(WORD);
    if (word === undefined) return this.#unreadable();
    if (this.#source[this.#at] === ':') return this.#operator(word, position);
    this.tokens.push({ kind: word === 'OR' ? 'or' : 'word', text: word, position });
  }

  #operator(name: string, position: number): void {
    this.#at++;
    const before = this.problems.length;
    const value = this.#value();
    if (this.problems.length > before) return;
    const text = this.#source.slice(position - 1, this.#at);
    this.tokens.push({ kind: 'operator', text, position, name, value });
  }

  #value(): OperatorToken['value'] {
    const next = this.#source[this.#at];
    if (next === '"') {
      const content = this.#string();
      return content === undefined ? undefined : { form: 'quoted', content };
    }
    if (next === '[') {
      const end = this.#source.indexOf(']', this.#at);
      if (end < 0) return this.#runsOut(']');
      const content = this.#source.slice(this.#at + 1, end);
      this.#at = end + 1;
      return { form: 'bracketed', content };
    }
    const content = this.#take(VALUE);
    if (content !== undefined) return { form: 'bare', content };
    if (next !== undefined && !/[\s()]/.test(next)) this.#unreadable();
    return undefined;
  }

  /** Reads from one quote to the next; undefined (and a problem) when there is none. */
  #string(): string | undefined {
    let content = '';
    let from = ++this.#at;
    for (; this.#at < this.#source.length; this.#at++) {
      const char = this.#source[this.#at];
      if (char === '"') {
        content += this.#source.slice(from, this.#at++);
        return content;
      }
      if (char === '\\') {
        content += this.#source.slice(from, this.#at++);
        from = this.#at;
      }
    }
    return this.#runsOut('"');
  }

  #runsOut(expected: string): undefined {
    this.#at = this.#source.length;
    const message = `mismatched character '<EOF>' expecting '${expected}'`;
    this.problems.push({ message, position: this.#source.length + 1 });
    return undefined;
  }

  #unreadable(): void {
    const char = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0);
    const position = this.#at + 1;
    this.#at += char.length;
    if (char === '>' && this.#source[this.#at] !== '=') {
      const next = this.done ? '<EOF>' : String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0);
      this.problems.push({ message: `mismatched character '${next}' expecting '='`, position: position + 1 });
      return;
    }
    this.problems.push({ message: `no viable alternative at character '${char}'`, position });
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}
