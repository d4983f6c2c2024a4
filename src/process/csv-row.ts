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

const USER_FIELDS = USER_COLUMNS.map((column) => TWEET_COLUMNS.indexOf(column));
const TWEET_FIELDS = TWEET_COLUMNS.map((_, field) => field);

type FieldKind = 'value' | 'text' | 'instant' | 'count';
const KINDS: readonly FieldKind[] = TWEET_COLUMNS.map((column) => {
  if (column === 'text') return 'text';
  if (column.endsWith('_at')) return 'instant';
  return column.endsWith('_count') ? 'count' : 'value';
});

const COMMA = 44;
const QUOTE = 34;
const LF = 10;
const BACKSLASH = 92;
const SPACE = 32;
const UTC = Buffer.from('+00:00');
const SECONDS_LENGTH = 19;

/** Collects CSV lines; `bytes.subarray(0, length)` is what has been collected. */
export class CsvWriter {
  bytes: Buffer = Buffer.allocUnsafe(1 << 20);
  length = 0;
  /** Where the fields of the row at hand begin; one more than there are, for the end of the last. */
  readonly #starts = new Int32Array(TWEET_COLUMNS.length + 1);

  header(columns: readonly string[]): void {
    this.length += this.bytes.write(`${columns.join(',')}\n`, this.length);
  }

  /** Appends the tweets line of the interim row `from … to`. */
  tweet(row: Buffer, from: number, to: number): void {
    this.#line(row, from, to, TWEET_FIELDS);
  }

  /** Appends the users line of the interim row `from … to`. */
  user(row: Buffer, from: number, to: number): void {
    this.#line(row, from, to, USER_FIELDS);
  }

  #line(row: Buffer, from: number, to: number, fields: readonly number[]): void {
    // Worst case: every byte is a quote that is doubled, plus quotes, offsets and ".0".
    const room = 2 * (to - from) + 256;
    if (this.bytes.length - this.length < room) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, this.length + room));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    const starts = this.#starts;
    let field = 0;
    starts[field++] = from;
    for (let at = from; at < to && field < starts.length; at++) if (row[at] === TAB) starts[field++] = at + 1;
    let isFirst = true;
    for (const wanted of fields) {
      if (!isFirst) this.bytes[this.length++] = COMMA;
      isFirst = false;
      const start = starts[wanted] as number;
      const end = (starts[wanted + 1] as number) - 1;
      if (start !== end) this.#field(row, start, end, KINDS[wanted] as FieldKind);
    }
    this.bytes[this.length++] = LF;
  }

  #field(row: Buffer, from: number, to: number, kind: FieldKind): void {
    const out = this.bytes;
    if (kind === 'instant') {
      for (let at = from; at < from + SECONDS_LENGTH; at++) out[this.length++] = row[at] as number;
      this.length += UTC.copy(out, this.length);
    } else if (kind === 'count') {
      for (let at = from; at < to; at++) out[this.length++] = row[at] as number;
      out[this.length++] = 46;
      out[this.length++] = 48;
    } else {
      let isPlain = true;
      let length = this.length;
      for (let at = from; at < to; at++) {
        const byte = row[at] as number;
        if (byte === COMMA || byte === QUOTE || byte === ESCAPE) {
          isPlain = false;
          break;
        }
        out[length++] = byte;
      }
      if (isPlain) this.length = length;
      else this.#special(row, from, to, kind === 'text');
    }
  }

  #special(row: Buffer, from: number, to: number, isText: boolean): void {
    const out = this.bytes;
    const isQuoted = needsQuotes(row, from, to, isText);
    if (isQuoted) out[this.length++] = QUOTE;
    for (let at = from; at < to; at++) {
      let byte = row[at] as number;
      if (byte === ESCAPE) {
        const letter = row[++at] as number;
        if (letter === EMPTY_LETTER) continue;
        byte = escapedBytes[letter] as number;
        if (byte === LF && isText) byte = SPACE;
        if (byte === 0) {
          out[this.length++] = BACKSLASH;
          byte = 48;
        }
      } else if (byte === QUOTE) out[this.length++] = QUOTE;
      out[this.length++] = byte;
    }
    if (isQuoted) out[this.length++] = QUOTE;
  }
}

function needsQuotes(row: Buffer, from: number, to: number, isText: boolean): boolean {
  for (let at = from; at < to; at++) {
    const byte = row[at] as number;
    if (byte === COMMA || byte === QUOTE) return true;
    if (byte === ESCAPE && !isText && escapedBytes[row[at + 1] as number] === LF) return true;
  }
  return false;
}
