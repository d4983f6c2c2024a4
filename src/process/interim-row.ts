/**
 * The interim row: what an hour keeps of one post between reading and writing. Fields in the order of `interimColumns`, TAB between
 * them, no line end; a missing value is an empty field. ESC and a letter stand for the bytes that would break such a row:
 * `ESC n` LF, `ESC r` CR, `ESC t` TAB, `ESC z` NUL, `ESC e` ESC, `ESC f`/`ESC u` the separators of the list of references, and
 * `ESC 0` alone is an empty text. So a row can be split without parsing, and DuckDB reads it without any quoting.
 */
import { hexValues } from '../core/json-scan.ts';
import { FIELD, type SampleRow, eachReference } from '../platforms/x/sample-row.ts';
import { type InstantSink, readInstant } from './instant-bytes.ts';

/** Between the references of a post, and between the type and id of one. */
export const REFERENCE_SEPARATOR = 30;
export const TYPE_ID_SEPARATOR = 31;
export const ESCAPE = 27;
export const TAB = 9;

/** Byte after ESC for each byte that is escaped, 0 for the others; indexed by byte < 32. */
export const escapeLetters = new Uint8Array(32);
/** The byte that a letter after ESC stands for. */
export const escapedBytes = new Uint8Array(128);
for (const [byte, letter] of [
  [0, 'z'],
  [9, 't'],
  [10, 'n'],
  [13, 'r'],
  [27, 'e'],
  [30, 'f'],
  [31, 'u'],
] as const) {
  escapeLetters[byte] = letter.charCodeAt(0);
  escapedBytes[letter.charCodeAt(0)] = byte;
}
export const EMPTY_LETTER = 48;

const QUOTE = 34;
const BACKSLASH = 92;
const ORIGINAL = Buffer.from('original');

/** Instants of a row as numbers, for the index: ms since 1970, NaN when missing. */
export type RowInstants = { createdMs: number; retrievedMs: number };

/** Collects rows one after the other; `bytes.subarray(0, length)` is what has been collected. */
export class InterimRowWriter implements InstantSink {
  bytes: Buffer = Buffer.allocUnsafe(1 << 20);
  length = 0;
  /** Values that could not be used (an instant or count that is none), by column; their fields are left empty. */
  readonly unusable = new Map<string, number>();
  /** Fields that hold an ESC in any row so far, a bit each: most never do, and whoever reads the rows can leave those as they are. */
  escapedFields = 0;

  clear(): void {
    this.length = 0;
  }

  /**
   * Appends the row of a located post. `receivedAt` is the frame's clock where there is a frame. `retrievedMs` and `createdMs`
   * are what the row says.
   */
  append(row: SampleRow, receivedAt: string | undefined): RowInstants {
    const { bytes, spans } = row;
    // Worst case: every byte of the line becomes two, plus the fixed parts.
    this.#reserve(2 * bytes.length + 512);
    this.#string(bytes, spans, FIELD.id);
    this.#next();
    this.#string(bytes, spans, FIELD.conversationId);
    this.#next();
    this.#string(bytes, spans, FIELD.authorId);
    this.#next();
    const createdMs = this.#instant(bytes, spans, FIELD.createdAt, 'created_at');
    this.#next();
    const retrievedMs =
      receivedAt === undefined
        ? this.#instant(bytes, spans, FIELD.retrievedAt, 'retrieved_at')
        : readInstantText(receivedAt, this);
    this.#next();
    for (let field = FIELD.source; field <= FIELD.text; field++) {
      this.#string(bytes, spans, field);
      this.#next();
    }
    const isImplied = row.impliesOriginal && spans[2 * FIELD.referenceType] === -1;
    if (isImplied) this.length += ORIGINAL.copy(this.bytes, this.length);
    else this.#string(bytes, spans, FIELD.referenceType);
    this.#next();
    this.#string(bytes, spans, FIELD.referencedId);
    this.#next();
    this.#instant(bytes, spans, FIELD.authorCreatedAt, 'author.created_at');
    this.#next();
    for (let field = FIELD.authorLocation; field <= FIELD.authorUsername; field++) {
      this.#string(bytes, spans, field);
      this.#next();
    }
    this.#flag(bytes, spans, FIELD.authorVerified);
    this.#next();
    this.#flag(bytes, spans, FIELD.authorProtected);
    for (let field = FIELD.authorFollowers; field <= FIELD.authorListed; field++) {
      this.#next();
      this.#count(bytes, spans, field);
    }
    this.#next();
    this.#references(bytes, spans);
    this.#next();
    this.#string(bytes, spans, FIELD.longText);
    for (let field = FIELD.reposts; field <= FIELD.impressions; field++) {
      this.#next();
      this.#count(bytes, spans, field);
    }
    return { createdMs, retrievedMs };
  }

  /** For `readInstant`: one byte of the instant's text. */
  put(byte: number): void {
    this.bytes[this.length++] = byte;
  }

  #reserve(bytes: number): void {
    if (this.bytes.length - this.length >= bytes) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, this.length + bytes));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  #next(): void {
    this.bytes[this.length++] = TAB;
  }

  #string(bytes: Buffer, spans: Int32Array, field: number): void {
    const from = spans[2 * field] as number;
    if (from !== -1 && bytes[from] === QUOTE)
      this.#unescape(bytes, from + 1, (spans[2 * field + 1] as number) - 1, field);
  }

  #unescape(bytes: Buffer, from: number, to: number, field: number): void {
    const out = this.bytes;
    let length = this.length;
    if (from === to) {
      out[length++] = ESCAPE;
      out[length++] = EMPTY_LETTER;
      this.escapedFields |= 1 << field;
    }
    for (let at = from; at < to; ) {
      const byte = bytes[at] as number;
      if (byte !== BACKSLASH) {
        out[length++] = byte;
        at++;
        continue;
      }
      const kind = bytes[at + 1] as number;
      let code = kind;
      at += 2;
      if (kind === 117) {
        code = readHex(bytes, at);
        at += 4;
        if (code >= 0xd800 && code <= 0xdfff) {
          const isPair = code < 0xdc00 && at + 6 <= to && bytes[at] === BACKSLASH && bytes[at + 1] === 117;
          const low = isPair ? readHex(bytes, at + 2) : 0;
          if (low >= 0xdc00 && low <= 0xdfff) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            at += 6;
          } else code = 0xfffd; // half a character cannot be written as UTF-8
        }
      } else if (kind === 110) code = 10;
      else if (kind === 114) code = 13;
      else if (kind === 116) code = 9;
      else if (kind === 98) code = 8;
      else if (kind === 102) code = 12;
      if (code < 32) this.escapedFields |= 1 << field;
      length = putCharacter(out, length, code);
    }
    this.length = length;
  }

  #instant(bytes: Buffer, spans: Int32Array, field: number, column: string): number {
    const from = spans[2 * field] as number;
    if (from === -1 || bytes[from] !== QUOTE) return Number.NaN;
    const ms = readInstant(bytes, from + 1, (spans[2 * field + 1] as number) - 1, this);
    if (Number.isNaN(ms)) this.#countUnusable(column);
    return ms;
  }

  #flag(bytes: Buffer, spans: Int32Array, field: number): void {
    const from = spans[2 * field] as number;
    if (from === -1 || (bytes[from] !== 116 && bytes[from] !== 102)) return;
    this.length += bytes.copy(this.bytes, this.length, from, spans[2 * field + 1]);
  }

  /** Whole numbers of up to 15 digits, zero or more; null is missing. */
  #count(bytes: Buffer, spans: Int32Array, field: number): void {
    const from = spans[2 * field] as number;
    const to = spans[2 * field + 1] as number;
    if (from === -1 || bytes[from] === 110) return;
    let sound = to - from <= 15;
    for (let at = from; sound && at < to; at++) sound = (bytes[at] as number) >= 48 && (bytes[at] as number) <= 57;
    if (!sound) this.#countUnusable('counts');
    else for (let at = from; at < to; at++) this.bytes[this.length++] = bytes[at] as number;
  }

  /** The flattened form's filler `{"type":"original","id":null}` points nowhere and is left out. */
  #references(bytes: Buffer, spans: Int32Array): void {
    const from = spans[2 * FIELD.references] as number;
    if (from === -1) return;
    let isFirst = true;
    eachReference(bytes, from, spans[2 * FIELD.references + 1] as number, (typeFrom, typeTo, idFrom, idTo) => {
      if (typeFrom === -1 || bytes[typeFrom] !== QUOTE || idFrom === -1 || bytes[idFrom] !== QUOTE) return;
      if (!isFirst) this.put(REFERENCE_SEPARATOR);
      isFirst = false;
      this.#unescape(bytes, typeFrom + 1, typeTo - 1, FIELD.references);
      this.put(TYPE_ID_SEPARATOR);
      this.#unescape(bytes, idFrom + 1, idTo - 1, FIELD.references);
    });
  }

  #countUnusable(column: string): void {
    this.unusable.set(column, (this.unusable.get(column) ?? 0) + 1);
  }
}

/** A text as it stands in a row. */
export function escapeText(text: string): string {
  if (text === '') return '\x1b0';
  let escaped = '';
  for (const character of text) {
    const letter = escapeLetters[character.charCodeAt(0)] ?? 0;
    escaped += letter === 0 ? character : `\x1b${String.fromCharCode(letter)}`;
  }
  return escaped;
}

function readInstantText(text: string, sink: InstantSink): number {
  const bytes = Buffer.from(text, 'latin1');
  return readInstant(bytes, 0, bytes.length, sink);
}

function readHex(bytes: Buffer, at: number): number {
  return (
    ((hexValues[bytes[at] as number] as number) << 12) |
    ((hexValues[bytes[at + 1] as number] as number) << 8) |
    ((hexValues[bytes[at + 2] as number] as number) << 4) |
    (hexValues[bytes[at + 3] as number] as number)
  );
}

/** Writes one character as UTF-8, or escaped; returns the new length. */
function putCharacter(out: Buffer, at: number, code: number): number {
  let next = at;
  if (code < 0x80) {
    const letter = code < 32 ? (escapeLetters[code] as number) : 0;
    if (letter === 0) out[next++] = code;
    else {
      out[next++] = ESCAPE;
      out[next++] = letter;
    }
  } else if (code < 0x800) {
    out[next++] = 0xc0 | (code >> 6);
    out[next++] = 0x80 | (code & 0x3f);
  } else if (code < 0x10000) {
    out[next++] = 0xe0 | (code >> 12);
    out[next++] = 0x80 | ((code >> 6) & 0x3f);
    out[next++] = 0x80 | (code & 0x3f);
  } else {
    out[next++] = 0xf0 | (code >> 18);
    out[next++] = 0x80 | ((code >> 12) & 0x3f);
    out[next++] = 0x80 | ((code >> 6) & 0x3f);
    out[next++] = 0x80 | (code & 0x3f);
  }
  return next;
}
