/**
 * Keeps what was made for whole numbers, one thing a slot: the next number of the same slot drives it out. Cheaper to ask than
 * a map, and never larger than it was made.
 */
export class Slots<T> {
  readonly #mask: number;
  readonly #numbers: Float64Array;
  readonly #values: (T | undefined)[];

  /** @param size a power of two */
  constructor(size: number) {
    this.#mask = size - 1;
    this.#numbers = new Float64Array(size).fill(Number.NaN);
    this.#values = Array.from({ length: size });
  }

  get(number: number): T | undefined {
    const slot = number & this.#mask;
    return this.#numbers[slot] === number ? this.#values[slot] : undefined;
  }

  set(number: number, value: T): T {
    const slot = number & this.#mask;
    this.#numbers[slot] = number;
    this.#values[slot] = value;
    return value;
  }
}
