import type { Activity } from './activity.ts';
import type { PostKind } from './model.ts';
import { mix, Random } from './random.ts';
import { WeighedCache } from './weighed-cache.ts';

const RELATIONS = 0x0b01;
/** Posts whose number is a multiple of this are never reposts, and only they are reposted, quoted, and (but by their own author) replied to. */
const GRID = 4;
const GRID_LEVEL = 2;
/** Up to this level every post may answer; above, only every 2^(level - DENSE_LEVEL)-th, so that looking for answers stays cheap. */
const DENSE_LEVEL = 12;
const TOP_LEVEL = 20;
/** Numbers of answers that are kept, some tens of megabytes at most. */
const KEPT = 1 << 20;
/** What keeping a post costs that nobody answers. */
const LEAST_WEIGHT = 8;

/** What a post is to others, by numbers. */
export interface Relation {
  readonly kind: PostKind;
  /** Number of the post that it replies to, reposts or quotes. */
  readonly about: number | undefined;
  readonly alsoQuotes: number | undefined;
}

/** Who answers a post: numbers of posts that exist, rising. */
export interface Answers {
  readonly replies: readonly number[];
  readonly reposts: readonly number[];
  readonly quotes: readonly number[];
}

/** A post whose answers are looked for: its number, also cut into words of 32 bits as the hash takes them. */
interface Scan {
  readonly post: number;
  readonly level: number;
  readonly low: number;
  readonly highKey: number;
  readonly nextHighKey: number;
}

const TWO_32 = 0x1_0000_0000;
const ON_GRID = kindBounds(0);
const OFF_GRID = kindBounds(0.44 / (1 - 1 / GRID));
const NO_ANSWER = 0;
const REPLY = 1;
const REPOST = 2;
const QUOTE = 3;
const ASK = 4;

const ORIGINAL: Relation = { kind: 'original', about: undefined, alsoQuotes: undefined };

/**
 * Which post answers which. A post of level l answers the last multiple of 2^l before it; so multiples of high powers
 * are answered often, most posts never, and who answers a post is found by asking the few that can: nothing is kept.
 * Some replies go to their author's own post before: threads.
 */
export class Relations {
  readonly #activity: Activity;
  readonly #exists: (post: number) => boolean;
  readonly #keys: readonly [number, number, number, number];
  readonly #answers = new WeighedCache<number, Answers>(KEPT);

  /** @param exists whether a number has a post (its author was born) */
  constructor(seed: number, activity: Activity, exists: (post: number) => boolean) {
    const random = new Random(seed).at(RELATIONS, 0);
    this.#keys = [random.u32(), random.u32(), random.u32(), random.u32()];
    this.#activity = activity;
    this.#exists = exists;
  }

  of(post: number): Relation {
    const hash = this.#hash(post);
    const kind = kindOf(hash, post % GRID === 0);
    if (kind === 'original') return ORIGINAL;
    const more = mix(hash ^ this.#keys[2]);
    const target = lastMultiple(post, levelOf(post, more));
    if (kind !== 'reply') {
      return this.#exists(target) ? { kind, about: target, alsoQuotes: undefined } : ORIGINAL;
    }
    const other = this.#alsoQuoted(post, more);
    const alsoQuotes = other !== undefined && this.#exists(other) ? other : undefined;
    const about = (isOwnThread(more) ? this.#ownBefore(post) : undefined) ?? target;
    return this.#exists(about) ? { kind, about, alsoQuotes } : ORIGINAL;
  }

  /** What kind a post is of, unless what it refers to was never made: then it is an original. Far cheaper than `of`. */
  likelyKindOf(post: number): PostKind {
    return kindOf(this.#hash(post), post % GRID === 0);
  }

  /** How far behind a post the last of its answers can stand, but for its author's own next post. */
  readonly longestReach = 2 ** TOP_LEVEL;

  /** Whether anybody but its author can answer the post. */
  isAnswered(post: number): boolean {
    return levelAt(post) >= GRID_LEVEL;
  }

  /** First post of the conversation. */
  threadOf(post: number): number {
    let first = post;
    for (;;) {
      const { kind, about } = this.of(first);
      if (kind !== 'reply' || about === undefined) return first;
      first = about;
    }
  }

  /** All that ever will answer the post, also what the future brings. */
  answersTo(post: number): Answers {
    const known = this.#answers.get(post);
    if (known !== undefined) return known;
    const answers: { replies: number[]; reposts: number[]; quotes: number[] } = {
      replies: [],
      reposts: [],
      quotes: [],
    };
    const own = this.#activity.postAfter(this.#activity.authorOf(post), post);
    let isOwnAsked = own === undefined;
    // Many a number of old times has no post: its author was not born.
    const add = (list: number[], candidate: number): void => {
      if (this.#exists(candidate)) list.push(candidate);
    };
    const ask = (candidate: number): void => {
      const { kind, about, alsoQuotes } = this.of(candidate);
      if (about === post) {
        if (kind === 'reply') add(answers.replies, candidate);
        else if (kind === 'repost') add(answers.reposts, candidate);
        else add(answers.quotes, candidate);
      }
      if (alsoQuotes === post) add(answers.quotes, candidate);
    };
    if (this.#exists(post)) {
      const scan = this.#scanOf(post);
      for (const { first, last, step } of spansAnswering(post)) {
        for (let candidate = first; candidate <= last; candidate += step) {
          // Its author's own next post is asked in its place.
          if (!isOwnAsked && own !== undefined && own <= candidate) {
            isOwnAsked = true;
            ask(own);
          }
          if (candidate === own) continue;
          switch (this.#answerOf(candidate, candidate - post, scan)) {
            case NO_ANSWER:
              break;
            case REPOST:
              add(answers.reposts, candidate);
              break;
            case QUOTE:
              add(answers.quotes, candidate);
              break;
            case REPLY:
              add(answers.replies, candidate);
              break;
            default:
              ask(candidate);
          }
        }
      }
      if (!isOwnAsked && own !== undefined) ask(own);
    }
    const { replies, reposts, quotes } = answers;
    this.#answers.set(post, answers, LEAST_WEIGHT + replies.length + reposts.length + quotes.length);
    return answers;
  }

  #scanOf(post: number): Scan {
    const high = Math.floor(post / TWO_32);
    const words = (word: number): number => mix(word ^ this.#keys[0]);
    return { post, level: levelAt(post), low: post >>> 0, highKey: words(high), nextHighKey: words(high + 1) };
  }

  /**
   * Whether and how a post that stands `distance` (1 .. 2^20) behind another one answers it, where the hash alone says so; else `of`
   * has to be asked, which is slow. The same as `of`, in whole numbers of 32 bits, for popular posts have thousands of candidates.
   */
  #answerOf(candidate: number, distance: number, { post, level, low, highKey, nextHighKey }: Scan): number {
    const word = low + distance;
    const hash = mix((word | 0) ^ (word < TWO_32 ? highKey : nextHighKey)) ^ this.#keys[1];
    const kind = kindOf(hash, ((low & (GRID - 1)) + (distance & (GRID - 1))) % GRID === 0);
    if (kind === 'original') return NO_ANSWER;
    const more = mix(hash ^ this.#keys[2]);
    const offset = distance - 1;
    const before = offset === 0 ? level : 31 - Math.clz32(offset & -offset);
    const answered = levelBy(more, before);
    const isAnswer = answered <= level && offset < 1 << answered;
    if (kind !== 'reply') return isAnswer ? (kind === 'repost' ? REPOST : QUOTE) : NO_ANSWER;
    if (this.#alsoQuoted(candidate, more) === post) return ASK;
    if (!isAnswer) return NO_ANSWER;
    // What it quotes besides is somebody else's.
    return isOwnThread(more) ? ASK : REPLY;
  }

  /** What a reply quotes besides: one in a hundred does. */
  #alsoQuoted(reply: number, more: number): number | undefined {
    const last = mix(more ^ this.#keys[3]);
    return (last >>> 18) % 100 === 0 ? lastMultiple(reply, levelOf(reply, last)) : undefined;
  }

  /** 32 bits for each post. A counter-based hash instead of `Random`, because looking for answers asks it of thousands. */
  #hash(post: number): number {
    return mix((post | 0) ^ mix(Math.floor(post / 0x1_0000_0000) ^ this.#keys[0])) ^ this.#keys[1];
  }

  /** The author's post before, when a thread can go on from it. */
  #ownBefore(post: number): number | undefined {
    for (const before of this.#activity.postsBefore(this.#activity.authorOf(post), post)) {
      const repeats = this.likelyKindOf(before) === 'repost';
      return repeats || !this.#exists(before) ? undefined : before;
    }
    return undefined;
  }
}

/** All numbers that could answer a post, but for its author's own next one: rising, each once. */
function spansAnswering(post: number): { first: number; last: number; step: number }[] {
  const level = levelAt(post);
  if (level < GRID_LEVEL) return [];
  const spans = [{ first: post + 1, last: post + 2 ** Math.min(level, DENSE_LEVEL), step: 1 }];
  // Those of level DENSE_LEVEL + k stand at distances of 2^k, counted from 1; of the nearer ones all have been named.
  for (let k = 1; k <= Math.min(level, TOP_LEVEL) - DENSE_LEVEL; k++) {
    const reach = 2 ** (DENSE_LEVEL + k);
    spans.push({ first: post + 1 + reach / 2, last: post + reach, step: 2 ** k });
  }
  return spans;
}

/** 44 % reposts, 22 % replies, 6 % quotes; none of the reposts on the grid. @param hash 32 bits */
function kindOf(hash: number, onGrid: boolean): PostKind {
  const bits = hash >>> 0;
  if (!onGrid && bits < OFF_GRID.reposts) return 'repost';
  const { replies, quotes } = onGrid ? ON_GRID : OFF_GRID;
  if (bits < replies) return 'reply';
  return bits < quotes ? 'quote' : 'original';
}

/** Below which hashes a post is of a kind. */
function kindBounds(reposts: number): { reposts: number; replies: number; quotes: number } {
  const rest = 1 - reposts;
  return {
    reposts: reposts * TWO_32,
    replies: (reposts + 0.393 * rest) * TWO_32,
    quotes: (reposts + 0.5 * rest) * TWO_32,
  };
}

/** @param bits of which the low 17 are used */
function levelOf(post: number, bits: number): number {
  return levelBy(bits, levelAt(post - 1));
}

/** @param before level of the post before */
function levelBy(bits: number, before: number): number {
  const sparse = Math.min(TOP_LEVEL, DENSE_LEVEL + before);
  if ((bits & 0x10000) !== 0 && sparse > DENSE_LEVEL) return sparse;
  return GRID_LEVEL + (((bits & 0xffff) * (DENSE_LEVEL - GRID_LEVEL + 1)) >>> 16);
}

/** @param bits of which the high 14 are used: 15 % */
function isOwnThread(bits: number): boolean {
  return bits >>> 18 < 0.15 * 2 ** 14;
}

/** How often the number can be halved. */
function levelAt(number: number): number {
  if (number === 0) return TOP_LEVEL;
  let level = 0;
  for (let left = number; left % 2 === 0 && level < TOP_LEVEL; left /= 2) level++;
  return level;
}

function lastMultiple(post: number, level: number): number {
  const step = 2 ** level;
  return Math.floor((post - 1) / step) * step;
}
