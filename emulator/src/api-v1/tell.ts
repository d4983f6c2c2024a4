import {
  deleteLine,
  fallingBehindLine,
  limitLine,
  scrubGeoLine,
  statusWithheldLine,
  userWithheldLine,
} from './control-lines.ts';
import { renderStatus } from './render-status.ts';
import { STREAM_SHAPE } from './shape.ts';
import type { Told } from './told.ts';
import { countryCodes } from '../api/objects/post-object.ts';
import { LINE_END } from '../feed/feed.ts';
import type { Select } from '../feed/timeline-feed.ts';
import type { TimePace } from '../feed/time-pace.ts';
import { postId } from '../world/ids.ts';
import type { Change, Post, PostReference, World } from '../world/model.ts';

export interface TellOptions {
  readonly world: World;
  readonly pace: TimePace;
  /** Whether the stream is about this post. Asked again when it is deleted. */
  readonly wants: (post: Post) => boolean;
  /** Posts that it may carry per second of world time; Infinity: all. */
  readonly cap: number;
  /** `delimited=length`: each line after its length in bytes, line end included. */
  readonly delimited: boolean;
  readonly stallWarnings: boolean;
}

/** From here on the queue is told to be filling. */
const WARN_PERCENT = 60;
/** So often at most, in world time. */
const WARN_EVERY_MS = 5 * 60_000;

/** What one stream of v1.1 makes of what happens: statuses, and messages about them between. */
export function tell(options: TellOptions): Select<Told> {
  const { world, wants, delimited } = options;
  const quota = new Quota(options.cap);
  const warn = warner(options);
  const frame = (line: string): string =>
    delimited ? `${Buffer.byteLength(line) + LINE_END.length}${LINE_END}${line}` : line;
  const join = (lines: readonly string[], id: string | undefined) =>
    lines.length === 0 ? undefined : { id, line: lines.map(frame).join(LINE_END) };
  return (told) => {
    if (told.kind === 'change') return join(linesAbout(world, told.change, wants), undefined);
    const { post } = told;
    if (!wants(post)) return undefined;
    const missed = quota.take(post.at);
    if (missed === 'silence') return undefined;
    if (missed !== undefined) return join([limitLine(missed, post.at)], undefined);
    const lines = [...warn(post.at), JSON.stringify(renderStatus(world, post, post.at, STREAM_SHAPE))];
    return join(lines, post.id);
  };
}

/**
 * What became of posts that the stream is about, and of accounts whose newest post it is about: deleted, withheld, places taken back.
 * Streams of v1.1 have no words for the rest.
 */
function linesAbout(world: World, change: Change, wants: (post: Post) => boolean): string[] {
  const user = world.account(change.account).id;
  const isWanted = (reference: PostReference | undefined): boolean => {
    const post = reference && world.post(reference);
    return post !== undefined && wants(post);
  };
  switch (change.kind) {
    case 'post-deleted':
      return isWanted(change.post) ? [deleteLine(postId(change.post), user, change.at)] : [];
    case 'post-withheld': {
      const { countries } = change.withholding;
      return isWanted(change.post) ? [statusWithheldLine(postId(change.post), user, countryCodes(countries))] : [];
    }
    case 'geo-scrubbed':
      return isWanted(change.upTo) ? [scrubGeoLine(user, postId(change.upTo))] : [];
    case 'withheld':
      return isWanted(newestOf(world, change)) ? [userWithheldLine(user, change.countries)] : [];
    case 'state':
    case 'renamed':
    case 'post-edited':
    case 'post-dropped':
    case 'post-undropped':
      return [];
  }
}

function newestOf(world: World, { account, at }: Change): PostReference | undefined {
  const [newest] = world.postsOf(account, {}, at - 1);
  return newest;
}

/** How many posts go through in each second of world time. */
class Quota {
  readonly #cap: number;
  #second = Number.NaN;
  #used = 0;
  /** Since the stream was opened. */
  #missed = 0;
  #told = 0;

  constructor(cap: number) {
    this.#cap = cap;
  }

  /** Undefined: it may go. Otherwise it is missed: the number missed so far is to be told, or nothing at all. */
  take(at: number): number | 'silence' | undefined {
    const second = Math.floor(at / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#used = 0;
    }
    if (this.#used < this.#cap) {
      this.#used++;
      return undefined;
    }
    this.#missed++;
    // Told once in a second, at its first loss; the count of later ones follows with the next.
    if (this.#told === second) return 'silence';
    this.#told = second;
    return this.#missed;
  }
}

function warner({ pace, stallWarnings }: TellOptions): (at: number) => string[] {
  let warnedAt = Number.NEGATIVE_INFINITY;
  return (at) => {
    if (!stallWarnings || at - warnedAt < WARN_EVERY_MS) return [];
    const lagMs = pace.head() - at;
    // With so much more lag it would be dropped.
    if (!pace.tooFarBehind(at - (lagMs * (100 - WARN_PERCENT)) / WARN_PERCENT, 0)) return [];
    warnedAt = at;
    return [fallingBehindLine(WARN_PERCENT)];
  };
}
