import type { PostTime } from './model.ts';
import { mix } from './random.ts';
import { Schedule, WINDOW_MS, WINDOW_START_MS } from './schedule.ts';

/** A power of two. */
const KEPT = 256;
const MS_OUTSIDE = 1000 - WINDOW_MS;

/**
 * When each post of the world is made. Posts are numbered in order of time: 0 is the first one since the world's start, the
 * past has negative numbers. From the start on each second holds the posts of the sample (those in its window of ten
 * milliseconds, `Schedule`) and, around them, `background` posts; before the start there is only background.
 */
export class Calendar {
  readonly sample: Schedule;
  readonly startSecond: number;
  readonly #background: number;
  readonly #kept: (Second | undefined)[] = Array.from({ length: KEPT });

  /** @param density sample posts per second; @param background others per second, at most 500 */
  constructor(startAt: number, density: number, background: number) {
    this.sample = new Schedule(startAt, density);
    this.startSecond = this.sample.startSecond;
    this.#background = background;
  }

  timeOf(number: number): PostTime {
    const { second, first, early, sampled } = this.#secondWith(number);
    const nth = number - first;
    if (nth >= early && nth < early + sampled) return this.sample.timeOf(this.sample.firstOf(second) + nth - early);
    return this.#backgroundTime(second, nth < early ? nth : nth - sampled);
  }

  /** Number of the post made exactly then, or undefined. */
  numberOf(time: PostTime): number | undefined {
    const second = Math.floor(time.at / 1000) - this.startSecond;
    const ms = time.at - (this.startSecond + second) * 1000;
    if (ms >= WINDOW_START_MS && ms < WINDOW_START_MS + WINDOW_MS) {
      const index = this.sample.indexOf(time);
      return index === undefined ? undefined : this.ofSample(index);
    }
    const count = this.#backgroundIn(second);
    if (count === 0) return undefined;
    const place = ms < WINDOW_START_MS ? ms : ms - WINDOW_MS;
    // The last share that begins at this place or before: shares begin at ceil(nth * MS_OUTSIDE / count).
    const nth = Math.floor((place * count) / MS_OUTSIDE);
    const found = this.#backgroundTime(second, nth);
    if (found.at !== time.at || found.slot !== time.slot) return undefined;
    const sampled = nth < this.#earlyIn(second) ? 0 : this.#sampledIn(second);
    return this.#firstOf(second) + nth + sampled;
  }

  /** Number of the first post made at `at` (Unix ms) or later. */
  firstSince(at: number): number {
    const second = Math.floor(at / 1000) - this.startSecond;
    let low = this.#firstOf(second);
    let high = this.#firstOf(second + 1);
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.timeOf(middle).at < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Number of the sample's post `index`. */
  ofSample(index: number): number {
    const second = this.sample.secondOf(index);
    return this.#firstOf(second) + this.#earlyIn(second) + index - this.sample.firstOf(second);
  }

  #firstOf(second: number): number {
    return this.#firstBackground(second) + (second > 0 ? this.sample.firstOf(second) : 0);
  }

  #firstBackground(second: number): number {
    return Math.ceil(second * this.#background);
  }

  #backgroundIn(second: number): number {
    return this.#firstBackground(second + 1) - this.#firstBackground(second);
  }

  #sampledIn(second: number): number {
    return second < 0 ? 0 : this.sample.firstOf(second + 1) - this.sample.firstOf(second);
  }

  /** How many background posts of a second come before the sample's window. */
  #earlyIn(second: number): number {
    const count = this.#backgroundIn(second);
    const whole = Math.floor((WINDOW_START_MS * count) / MS_OUTSIDE);
    return whole < count && this.#placeOf(second, whole, count) < WINDOW_START_MS ? whole + 1 : whole;
  }

  /** Each has a share of the second to itself, and falls somewhere into it. */
  #placeOf(second: number, nth: number, count: number): number {
    const first = Math.ceil((nth * MS_OUTSIDE) / count);
    const room = Math.ceil(((nth + 1) * MS_OUTSIDE) / count) - first;
    return first + ((mix(second * 613 + nth) >>> 0) % room);
  }

  #backgroundTime(second: number, nth: number): PostTime {
    const place = this.#placeOf(second, nth, this.#backgroundIn(second));
    const ms = place < WINDOW_START_MS ? place : place + WINDOW_MS;
    const number = this.#firstBackground(second) + nth;
    // Bit 11 tells later versions of edited posts from the rest.
    return { at: (this.startSecond + second) * 1000 + ms, slot: mix(number ^ 0x2545f491) & 0x3ff00f };
  }

  /** What a second is made of; asked again and again for the same few. */
  #secondWith(number: number): Second {
    const density = number < 0 ? this.#background : this.#background + this.sample.density;
    const guess = Math.floor(number / density);
    const kept = this.#kept[guess & (KEPT - 1)];
    if (kept?.second === guess && kept.first <= number && number < kept.end) return kept;
    const second = this.#secondOf(number);
    const made: Second = {
      second,
      first: this.#firstOf(second),
      end: this.#firstOf(second + 1),
      early: this.#earlyIn(second),
      sampled: this.#sampledIn(second),
    };
    this.#kept[second & (KEPT - 1)] = made;
    return made;
  }

  #secondOf(number: number): number {
    const density = number < 0 ? this.#background : this.#background + this.sample.density;
    let second = Math.floor(number / density);
    while (this.#firstOf(second) > number) second--;
    while (this.#firstOf(second + 1) <= number) second++;
    return second;
  }
}

interface Second {
  /** Counted from the world's start. */
  readonly second: number;
  /** Number of its first post, and of the first one after it. */
  readonly first: number;
  readonly end: number;
  /** Background posts before the sample's window. */
  readonly early: number;
  readonly sampled: number;
}
