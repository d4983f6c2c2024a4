import type { Accounts } from './accounts.ts';
import type { Activity } from './activity.ts';
import type { Calendar } from './calendar.ts';
import type { Life } from './life.ts';
import { comparePosts, type Post, type PostRange, type PostReference, type PostTime } from './model.ts';
import { NamedAccounts } from './named-accounts.ts';
import { PostFates } from './post-fates.ts';
import { Relations } from './relations.ts';
import { EDITION_BIT, editionTime, EDIT_DELAYS_MS, type Outline, Writer } from './writing.ts';

const DAY_MS = 86_400_000;

/** Where a post stands: its number, and which version of it is meant (0: the first). */
export interface Numbered {
  readonly number: number;
  readonly edition: number;
}

/** All posts of the seeded world by number, in order of time: which there are, what they say, whether they are in sight. Nothing is kept. */
export class NumberedPosts {
  readonly calendar: Calendar;
  readonly activity: Activity;
  readonly life: Life;
  readonly relations: Relations;
  readonly mentions: NamedAccounts;
  readonly writer: Writer;
  readonly fates: PostFates;
  readonly accounts: Accounts;
  /** From this post on every account exists. */
  readonly allBornAt: number;

  constructor(
    seed: number,
    startAt: number,
    world: {
      readonly calendar: Calendar;
      readonly activity: Activity;
      readonly accounts: Accounts;
      readonly life: Life;
    },
  ) {
    const { calendar, activity, accounts, life } = world;
    this.calendar = calendar;
    this.activity = activity;
    this.accounts = accounts;
    this.life = life;
    this.allBornAt = calendar.firstSince(startAt - DAY_MS);
    const exists = (number: number): boolean => this.exists(number);
    this.relations = new Relations(seed, activity, exists);
    this.fates = new PostFates(calendar, activity, exists);
    this.mentions = new NamedAccounts(seed, accounts);
    this.writer = new Writer(seed, accounts, this.mentions);
  }

  /** Whether its author was born, and ids were there. */
  exists(number: number): boolean {
    if (number >= this.allBornAt) return true;
    return this.accounts.writesSince(this.activity.authorOf(number)) <= this.calendar.timeOf(number).at;
  }

  locate(time: PostTime): Numbered | undefined {
    const number = this.calendar.numberOf(time);
    if (number !== undefined) return this.exists(number) ? { number, edition: 0 } : undefined;
    if ((time.slot & EDITION_BIT) === 0) return undefined;
    for (const [n, delay] of EDIT_DELAYS_MS.entries()) {
      const base = { at: time.at - delay, slot: time.slot & ~EDITION_BIT };
      const edited = this.calendar.numberOf(base);
      if (edited === undefined || !this.exists(edited)) continue;
      if (this.writer.editionsOf(edited, base.at) > n) return { number: edited, edition: n + 1 };
    }
    return undefined;
  }

  write(number: number, edition: number): Post {
    const outline = this.#outline(number, edition);
    const { kind, about } = outline.relation;
    return this.writer.write(outline, kind === 'repost' && about !== undefined ? this.#outline(about, 0) : undefined);
  }

  /** Public at that instant: neither it nor what it reposts is taken away, nor are their authors out of sight. */
  isInSight(number: number, at: number): boolean {
    if (this.fates.isAway(number, at)) return false;
    const repeated = this.repeatedBy(number);
    if (repeated !== undefined && this.fates.isAway(repeated, at)) return false;
    if (this.life.isQuiet(at)) return true;
    if (this.life.stateAt(this.activity.authorOf(number), at) !== 'public') return false;
    return repeated === undefined || this.life.stateAt(this.activity.authorOf(repeated), at) === 'public';
  }

  /** What a repost repeats; undefined for other posts. */
  repeatedBy(number: number): number | undefined {
    // The likely kind is wrong only about what is an original in truth.
    if (this.relations.likelyKindOf(number) !== 'repost') return undefined;
    const { kind, about } = this.relations.of(number);
    return kind === 'repost' ? about : undefined;
  }

  /** Number of the first post after a bound. */
  firstAfter(after: PostTime): number {
    let number = this.calendar.firstSince(after.at);
    while (comparePosts(this.calendar.timeOf(number), after) <= 0) number++;
    return number;
  }

  /** Number of the last post before a bound that was made by `at`. */
  lastBefore(bound: PostTime | undefined, at: number): number {
    if (bound === undefined || bound.at > at) return this.calendar.firstSince(at + 1) - 1;
    let number = this.calendar.firstSince(bound.at);
    while (comparePosts(this.calendar.timeOf(number), bound) < 0) number++;
    return number - 1;
  }

  /** Those of some posts that are in sight. @param numbers falling */
  *inSight(numbers: Iterable<number>, range: PostRange, at: number): Generator<Post> {
    const last = this.lastBefore(range.before, at);
    const first = range.after === undefined ? Number.NEGATIVE_INFINITY : this.firstAfter(range.after);
    for (const number of numbers) {
      if (number < first) return;
      if (number <= last && this.isInSight(number, at)) yield this.write(number, 0);
    }
  }

  #outline(number: number, edition: number): Outline {
    const base = this.#reference(number);
    const relation = this.relations.of(number);
    const editions = this.writer.editionsOf(number, base.at);
    const versions = [base];
    for (let nth = 1; nth <= editions; nth++) versions.push({ ...editionTime(base, nth), author: base.author });
    const thread = relation.kind === 'reply' ? this.relations.threadOf(number) : number;
    return {
      number,
      reference: versions[edition] ?? base,
      relation,
      about: relation.about === undefined ? undefined : this.#reference(relation.about),
      alsoQuotes: relation.alsoQuotes === undefined ? undefined : this.#reference(relation.alsoQuotes),
      thread: thread === number ? base : this.#reference(thread),
      versions,
      edition,
    };
  }

  #reference(number: number): PostReference {
    const { at, slot } = this.calendar.timeOf(number);
    return { at, slot, author: this.activity.authorOf(number) };
  }
}
