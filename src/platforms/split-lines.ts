import { isUtf8 } from 'node:buffer';

const LF = 10;
const CR = 13;

/**
 * One line, as positions in a buffer: `bytes[from..to)`, without its line end. The splitter gives the same object again for the next
 * line, so use it before returning. `plain`: the bytes are UTF-8 and hold no CR.
 */
export type Line = { bytes: Buffer; from: number; to: number; plain: boolean };

/**
 * Cuts a byte stream into lines at LF, a CR before it dropped, without copying lines that lie in one chunk. A line that grows to
 * `maxBytes` over its chunks is cut there and goes on as the next line: nothing is lost and memory stays bounded.
 */
export class LineSplitter {
  #rest: Buffer[] = [];
  #restBytes = 0;
  readonly #maxBytes: number;
  readonly #line: Line = { bytes: Buffer.alloc(0), from: 0, to: 0, plain: true };

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Calls `onLine` for each line that ends in this chunk (empty lines too: keep-alives). What is left of the chunk is
   * copied, so its memory may be used again. UTF-8 is checked once for all lines of a chunk: a line end never lies inside a character.
   */
  push(chunk: Buffer, onLine: (line: Line) => void): void {
    let end = chunk.indexOf(LF);
    if (end === -1) return this.#keep(Buffer.from(chunk), onLine);
    let from = 0;
    if (this.#restBytes > 0) {
      this.#joined(chunk.subarray(0, end), onLine);
      from = end + 1;
      end = chunk.indexOf(LF, from);
    }
    if (end !== -1) {
      const allUtf8 = isUtf8(chunk.subarray(from, chunk.lastIndexOf(LF)));
      const line = this.#line;
      line.bytes = chunk;
      let nextReturn = -1;
      for (; end !== -1; end = chunk.indexOf(LF, from)) {
        if (nextReturn < from && nextReturn !== chunk.length) nextReturn = indexOrEnd(chunk, from);
        line.from = from;
        line.to = end > from && chunk[end - 1] === CR ? end - 1 : end;
        line.plain = nextReturn >= line.to && (allUtf8 || isUtf8(chunk.subarray(from, line.to)));
        onLine(line);
        from = end + 1;
      }
    }
    if (from < chunk.length) this.#keep(Buffer.from(chunk.subarray(from)), onLine);
  }

  /** The bytes after the last LF when the stream has ended: half a line; `from === to` when there is none. */
  take(): Line {
    const bytes = this.#join();
    return { bytes, from: 0, to: bytes.length, plain: isPlain(bytes) };
  }

  #keep(bytes: Buffer, onLine: (line: Line) => void): void {
    this.#rest.push(bytes);
    this.#restBytes += bytes.length;
    if (this.#restBytes >= this.#maxBytes) onLine(this.take());
  }

  /** The line that began in earlier chunks and ends with `last`. */
  #joined(last: Buffer, onLine: (line: Line) => void): void {
    const bytes = this.#join(last);
    const to = bytes[bytes.length - 1] === CR ? bytes.length - 1 : bytes.length;
    onLine({ bytes, from: 0, to, plain: isPlain(bytes.subarray(0, to)) });
  }

  #join(last?: Buffer): Buffer {
    const bytes = Buffer.concat(last === undefined ? this.#rest : [...this.#rest, last]);
    this.#rest = [];
    this.#restBytes = 0;
    return bytes;
  }
}

function indexOrEnd(chunk: Buffer, from: number): number {
  const at = chunk.indexOf(CR, from);
  return at === -1 ? chunk.length : at;
}

function isPlain(bytes: Buffer): boolean {
  return !bytes.includes(CR) && isUtf8(bytes);
}
