/**
 * Finds a post's id in the bytes of a stream line without parsing it: `id` of `data`, else `id_str` of the root (v1.1), else `id`
 * of the root when it is text (flattened posts). Tracks depth and strings, so key order, escapes in values and nested ids do not
 * matter. Keys that are themselves written with escapes are not found here; of repeated keys the first counts.
 * It feeds the manifest and counters only; whether the line is sound JSON is for the loader to find out.
 */
const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const SPACE = 32;

/** The id in the line `bytes[from..to)`, or undefined when none is found that is 1 to 20 decimal digits in quotes: then parse. */
export function scanPostId(bytes: Buffer, from = 0, to = bytes.length): string | undefined {
  let depth = 0;
  let insideData = false;
  let rootId: string | undefined;
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const end = stringEnd(bytes, at, to);
      if (end === -1) return rootId;
      if (depth === 1 || (depth === 2 && insideData)) {
        const value = valueOfKey(bytes, end + 1, to);
        if (value !== -1) {
          if (depth === 2) {
            if (isKey(bytes, at, end, 'id')) return digitsAt(bytes, value, to);
          } else if (isKey(bytes, at, end, 'data')) {
            if (bytes[value] !== OPEN_BRACE) return undefined;
            insideData = true;
            depth = 2;
            at = value;
            continue;
          } else if (isKey(bytes, at, end, 'id_str')) {
            rootId = digitsAt(bytes, value, to);
            if (rootId === undefined) return undefined;
          } else if (rootId === undefined && isKey(bytes, at, end, 'id')) {
            rootId = digitsAt(bytes, value, to);
          }
          at = value - 1;
          continue;
        }
      }
      at = end;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth++;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth--;
      if (insideData && depth < 2) return undefined;
    }
  }
  return rootId;
}

/** Position of the closing quote of the string that opens at `at`; -1 when the line ends before. */
function stringEnd(bytes: Buffer, at: number, to: number): number {
  for (let next = at + 1; next < to; next++) {
    const byte = bytes[next];
    if (byte === QUOTE) return next;
    if (byte === BACKSLASH) next++;
  }
  return -1;
}

/** If a colon follows, the string before was a key: the position of its value, else -1. */
function valueOfKey(bytes: Buffer, from: number, to: number): number {
  let at = skipSpace(bytes, from, to);
  if (at >= to || bytes[at] !== COLON) return -1;
  at = skipSpace(bytes, at + 1, to);
  return at < to ? at : -1;
}

function skipSpace(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && isSpace(bytes[at])) at++;
  return at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || (byte !== undefined && byte >= 9 && byte <= 13);
}

function isKey(bytes: Buffer, open: number, close: number, key: string): boolean {
  if (close - open - 1 !== key.length) return false;
  for (let at = 0; at < key.length; at++) if (bytes[open + 1 + at] !== key.charCodeAt(at)) return false;
  return true;
}

function digitsAt(bytes: Buffer, at: number, to: number): string | undefined {
  if (bytes[at] !== QUOTE) return undefined;
  let end = at + 1;
  while (end < to && (bytes[end] as number) >= 48 && (bytes[end] as number) <= 57) end++;
  if (end >= to || bytes[end] !== QUOTE || end === at + 1 || end - at > 21) return undefined;
  return bytes.toString('latin1', at + 1, end);
}
