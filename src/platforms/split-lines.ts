const LF = 10;
const CR = 13;

/**
 * Cuts a byte stream into lines at LF, a CR before it dropped, without copying whole lines. A line longer than `maxBytes` is cut
 * there and goes on as the next line: nothing is lost and memory stays bounded.
 */
export class LineSplitter {
  #rest: Buffer[] = [];
  #restBytes = 0;
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of a line that has begun and not ended. */
  get pendingBytes(): number {
    return this.#restBytes;
  }

  /** Calls `onLine` for each line that ends in this chunk (empty lines too: keep-alives). Lines point into `chunk` where they can. */
  push(chunk: Buffer, onLine: (line: Buffer) => void): void {
    let start = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      if (this.#restBytes > 0) onLine(withoutReturn(this.#join(chunk.subarray(start, end))));
      else onLine(chunk[end - 1] === CR && end > start ? chunk.subarray(start, end - 1) : chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) {
      this.#rest.push(start === 0 ? chunk : Buffer.from(chunk.subarray(start)));
      this.#restBytes += chunk.length - start;
      if (this.#restBytes >= this.#maxBytes) onLine(this.#join());
    }
  }

  /** The bytes after the last LF when the stream has ended: half a line, or nothing. */
  take(): Buffer {
    return this.#join();
  }

  #join(last?: Buffer): Buffer {
    const line = last === undefined ? Buffer.concat(this.#rest) : Buffer.concat([...this.#rest, last]);
    this.#rest = [];
    this.#restBytes = 0;
    return line;
  }
}

function withoutReturn(line: Buffer): Buffer {
  return line[line.length - 1] === CR ? line.subarray(0, -1) : line;
}
