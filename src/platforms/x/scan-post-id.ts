/**
 * Finds a post's id in the bytes of a stream line without parsing it: `id` of `data`, else `id_str` of the root (v1.1), else `id`
 * of the root when it is text (flattened posts). Tracks depth and strings, so key order, escapes in values and nested ids do not
 * matter. Keys that are themselves written with escapes are not found here; of repeated keys the first counts.
 * It feeds the manifest and counters only; whether the line is sound JSON is for the loader to find out.
 * Bytes are walked here rather than searched for by `indexOf`: ids come early, and a call costs as much as 200 bytes.
 */
const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const SPACE = 32;
const ZERO = 48;
const MAX_DIGITS = 20;

/** The id in the line `bytes[from..to)`, or undefined when none is found that is 1 to 20 decimal digits in quotes, no zero leading: then parse. */
export function scanPostId(bytes: Buffer, from = 0, to = bytes.length): string | undefined {
  let depth = 0;
  /** 2 inside of `data`, whose `id` is wanted; 1 before. */
  let wantedDepth = 1;
  let rootId: string | undefined;
  let hasIdStr = false;
  let at = from;
  while (at < to) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const key = at + 1;
      let end = key;
      for (let inside = bytes[end]; end < to && inside !== QUOTE; inside = bytes[end])
        end += inside === BACKSLASH ? 2 : 1;
      at = end + 1;
      if (depth !== wantedDepth) continue;
      const value = bytes[at] === COLON && bytes[at + 1] !== SPACE ? at + 1 : valueAfterKey(bytes, at, to);
      if (value === -1 || value >= to) continue;
      at = value;
      if (isId(bytes, key, end)) {
        if (depth === 2) return digitsAt(bytes, value, to);
        if (!hasIdStr) rootId ??= digitsAt(bytes, value, to);
      } else if (depth === 1 && isKey(bytes, key, end, 'data')) {
        if (bytes[value] !== OPEN_BRACE) return undefined;
        wantedDepth = 2;
      } else if (depth === 1 && isKey(bytes, key, end, 'id_str')) {
        rootId = digitsAt(bytes, value, to);
        hasIdStr = true;
      }
    } else {
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        depth--;
        if (depth < wantedDepth) return wantedDepth === 2 ? undefined : rootId;
      }
      at++;
    }
  }
  return wantedDepth === 2 ? undefined : rootId;
}

/** If a colon follows the string that ended before `from`, it was a key: the position of its value, else -1. */
function valueAfterKey(bytes: Buffer, from: number, to: number): number {
  const colon = skipSpace(bytes, from, to);
  return bytes[colon] === COLON ? skipSpace(bytes, colon + 1, to) : -1;
}

function skipSpace(bytes: Buffer, from: number, to: number): number {
  let at = from;
  for (; at < to; at++) {
    const byte = bytes[at];
    if (byte !== SPACE && byte !== 9 && byte !== 10 && byte !== 13) break;
  }
  return at;
}

function isId(bytes: Buffer, from: number, to: number): boolean {
  return to - from === 2 && bytes[from] === 105 && bytes[from + 1] === 100;
}

function isKey(bytes: Buffer, from: number, to: number, key: string): boolean {
  if (to - from !== key.length) return false;
  for (let at = 0; at < key.length; at++) if (bytes[from + at] !== key.charCodeAt(at)) return false;
  return true;
}

function digitsAt(bytes: Buffer, at: number, to: number): string | undefined {
  if (bytes[at] !== QUOTE) return undefined;
  let end = at + 1;
  for (; end < to; end++) {
    const byte = bytes[end] as number;
    if (byte < ZERO || byte > ZERO + 9) break;
  }
  const digits = end - at - 1;
  if (end >= to || bytes[end] !== QUOTE || digits === 0 || digits > MAX_DIGITS) return undefined;
  if (digits > 1 && bytes[at + 1] === ZERO) return undefined;
  return bytes.toString('latin1', at + 1, end);
}
