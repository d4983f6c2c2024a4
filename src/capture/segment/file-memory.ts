/** Memory that one file after the other is read into, for whoever reads many of a size and needs one at a time. */
import type { FileHandle } from 'node:fs/promises';

/**
 * With memory of its own for each file a thread takes and gives back so much that V8 collects garbage every few files, though there is next
 * to none: a tenth of what sealing cost.
 */
export class FileMemory {
  #bytes: Buffer = Buffer.alloc(0);
  readonly #mostKeptBytes: number;

  /** More than so many bytes are not kept between files. */
  constructor(mostKeptBytes: number) {
    this.#mostKeptBytes = mostKeptBytes;
  }

  /** The whole file, from its beginning. What was read before is overwritten. */
  async read(file: FileHandle): Promise<Buffer> {
    const { size } = await file.stat();
    if (this.#bytes.length < size) {
      this.#free();
      this.#bytes = Buffer.allocUnsafeSlow(size + (size >> 3)); // the next one may be a little larger
    }
    let at = 0;
    while (at < size) {
      const { bytesRead } = await file.read(this.#bytes, at, size - at, at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return this.#bytes.subarray(0, at);
  }

  /** What was read is used up. Memory that is not kept goes back at once. */
  release(): void {
    if (this.#bytes.length > this.#mostKeptBytes) this.#free();
  }

  #free(): void {
    (this.#bytes.buffer as ArrayBuffer).transfer(0);
    this.#bytes = Buffer.alloc(0);
  }
}
