const WINDOW = 10;

/** Posts per second, the mean of the last ten whole seconds. */
export class PostRate {
  #current = 0;
  #seconds: number[] = [];

  count(): void {
    this.#current++;
  }

  /** Called once a second. */
  tick(): void {
    this.#seconds.push(this.#current);
    if (this.#seconds.length > WINDOW) this.#seconds.shift();
    this.#current = 0;
  }

  get perSecond(): number {
    const sum = this.#seconds.reduce((total, posts) => total + posts, 0);
    return this.#seconds.length === 0 ? 0 : Math.round((sum / this.#seconds.length) * 10) / 10;
  }
}
