import { CHUNK_BYTES, type Chunk, type Cursor, type Feed, type FeedRequest, LINE_END } from './feed.ts';
import { postRenderer } from '../api/render-post.ts';
import { renderText } from '../api/render-text.ts';
import { snowflakeOf, timeOfSnowflake } from '../api/snowflake.ts';
import { mix } from '../world/random.ts';
import type { Post, World } from '../world/world.ts';

/** Says how far the world has been delivered, and when the next post will be. */
interface Pace {
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
export function worldFeed(world: World, pace: Pace): Feed {
  return {
    open: (request) => new WorldCursor(world, pace, request),
    postIdAt: (line) => snowflakeOf(world.schedule.timeOf(line)),
    postsBetween: (from, to) => to - from,
    textOf: (postId) => {
      const time = timeOfSnowflake(postId);
      const index = time && world.schedule.indexOf(time);
      return index === undefined ? undefined : renderText(world, world.post(index));
    },
  };
}

/**
 * Delivery in step with a clock: post i between i/rate and (i + 0.9)/rate seconds after the start, the exact moment
 * wobbling from post to post; order never changes.
 * @param elapsedMs monotonic milliseconds since the emulator's start
 * @param maxBehindSec a reader that lags by more (and by more than 1,000 posts) is dropped
 */
export function livePace(rate: number, elapsedMs: () => number, maxBehindSec: number): Pace {
  const WOBBLE = 0.9;
  const momentOf = (post: number): number => post + (WOBBLE * (mix(post) >>> 0)) / 0x1_0000_0000;
  const headAt = (ms: number): number => {
    if (ms < 0) return 0;
    const passed = (ms / 1000) * rate;
    const whole = Math.floor(passed);
    return momentOf(whole) <= passed ? whole + 1 : whole;
  };
  const head = (): number => headAt(elapsedMs());
  const bound = Math.max(1000, maxBehindSec * rate);
  return {
    head,
    since: (minutes) => headAt(elapsedMs() - minutes * 60_000),
    due: (position) => head() - position,
    msUntilDue: (position) => Math.max(0, (momentOf(position) / rate) * 1000 - elapsedMs()),
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
  readonly #world: World;
  readonly #pace: Pace;
  readonly #render: (post: Post) => string;
  readonly #openedBehind: number;
  #hasCaughtUp = false;

  constructor(world: World, pace: Pace, request: FeedRequest) {
    this.#world = world;
    this.#pace = pace;
    this.#render = postRenderer(world, request.fields);
    const head = pace.head();
    this.position = request.backfillMinutes > 0 ? pace.since(request.backfillMinutes) : head;
    this.#openedBehind = head - this.position;
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
    // String length is an underestimate of bytes; good enough, for CHUNK_BYTES is only a size to aim at.
    while (lines < maxLines && bytes.length < CHUNK_BYTES) {
      bytes += this.#render(this.#world.post(this.position + lines)) + LINE_END;
      lines++;
    }
    this.#advance(lines);
    return { bytes, lines };
  }

  takeLine(): Buffer {
    const line = Buffer.from(this.#render(this.#world.post(this.position)));
    this.#advance(1);
    return line;
  }

  tooFarBehind(): boolean {
    return this.#pace.tooFarBehind(this.position, this.#hasCaughtUp, this.#openedBehind);
  }

  #advance(lines: number): void {
    this.position += lines;
    this.#pace.passed(this.position);
  }
}
