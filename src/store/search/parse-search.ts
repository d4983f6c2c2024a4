/** What a person writes into the search box, to what PostgreSQL is asked. No database here, and nothing written is refused but for its length. */
import { fold, MARKS, markToken, quoteToken, wordsOf } from './search-tokens.ts';

/** Letters of a search at most; and parts of it, beyond which the rest is left out. */
export const LONGEST_SEARCH = 1_000;
const MOST_PARTS = 64;

/**
 * Words stand for posts with all of them; `OR` (or `|`) between two for either; `-word` leaves out; `"several words"` stand as they are; `word*` begins so;
 * parentheses group. `#tag`, `@name`, `from:name`, `lang:de`, `link:example.org`, `has:media`, `is:reply` are marks. What makes no sense is taken for
 * a word or left out. Returns a tsquery's text; undefined when nothing was written that can be looked for.
 */
export function parseSearch(text: string): string | undefined {
  return new Parser(tokenize(text.slice(0, LONGEST_SEARCH))).parse();
}

type Piece =
  | { kind: 'open' }
  | { kind: 'close' }
  | { kind: 'or' }
  | { kind: 'term'; text: string; quoted: boolean; negated: boolean; prefix: boolean };

const PIECES =
  /(?<open>\()|(?<close>\))|(?<minus>-)?(?<operator>(?:from|lang|link|has|is):)?"(?<quoted>[^"]*)"?(?<star>\*)?|(?<bare>[^\s()"]+)/giu;

function tokenize(text: string): Piece[] {
  const pieces: Piece[] = [];
  // Quotes as phones write them.
  for (const { groups } of text.replaceAll(/[\u201c\u201d\u201e\u00ab\u00bb\uff02]/gu, '"').matchAll(PIECES)) {
    const { open, close, minus, operator = '', quoted, star, bare } = groups ?? {};
    if (open !== undefined) pieces.push({ kind: 'open' });
    else if (close !== undefined) pieces.push({ kind: 'close' });
    else if (quoted !== undefined) {
      const marked = operator !== '';
      pieces.push({
        ...{ kind: 'term', text: operator + quoted, quoted: !marked },
        ...{ negated: minus !== undefined, prefix: star !== undefined },
      });
    } else if (bare !== undefined) pieces.push(barePiece(bare));
    if (pieces.length >= MOST_PARTS) break;
  }
  return pieces;
}

function barePiece(bare: string): Piece {
  if (bare === 'OR' || bare === '|' || bare === '||') return { kind: 'or' };
  const negated = /^-./u.test(bare);
  const prefix = /.\*$/u.test(bare);
  return { kind: 'term', text: bare.slice(negated ? 1 : 0, prefix ? -1 : undefined), quoted: false, negated, prefix };
}

/** Or binds weaker than standing side by side; parentheses that have no fellow are as good as absent. */
class Parser {
  readonly #pieces: Piece[];
  #at = 0;
  #depth = 0;

  constructor(pieces: Piece[]) {
    this.#pieces = pieces;
  }

  parse(): string | undefined {
    const found: string[] = [];
    while (this.#at < this.#pieces.length) {
      const either = this.#either();
      if (either !== undefined) found.push(either);
      if (this.#pieces[this.#at]?.kind === 'close') this.#at++;
    }
    return joined(found, ' & ');
  }

  #either(): string | undefined {
    const sides: string[] = [];
    for (;;) {
      const side = this.#all();
      if (side !== undefined) sides.push(side);
      if (this.#pieces[this.#at]?.kind !== 'or') return joined(sides, ' | ');
      this.#at++;
    }
  }

  #all(): string | undefined {
    const terms: string[] = [];
    for (let piece = this.#pieces[this.#at]; piece !== undefined; piece = this.#pieces[this.#at]) {
      if (piece.kind === 'or' || piece.kind === 'close') break;
      this.#at++;
      const term = piece.kind === 'open' ? this.#group() : termQuery(piece);
      if (term !== undefined) terms.push(term);
    }
    return joined(terms, ' & ');
  }

  #group(): string | undefined {
    if (this.#depth >= DEEPEST) return undefined;
    this.#depth++;
    const either = this.#either();
    this.#depth--;
    if (this.#pieces[this.#at]?.kind === 'close') this.#at++;
    return either;
  }
}

const DEEPEST = 8;

function joined(parts: string[], by: string): string | undefined {
  if (parts.length === 0) return undefined;
  return parts.length === 1 ? parts[0] : `(${parts.join(by)})`;
}

function termQuery({ text, quoted, negated, prefix }: Extract<Piece, { kind: 'term' }>): string | undefined {
  const positive = quoted ? wordsQuery(text, prefix) : (markQuery(text, prefix) ?? wordsQuery(text, prefix));
  if (positive === undefined) return undefined;
  return negated ? `!${positive}` : positive;
}

/** Words that stand side by side: one chunk of text, or what stands between quotes. */
function wordsQuery(text: string, prefix: boolean): string | undefined {
  const words = wordsOf(text);
  if (words.length === 0) return undefined;
  const parts = words.map(({ token }, at) => {
    const isLast = at === words.length - 1;
    const before = words[at - 1]?.token ?? '';
    // The last letter of a run stands alone only where a text ends; the pair before it says it already.
    if (isLast && !prefix && isLone(token) && isDense(before) && before.endsWith(token)) return undefined;
    return `${quoteToken(token)}${(isLast && prefix) || isLone(token) ? ':*' : ''}`;
  });
  return joined(
    parts.filter((part) => part !== undefined),
    ' <-> ',
  );
}

const DENSE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u30fc]/u;

function isDense(token: string): boolean {
  return DENSE.test(token);
}

/** A single letter of a script that is cut into pairs. */
function isLone(token: string): boolean {
  return isDense(token) && Array.from(token).length === 1;
}

const KINDS = new Set(['original', 'reply', 'repost', 'quote']);
const THINGS = new Set(['media', 'links', 'geo']);

/** The host of a whole address, or of what follows `link:`. */
function hostOf(text: string): string | undefined {
  const host = /^(?:https?:\/\/)?([\p{L}\p{N}.-]+\.[\p{L}\p{N}-]{2,})(?:[/:?#].*)?$/isu.exec(text)?.[1];
  return host?.toLowerCase().replace(/^www\./u, '');
}

/** A mark by its sign or its operator; undefined for whatever is neither. */
function markQuery(text: string, prefix: boolean): string | undefined {
  const star = prefix ? ':*' : '';
  const tag = /^[#\uff03]([\p{L}\p{N}\p{M}_\u30fb\u200c\u200d]+)$/u.exec(text)?.[1];
  if (tag !== undefined) return quoteToken(markToken('hashtag', tag)) + star;
  const mention = /^@([A-Za-z0-9_]{1,50})$/u.exec(text)?.[1];
  if (mention !== undefined) return quoteToken(markToken('mention', mention)) + star;
  const [, operator = '', value = ''] = /^(from|lang|link|has|is):(.+)$/isu.exec(text) ?? [];
  if (operator.toLowerCase() === 'from') return authorQuery(value);
  if (operator.toLowerCase() === 'lang' && /^[A-Za-z-]{2,12}$/u.test(value))
    return quoteToken(markToken('language', value));
  const word = fold(value);
  if (operator.toLowerCase() === 'has') return THINGS.has(word) ? mark('has', word) : undefined;
  if (operator.toLowerCase() === 'is') return KINDS.has(word) ? mark('kind', word) : undefined;
  const address = operator.toLowerCase() === 'link' ? value : /^https?:/iu.test(text) ? text : '';
  const host = hostOf(address);
  return host === undefined ? undefined : mark('host', host);
}

function mark(kind: keyof typeof MARKS, value: string): string {
  return quoteToken(markToken(kind, value));
}

/** Written by this name when it was captured, or by the account of this id; a name of digits alone may be either. Undefined for what is no name. */
export function authorQuery(author: string): string | undefined {
  const name = author.trim().replace(/^@/u, '');
  if (!/^[A-Za-z0-9_.:-]{1,100}$/u.test(name)) return undefined;
  const byName = mark('handle', name);
  return /^[0-9]+$/u.test(name) && !author.trim().startsWith('@') ? `(${byName} | ${mark('account', name)})` : byName;
}
