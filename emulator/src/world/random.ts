/**
 * Counter-based random numbers: everything the world draws is a pure function of (seed, stream, index), so that any
 * post or account can be made again at any time, in any order, without keeping it. sfc32 behind a 32-bit mixer.
 */
export class Random {
  readonly #seedLow: number;
  readonly #seedHigh: number;
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  /** @param seed integer 0 .. 2^53-1 */
  constructor(seed: number) {
    this.#seedLow = mix((seed | 0) ^ 0x3c6ef372);
    this.#seedHigh = mix(Math.floor(seed / 0x1_0000_0000) ^ 0x1b873593);
  }

  /** Starts the sequence that belongs to `index` (integer, up to 2^53) of `stream`; returns itself. */
  at(stream: number, index: number): this {
    this.#a = mix((index | 0) ^ this.#seedLow);
    this.#b = mix(Math.floor(index / 0x1_0000_0000) ^ this.#seedHigh) ^ stream;
    this.#c = mix(Math.imul(stream, 0x9e3779b1) ^ this.#seedLow);
    this.#d = 1;
    // Fewer rounds leave the first numbers of neighbouring indexes alike.
    for (let round = 0; round < 8; round++) this.u32();
    return this;
  }

  /** 0 .. 2^32-1 */
  u32(): number {
    const t = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + t) | 0;
    return t >>> 0;
  }

  /** [0, 1) with 32 bits */
  float(): number {
    return this.u32() / 0x1_0000_0000;
  }

  /** Integer 0 .. n-1, n up to 2^32 */
  below(n: number): number {
    return Math.floor(this.float() * n);
  }

  chance(probability: number): boolean {
    return this.float() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('pick from an empty list');
    return item;
  }

  /** Heavy tail: small results are common, `n - 1` is rare (log-uniform over 0 .. n-1). */
  heavyTail(n: number): number {
    return Math.min(n - 1, Math.floor(Math.exp(this.float() * Math.log(n + 1))) - 1);
  }
}

/** Spreads 32 bits so that near inputs have far outputs. */
export function mix(x: number): number {
  let y = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  y = Math.imul(y ^ (y >>> 15), 0x846ca68b);
  return (y ^ (y >>> 16)) | 0;
}
