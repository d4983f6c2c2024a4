/**
 * Interim rows to lines of the tweets and users files: minimal quoting, LF, dates `2022-10-01 13:23:58+00:00`, counts `128.0`.
 * The text has a blank for each LF; a bare CR stays and is no reason to quote; NUL is written `\0`.
 */
import { EMPTY_LETTER, ESCAPE, TAB, escapedBytes } from './interim-row.ts';

const AUTHOR_COLUMNS = [
  'author.created_at',
  'author.location',
  'author.name',
  'author.username',
  'author.verified',
  'author.protected',
  'author.public_metrics.followers_count',
  'author.public_metrics.following_count',
  'author.public_metrics.tweet_count',
  'author.public_metrics.listed_count',
];

/** The 20 columns of the tweets file, in order; the interim row begins with the same. */
export const TWEET_COLUMNS = [
  'id',
  'conversation_id',
  'author_id',
  'created_at',
  'retrieved_at',
  'source',
  'lang',
  'text',
  'reference_type',
  'referenced_tweet_id',
  ...AUTHOR_COLUMNS,
];
export const USER_COLUMNS = ['author_id', 'lang', ...AUTHOR_COLUMNS];

type FieldKind = 'value' | 'text' | 'instant' | 'count';
const KINDS: readonly FieldKind[] = TWEET_COLUMNS.map((column) => {
  if (column === 'text') return 'text';
  if (column.endsWith('_at')) return 'instant';
  return column.endsWith('_count') ? 'count' : 'value';
});
const AUTHOR_ID = TWEET_COLUMNS.indexOf('author_id');
const LANG = TWEET_COLUMNS.indexOf('lang');
const AUTHOR = TWEET_COLUMNS.indexOf('author.created_at');

const COMMA = 44;
const QUOTE = 34;
const LF = 10;
const BACKSLASH = 92;
const SPACE = 32;
const ZERO = 48;
const UTC = Buffer.from('+00:00');
const SECONDS_LENGTH = 19;

/** Collects CSV lines; `bytes.subarray(0, length)` is what has been collected. */
export class CsvWriter {
  bytes: Buffer = Buffer.allocUnsafe(1 << 20);
  length = 0;

  header(columns: readonly string[]): void {
    this.length += this.bytes.write(`${columns.join(',')}\n`, this.length);
  }

  /** Appends the tweets line of the interim row `from … to`. */
  tweet(row: Buffer, from: number, to: number): void {
    this.#reserve(to - from);
    this.#fields(row, from, 0, TWEET_COLUMNS.length);
    this.bytes[this.length++] = LF;
  }

  /** Appends the users line of the interim row `from … to`. */
  user(row: Buffer, from: number, to: number): void {
    this.#reserve(to - from);
    const authorId = skipFields(row, from, AUTHOR_ID);
    const lang = skipFields(row, this.#fields(row, authorId, AUTHOR_ID, AUTHOR_ID + 1), LANG - AUTHOR_ID - 1);
    this.bytes[this.length++] = COMMA;
    const author = skipFields(row, this.#fields(row, lang, LANG, LANG + 1), AUTHOR - LANG - 1);
    this.bytes[this.length++] = COMMA;
    this.#fields(row, author, AUTHOR, TWEET_COLUMNS.length);
    this.bytes[this.length++] = LF;
  }

  #reserve(rowBytes: number): void {
    // Worst case: every byte is a quote that is doubled, plus quotes, offsets and ".0".
    const room = 2 * rowBytes + 256;
    if (this.bytes.length - this.length >= room) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, this.length + room));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  /** Appends fields `first … end` of a row, the first of which begins at `from`; returns where the field after them begins. */
  #fields(row: Buffer, from: number, first: number, end: number): number {
    const out = this.bytes;
    let at = from;
    let length = this.length;
    for (let field = first; field < end; field++) {
      if (field !== first) out[length++] = COMMA;
      const start = length;
      const kind = KINDS[field];
      let isQuoted = false;
      for (;;) {
        let byte = row[at++] as number;
        while (byte !== TAB && byte !== COMMA && byte !== QUOTE && byte !== ESCAPE) {
          out[length++] = byte;
          byte = row[at++] as number;
        }
        if (byte === TAB) break;
        if (byte === ESCAPE) {
          const letter = row[at++] as number;
          if (letter === EMPTY_LETTER) continue;
          byte = escapedBytes[letter] as number;
          if (byte === LF && kind === 'text') byte = SPACE;
          if (byte === 0) {
            out[length++] = BACKSLASH;
            byte = ZERO;
          }
        }
        if (!isQuoted && (byte === COMMA || byte === QUOTE || byte === LF)) {
          // Only now it shows that the field needs quotes: what is written of it makes room for the first.
          out.copyWithin(start + 1, start, length++);
          out[start] = QUOTE;
          isQuoted = true;
        }
        if (byte === QUOTE) out[length++] = QUOTE;
        out[length++] = byte;
      }
      if (isQuoted) out[length++] = QUOTE;
      else if (length !== start && kind === 'instant') {
        length = start + SECONDS_LENGTH;
        for (let index = 0; index < UTC.length; index++) out[length++] = UTC[index] as number;
      } else if (length !== start && kind === 'count') {
        out[length++] = 46;
        out[length++] = ZERO;
      }
    }
    this.length = length;
    return at;
  }
}

/** Where the field begins that stands `count` fields after the one at `from`. */
function skipFields(row: Buffer, from: number, count: number): number {
  let at = from;
  for (let skipped = 0; skipped < count; skipped++) at = row.indexOf(TAB, at) + 1;
  return at;
}
