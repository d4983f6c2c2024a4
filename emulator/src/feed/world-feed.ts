import { CHUNK_BYTES, type Chunk, type Cursor, type Feed, type FeedRequest, LINE_END } from './feed.ts';
import { postRenderer } from '../api/render-post.ts';
import { USUAL_WORDING, type Wording } from '../api/wording.ts';
import { renderText } from '../api/render-text.ts';
import { postId, postTime } from '../world/ids.ts';
import type { Post } from '../world/model.ts';
import { mix } from '../world/random.ts';
import type { SeededWorld } from '../world/seeded-world.ts';

/** Says how far the world has been delivered, and when the next post will be. */
export interface Pace {
  /** Posts [0, head) have been delivered to whoever listened. */
  head(): number;
  /** First post delivered in the last `minutes`. */
  since(minutes: number): number;
  due(position: number): number;
  msUntilDue(position: number): number;
  /** A connection has been given all posts before `position`. */
  passed(position: number): void;
  tooFarBehind(position: number, hasCaughtUp: boolean, openedBehind: number): boolean;
}

/** The world as a feed. Nothing is buffered for anybody: a late reader's lines are made when it takes them. */
export function worldFeed(world: SeededWorld, pace: Pace, wording: Wording = USUAL_WORDING): Feed {
  const visible = new VisibleCount(world);
  return {
    open: (request) => new WorldCursor(world, pace, request, wording),
    postIdAt: (line) => (world.isSampleVisible(line) ? postId(world.schedule.timeOf(line)) : undefined),
    postsBetween: (from, to) => visible.before(to) - visible.before(from),
    textOf: (id) => {
      const time = postTime(id);
      const index = time && world.schedule.indexOf(time);
      return index === undefined ? undefined : renderText(world, world.sampled(index));
    },
  };
}

/**
 * Delivery in step with a clock: post i between i/rate and (i + 0.9)/rate seconds after the start, the exact moment
 * wobbling from post to post; order never changes.
 * @param elapsedMs monotonic milliseconds of world time since the emulator's start
 * @param maxBehindSec a reader that lags by more real seconds (and by more than 1,000 posts) is dropped
 * @param speed how much faster than the reader's time world time runs
 */
export function livePace(rate: number, elapsedMs: () => number, maxBehindSec: number, speed = 1): Pace {
  const WOBBLE = 0.9;
  const momentOf = (post: number): number => post + (WOBBLE * (mix(post) >>> 0)) / 0x1_0000_0000;
  const headAt = (ms: number): number => {
    if (ms < 0) return 0;
    const passed = (ms / 1000) * rate;
    const whole = Math.floor(passed);
    return momentOf(whole) <= passed ? whole + 1 : whole;
  };
  const head = (): number => headAt(elapsedMs());
  const bound = Math.max(1000, maxBehindSec * rate * speed);
  return {
    head,
    since: (minutes) => headAt(elapsedMs() - minutes * 60_000),
    due: (position) => head() - position,
    msUntilDue: (position) => Math.max(0, (momentOf(position) / rate) * 1000 - elapsedMs()) / speed,
    passed: () => undefined,
    tooFarBehind: (position, hasCaughtUp, openedBehind) =>
      head() - position > (hasCaughtUp ? bound : openedBehind + bound),
  };
}

/**
 * Delivery as fast as each reader reads: the sender waits, nobody is dropped. The world stands where its fastest reader
 * has come to, and a new connection starts there, so that a reconnect goes on where the last one ended.
 * @param density posts per second of world time; backfill minutes are minutes of that time
 */
export function flatOutPace(density: number): Pace {
  let head = 0;
  return {
    head: () => head,
    since: (minutes) => Math.max(0, head - Math.floor(minutes * 60 * density)),
    due: () => Number.POSITIVE_INFINITY,
    msUntilDue: () => 0,
    passed: (position) => {
      head = Math.max(head, position);
    },
    tooFarBehind: () => false,
  };
}

class WorldCursor implements Cursor {
  readonly ended = false;
  position: number;
  readonly #world: SeededWorld;
  readonly #pace: Pace;
  readonly #render: (post: Post) => string;
  readonly #openedBehind: number;
  #hasCaughtUp = false;

  constructor(world: SeededWorld, pace: Pace, request: FeedRequest, wording: Wording) {
    this.#world = world;
    this.#pace = pace;
    this.#render = postRenderer(world, request.fields, wording);
    const head = pace.head();
    this.position = request.backfillMinutes > 0 ? pace.since(request.backfillMinutes) : head;
    this.#openedBehind = head - this.position;
    this.#skipHidden();
  }

  due(): number {
    const due = this.#pace.due(this.position);
    if (due <= 0) this.#hasCaughtUp = true;
    return Math.max(0, due);
  }

  msUntilDue(): number {
    return this.#pace.msUntilDue(this.position);
  }

  take(maxLines: number): Chunk {
    let bytes = '';
    let lines = 0;
    let posts = 0;
    // String length is an underestimate of bytes; good enough, for CHUNK_BYTES is only a size to aim at.
    for (; lines < maxLines && bytes.length < CHUNK_BYTES; lines++) {
      const line = this.position + lines;
      if (!this.#world.isSampleVisible(line)) continue;
      bytes += this.#render(this.#world.sampled(line)) + LINE_END;
      posts++;
    }
    this.#advance(lines);
    return { bytes, lines, posts };
  }

  takeLine(): Buffer {
    const line = Buffer.from(this.#render(this.#world.sampled(this.position)));
    this.#advance(1);
    return line;
  }

  tooFarBehind(): boolean {
    return this.#pace.tooFarBehind(this.position, this.#hasCaughtUp, this.#openedBehind);
  }

  #advance(lines: number): void {
    this.position += lines;
    this.#pace.passed(this.position);
    this.#skipHidden();
  }

  /** So that a line that is taken is always a post. */
  #skipHidden(): void {
    while (!this.#world.isSampleVisible(this.position)) this.position++;
  }
}

/** Counts the posts of the sample that were in sight; most worlds hide few, and none at first. */
class VisibleCount {
  readonly #world: SeededWorld;
  /** Of the first n * STEP posts. */
  readonly #counts: number[] = [0];

  constructor(world: SeededWorld) {
    this.#world = world;
  }

  before(index: number): number {
    const whole = Math.floor(index / VISIBLE_STEP);
    for (let n = this.#counts.length; n <= whole; n++) {
      this.#counts.push((this.#counts[n - 1] ?? 0) + this.#count((n - 1) * VISIBLE_STEP, n * VISIBLE_STEP));
    }
    return (this.#counts[whole] ?? 0) + this.#count(whole * VISIBLE_STEP, index);
  }

  #count(from: number, to: number): number {
    if (to > from && this.#world.life.isQuiet(this.#world.schedule.timeOf(to - 1).at)) return to - from;
    let count = 0;
    for (let index = from; index < to; index++) if (this.#world.isSampleVisible(index)) count++;
    return count;
  }
}

const VISIBLE_STEP = 4096;
