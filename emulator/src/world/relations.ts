import type { Activity } from './activity.ts';
import type { PostKind } from './model.ts';
import { Random } from './random.ts';

const RELATIONS = 0x0b01;
/** Posts whose number is a multiple of this are never reposts, and only they are reposted, quoted, and (but by their own author) replied to. */
const GRID = 4;
const GRID_LEVEL = 2;
/** Up to this level every post may answer; above, only every 2^(level - DENSE_LEVEL)-th, so that looking for answers stays cheap. */
const DENSE_LEVEL = 12;
const TOP_LEVEL = 20;
const KEPT = 4096;

/** What a post is to others, by numbers. */
export interface Relation {
  readonly kind: PostKind;
  /** Number of the post that it replies to, reposts or quotes. */
  readonly about: number | undefined;
  readonly alsoQuotes: number | undefined;
}

/** Who answers a post: numbers, rising. */
export interface Answers {
  readonly replies: readonly number[];
  readonly reposts: readonly number[];
  readonly quotes: readonly number[];
}

const ORIGINAL: Relation = { kind: 'original', about: undefined, alsoQuotes: undefined };

/**
 * Which post answers which. A post of level l answers the last multiple of 2^l before it; so multiples of high powers
 * are answered often, most posts never, and who answers a post is found by asking the few that can: nothing is kept.
 * Some replies go to their author's own post before: threads.
 */
export class Relations {
  readonly #activity: Activity;
  readonly #exists: (post: number) => boolean;
  readonly #random: Random;
  readonly #answers = new Map<number, Answers>();

  /** @param exists whether a number has a post (its author was born) */
  constructor(seed: number, activity: Activity, exists: (post: number) => boolean) {
    this.#random = new Random(seed);
    this.#activity = activity;
    this.#exists = exists;
  }

  of(post: number): Relation {
    const random = this.#random.at(RELATIONS, post);
    const onGrid = post % GRID === 0;
    const kind = kindOf(random.float(), onGrid);
    if (kind === 'original') return ORIGINAL;
    const level = levelOf(post, random);
    const ownThread = random.chance(0.15);
    const quotesToo = random.chance(0.01);
    const otherLevel = levelOf(post, random);
    const target = lastMultiple(post, level);
    if (kind !== 'reply') {
      return this.#exists(target) ? { kind, about: target, alsoQuotes: undefined } : ORIGINAL;
    }
    const other = lastMultiple(post, otherLevel);
    const alsoQuotes = quotesToo && this.#exists(other) ? other : undefined;
    const about = (ownThread ? this.#ownBefore(post) : undefined) ?? target;
    return this.#exists(about) ? { kind, about, alsoQuotes } : ORIGINAL;
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
    const candidates = this.#exists(post) ? this.#candidates(post, own) : [];
    for (const candidate of candidates) {
      if (!this.#mayAnswer(candidate, post, own)) continue;
      const { kind, about, alsoQuotes } = this.of(candidate);
      if (about === post) {
        if (kind === 'reply') answers.replies.push(candidate);
        else if (kind === 'repost') answers.reposts.push(candidate);
        else answers.quotes.push(candidate);
      }
      if (alsoQuotes === post) answers.quotes.push(candidate);
    }
    if (this.#answers.size >= KEPT) this.#answers.clear();
    this.#answers.set(post, answers);
    return answers;
  }

  /** Whether `of` has to be asked, which is slow: says no to nearly all that don't answer. */
  #mayAnswer(candidate: number, post: number, own: number | undefined): boolean {
    if (candidate === own) return true;
    const random = this.#random.at(RELATIONS, candidate);
    const kind = kindOf(random.float(), candidate % GRID === 0);
    if (kind === 'original') return false;
    if (lastMultiple(candidate, levelOf(candidate, random)) === post) return true;
    random.chance(0.15);
    return random.chance(0.01) && lastMultiple(candidate, levelOf(candidate, random)) === post;
  }

  /** All numbers that could answer, rising, each once. @param own its author's next post */
  #candidates(post: number, own: number | undefined): number[] {
    const candidates: number[] = [];
    const level = levelAt(post);
    if (level >= GRID_LEVEL) {
      const end = post + 2 ** Math.min(level, DENSE_LEVEL);
      for (let candidate = post + 1; candidate <= end; candidate++) candidates.push(candidate);
      // Those of level DENSE_LEVEL + k stand at distances of 2^k, counted from 1; of the nearer ones all have been named.
      for (let k = 1; k <= Math.min(level, TOP_LEVEL) - DENSE_LEVEL; k++) {
        const last = post + 2 ** (DENSE_LEVEL + k);
        for (let candidate = post + 1 + 2 ** (DENSE_LEVEL + k - 1); candidate <= last; candidate += 2 ** k) {
          candidates.push(candidate);
        }
      }
    }
    if (own !== undefined && !candidates.includes(own)) {
      candidates.push(own);
      candidates.sort((a, b) => a - b);
    }
    return candidates;
  }

  /** The author's post before, when a thread can go on from it. */
  #ownBefore(post: number): number | undefined {
    for (const before of this.#activity.postsBefore(this.#activity.authorOf(post), post)) {
      const repeats = before % GRID !== 0 && kindOf(this.#random.at(RELATIONS, before).float(), false) === 'repost';
      return repeats || !this.#exists(before) ? undefined : before;
    }
    return undefined;
  }
}

/** 44 % reposts, 22 % replies, 6 % quotes; none of the reposts on the grid. */
function kindOf(uniform: number, onGrid: boolean): PostKind {
  const reposts = onGrid ? 0 : 0.44 / (1 - 1 / GRID);
  if (uniform < reposts) return 'repost';
  const rest = (uniform - reposts) / (1 - reposts);
  if (rest < 0.393) return 'reply';
  return rest < 0.5 ? 'quote' : 'original';
}

function levelOf(post: number, random: Random): number {
  const dense = GRID_LEVEL + random.below(DENSE_LEVEL - GRID_LEVEL + 1);
  const sparse = Math.min(TOP_LEVEL, DENSE_LEVEL + levelAt(post - 1));
  return random.chance(0.5) && sparse > DENSE_LEVEL ? sparse : dense;
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
