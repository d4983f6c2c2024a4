/** Text as UTF-8 while it grows: most cells are short and plain, and written letter by letter; all others by the system's encoder. */

const FIRST_BYTES = 64 * 1024;
/** UTF-8 for a unit of UTF-16. */
const MOST_BYTES_PER_UNIT = 3;
/** Up to here a loop over the letters is quicker than the call into native code. */
const SHORT_TEXT = 48;
/** What some format of a cell takes care of. */
const SPECIAL = Uint8Array.from({ length: 128 }, (_, code) =>
  '",\t\r\n\0'.includes(String.fromCharCode(code)) ? 1 : 0,
);

export class TextBytes {
  #room = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #filled = 0;

  /** Half of a pair, which is no Unicode, becomes U+FFFD. */
  add(text: string): void {
    this.#reserve(text.length * MOST_BYTES_PER_UNIT);
    this.#filled += this.#room.write(text, this.#filled);
  }

  /** Adds what is UTF-8 already. */
  addBytes(bytes: Buffer): void {
    this.#reserve(bytes.length);
    this.#filled += bytes.copy(this.#room, this.#filled);
  }

  /** Adds one letter of ASCII, by its code. */
  addLetter(code: number): void {
    this.#reserve(1);
    this.#room[this.#filled++] = code;
  }

  /** Adds a short text of ASCII without quotes, commas, tabs, line ends and U+0000; false for any other, of which nothing is added. */
  addPlain(text: string): boolean {
    const { length } = text;
    if (length > SHORT_TEXT) return false;
    this.#reserve(length);
    const room = this.#room;
    const start = this.#filled;
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code > 127 || SPECIAL[code] === 1) return false;
      room[start + at] = code;
    }
    this.#filled = start + length;
    return true;
  }

  /** What was added since the last time; holds only until more is added. */
  take(): Buffer {
    const taken = this.#room.subarray(0, this.#filled);
    this.#filled = 0;
    return taken;
  }

  #reserve(bytes: number): void {
    if (this.#filled + bytes <= this.#room.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#filled + bytes, 2 * this.#room.length));
    this.#room.copy(grown, 0, 0, this.#filled);
    this.#room = grown;
  }
}
