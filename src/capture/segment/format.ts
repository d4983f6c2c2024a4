/**
 * The frame line, the one record of everything that arrived:
 * `{"at":"…Z","platform":"x","endpoint":"…","session":"…","bytes":N,"payload":<N raw bytes>}` and LF, or
 * `"payload_base64":"…"` where the bytes are not UTF-8 or hold CR or LF. Readers take N bytes by position, so a payload
 * that is broken JSON cannot damage its frame. This file knows the bytes only: no files, no timers.
 */
import { isUtf8 } from 'node:buffer';

/** What is said of a frame beside its payload. `at` is our clock at receipt, ISO 8601 with Z. */
export type FrameHeader = { at: string; platform: string; endpoint: string; session: string };

/** A frame found in a buffer. `offset` and `end` are positions in the segment's uncompressed content. */
export type Frame = FrameHeader & { offset: number; end: number; payload: Buffer };

const LF = 10;
const CR = 13;
const QUOTE = 34;
const CLOSE = 125;
const BYTES_KEY = Buffer.from(',"bytes":');
const PAYLOAD_KEY = Buffer.from(',"payload":');
const BASE64_KEY = Buffer.from(',"payload_base64":"');
const CLOSING = Buffer.from('}\n');
const BASE64_CLOSING = Buffer.from('"}\n');
/** No header is near this long; a line without `"bytes":` in its first part is not a frame. */
const MAX_HEADER_BYTES = 4096;

/** The head of a frame line up to its byte count: equal for all frames of one chunk, so it is made once. */
export function encodeFrameHead(header: FrameHeader): string {
  const { at, platform, endpoint, session } = header;
  return `${JSON.stringify({ at, platform, endpoint, session }).slice(0, -1)},"bytes":`;
}

/**
 * The pieces of one frame line, ready to be written one after the other. The payload is not copied; it must be UTF-8 without
 * CR and LF (`isPlainPayload`), else it goes out as base64.
 */
export function encodeFrame(head: string, payload: Buffer): Buffer[] {
  if (isPlainPayload(payload)) return [Buffer.from(`${head}${payload.length},"payload":`), payload, CLOSING];
  return [Buffer.from(`${head}${payload.length},"payload_base64":"${payload.toString('base64')}`), BASE64_CLOSING];
}

/** Bytes that a frame line takes at most beside head and payload: the count, the longest key and the closing. */
export const FRAME_OVERHEAD_BYTES = 48;

/**
 * Writes one frame line with a plain payload (`isPlainPayload`) into `target` at `at`, where head, payload and
 * `FRAME_OVERHEAD_BYTES` must fit. Returns the position after it. The way without garbage, for what runs for every line.
 */
export function writePlainFrame(
  target: Buffer,
  at: number,
  head: Buffer,
  payload: { bytes: Buffer; from: number; to: number },
): number {
  let next = at + head.copy(target, at);
  next = writeDecimal(target, next, payload.to - payload.from);
  for (let key = 0; key < PAYLOAD_KEY.length; key++) target[next++] = PAYLOAD_KEY[key] as number;
  next += payload.bytes.copy(target, next, payload.from, payload.to);
  target[next] = CLOSE;
  target[next + 1] = LF;
  return next + 2;
}

/** Byte by byte: for so few digits a call to make and copy a string costs more. */
function writeDecimal(target: Buffer, at: number, count: number): number {
  let digits = 1;
  for (let rest = count; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  for (let place = at + digits - 1, rest = count; place >= at; place--, rest = Math.floor(rest / 10))
    target[place] = 48 + (rest % 10);
  return at + digits;
}

/** Whether a payload can stand in a line as it is. */
export function isPlainPayload(payload: Buffer): boolean {
  return payload.indexOf(LF) === -1 && payload.indexOf(CR) === -1 && isUtf8(payload);
}

export type FoundFrame = { kind: 'frame'; frame: Frame } | { kind: 'incomplete' } | { kind: 'damaged'; reason: string };

/**
 * Reads the frame that starts at `start` of `buffer`; `base` is the content position of the buffer's first byte.
 * `incomplete`: the buffer ends before the frame does. `damaged`: these bytes can be no frame.
 */
export function decodeFrame(buffer: Buffer, start: number, base: number): FoundFrame {
  const bytesAt = buffer.indexOf(BYTES_KEY, start);
  if (bytesAt === -1 || bytesAt - start > MAX_HEADER_BYTES) {
    return buffer.length - start > MAX_HEADER_BYTES
      ? { kind: 'damaged', reason: 'no byte count' }
      : { kind: 'incomplete' };
  }
  let at = bytesAt + BYTES_KEY.length;
  let count = 0;
  let digits = 0;
  for (let byte = buffer[at]; byte !== undefined && byte >= 48 && byte <= 57; byte = buffer[++at]) {
    count = count * 10 + byte - 48;
    digits++;
  }
  if (at >= buffer.length) return digits > 15 ? { kind: 'damaged', reason: 'byte count' } : { kind: 'incomplete' };
  if (digits === 0 || digits > 15) return { kind: 'damaged', reason: 'byte count' };
  const header = decodeHeader(buffer, start, bytesAt);
  if (header === undefined) return { kind: 'damaged', reason: 'header' };
  return startsWith(buffer, at, PAYLOAD_KEY)
    ? plainFrame(buffer, start, base, header, at + PAYLOAD_KEY.length, count)
    : base64Frame(buffer, start, base, header, at, count);
}

function plainFrame(
  buffer: Buffer,
  start: number,
  base: number,
  header: FrameHeader,
  from: number,
  count: number,
): FoundFrame {
  const to = from + count;
  if (buffer.length < to + 2) return { kind: 'incomplete' };
  if (buffer[to] !== CLOSE || buffer[to + 1] !== LF) return { kind: 'damaged', reason: 'payload length' };
  return {
    kind: 'frame',
    frame: { ...header, offset: base + start, end: base + to + 2, payload: buffer.subarray(from, to) },
  };
}

function base64Frame(
  buffer: Buffer,
  start: number,
  base: number,
  header: FrameHeader,
  at: number,
  count: number,
): FoundFrame {
  if (buffer.length < at + BASE64_KEY.length) return { kind: 'incomplete' };
  if (!startsWith(buffer, at, BASE64_KEY)) return { kind: 'damaged', reason: 'payload key' };
  const from = at + BASE64_KEY.length;
  const to = from + 4 * Math.ceil(count / 3);
  if (buffer.length < to + 3) return { kind: 'incomplete' };
  if (buffer[to] !== QUOTE || buffer[to + 1] !== CLOSE || buffer[to + 2] !== LF)
    return { kind: 'damaged', reason: 'payload length' };
  const payload = Buffer.from(buffer.toString('latin1', from, to), 'base64');
  if (payload.length !== count) return { kind: 'damaged', reason: 'base64' };
  return { kind: 'frame', frame: { ...header, offset: base + start, end: base + to + 3, payload } };
}

/** The header of the frame read before: within one chunk all frames share it, and comparing bytes beats parsing them. */
let lastHead = '';
let lastHeader: FrameHeader | undefined;

function decodeHeader(buffer: Buffer, start: number, end: number): FrameHeader | undefined {
  const head = buffer.toString('utf8', start, end);
  if (head === lastHead) return lastHeader;
  const header = parseHeader(head);
  lastHead = head;
  lastHeader = header;
  return header;
}

function parseHeader(head: string): FrameHeader | undefined {
  let value: unknown;
  try {
    value = JSON.parse(`${head}}`);
  } catch {
    return undefined; // not a header: the caller reports the bytes as damaged, they stay where they are
  }
  const { at, platform, endpoint, session } = value as Record<string, unknown>;
  const whole =
    typeof at === 'string' &&
    typeof platform === 'string' &&
    typeof endpoint === 'string' &&
    typeof session === 'string';
  return whole ? { at, platform, endpoint, session } : undefined;
}

function startsWith(buffer: Buffer, at: number, key: Buffer): boolean {
  return buffer.compare(key, 0, key.length, at, Math.min(buffer.length, at + key.length)) === 0;
}
