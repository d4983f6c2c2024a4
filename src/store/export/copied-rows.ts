/**
 * Rows of PostgreSQL's binary COPY format, as they come from the server: nothing is made of a field before it is asked for.
 * Source: PostgreSQL documentation, COPY, "Binary Format".
 */
import { instantText } from './instant-text.ts';

/** So many bytes are put together at a time, which makes some hundred rows: what is made of more of them outlives a collection of garbage. */
const BATCH_BYTES = 128 * 1024;
/** A signature of eleven bytes, flags, and the length of an extension that there is not yet. */
const HEADER_BYTES = 11 + 4 + 4;
const COUNT_BYTES = 2;
const LENGTH_BYTES = 4;
const FIRST_ROWS = 512;
/** Stands where the number of a row's fields would. */
const END = -1;

/** The rows of a copy whose rows have so many fields, in batches. Throws when the bytes are none, or end before the copy does. */
export async function* copiedRows(chunks: AsyncIterable<Buffer>, fields: number): AsyncGenerator<CopiedRows> {
  let gathered: Buffer[] = [];
  let bytes = 0;
  let wanted = BATCH_BYTES;
  let from = HEADER_BYTES;
  for await (const chunk of chunks) {
    gathered.push(chunk);
    bytes += chunk.length;
    if (bytes < wanted) continue;
    const batch = Buffer.concat(gathered, bytes);
    const { places, end } = wholeRows(batch, from, fields);
    const rest = batch.subarray(end);
    gathered = [rest];
    bytes = rest.length;
    wanted = Math.max(BATCH_BYTES, 2 * bytes);
    from = 0;
    if (places.length > 0) yield new CopiedRows(batch, fields, places);
  }
  const last = Buffer.concat(gathered, bytes);
  const { places, end } = wholeRows(last, from, fields);
  if (end + COUNT_BYTES !== last.length || last.readInt16BE(end) !== END)
    throw new Error(`PostgreSQL ended a copy within a row, ${last.length - end} bytes before its end.`);
  if (places.length > 0) yield new CopiedRows(last, fields, places);
}

/** Where the fields lie of all rows that are whole, and where the last of them ends. */
function wholeRows(bytes: Buffer, from: number, fields: number): { places: Int32Array; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const room = bytes.length - LENGTH_BYTES;
  let places = new Int32Array(2 * fields * FIRST_ROWS);
  let filled = 0;
  let end = Math.min(from, bytes.length);
  for (let at = end; at + COUNT_BYTES <= bytes.length; ) {
    const count = view.getInt16(at);
    if (count === END) break;
    if (count !== fields) throw new Error(`PostgreSQL copied a row of ${count} fields, not ${fields}.`);
    at += COUNT_BYTES;
    if (filled + 2 * fields > places.length) places = grown(places);
    let next = filled;
    for (let field = 0; field < fields && at <= room; field++) {
      const length = view.getInt32(at);
      at += LENGTH_BYTES;
      places[next++] = at;
      places[next++] = length;
      if (length > 0) at += length;
    }
    if (next < filled + 2 * fields || at > bytes.length) break; // the rest of this row is still to come
    filled = next;
    end = at;
  }
  return { places: places.subarray(0, filled), end };
}

function grown(places: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * places.length);
  larger.set(places);
  return larger;
}

/** Rows of equally many fields; they hold only until the next batch is asked for. */
export class CopiedRows {
  readonly #bytes: Buffer;
  readonly #fields: number;
  /** Of each field, row by row: where it begins and how long it is, -1 for null. */
  readonly #places: Int32Array;

  constructor(bytes: Buffer, fields: number, places: Int32Array) {
    this.#bytes = bytes;
    this.#fields = fields;
    this.#places = places;
  }

  get length(): number {
    return this.#places.length / 2 / this.#fields;
  }

  /** Undefined for null. The bytes are the batch's own. */
  bytes(row: number, field: number): Buffer | undefined {
    const length = this.#length(row, field);
    if (length < 0) return undefined;
    const start = this.#start(row, field);
    return this.#bytes.subarray(start, start + length);
  }

  text(row: number, field: number): string | null {
    const length = this.#length(row, field);
    if (length < 0) return null;
    const start = this.#start(row, field);
    return this.#bytes.toString('utf8', start, start + length);
  }

  /** Of jsonb: its text stands after a byte for the format's version. */
  jsonb(row: number, field: number): unknown {
    const length = this.#length(row, field);
    if (length < 0) return undefined;
    const start = this.#start(row, field);
    return JSON.parse(this.#bytes.toString('utf8', start + 1, start + length));
  }

  int4(row: number, field: number): number {
    return this.#bytes.readInt32BE(this.#start(row, field));
  }

  /** An int8 as its digits. */
  int8(row: number, field: number): string | null {
    if (this.#length(row, field) < 0) return null;
    const start = this.#start(row, field);
    if (this.#bytes.readInt32BE(start) === 0) return String(this.#bytes.readUInt32BE(start + 4));
    return String(this.#bytes.readBigInt64BE(start));
  }

  /** A timestamptz as ISO 8601 with Z, microseconds cut off. */
  instant(row: number, field: number): string | null {
    if (this.#length(row, field) < 0) return null;
    const start = this.#start(row, field);
    return instantText(this.#bytes.readInt32BE(start), this.#bytes.readUInt32BE(start + 4));
  }

  /** The bytes of the fields before `end`, with their lengths. */
  bytesBefore(row: number, end: number): Buffer {
    const stop = this.#start(row, end - 1) + Math.max(0, this.#length(row, end - 1));
    return this.#bytes.subarray(this.#start(row, 0) - LENGTH_BYTES, stop);
  }

  #start(row: number, field: number): number {
    return this.#places[2 * (row * this.#fields + field)] as number;
  }

  #length(row: number, field: number): number {
    return this.#places[2 * (row * this.#fields + field) + 1] as number;
  }
}
