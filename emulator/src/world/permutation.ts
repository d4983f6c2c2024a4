import { mix } from './random.ts';

const STEPS = 4;

/** A shuffle of 0 .. size-1 that is computed, not kept: a Feistel network over the next power of two, walked until inside. */
export class Permutation {
  readonly size: number;
  readonly #key: number;
  readonly #lowBits: number;
  readonly #lowMask: number;
  readonly #highMask: number;

  /** @param size 1 .. 2^30; @param key any 32 bits */
  constructor(size: number, key: number) {
    this.size = size;
    this.#key = key;
    const bits = Math.max(2, 32 - Math.clz32(size - 1));
    this.#lowBits = bits >> 1;
    this.#lowMask = (1 << this.#lowBits) - 1;
    this.#highMask = (1 << (bits - this.#lowBits)) - 1;
  }

  /** @param tweak another shuffle for each */
  at(index: number, tweak = 0): number {
    const key = mix(this.#key ^ Math.imul(tweak, 0x9e3779b1));
    let x = index;
    do x = this.#forth(x, key);
    while (x >= this.size);
    return x;
  }

  indexOf(value: number, tweak = 0): number {
    const key = mix(this.#key ^ Math.imul(tweak, 0x9e3779b1));
    let x = value;
    do x = this.#back(x, key);
    while (x >= this.size);
    return x;
  }

  #forth(x: number, key: number): number {
    let low = x & this.#lowMask;
    let high = x >> this.#lowBits;
    for (let step = 0; step < STEPS; step += 2) {
      low ^= mix(high + key + step) & this.#lowMask;
      high ^= mix(low + key + step + 0x5bd1) & this.#highMask;
    }
    return (high << this.#lowBits) | low;
  }

  #back(x: number, key: number): number {
    let low = x & this.#lowMask;
    let high = x >> this.#lowBits;
    for (let step = STEPS - 2; step >= 0; step -= 2) {
      high ^= mix(low + key + step + 0x5bd1) & this.#highMask;
      low ^= mix(high + key + step) & this.#lowMask;
    }
    return (high << this.#lowBits) | low;
  }
}
