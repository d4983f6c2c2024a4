import type { PostTime } from './model.ts';
import { mix } from './random.ts';

/**
 * The world shows what a 1 % sample shows: the posts made in the ten milliseconds 657..666 of each Unix second
 * (the window that Dai 2013, Kergl et al. 2014 and Pfeffer et al. 2018 found in the platform's free sample).
 */
export const WINDOW_START_MS = 657;
export const WINDOW_MS = 10;
const MACHINES = 1024;
const SEQUENCES = 4096;

/**
 * Says when post `index` of the sample is made, and back. `density` posts (may be below 1) fall into each second.
 * Times and slots grow with the index and no two posts share both.
 */
export class Schedule {
  readonly startSecond: number;
  readonly density: number;

  /** @param startAt Unix ms; the world begins with the second that holds it */
  constructor(startAt: number, density: number) {
    this.startSecond = Math.floor(startAt / 1000);
    this.density = density;
    if (density > MAX_DENSITY) throw new RangeError(`at most ${MAX_DENSITY} posts per second of world time`);
  }

  timeOf(index: number): PostTime {
    const second = this.secondOf(index);
    const first = this.firstOf(second);
    const inSecond = this.firstOf(second + 1) - first;
    const nth = index - first;
    const ms = Math.floor((nth * WINDOW_MS) / inSecond);
    const firstOfMs = Math.ceil((ms * inSecond) / WINDOW_MS);
    const inMs = Math.ceil(((ms + 1) * inSecond) / WINDOW_MS) - firstOfMs;
    const at = (this.startSecond + second) * 1000 + WINDOW_START_MS + ms;
    return { at, slot: slotOf(nth - firstOfMs, inMs, index) };
  }

  /** Index of the post made exactly then, or undefined. */
  indexOf({ at, slot }: PostTime): number | undefined {
    const second = Math.floor(at / 1000) - this.startSecond;
    if (second < 0) return undefined;
    let low = this.firstOf(second);
    let high = this.firstOf(second + 1);
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const time = this.timeOf(middle);
      if (time.at === at && time.slot === slot) return middle;
      if (time.at < at || (time.at === at && time.slot < slot)) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }

  /** Index of the first post of a second, counted from the start. */
  firstOf(second: number): number {
    return Math.ceil(second * this.density);
  }

  /** Which second, counted from the start, a post falls into. */
  secondOf(index: number): number {
    let second = Math.floor(index / this.density);
    // Division and multiplication round differently; firstOf() is the definition, so it has the last word.
    while (this.firstOf(second) > index) second--;
    while (this.firstOf(second + 1) <= index) second++;
    return second;
  }
}

/** Each of the 1,024 machines numbers its posts of a millisecond from 0, as snowflake generators do. */
function slotOf(nth: number, count: number, index: number): number {
  if (count <= MACHINES) {
    const first = Math.floor((nth * MACHINES) / count);
    const room = Math.floor(((nth + 1) * MACHINES) / count) - first;
    return (first + ((mix(index) >>> 0) % room)) * SEQUENCES;
  }
  const machine = Math.floor((nth * MACHINES) / count);
  const firstOfMachine = Math.ceil((machine * count) / MACHINES);
  return machine * SEQUENCES + (nth - firstOfMachine);
}

/** Posts per second that the slots of ten milliseconds can hold. */
export const MAX_DENSITY = MACHINES * SEQUENCES * WINDOW_MS;
