const CHUNK = 8192;

/** The ids of the posts that one connection was given, by line, eight bytes each. Lines that carry no post are kept as such. */
export class IdLog {
  readonly #chunks: BigUint64Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** @param id decimal, below 2^64; undefined for a line without a post */
  push(id: string | undefined): void {
    if (this.#length % CHUNK === 0) this.#chunks.push(new BigUint64Array(CHUNK));
    const chunk = this.#chunks.at(-1);
    // No post has the id 0.
    if (chunk !== undefined) chunk[this.#length % CHUNK] = id === undefined ? 0n : BigInt(id);
    this.#length++;
  }

  at(line: number): string | undefined {
    if (line >= this.#length) return undefined;
    const id = this.#chunks[Math.floor(line / CHUNK)]?.[line % CHUNK] ?? 0n;
    return id === 0n ? undefined : id.toString();
  }

  /** How many of the lines [from, to) carry a post. */
  countBetween(from: number, to: number): number {
    let count = 0;
    for (let line = from; line < to; line++) {
      if ((this.#chunks[Math.floor(line / CHUNK)]?.[line % CHUNK] ?? 0n) !== 0n) count++;
    }
    return count;
  }
}
