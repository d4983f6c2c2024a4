/**
 * Rows in PostgreSQL's binary COPY format: nothing is escaped here or unescaped there, and a payload goes from the segment's
 * bytes to the column as it is. Source: PostgreSQL documentation, COPY, "Binary Format".
 */
const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = Buffer.from([0xff, 0xff]);
const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1);
const TEXT_OID = 25;
const INT4_OID = 23;
const FIRST_BYTES = 64 * 1024;
/** Up to here a loop over the letters is quicker than the call into native code. */
const SHORT_TEXT = 40;

/** Buffers of batches that are written, for those to come: else each batch would grow its own through all sizes. */
const spare: Buffer[] = [];
const SPARE_BUFFERS = 8;
const SPARE_BYTES = 32 * 1024 * 1024;

/** A growing buffer of rows. Fields must be written in the order and number that `row` announced; `release` when done. */
export class BinaryRows {
  rows = 0;
  #buffer = spare.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
  #at = SIGNATURE.copy(this.#buffer);

  get bytes(): number {
    return this.#at;
  }

  /** Begins a row; returns its position, for `sort`. */
  row(fields: number): number {
    this.#reserve(2);
    const start = this.#at;
    this.#at = this.#buffer.writeInt16BE(fields, start);
    this.rows++;
    return start;
  }

  /** Lone surrogates become U+FFFD; U+0000 must be gone already: PostgreSQL refuses it. */
  text(value: string | undefined): void {
    if (value === undefined) return this.none();
    this.#reserve(4 + value.length * 3);
    this.#bytesAfter(this.#at + 4 + this.#writeText(value, this.#at + 4));
  }

  /** UTF-8 text that is at hand as bytes; for json too. */
  utf8(value: Buffer): void {
    this.#reserve(4 + value.length);
    this.#bytesAfter(this.#at + 4 + value.copy(this.#buffer, this.#at + 4));
  }

  jsonb(value: object | undefined): void {
    if (value === undefined) return this.none();
    const text = JSON.stringify(value);
    this.#reserve(5 + text.length * 3);
    this.#buffer[this.#at + 4] = 1; // the format's version
    this.#bytesAfter(this.#at + 5 + this.#writeText(text, this.#at + 5));
  }

  /** A text[] of one dimension; none for an empty list. */
  texts(values: string[]): void {
    if (values.length === 0) return this.none();
    this.#reserve(24);
    const start = this.#at;
    this.#at += 4;
    for (const head of [1, 0, TEXT_OID, values.length, 1]) this.#at = this.#buffer.writeInt32BE(head, this.#at);
    for (const value of values) this.text(value);
    this.#buffer.writeInt32BE(this.#at - start - 4, start);
  }

  /** An int4[] of one dimension, empty or not. */
  int4s(values: readonly number[]): void {
    this.#reserve(24 + 8 * values.length);
    const start = this.#at;
    this.#at += 4;
    const head = values.length === 0 ? [0, 0, INT4_OID] : [1, 0, INT4_OID, values.length, 1];
    for (const each of head) this.#int32(each);
    for (const value of values) this.int4(value);
    this.#buffer.writeInt32BE(this.#at - start - 4, start);
  }

  /** An int8; safe integers only. */
  int8(value: number | undefined): void {
    if (value === undefined) return this.none();
    this.#reserve(12);
    this.#int32(8);
    this.#int32(Math.floor(value / 2 ** 32));
    this.#int32(value); // its lower half
  }

  int4(value: number): void {
    this.#reserve(8);
    this.#int32(4);
    this.#int32(value);
  }

  bool(value: boolean | undefined): void {
    if (value === undefined) return this.none();
    this.#reserve(5);
    this.#int32(1);
    this.#buffer[this.#at++] = value ? 1 : 0;
  }

  /** A timestamptz in ms since 1970, or -infinity. */
  instant(ms: number | undefined): void {
    if (ms === undefined) return this.none();
    const micros = (ms - POSTGRES_EPOCH_MS) * 1000;
    if (Number.isSafeInteger(micros)) return this.int8(micros);
    this.#reserve(12);
    this.#int32(8);
    const exact = ms === Number.NEGATIVE_INFINITY ? -(2n ** 63n) : BigInt(ms - POSTGRES_EPOCH_MS) * 1000n;
    this.#at = this.#buffer.writeBigInt64BE(exact, this.#at);
  }

  none(): void {
    this.#reserve(4);
    this.#int32(-1);
  }

  /** Puts rows into the order of their keys; `starts` are what `row` returned for each of them, in the order of writing. */
  sort(keys: string[], starts: number[]): void {
    const order = keys.map((_, at) => at).sort((a, b) => compare(keys[a], keys[b]));
    if (order.every((from, at) => from === at)) return;
    const sorted = spare.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
    const target = sorted.length >= this.#at ? sorted : Buffer.allocUnsafeSlow(this.#buffer.length);
    let to = this.#buffer.copy(target, 0, 0, SIGNATURE.length);
    for (const at of order) to += this.#buffer.copy(target, to, starts[at], starts[at + 1] ?? this.#at);
    giveBack(this.#buffer);
    this.#buffer = target;
  }

  /** Everything so far with the format's end: ready to be sent. No row may be added after it. */
  finish(): Buffer {
    this.#reserve(TRAILER.length);
    return this.#buffer.subarray(0, this.#at + TRAILER.copy(this.#buffer, this.#at));
  }

  /** Hands the buffer on; the rows must not be used any more. */
  release(): void {
    giveBack(this.#buffer);
    this.#buffer = Buffer.alloc(0);
  }

  #writeText(value: string, at: number): number {
    const { length } = value;
    if (length > SHORT_TEXT) return this.#buffer.write(value, at);
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) return this.#buffer.write(value, at);
      this.#buffer[at + i] = code;
    }
    return length;
  }

  /** Ends a field whose bytes were written from `#at + 4` on: its length goes before them. */
  #bytesAfter(end: number): void {
    this.#int32(end - this.#at - 4);
    this.#at = end;
  }

  #int32(value: number): void {
    const buffer = this.#buffer;
    const at = this.#at;
    buffer[at] = value >>> 24;
    buffer[at + 1] = value >>> 16;
    buffer[at + 2] = value >>> 8;
    buffer[at + 3] = value;
    this.#at = at + 4;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(grown, 0, 0, this.#at);
    this.#buffer = grown;
  }
}

function giveBack(buffer: Buffer): void {
  if (spare.length < SPARE_BUFFERS && buffer.length >= FIRST_BYTES && buffer.length <= SPARE_BYTES) spare.push(buffer);
}

function compare(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
