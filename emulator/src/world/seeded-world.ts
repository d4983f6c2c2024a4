import { Accounts, ACCOUNTS } from './accounts.ts';
import { Activity } from './activity.ts';
import { Calendar } from './calendar.ts';
import { editionsBetween } from './editions.ts';
import { FollowGraph } from './follow-graph.ts';
import { isGone, Life, type LifeChange } from './life.ts';
import { codeOfLink, linkOfCode, pageAddress } from './links.ts';
import { mentionsOf } from './mentions.ts';
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
  type PostPlace,
  type PostRange,
  type PostReference,
  type PostState,
  type PostTime,
  type Sieve,
  type Sifted,
  type Withholding,
  type World,
} from './model.ts';
import { NumberedPosts } from './numbered-posts.ts';
import { PostCounts } from './post-counts.ts';
import type { PostFates } from './post-fates.ts';
import { allPosts, conversationOf, postsOfAccount } from './post-lists.ts';
import { mix } from './random.ts';
import type { Schedule } from './schedule.ts';
import { siftedPosts } from './sifting.ts';
import { Slots } from './slots.ts';
import type { Writer } from './writing.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Posts per account and day, outside the sample. */
const POSTS_PER_DAY = 0.25;
const KEPT = 8192;

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
  /** `host:port` of an emulator that serves the pages that posts link to; default: they are nowhere. */
  readonly linkHost?: string | undefined;
}

/**
 * The seeded world. Everything is computed from seed, start, density and the number of accounts when it is asked for;
 * what is kept does not grow with the number of accounts or posts.
 */
export class SeededWorld implements World {
  readonly seed: number;
  readonly accounts: number;
  readonly life: Life;
  /** Accounts to show: `user_public`, `user_protected` … by number. */
  readonly examples: ReadonlyMap<string, number>;
  readonly #startAt: number;
  readonly #calendar: Calendar;
  readonly #accounts: Accounts;
  readonly #activity: Activity;
  readonly #posts: NumberedPosts;
  readonly #counts: PostCounts;
  readonly #graph: FollowGraph;
  readonly #now: () => number;
  readonly #linkHost: string | undefined;
  /** A page names the same accounts and posts again and again. */
  readonly #keptAccounts = new Slots<Account>(KEPT);
  readonly #keptPosts = new Slots<Post>(KEPT);
  #lastEnd = { at: Number.NaN, number: 0 };

  constructor({ seed, startAt, density, accounts = ACCOUNTS, now, linkHost }: WorldOptions) {
    this.seed = seed;
    this.#linkHost = linkHost;
    this.accounts = accounts;
    this.#calendar = new Calendar(startAt, density, (accounts * POSTS_PER_DAY * 1000) / DAY_MS);
    this.#startAt = this.#calendar.startSecond * 1000;
    this.#now = now ?? (() => this.#startAt);
    this.#accounts = new Accounts(seed, this.#startAt, accounts);
    this.life = new Life(seed, accounts, this.#startAt, (account) => this.#accounts.handleOf(account));
    this.#activity = new Activity(this.life.publicAtStart, mix(seed ^ 0x4ac7));
    this.#posts = new NumberedPosts(seed, this.#startAt, {
      calendar: this.#calendar,
      activity: this.#activity,
      accounts: this.#accounts,
      life: this.life,
    });
    this.#counts = new PostCounts(this.#posts, this.#startAt);
    this.#graph = new FollowGraph(seed, this.life.inGraph, this.#startAt);
    this.examples = this.life.examples();
    const renamed = this.examples.get('user_renamed');
    if (renamed !== undefined) this.life.renameBeforeStart(renamed);
  }

  now(): number {
    return this.#now();
  }

  get writer(): Writer {
    return this.#posts.writer;
  }

  /** What scenarios do to posts. */
  get fates(): PostFates {
    return this.#posts.fates;
  }

  // The sample, by index from the world's start

  get schedule(): Schedule {
    return this.#calendar.sample;
  }

  /** The sample's post `index`, from 0. */
  sampled(index: number): Post {
    return this.#posts.write(this.#calendar.ofSample(index), 0);
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
    return this.#keptAccounts.get(number) ?? this.#keptAccounts.set(number, this.#accounts.account(number));
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

  withheldInAt(account: number, at: number): readonly string[] {
    return this.life.withheldInAt(account, at);
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
    const firstAt = this.#accounts.writesSince(account);
    return this.#activity.count(account, this.#calendar.firstSince(firstAt), this.#endAt(at));
  }

  /** Number of the first post made after an instant; a page of accounts asks for the same one. */
  #endAt(at: number): number {
    if (this.#lastEnd.at !== at) this.#lastEnd = { at, number: this.#calendar.firstSince(at + 1) };
    return this.#lastEnd.number;
  }

  // Posts

  post(time: PostTime): Post | undefined {
    const place = this.#posts.locate(time);
    if (place === undefined) return undefined;
    const { number, edition } = place;
    if (edition > 0) return this.#posts.write(number, edition);
    return this.#keptPosts.get(number) ?? this.#keptPosts.set(number, this.#posts.write(number, 0));
  }

  postStateAt(post: Post, at: number): PostState {
    if (post.at > at) return 'unborn';
    const taken = this.#takenAway(post, at);
    if (taken !== undefined) return taken;
    if (post.kind === 'repost' && post.about !== undefined) {
      const original = this.#takenAway(post.about, at);
      if (original !== undefined) return original;
      const state = this.stateAt(post.about.author, at);
      if (state !== 'public') return isGone(state) ? 'gone' : 'protected';
    }
    const state = this.stateAt(post.author, at);
    return state === 'deleted' || state === 'deactivated' ? 'gone' : state;
  }

  #takenAway(post: PostTime, at: number): 'deleted' | 'dropped' | undefined {
    const place = this.#posts.locate(post);
    if (place === undefined || this.fates.isDeleted(place.number, at)) return 'deleted';
    return this.fates.isDropped(place.number, at) ? 'dropped' : undefined;
  }

  isSuperseded(post: Post, at: number): boolean {
    const next = post.versions[post.versions.findIndex((version) => comparePosts(version, post) === 0) + 1];
    return next !== undefined && next.at <= at;
  }

  metricsAt(post: Post, at: number): PostMetrics {
    return this.#counts.metricsAt(post, at);
  }

  repostsAt(post: PostTime, at: number): number {
    const place = this.#posts.locate(post);
    return place === undefined ? 0 : this.#counts.repostsAt(place.number, at);
  }

  placeAt({ place, coordinates, author, at: madeAt }: Post, at: number): PostPlace | undefined {
    if (place === undefined) return undefined;
    const scrubbedAt = this.life.geoScrubbedAt(author, at);
    return scrubbedAt !== undefined && madeAt < scrubbedAt ? undefined : { place, coordinates };
  }

  withholdingAt(post: Post, at: number): Withholding | undefined {
    const original = post.kind === 'repost' ? post.about : undefined;
    const countries = new Set<string>();
    let forCopyright = false;
    for (const one of original === undefined ? [post] : [post, original]) {
      const place = this.#posts.locate(one);
      const own = place && this.fates.withheldBy(place.number, at);
      for (const country of own?.countries ?? []) countries.add(country);
      for (const country of this.withheldInAt(one.author, at)) countries.add(country);
      forCopyright ||= own?.forCopyright ?? false;
    }
    return forCopyright || countries.size > 0 ? { countries: [...countries], forCopyright } : undefined;
  }

  posts(range: PostRange, order: Order, at: number): Iterable<Post> {
    return allPosts(this.#posts, range, order, at);
  }

  sifted(range: PostRange, sieve: Sieve, at: number): Iterable<Sifted> {
    return siftedPosts(this.#posts, range, sieve, at);
  }

  wordsIn(language: string): readonly string[] {
    return [...this.writer.wordsIn(language), ...this.life.handlesGiven()];
  }

  postsOf(account: number, range: PostRange, at: number): Iterable<Post> {
    return postsOfAccount(this.#posts, account, range, at);
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

  mentionsOf(account: number, range: PostRange, at: number): Iterable<Post> {
    return mentionsOf(this.#posts, account, range, at);
  }

  conversation(thread: PostTime, range: PostRange, at: number): Iterable<Post> {
    return conversationOf(this.#posts, thread, range, at);
  }

  #answers(post: PostTime, what: 'replies' | 'quotes' | 'reposts', range: PostRange, at: number): Iterable<Post> {
    const place = this.#posts.locate(post);
    if (place === undefined) return [];
    return this.#posts.inSight(this.#posts.relations.answersTo(place.number)[what].toReversed(), range, at);
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
    const found: Change[] = this.life.changes(after, until).flatMap((change) => this.#withPost(change));
    found.push(...this.fates.changes(after, until));
    const editions = editionsBetween(this.#posts, { at: after, slot: 0x3fffff }, { at: until + 1, slot: -1 }, until);
    for (const { at, slot, number } of editions) {
      const author = this.#activity.authorOf(number);
      found.push({ kind: 'post-edited', at, account: author, post: { at, slot, author } });
    }
    yield* found.sort((a, b) => a.at - b.at);
  }

  /** Who never wrote anything has no places to take back. */
  #withPost(change: LifeChange): Change[] {
    if (change.kind !== 'geo-scrubbed') return [change];
    const [newest] = this.postsOf(change.account, {}, change.at - 1);
    if (newest === undefined) return [];
    const { at, slot, author } = newest;
    return [{ ...change, upTo: { at, slot, author } satisfies PostReference }];
  }

  // Links

  linkCode(link: Extract<Link, { kind: 'page' }> | Extract<LinkTarget, { post: PostTime }>): string {
    if (link.kind === 'page') return codeOfLink(link);
    const place = this.#posts.locate(link.post);
    // Nobody can follow a link to what isn't of this world.
    return codeOfLink({ kind: link.kind, number: place?.number ?? 0 });
  }

  pageAddress(key: number): string {
    return pageAddress(key, this.#linkHost);
  }

  linkTarget(code: string): LinkTarget | undefined {
    const link = linkOfCode(code);
    if (link === undefined) return undefined;
    if (link.kind === 'page') return { kind: 'page', address: this.pageAddress(link.key) };
    return this.#posts.exists(link.number) ? { kind: link.kind, post: this.#calendar.timeOf(link.number) } : undefined;
  }
}
