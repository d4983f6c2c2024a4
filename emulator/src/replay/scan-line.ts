/** Where a post's id stands in a line: byte offset and length; length 0 when the line carries none. */
export interface IdSpan {
  at: number;
  length: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;
const CLOSE_OBJECT = 0x7d;
const CLOSE_ARRAY = 0x5d;
const SPACE = 0x20;

const DATA = Buffer.from('data');
const ID = Buffer.from('id');
const ID_STR = Buffer.from('id_str');

/**
 * Finds the id of the post on the line [start, end): `id` of `data`, or else `id_str` (or `id`) of the root, in any order
 * of keys. Bytes only, so that no digit is lost. A line that is torn (strings or brackets left open) carries no post.
 * Writes into `span`, for it runs over millions of lines.
 */
export function scanLine(bytes: Buffer, start: number, end: number, span: IdSpan): void {
  span.length = 0;
  let depth = 0;
  let inData = false;
  let dataNext = false;
  let wanted = 0;
  let best = 0;
  let stringAt = start;
  let stringEnd = start;
  for (let i = start; i < end; i++) {
    const c = bytes[i];
    if (c === QUOTE) {
      stringAt = ++i;
      // Strings are most of a line, so each byte is looked at once.
      for (let inner = bytes[i]; inner !== QUOTE; inner = bytes[i]) {
        i += inner === BACKSLASH ? 2 : 1;
        if (i >= end) return void (span.length = 0);
      }
      stringEnd = i;
      if (wanted > 0) {
        best = keep(span, stringAt, stringEnd, wanted, best);
        wanted = 0;
      }
    } else if (c === COLON) {
      dataNext = depth === 1 && equals(bytes, stringAt, stringEnd, DATA);
      wanted = depth === 1 || (depth === 2 && inData) ? rank(bytes, stringAt, stringEnd, inData) : 0;
      if (wanted > 0 && isDigit(bytes[skipSpace(bytes, i + 1, end)])) {
        const at = skipSpace(bytes, i + 1, end);
        let to = at;
        while (isDigit(bytes[to])) to++;
        best = keep(span, at, to, wanted, best);
        wanted = 0;
      }
    } else if (c === OPEN_OBJECT || c === OPEN_ARRAY) {
      if (depth === 0 && c === OPEN_ARRAY) return;
      depth++;
      if (depth === 2) inData = dataNext && c === OPEN_OBJECT;
      dataNext = false;
      wanted = 0;
    } else if (c === CLOSE_OBJECT || c === CLOSE_ARRAY) {
      depth--;
      if (depth === 1) inData = false;
    }
  }
  if (depth !== 0) span.length = 0;
}

/** 3 for `id` of data, 2 for a root's `id_str`, 1 for its `id`, 0 for anything else. */
function rank(bytes: Buffer, from: number, to: number, inData: boolean): number {
  if (equals(bytes, from, to, ID)) return inData ? 3 : 1;
  return !inData && equals(bytes, from, to, ID_STR) ? 2 : 0;
}

function keep(span: IdSpan, from: number, to: number, rankOfThis: number, best: number): number {
  if (rankOfThis <= best || to - from > 255) return best;
  span.at = from;
  span.length = to - from;
  return rankOfThis;
}

function equals(bytes: Buffer, from: number, to: number, word: Buffer): boolean {
  if (to - from !== word.length) return false;
  for (let n = 0; n < word.length; n++) if (bytes[from + n] !== word[n]) return false;
  return true;
}

function skipSpace(bytes: Buffer, from: number, end: number): number {
  let i = from;
  while (i < end && bytes[i] === SPACE) i++;
  return i;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
