import { CHUNK_BYTES, type Chunk, type Cursor, type LineSource, LINE_END } from './feed.ts';
import { IdLog } from './id-log.ts';
import type { TimePace } from './time-pace.ts';
import type { Timed, Timeline } from './timeline.ts';

/** What a stream makes of an item: a line, without its end, and the id that truth knows it by. */
export interface Selected {
  readonly line: string;
  readonly id: string | undefined;
}

/** Undefined: this stream doesn't tell it. Called once for each item and connection, in order. */
export type Select<T> = (item: T) => Selected | undefined;

export interface TimelineRequest<T> {
  readonly select: Select<T>;
  /** Begin so far back. Default 0: with what has not been told yet. */
  readonly backfillMs?: number | undefined;
  /** Tell just this span, as fast as it is read, and end: from <= at < to, Unix ms of the world. */
  readonly span?: { readonly from: number; readonly to: number } | undefined;
  /** When this number changes, what was selected but not taken is selected again. */
  readonly revision?: (() => number) | undefined;
}

/** A timeline as a source of streams, of which each tells a part. */
export class TimelineFeed<T extends Timed> {
  readonly timeline: Timeline<T>;
  readonly pace: TimePace;
  /** How far the furthest paced reader has come. */
  #furthest: Place = { slice: Number.NEGATIVE_INFINITY, index: 0 };

  constructor(timeline: Timeline<T>, pace: TimePace) {
    this.timeline = timeline;
    this.pace = pace;
  }

  open({ select, backfillMs = 0, span, revision = () => 0 }: TimelineRequest<T>): TimelineCursor<T> {
    if (span !== undefined) {
      return new TimelineCursor({
        feed: this,
        select,
        start: this.#placeSince(span.from),
        until: span.to,
        openedBehindMs: 0,
        revision,
      });
    }
    const head = this.pace.head();
    const since = this.#placeSince(head - backfillMs + 1);
    const start =
      backfillMs === 0 && isBefore(since, this.#furthest) && this.pace.limit() > head ? this.#furthest : since;
    return new TimelineCursor({ feed: this, select, start, until: undefined, openedBehindMs: backfillMs, revision });
  }

  /** A paced reader has come so far. */
  passed(place: Place, at: number): void {
    if (isBefore(this.#furthest, place)) this.#furthest = place;
    this.pace.passed(at);
  }

  /** Of the first item at that instant or later. */
  #placeSince(at: number): Place {
    const slice = this.timeline.sliceAt(at);
    const index = this.timeline.slice(slice).findIndex((item) => item.at >= at);
    return index < 0 ? { slice: slice + 1, index: 0 } : { slice, index };
  }
}

interface Place {
  readonly slice: number;
  /** Of the next item. */
  readonly index: number;
}

function isBefore(a: Place, b: Place): boolean {
  return a.slice === b.slice ? a.index < b.index : a.slice < b.slice;
}

/** Items looked at in one go: so that a stream that finds little leaves the others their turn. */
const SCAN_ITEMS = 256;
/** Lines made ahead of their sending. */
const READY_LINES = 64;
/** A look for more is worth it only so often. */
const SCAN_PAUSE_MS = 20;

interface CursorParts<T extends Timed> {
  readonly feed: TimelineFeed<T>;
  readonly select: Select<T>;
  readonly start: Place;
  readonly until: number | undefined;
  readonly openedBehindMs: number;
  readonly revision: () => number;
}

interface Ready extends Selected {
  readonly at: number;
  readonly place: Place;
}

/** One connection's way along a timeline. Lines are numbered as they are taken, and their ids remembered for truth. */
export class TimelineCursor<T extends Timed> implements Cursor, LineSource {
  readonly endsAs = 'end-of-span';
  position = 0;
  readonly #parts: CursorParts<T>;
  readonly #ids = new IdLog();
  #slice: number;
  #index: number;
  #ready: Ready[] = [];
  #taken = 0;
  /** Where to go on when what is ready is thrown away: behind the last thing taken, or passed over while nothing was ready. */
  #resume: Place;
  #passedAt: number | undefined;
  /** Nothing of the span is left to look at. */
  #walked = false;
  /** The last look ended for want of things due, not of patience. */
  #atHead = false;
  #hasCaughtUp = false;
  #revision: number;

  constructor(parts: CursorParts<T>) {
    this.#parts = parts;
    this.#revision = parts.revision();
    this.#slice = parts.start.slice;
    this.#index = parts.start.index;
    this.#resume = parts.start;
  }

  get ended(): boolean {
    return this.#walked && this.#waiting === 0;
  }

  due(): number {
    const revision = this.#parts.revision();
    if (revision !== this.#revision && this.#waiting > 0) {
      this.#slice = this.#resume.slice;
      this.#index = this.#resume.index;
      this.#taken = this.#ready.length;
    }
    this.#revision = revision;
    if (this.#waiting === 0) this.#scan();
    return this.#waiting;
  }

  msUntilDue(): number {
    if (this.#waiting > 0) return 0;
    if (this.ended) return Number.POSITIVE_INFINITY;
    return this.#atHead ? Math.max(SCAN_PAUSE_MS, this.#parts.feed.pace.msUntil(this.#nextAt())) : 0;
  }

  take(maxLines: number): Chunk {
    let bytes = '';
    let lines = 0;
    for (; lines < maxLines && this.#waiting > 0 && bytes.length < CHUNK_BYTES; lines++)
      bytes += this.#next() + LINE_END;
    this.#tellPassed();
    return { bytes, lines };
  }

  takeLine(): Buffer {
    const line = Buffer.from(this.#next());
    this.#tellPassed();
    return line;
  }

  tooFarBehind(): boolean {
    const { feed, until, openedBehindMs } = this.#parts;
    if (until !== undefined) return false;
    const at = this.#ready[this.#taken]?.at ?? this.#nextAt();
    return feed.pace.tooFarBehind(at, this.#hasCaughtUp ? 0 : openedBehindMs);
  }

  postIdAt(line: number): string | undefined {
    return this.#ids.at(line);
  }

  postsBetween(from: number, to: number): number {
    return this.#ids.countBetween(from, to);
  }

  get #waiting(): number {
    return this.#ready.length - this.#taken;
  }

  #next(): string {
    const next = this.#ready[this.#taken++];
    if (next === undefined) throw new Error('a line was taken that is not due');
    this.#resume = { slice: next.place.slice, index: next.place.index + 1 };
    this.#passedAt = next.at;
    this.#ids.push(next.id);
    this.position++;
    return next.line;
  }

  #scan(): void {
    const { feed, select, until } = this.#parts;
    const { timeline, pace } = feed;
    const limit = until === undefined ? pace.limit() : until - 1;
    this.#ready = [];
    this.#taken = 0;
    this.#atHead = false;
    for (let looked = 0; looked < SCAN_ITEMS && this.#ready.length < READY_LINES; looked++) {
      const item = timeline.slice(this.#slice)[this.#index];
      const at = item?.at ?? (this.#slice + 1) * timeline.sliceMs - 1;
      if (at > limit) {
        this.#atHead = true;
        this.#walked = until !== undefined;
        break;
      }
      if (this.#ready.length === 0) this.#passedAt = at;
      if (item === undefined) {
        this.#slice++;
        this.#index = 0;
        continue;
      }
      const place = { slice: this.#slice, index: this.#index++ };
      const selected = select(item);
      if (selected !== undefined) this.#ready.push({ ...selected, at, place });
    }
    if (this.#atHead && this.#waiting === 0) this.#hasCaughtUp = true;
    if (this.#waiting === 0) {
      this.#resume = { slice: this.#slice, index: this.#index };
      this.#tellPassed();
    }
  }

  /** What was looked at but not taken is left to others. */
  #tellPassed(): void {
    const { feed, until } = this.#parts;
    if (until !== undefined) return;
    if (this.#passedAt !== undefined) feed.passed(this.#resume, this.#passedAt);
  }

  /** When the next thing to look at was made, or the end of its slice when that holds no more. */
  #nextAt(): number {
    const { timeline } = this.#parts.feed;
    return timeline.slice(this.#slice)[this.#index]?.at ?? (this.#slice + 1) * timeline.sliceMs - 1;
  }
}
