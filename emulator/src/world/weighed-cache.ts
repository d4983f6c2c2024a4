/**
 * Keeps what was made lately, up to a weight: what wasn't asked for while as much again came in is forgotten. Two
 * generations instead of one list by age: a look-up costs no reordering.
 */
export class WeighedCache<K, V> {
  readonly #most: number;
  #young = new Map<K, Weighed<V>>();
  #old = new Map<K, Weighed<V>>();
  #weight = 0;

  /** @param most weight of both generations together, about */
  constructor(most: number) {
    this.#most = most / 2;
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young.value;
    const old = this.#old.get(key);
    if (old !== undefined) this.#put(key, old);
    return old?.value;
  }

  set(key: K, value: V, weight: number): void {
    this.#put(key, { value, weight });
  }

  #put(key: K, weighed: Weighed<V>): void {
    this.#young.set(key, weighed);
    this.#weight += weighed.weight;
    if (this.#weight < this.#most) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#weight = 0;
  }
}

interface Weighed<V> {
  readonly value: V;
  readonly weight: number;
}
