import { DAY_MS } from './search-window.ts';

export type Granularity = 'minute' | 'hour' | 'day';

export const GRANULARITIES: Readonly<Record<Granularity, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: DAY_MS,
};

/** A span of time, Unix ms, half-open, and how many posts matched in it. */
export interface Bucket {
  readonly start: number;
  readonly end: number;
  count: number;
}

/** Buckets of a granularity over `start .. end`, oldest first, aligned to UTC: the first and the last may be shorter. */
export class Buckets {
  readonly list: readonly Bucket[];
  readonly #step: number;
  readonly #origin: number;

  constructor(start: number, end: number, granularity: Granularity) {
    const step = GRANULARITIES[granularity];
    this.#step = step;
    this.#origin = Math.floor(start / step);
    const list: Bucket[] = [];
    for (let from = start; from < end; ) {
      const to = Math.min(end, (Math.floor(from / step) + 1) * step);
      list.push({ start: from, end: to, count: 0 });
      from = to;
    }
    this.list = list;
  }

  /** Counts one post of an instant; what lies outside isn't counted. */
  add(instant: number): void {
    const bucket = this.list[Math.floor(instant / this.#step) - this.#origin];
    if (bucket !== undefined) bucket.count++;
  }

  /** Spreads so many posts a millisecond over `start .. end`. Leaves fractions: `round` them in the end. */
  spread(start: number, end: number, perMs: number): void {
    const first = Math.max(0, Math.floor(start / this.#step) - this.#origin);
    for (const bucket of this.list.slice(first)) {
      if (bucket.start >= end) return;
      bucket.count += perMs * Math.max(0, Math.min(end, bucket.end) - Math.max(start, bucket.start));
    }
  }

  /** Makes whole numbers of fractions; what one bucket loses is the next one's. */
  round(): void {
    let owed = 0;
    for (const bucket of this.list) {
      owed += bucket.count;
      bucket.count = Math.round(owed);
      owed -= bucket.count;
    }
  }

  get total(): number {
    return this.list.reduce((sum, { count }) => sum + count, 0);
  }
}
