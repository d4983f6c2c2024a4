import { LINE_END } from '../feed/feed.ts';
import { type IdSpan, scanLine } from './scan-line.ts';

const LF = 0x0a;
const CR = 0x0d;

/** Lines ready for the wire: one Buffer in which each line ends with CRLF, and where everything stands in it. */
export interface Recording {
  readonly bytes: Buffer;
  readonly lines: number;
  /** Start of line n; `lines + 1` entries, so that offsets[n + 1] is its end. */
  readonly offsets: Float64Array;
  /** Start of the post's id on line n, and its length; length 0: no post. */
  readonly idAt: Float64Array;
  readonly idLength: Uint8Array;
  /** How many of the lines before n carry a post; `lines + 1` entries. */
  readonly postsBefore: Uint32Array;
}

/** @param bytes lines that all end with CRLF, as toCrlf() gives them */
export function indexRecording(bytes: Buffer): Recording {
  let lines = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) lines++;
  const offsets = new Float64Array(lines + 1);
  const idAt = new Float64Array(lines);
  const idLength = new Uint8Array(lines);
  const postsBefore = new Uint32Array(lines + 1);
  const span: IdSpan = { at: 0, length: 0 };
  let start = 0;
  for (let line = 0; line < lines; line++) {
    const end = bytes.indexOf(LF, start) + 1;
    scanLine(bytes, start, end - LINE_END.length, span);
    idAt[line] = span.at;
    idLength[line] = span.length;
    postsBefore[line + 1] = (postsBefore[line] ?? 0) + (span.length > 0 ? 1 : 0);
    start = end;
    offsets[line + 1] = end;
  }
  return { bytes, lines, offsets, idAt, idLength, postsBefore };
}

/** The same lines, each ended by CRLF; nothing else is touched. Gives the input back when it already is so. */
export function toCrlf(bytes: Buffer): Buffer {
  let bare = 0;
  let last = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (at === last || bytes[at - 1] !== CR) bare++;
    last = at + 1;
  }
  const tail = bytes.length - last;
  if (bare === 0 && tail === 0) return bytes;
  const out = Buffer.allocUnsafe(bytes.length + bare + (tail > 0 ? LINE_END.length : 0));
  let to = 0;
  let from = 0;
  while (from < bytes.length) {
    const at = bytes.indexOf(LF, from);
    const next = at < 0 ? bytes.length : at + 1;
    let end = at < 0 ? bytes.length : at;
    if (at > from && bytes[at - 1] === CR) end--;
    to += bytes.copy(out, to, from, end);
    out[to++] = CR;
    out[to++] = LF;
    from = next;
  }
  return out;
}
