import { Accounts, ACCOUNTS } from './accounts.ts';
import { Activity } from './activity.ts';
import { Calendar } from './calendar.ts';
import { FollowGraph } from './follow-graph.ts';
import { isGone, Life } from './life.ts';
import { codeOfLink, linkOfCode, pageAddress } from './links.ts';
import {
  type Account,
  type AccountCounts,
  type AccountState,
  type Change,
  comparePosts,
  type Follow,
  type FollowRange,
  type Link,
  type LinkTarget,
  type Order,
  type Post,
  type PostMetrics,
  type PostRange,
  type PostReference,
  type PostState,
  type PostTime,
  type World,
} from './model.ts';
import { mix } from './random.ts';
import { Relations } from './relations.ts';
import type { Schedule } from './schedule.ts';
import {
  DELETE_DELAYS_MS,
  EDITABLE_STEP,
  EDITION_BIT,
  editionTime,
  EDIT_DELAYS_MS,
  lastEditable,
  LONGEST_EDIT_MS,
  type Outline,
  Writer,
} from './writing.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Posts per account and day, outside the sample. */
const POSTS_PER_DAY = 0.25;
const EARLIEST = Date.UTC(2006, 6, 15);
/** How many posts are looked at together when editions are put in their places. */
const BLOCK = 4096;

export interface WorldOptions {
  readonly seed: number;
  /** Unix ms */
  readonly startAt: number;
  /** Sample posts per second of world time. */
  readonly density: number;
  /** How many accounts; default 4,194,304. */
  readonly accounts?: number | undefined;
  /** World time, Unix ms; default: the start. */
  readonly now?: (() => number) | undefined;
}

/** Posts that an account takes back, all at once: each with this chance, when it was made before. */
export interface MassDeletion {
  readonly account: number;
  readonly at: number;
  /** 0 .. 1 */
  readonly share: number;
}

/**
 * The seeded world. Everything is computed from seed, start, density and the number of accounts when it is asked for;
 * what is kept does not grow with the number of accounts or posts.
 */
export class SeededWorld implements World {
  readonly seed: number;
  readonly accounts: number;
  readonly life: Life;
  readonly writer: Writer;
  /** Accounts to show: `user_public`, `user_protected` … by number. */
  readonly examples: ReadonlyMap<string, number>;
  readonly #startAt: number;
  readonly #calendar: Calendar;
  readonly #accounts: Accounts;
  readonly #activity: Activity;
  readonly #relations: Relations;
  readonly #graph: FollowGraph;
  readonly #now: () => number;
  /** From this post on every account exists. */
  readonly #allBornAt: number;
  #lastEnd = { at: Number.NaN, number: 0 };
  readonly #massDeletions = new Map<number, MassDeletion[]>();
  /** By the list of answers, which `Relations` keeps for a while. */
  readonly #fates = new WeakMap<readonly number[], Fates>();

  constructor({ seed, startAt, density, accounts = ACCOUNTS, now }: WorldOptions) {
    this.seed = seed;
    this.accounts = accounts;
    this.#calendar = new Calendar(startAt, density, (accounts * POSTS_PER_DAY * 1000) / DAY_MS);
    this.#startAt = this.#calendar.startSecond * 1000;
    this.#now = now ?? (() => this.#startAt);
    this.#accounts = new Accounts(seed, this.#startAt, accounts);
    this.life = new Life(seed, accounts, this.#startAt, (account) => this.#accounts.handleOf(account));
    this.#activity = new Activity(this.life.publicAtStart, mix(seed ^ 0x4ac7));
    this.#allBornAt = this.#calendar.firstSince(this.#startAt - DAY_MS);
    this.#relations = new Relations(seed, this.#activity, (number) => this.#exists(number));
    this.#graph = new FollowGraph(seed, this.life.inGraph, this.#startAt);
    this.writer = new Writer(seed, this.#accounts);
    this.examples = this.life.examples();
    const renamed = this.examples.get('user_renamed');
    if (renamed !== undefined) this.life.renameBeforeStart(renamed);
  }

  now(): number {
    return this.#now();
  }

  // The sample, by index from the world's start

  get schedule(): Schedule {
    return this.#calendar.sample;
  }

  /** The sample's post `index`, from 0. */
  sampled(index: number): Post {
    return this.#write(this.#calendar.ofSample(index), 0);
  }

  /** Whether that post was in public sight when it was made. */
  isSampleVisible(index: number): boolean {
    const at = this.schedule.timeOf(index).at;
    if (this.life.isQuiet(at)) return true;
    return this.life.stateAt(this.#activity.authorOf(this.#calendar.ofSample(index)), at) === 'public';
  }

  // Accounts

  account(number: number): Account {
    if (!(number >= 0 && number < this.accounts)) throw new RangeError(`no account ${number}`);
    return this.#accounts.account(number);
  }

  accountById(id: string, _at: number): number | undefined {
    return this.#accounts.byId(id);
  }

  accountByHandle(handle: string, at: number): number | undefined {
    const wanted = handle.toLowerCase();
    const native = /\d{7}$/.test(handle) ? this.#accounts.byDigits(handle.slice(-7)) : undefined;
    const candidates = [...this.life.accountsGiven(handle), ...(native === undefined ? [] : [native])];
    return candidates.find((account) => this.handleAt(account, at).toLowerCase() === wanted);
  }

  handleAt(account: number, at: number): string {
    return this.life.handleAt(account, at);
  }

  stateAt(account: number, at: number): AccountState {
    return this.life.stateAt(account, at);
  }

  countsAt(account: number, at: number): AccountCounts {
    const { followers, following } = this.#followCounts(account, at);
    const posts = this.#postCount(account, at);
    const hours = Math.max(0, at - this.#startAt) / HOUR_MS;
    const hash = mix(account ^ 0x11e5) >>> 0;
    return {
      followers,
      following,
      posts,
      listed: Math.floor(followers / (60 + (account % 200))),
      likes: (hash % 30_000) + Math.floor(hours * (1 + (account % 5))),
      media: Math.floor(posts * 0.16),
    };
  }

  pinnedAt(account: number, at: number): PostReference | undefined {
    if (mix(account ^ 0x9121) % 5 !== 0) return undefined;
    const [first] = this.postsOf(account, {}, Math.min(at, this.#startAt));
    return first?.kind === 'original' && this.postStateAt(first, at) === 'public' ? first : undefined;
  }

  #followCounts(account: number, at: number): { followers: number; following: number } {
    let followers = this.#graph.followersCount(account, at);
    let following = this.#graph.followingCount(account, at);
    if (this.life.isQuiet(at)) return { followers, following };
    const gone = this.life.goneAt(at);
    if (gone.size > 0) {
      // Each of the gone is asked whether it followed; the other way round an account's own list is shorter.
      for (const other of gone) if (this.#graph.follows(other, account, at)) followers--;
      for (const { account: other } of this.#graph.following(account, Number.POSITIVE_INFINITY, at)) {
        if (gone.has(other)) following--;
      }
    }
    return { followers, following };
  }

  #postCount(account: number, at: number): number {
    if (account >= this.life.publicAtStart) return (mix(account ^ 0x70575) >>> 0) % 2000;
    const bornAt = this.#accounts.createdAt(account);
    return this.#activity.count(account, this.#calendar.firstSince(bornAt), this.#endAt(at));
  }

  /** Number of the first post made after an instant; a page of accounts asks for the same one. */
  #endAt(at: number): number {
    if (this.#lastEnd.at !== at) this.#lastEnd = { at, number: this.#calendar.firstSince(at + 1) };
    return this.#lastEnd.number;
  }

  // Posts

  post(time: PostTime): Post | undefined {
    const place = this.#locate(time);
    return place && this.#write(place.number, place.edition);
  }

  postStateAt(post: Post, at: number): PostState {
    if (post.at > at) return 'unborn';
    const place = this.#locate(post);
    if (place === undefined || this.#isDeleted(place.number, at)) return 'deleted';
    if (post.kind === 'repost' && post.about !== undefined) {
      const original = this.#locate(post.about);
      if (original === undefined || this.#isDeleted(original.number, at)) return 'deleted';
      const state = this.stateAt(post.about.author, at);
      if (state !== 'public') return isGone(state) ? 'gone' : 'protected';
    }
    const state = this.stateAt(post.author, at);
    return state === 'deleted' || state === 'deactivated' ? 'gone' : state;
  }

  isSuperseded(post: Post, at: number): boolean {
    const next = post.versions[post.versions.findIndex((version) => comparePosts(version, post) === 0) + 1];
    return next !== undefined && next.at <= at;
  }

  metricsAt(post: Post, at: number): PostMetrics {
    const place = this.#locate(post);
    if (place === undefined) return NO_METRICS;
    const { number } = place;
    const end = this.#calendar.firstSince(at + 1);
    const { replies, reposts, quotes } = this.#relations.answersTo(number);
    const quiet = this.life.isQuiet(at);
    const isShown = (answer: number): boolean =>
      !this.#isDeleted(answer, at) && (quiet || this.stateAt(this.#activity.authorOf(answer), at) === 'public');
    const count = (numbers: readonly number[]): number => {
      let n = 0;
      if (quiet && this.#massDeletions.size === 0) {
        // Thousands of answers are usual: all but the few that will be deleted are there for good.
        const { lasting, fleeting } = this.#splitByFate(numbers);
        for (const answer of fleeting) if (answer < end && isShown(answer)) n++;
        return n + countBelow(lasting, end);
      }
      for (const answer of numbers) if (answer < end && isShown(answer)) n++;
      return n;
    };
    const hash = mix(number ^ 0x3e7a) >>> 0;
    const fame = Math.exp((hash / 0x1_0000_0000) ** 3 * 9) - 1 + reposts.length * 3;
    const ageHours = Math.max(0, at - this.#calendar.timeOf(number).at) / HOUR_MS;
    const ripeness = 1 - Math.exp(-ageHours / 6);
    const likes = Math.floor(fame * ripeness);
    return {
      // They go out of sight with what they repeat.
      reposts: isShown(number) ? count(reposts) : 0,
      replies: count(replies),
      quotes: count(quotes),
      likes,
      bookmarks: Math.floor(likes / 40),
      impressions: likes * 31 + Math.floor(ripeness * (20 + (hash % 400))),
      votes: (post.poll?.options ?? []).map((_, n) => {
        const until = Math.min(at, post.poll?.closesAt ?? at) - post.at;
        return Math.floor((1 - Math.exp(-Math.max(0, until) / HOUR_MS / 6)) * ((mix(hash + n) >>> 0) % 900));
      }),
    };
  }

  #splitByFate(answers: readonly number[]): Fates {
    let fates = this.#fates.get(answers);
    if (fates === undefined) {
      const willGo = (answer: number): boolean => this.writer.deletedAfter(answer) !== undefined;
      fates = { lasting: answers.filter((answer) => !willGo(answer)), fleeting: answers.filter(willGo) };
      this.#fates.set(answers, fates);
    }
    return fates;
  }

  *posts(range: PostRange, order: Order, at: number): Iterable<Post> {
    const first = range.after === undefined ? this.#calendar.firstSince(EARLIEST) : this.#firstAfter(range.after);
    const last = this.#lastBefore(range.before, at);
    const step = order === 'newest-first' ? -1 : 1;
    const start = step < 0 ? last : first;
    for (let block = start; step < 0 ? block >= first : block <= last; block += step * BLOCK) {
      const low = step < 0 ? Math.max(first, block - BLOCK + 1) : block;
      const high = step < 0 ? block : Math.min(last, block + BLOCK - 1);
      const editions = this.#editionsBetween(
        low === first ? range.after : before(this.#calendar.timeOf(low)),
        high === last ? (range.before ?? { at: at + 1, slot: -1 }) : this.#calendar.timeOf(high + 1),
        at,
      );
      if (step > 0) editions.reverse();
      // From the end, so that the next one is popped off.
      for (let number = step < 0 ? high : low; step < 0 ? number >= low : number <= high; number += step) {
        if (editions.length > 0) {
          const time = this.#calendar.timeOf(number);
          yield* this.#popEditions(editions, (edition) => comparePosts(edition, time) * step < 0);
        }
        if (this.#exists(number) && this.#isInSight(number, at)) yield this.#write(number, 0);
      }
      yield* this.#popEditions(editions, () => true);
    }
  }

  *postsOf(account: number, range: PostRange, at: number): Iterable<Post> {
    if (account >= this.life.publicAtStart) return;
    const bornAt = this.#accounts.createdAt(account);
    const last = this.#lastBefore(range.before, at);
    const waiting: { time: PostTime; number: number; edition: number }[] = [];
    const inRange = (time: PostTime): boolean =>
      (range.before === undefined || comparePosts(time, range.before) < 0) &&
      (range.after === undefined || comparePosts(time, range.after) > 0);
    for (const number of this.#activity.postsBefore(account, last + 1)) {
      const time = this.#calendar.timeOf(number);
      // Editions of older posts can be younger than this one, but not by more than the longest delay.
      const settled = time.at + LONGEST_EDIT_MS;
      for (let next = waiting[0]; next !== undefined && next.time.at > settled; next = waiting[0]) {
        waiting.shift();
        yield this.#write(next.number, next.edition);
      }
      if (time.at < bornAt) break;
      if (range.after !== undefined && settled < range.after.at) break;
      if (this.#isDeleted(number, at) || this.#repeatsDeleted(number, at)) continue;
      const editions = this.writer.editionsOf(number, time.at);
      let current = { time, number, edition: 0 };
      for (let edition = 1; edition <= editions; edition++) {
        const edited = editionTime(time, edition);
        if (edited.at <= at) current = { time: edited, number, edition };
      }
      if (!inRange(current.time)) continue;
      const place = waiting.findIndex((other) => comparePosts(other.time, current.time) < 0);
      waiting.splice(place < 0 ? waiting.length : place, 0, current);
    }
    for (const { number, edition } of waiting) yield this.#write(number, edition);
  }

  repliesTo(post: PostTime, range: PostRange, at: number): Iterable<Post> {
    return this.#answers(post, 'replies', range, at);
  }

  quotesOf(post: PostTime, range: PostRange, at: number): Iterable<Post> {
    return this.#answers(post, 'quotes', range, at);
  }

  repostsOf(post: PostTime, range: PostRange, at: number): Iterable<Post> {
    return this.#answers(post, 'reposts', range, at);
  }

  *conversation(thread: PostTime, range: PostRange, at: number): Iterable<Post> {
    const place = this.#locate(thread);
    if (place === undefined) return;
    const end = this.#calendar.firstSince(at + 1);
    const numbers = [place.number];
    for (let n = 0; n < numbers.length; n++) {
      for (const reply of this.#relations.answersTo(numbers[n] ?? 0).replies) if (reply < end) numbers.push(reply);
    }
    numbers.sort((a, b) => b - a);
    yield* this.#inSight(numbers, range, at);
  }

  // Follows

  followers(account: number, range: FollowRange, at: number): Iterable<Follow> {
    return this.#follows(this.#graph.followers(account, range.before ?? Number.POSITIVE_INFINITY, at), range, at);
  }

  following(account: number, range: FollowRange, at: number): Iterable<Follow> {
    return this.#follows(this.#graph.following(account, range.before ?? Number.POSITIVE_INFINITY, at), range, at);
  }

  follows(follower: number, followed: number, at: number): boolean {
    if (isGone(this.stateAt(follower, at)) || isGone(this.stateAt(followed, at))) return false;
    return this.#graph.follows(follower, followed, at);
  }

  *#follows(follows: Iterable<Follow>, { after }: FollowRange, at: number): Generator<Follow> {
    const quiet = this.life.isQuiet(at);
    for (const follow of follows) {
      if (after !== undefined && follow.position <= after) return;
      if (quiet || !isGone(this.stateAt(follow.account, at))) yield follow;
    }
  }

  // Changes

  *changes(after: number, until: number): Iterable<Change> {
    const found: Change[] = this.life.changes(after, until);
    for (const delay of DELETE_DELAYS_MS) {
      const first = this.#calendar.firstSince(after - delay + 1);
      const end = this.#calendar.firstSince(until - delay + 1);
      for (let number = first; number < end; number++) {
        if (this.writer.deletedAfter(number) !== delay || !this.#exists(number)) continue;
        const post = this.#reference(number);
        found.push({ kind: 'post-deleted', at: post.at + delay, account: post.author, post });
      }
    }
    for (const rules of this.#massDeletions.values()) {
      for (const rule of rules) if (rule.at > after && rule.at <= until) found.push(...this.#deletionsBy(rule));
    }
    for (const { time, number } of this.#editionsBetween(
      { at: after, slot: 0x3fffff },
      { at: until + 1, slot: -1 },
      until,
    )) {
      const author = this.#activity.authorOf(number);
      found.push({ kind: 'post-edited', at: time.at, account: author, post: { ...time, author } });
    }
    yield* found.sort((a, b) => a.at - b.at);
  }

  addMassDeletion(deletion: MassDeletion): void {
    const rules = this.#massDeletions.get(deletion.account) ?? [];
    rules.push(deletion);
    this.#massDeletions.set(deletion.account, rules);
  }

  *#deletionsBy({ account, at, share }: MassDeletion): Generator<Change> {
    const bornAt = this.#accounts.createdAt(account);
    let left = MOST_MASS_DELETED;
    for (const number of this.#activity.postsBefore(account, this.#calendar.firstSince(at))) {
      const post = this.#reference(number);
      if (post.at < bornAt || left-- === 0) return;
      if (chanceOf(number) < share) yield { kind: 'post-deleted', at, account, post };
    }
  }

  // Links

  linkCode(link: Extract<Link, { kind: 'page' }> | Extract<LinkTarget, { post: PostTime }>): string {
    if (link.kind === 'page') return codeOfLink(link);
    const place = this.#locate(link.post);
    // Nobody can follow a link to what isn't of this world.
    return codeOfLink({ kind: link.kind, number: place?.number ?? 0 });
  }

  linkTarget(code: string): LinkTarget | undefined {
    const link = linkOfCode(code);
    if (link === undefined) return undefined;
    if (link.kind === 'page') return { kind: 'page', address: pageAddress(link.key) };
    return this.#exists(link.number) ? { kind: link.kind, post: this.#calendar.timeOf(link.number) } : undefined;
  }

  // Inside: everything by number

  #exists(number: number): boolean {
    if (number >= this.#allBornAt) return true;
    return this.#accounts.createdAt(this.#activity.authorOf(number)) <= this.#calendar.timeOf(number).at;
  }

  #locate(time: PostTime): { number: number; edition: number } | undefined {
    const number = this.#calendar.numberOf(time);
    if (number !== undefined) return this.#exists(number) ? { number, edition: 0 } : undefined;
    if ((time.slot & EDITION_BIT) === 0) return undefined;
    for (const [n, delay] of EDIT_DELAYS_MS.entries()) {
      const base = { at: time.at - delay, slot: time.slot & ~EDITION_BIT };
      const edited = this.#calendar.numberOf(base);
      if (edited === undefined || !this.#exists(edited)) continue;
      if (this.writer.editionsOf(edited, base.at) > n) return { number: edited, edition: n + 1 };
    }
    return undefined;
  }

  #reference(number: number): PostReference {
    const { at, slot } = this.#calendar.timeOf(number);
    return { at, slot, author: this.#activity.authorOf(number) };
  }

  #write(number: number, edition: number): Post {
    const outline = this.#outline(number, edition);
    const { kind, about } = outline.relation;
    return this.writer.write(outline, kind === 'repost' && about !== undefined ? this.#outline(about, 0) : undefined);
  }

  #outline(number: number, edition: number): Outline {
    const base = this.#reference(number);
    const relation = this.#relations.of(number);
    const editions = this.writer.editionsOf(number, base.at);
    const versions = [base];
    for (let nth = 1; nth <= editions; nth++) versions.push({ ...editionTime(base, nth), author: base.author });
    const thread = relation.kind === 'reply' ? this.#relations.threadOf(number) : number;
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

  /** Whether a post that exists was taken back by then. */
  #isDeleted(number: number, at: number): boolean {
    const delay = this.writer.deletedAfter(number);
    if (delay !== undefined && this.#calendar.timeOf(number).at + delay <= at) return true;
    if (this.#massDeletions.size === 0) return false;
    const rules = this.#massDeletions.get(this.#activity.authorOf(number));
    if (rules === undefined) return false;
    const madeAt = this.#calendar.timeOf(number).at;
    return rules.some((rule) => rule.at <= at && madeAt < rule.at && chanceOf(number) < rule.share);
  }

  #repeatsDeleted(number: number, at: number): boolean {
    const { kind, about } = this.#relations.of(number);
    return kind === 'repost' && about !== undefined && this.#isDeleted(about, at);
  }

  /** Public at that instant: neither it nor what it reposts is deleted, nor are their authors out of sight. */
  #isInSight(number: number, at: number): boolean {
    if (this.#isDeleted(number, at)) return false;
    const { kind, about } = this.#relations.of(number);
    const repeated = kind === 'repost' ? about : undefined;
    if (repeated !== undefined && this.#isDeleted(repeated, at)) return false;
    if (this.life.isQuiet(at)) return true;
    if (this.stateAt(this.#activity.authorOf(number), at) !== 'public') return false;
    return repeated === undefined || this.stateAt(this.#activity.authorOf(repeated), at) === 'public';
  }

  #answers(post: PostTime, what: 'replies' | 'quotes' | 'reposts', range: PostRange, at: number): Iterable<Post> {
    const place = this.#locate(post);
    if (place === undefined) return [];
    return this.#inSight(this.#relations.answersTo(place.number)[what].toReversed(), range, at);
  }

  /** @param numbers falling */
  *#inSight(numbers: readonly number[], range: PostRange, at: number): Generator<Post> {
    const last = this.#lastBefore(range.before, at);
    const first = range.after === undefined ? Number.NEGATIVE_INFINITY : this.#firstAfter(range.after);
    for (const number of numbers) {
      if (number < first) return;
      if (number <= last && this.#isInSight(number, at)) yield this.#write(number, 0);
    }
  }

  /** Later editions in sight between the two bounds, oldest first. */
  #editionsBetween(after: PostTime | undefined, until: PostTime, at: number): EditionPlace[] {
    const start = after ?? { at: EARLIEST, slot: 0 };
    const found: EditionPlace[] = [];
    const first = this.#calendar.firstSince(start.at - LONGEST_EDIT_MS);
    for (let number = lastEditable(this.#calendar.firstSince(until.at + 1)); number >= first; number -= EDITABLE_STEP) {
      const base = this.#calendar.timeOf(number);
      for (let nth = this.writer.editionsOf(number, base.at); nth >= 1; nth--) {
        const time = editionTime(base, nth);
        if (time.at > at || comparePosts(time, until) >= 0 || comparePosts(time, start) <= 0) continue;
        if (this.#exists(number) && this.#isInSight(number, at)) found.push({ ...time, time, number, edition: nth });
      }
    }
    return found.sort(comparePosts);
  }

  *#popEditions(editions: EditionPlace[], isNext: (time: PostTime) => boolean): Generator<Post> {
    for (let next = editions.at(-1); next !== undefined && isNext(next); next = editions.at(-1)) {
      editions.pop();
      yield this.#write(next.number, next.edition);
    }
  }

  #firstAfter(after: PostTime): number {
    let number = this.#calendar.firstSince(after.at);
    while (comparePosts(this.#calendar.timeOf(number), after) <= 0) number++;
    return number;
  }

  #lastBefore(bound: PostTime | undefined, at: number): number {
    if (bound === undefined || bound.at > at) return this.#calendar.firstSince(at + 1) - 1;
    let number = this.#calendar.firstSince(bound.at);
    while (comparePosts(this.#calendar.timeOf(number), bound) < 0) number++;
    return number - 1;
  }
}

interface EditionPlace extends PostTime {
  readonly time: PostTime;
  readonly number: number;
  readonly edition: number;
}

/** Enough for any account's last years; a compliance stream must not hang on a chatterbox of 1 M posts. */
const MOST_MASS_DELETED = 10_000;
const NO_METRICS: PostMetrics = {
  reposts: 0,
  replies: 0,
  likes: 0,
  quotes: 0,
  bookmarks: 0,
  impressions: 0,
  votes: [],
};

function chanceOf(number: number): number {
  return (mix(number ^ 0x5bd1e995) >>> 0) / 0x1_0000_0000;
}

/** A bound just before a post: exclusive `after` of it. */
function before({ at, slot }: PostTime): PostTime {
  return { at, slot: slot - 1 };
}

/** Numbers of posts, rising: those that nobody ever deletes, and the rest. */
interface Fates {
  readonly lasting: readonly number[];
  readonly fleeting: readonly number[];
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
