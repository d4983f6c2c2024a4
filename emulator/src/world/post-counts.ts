import type { Post, PostMetrics } from './model.ts';
import type { NumberedPosts } from './numbered-posts.ts';
import { mix } from './random.ts';
import { WeighedCache } from './weighed-cache.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const NEVER: readonly number[] = [];
/** Instants and numbers that are kept, some tens of megabytes at most. */
const KEPT = 1 << 20;
/** What keeping a post costs that nobody answers. */
const LEAST_WEIGHT = 8;

/** How often posts are answered and liked. Answers are counted, from the posts that exist; the rest is made up from the number. */
export class PostCounts {
  readonly #posts: NumberedPosts;
  readonly #startAt: number;
  #attended = new WeighedCache<number, Attendance>(KEPT);
  #revision = Number.NaN;

  /** @param startAt Unix ms of the world's start: nobody leaves before */
  constructor(posts: NumberedPosts, startAt: number) {
    this.#posts = posts;
    this.#startAt = startAt;
  }

  metricsAt(post: Post, at: number): PostMetrics {
    const place = this.#posts.locate(post);
    if (place === undefined) return NO_METRICS;
    const { number } = place;
    const { replies, quotes, everReposted } = this.#attendanceOf(number, at);
    const hash = mix(number ^ 0x3e7a) >>> 0;
    const fame = Math.exp((hash / 0x1_0000_0000) ** 3 * 9) - 1 + everReposted * 3;
    const ageHours = Math.max(0, at - this.#posts.calendar.timeOf(number).at) / HOUR_MS;
    const ripeness = 1 - Math.exp(-ageHours / 6);
    const likes = Math.floor(fame * ripeness);
    const end = this.#endAt(at);
    return {
      reposts: this.repostsAt(number, at),
      replies: presentAt(replies, end, at),
      quotes: presentAt(quotes, end, at),
      likes,
      bookmarks: Math.floor(likes / 40),
      impressions: likes * 31 + Math.floor(ripeness * (20 + (hash % 400))),
      votes: (post.poll?.options ?? []).map((_, n) => {
        const until = Math.min(at, post.poll?.closesAt ?? at) - post.at;
        return Math.floor((1 - Math.exp(-Math.max(0, until) / HOUR_MS / 6)) * ((mix(hash + n) >>> 0) % 900));
      }),
    };
  }

  /** How often a post, by number, was reposted by then: not at all while it is out of sight, for reposts go with it. */
  repostsAt(number: number, at: number): number {
    const { reposts, turns } = this.#attendanceOf(number, at);
    return countBelow(turns, at + 1) % 2 === 1 ? 0 : presentAt(reposts, this.#endAt(at), at);
  }

  #endAt = endKeeper((at) => this.#posts.calendar.firstSince(at + 1));

  #attendanceOf(number: number, at: number): Attendance {
    const { fates, life, relations, calendar } = this.#posts;
    const revision = fates.revision + life.revision;
    if (revision !== this.#revision) {
      this.#revision = revision;
      this.#attended = new WeighedCache(KEPT);
    }
    const known = this.#attended.get(number);
    if (known !== undefined && known.since <= at && at <= known.until) return known;
    const { replies, reposts, quotes } = relations.answersTo(number);
    // Ahead by a part of the world's age: so it is seldom made anew, and few authors that leave have to be looked for.
    const until = at + Math.max(0, at - this.#startAt) / 4 + MINUTE_MS;
    const leavers = life.leaversUntil(until);
    const last = Math.max(number, replies.at(-1) ?? number, reposts.at(-1) ?? number, quotes.at(-1) ?? number);
    const completeAt = calendar.timeOf(last).at;
    const isComplete = completeAt <= at;
    const made: Attendance = {
      since: isComplete ? completeAt : Number.NEGATIVE_INFINITY,
      until,
      replies: this.#crowd(replies, leavers, isComplete),
      reposts: this.#crowd(reposts, leavers, isComplete),
      quotes: this.#crowd(quotes, leavers, isComplete),
      turns: this.#turnsOf(number, leavers),
      everReposted: reposts.length,
    };
    this.#attended.set(number, made, weightOf(made));
    return made;
  }

  /** @param isComplete whether it is only asked about instants when all have answered: a popular post then weighs no more than any other */
  #crowd(numbers: readonly number[], leavers: Leavers, isComplete: boolean): Crowd {
    if (numbers.length === 0) return NOBODY;
    const leaves: number[] = [];
    const returns: number[] = [];
    for (const number of numbers) {
      const turns = this.#turnsOf(number, leavers);
      if (turns.length === 0) continue;
      const madeAt = this.#posts.calendar.timeOf(number).at;
      // Of an author who was out of sight then nothing was seen from the beginning.
      for (const [n, at] of turns.entries()) (n % 2 === 0 ? leaves : returns).push(Math.max(at, madeAt));
    }
    return {
      settled: isComplete ? numbers.length : 0,
      numbers: isComplete ? NEVER : numbers,
      leaves: leaves.sort(rising),
      returns: returns.sort(rising),
    };
  }

  /** The instants at which a post, and its author, go out of sight and come back: gone since each even one. */
  #turnsOf(number: number, leavers: Leavers): readonly number[] {
    const { fates, life, activity } = this.#posts;
    const own = fates.mayGo(number) ? fates.turnsOf(number) : NEVER;
    if (leavers.size === 0) return own;
    const author = activity.authorOf(number);
    const authors = leavers.get(author) ?? NEVER;
    if (own.length === 0) return authors;
    if (authors.length === 0) return own;
    const turns: number[] = [];
    for (const at of [...own, ...authors].sort(rising)) {
      const isAway = fates.isAway(number, at) || life.stateAt(author, at) !== 'public';
      if (isAway !== (turns.length % 2 === 1)) turns.push(at);
    }
    return turns;
  }
}

/** Who answers a post, and when they go and come back: enough to count them at any instant without looking at each. */
interface Crowd {
  /** How many have answered by any instant that is asked about, beside `numbers`. */
  readonly settled: number;
  /** Rising. */
  readonly numbers: readonly number[];
  readonly leaves: readonly number[];
  readonly returns: readonly number[];
}

type Leavers = ReadonlyMap<number, readonly number[]>;

interface Attendance {
  /** Good for instants from this one on. */
  readonly since: number;
  /** Good for instants up to this one. */
  readonly until: number;
  readonly replies: Crowd;
  readonly reposts: Crowd;
  readonly quotes: Crowd;
  /** Of the post itself. */
  readonly turns: readonly number[];
  readonly everReposted: number;
}

const NOBODY: Crowd = { settled: 0, numbers: [], leaves: [], returns: [] };
const NO_METRICS: PostMetrics = {
  reposts: 0,
  replies: 0,
  likes: 0,
  quotes: 0,
  bookmarks: 0,
  impressions: 0,
  votes: [],
};

/** What keeping it costs: instants and numbers. */
function weightOf({ replies, reposts, quotes, turns }: Attendance): number {
  let weight = LEAST_WEIGHT + turns.length;
  for (const { numbers, leaves, returns } of [replies, reposts, quotes]) {
    weight += numbers.length + leaves.length + returns.length;
  }
  return weight;
}

/** @param end number of the first post made after `at` */
function presentAt({ settled, numbers, leaves, returns }: Crowd, end: number, at: number): number {
  return settled + countBelow(numbers, end) - countBelow(leaves, at + 1) + countBelow(returns, at + 1);
}

/** How many of rising numbers are below a bound. */
function countBelow(numbers: readonly number[], end: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) < end) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rising(a: number, b: number): number {
  return a - b;
}

/** Remembers the last instant: a page of posts asks for the same one. */
function endKeeper(find: (at: number) => number): (at: number) => number {
  let last = { at: Number.NaN, number: 0 };
  return (at) => {
    if (last.at !== at) last = { at, number: find(at) };
    return last.number;
  };
}
