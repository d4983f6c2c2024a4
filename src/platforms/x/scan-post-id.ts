/**
 * Finds a post's id in the bytes of a stream line without parsing it: `id` of `data`, else `id_str` of the root (v1.1), else `id`
 * of the root when it is text (flattened posts). Tracks depth and strings, so key order, escapes and nested ids do not matter.
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

/** The id, or undefined when the line has none that is 1 to 20 decimal digits in quotes. */
export function scanPostId(line: Buffer): string | undefined {
  let depth = 0;
  let insideData = false;
  let rootId: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const byte = line[at];
    if (byte === QUOTE) {
      const end = stringEnd(line, at);
      if (end === -1) return rootId;
      if (depth === 1 || (depth === 2 && insideData)) {
        const value = valueOfKey(line, end + 1);
        if (value !== -1) {
          if (depth === 2) {
            if (isKey(line, at, end, 'id')) return digitsAt(line, value);
          } else if (isKey(line, at, end, 'data') && line[value] === OPEN_BRACE) {
            insideData = true;
            depth = 2;
            at = value;
            continue;
          } else if (isKey(line, at, end, 'id_str') || (rootId === undefined && isKey(line, at, end, 'id'))) {
            rootId = digitsAt(line, value) ?? rootId;
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
      if (depth < 2) insideData = false;
    }
  }
  return rootId;
}

/** Position of the closing quote of the string that opens at `at`; -1 when the line ends before. */
function stringEnd(line: Buffer, at: number): number {
  let end = line.indexOf(QUOTE, at + 1);
  while (end !== -1) {
    let slashes = 0;
    while (line[end - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
    end = line.indexOf(QUOTE, end + 1);
  }
  return -1;
}

/** If a colon follows, the string before was a key: the position of its value, else -1. */
function valueOfKey(line: Buffer, from: number): number {
  let at = skipSpace(line, from);
  if (line[at] !== COLON) return -1;
  at = skipSpace(line, at + 1);
  return at < line.length ? at : -1;
}

function skipSpace(line: Buffer, from: number): number {
  let at = from;
  for (let byte = line[at]; byte !== undefined && (byte === SPACE || (byte >= 9 && byte <= 13)); byte = line[at]) at++;
  return at;
}

function isKey(line: Buffer, open: number, close: number, key: string): boolean {
  if (close - open - 1 !== key.length) return false;
  for (let at = 0; at < key.length; at++) if (line[open + 1 + at] !== key.charCodeAt(at)) return false;
  return true;
}

function digitsAt(line: Buffer, at: number): string | undefined {
  if (line[at] !== QUOTE) return undefined;
  const end = line.indexOf(QUOTE, at + 1);
  if (end === -1 || end === at + 1 || end - at > 21) return undefined;
  for (let digit = at + 1; digit < end; digit++) {
    const byte = line[digit] ?? 0;
    if (byte < 48 || byte > 57) return undefined;
  }
  return line.toString('latin1', at + 1, end);
}
