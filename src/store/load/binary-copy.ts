/**
 * Rows in PostgreSQL's binary COPY format: nothing is escaped here or unescaped there, and a payload goes from the segment's
 * bytes to the column as it is. Source: PostgreSQL documentation, COPY, "Binary Format".
 */
const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = Buffer.from([0xff, 0xff]);
const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1);
const FIRST_BYTES = 64 * 1024;

/** A growing buffer of rows. Fields must be written in the order and number that `row` announced. */
export class BinaryRows {
  rows = 0;
  #buffer = Buffer.allocUnsafe(FIRST_BYTES);
  #at = SIGNATURE.copy(this.#buffer);

  get bytes(): number {
    return this.#at;
  }

  row(fields: number): void {
    this.#reserve(2);
    this.#at = this.#buffer.writeInt16BE(fields, this.#at);
    this.rows++;
  }

  /** Lone surrogates become U+FFFD; U+0000 must be gone already: PostgreSQL refuses it. */
  text(value: string | undefined): void {
    if (value === undefined) return this.none();
    this.#reserve(4 + value.length * 3);
    const bytes = this.#buffer.write(value, this.#at + 4);
    this.#buffer.writeInt32BE(bytes, this.#at);
    this.#at += 4 + bytes;
  }

  /** UTF-8 text that is at hand as bytes; for json too. */
  utf8(value: Buffer): void {
    this.#reserve(4 + value.length);
    this.#buffer.writeInt32BE(value.length, this.#at);
    value.copy(this.#buffer, this.#at + 4);
    this.#at += 4 + value.length;
  }

  jsonb(value: object | undefined): void {
    if (value === undefined) return this.none();
    const text = JSON.stringify(value);
    this.#reserve(5 + text.length * 3);
    this.#buffer[this.#at + 4] = 1; // the format's version
    const bytes = this.#buffer.write(text, this.#at + 5);
    this.#buffer.writeInt32BE(bytes + 1, this.#at);
    this.#at += 5 + bytes;
  }

  /** An int8; safe integers only. */
  int8(value: number | undefined): void {
    if (value === undefined) return this.none();
    this.#reserve(12);
    this.#buffer.writeInt32BE(8, this.#at);
    this.#buffer.writeInt32BE(Math.floor(value / 2 ** 32), this.#at + 4);
    this.#at = this.#buffer.writeUInt32BE(value >>> 0, this.#at + 8);
  }

  int4(value: number): void {
    this.#reserve(8);
    this.#buffer.writeInt32BE(4, this.#at);
    this.#at = this.#buffer.writeInt32BE(value, this.#at + 4);
  }

  bool(value: boolean | undefined): void {
    if (value === undefined) return this.none();
    this.#reserve(5);
    this.#buffer.writeInt32BE(1, this.#at);
    this.#at = this.#buffer.writeUInt8(value ? 1 : 0, this.#at + 4);
  }

  /** A timestamptz in ms since 1970, or -infinity. */
  instant(ms: number | undefined): void {
    if (ms === undefined) return this.none();
    this.#reserve(12);
    this.#buffer.writeInt32BE(8, this.#at);
    const micros = ms === Number.NEGATIVE_INFINITY ? -(2n ** 63n) : BigInt(ms - POSTGRES_EPOCH_MS) * 1000n;
    this.#at = this.#buffer.writeBigInt64BE(micros, this.#at + 4);
  }

  none(): void {
    this.#reserve(4);
    this.#at = this.#buffer.writeInt32BE(-1, this.#at);
  }

  /** Everything so far with the format's end: ready to be sent. No row may be added after it. */
  finish(): Buffer {
    this.#reserve(TRAILER.length);
    this.#at += TRAILER.copy(this.#buffer, this.#at);
    return this.#buffer.subarray(0, this.#at);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(grown, 0, 0, this.#at);
    this.#buffer = grown;
  }
}
