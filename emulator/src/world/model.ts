import type { Piece } from './prose.ts';

/**
 * The words in which the world is told, free of any platform's shapes. Faces (the X API, later others) read the world
 * through `World` alone and do the rendering. Accounts are known by number, posts by their place in time.
 */

/** A post's place in time: `at` is Unix milliseconds, `slot` (0 .. 2^22-1) tells posts of one millisecond apart and grows with them. */
export interface PostTime {
  readonly at: number;
  readonly slot: number;
}

/** A post that another one points at: enough to name it (`postId`), wherever it stands. */
export interface PostReference extends PostTime {
  /** Account number. */
  readonly author: number;
}

/** What stands between two instants: bounds are exclusive, either may be left out. `startOf(ms)` makes a bound of an instant. */
export interface PostRange {
  readonly after?: PostTime | undefined;
  readonly before?: PostTime | undefined;
}

/** As an exclusive `after`: posts of that instant and later. As an exclusive `before`: posts before that instant. */
export function startOf(at: number): PostTime {
  return { at, slot: -1 };
}

/** Below zero when `a` was made before `b`. */
export function comparePosts(a: PostTime, b: PostTime): number {
  return a.at === b.at ? a.slot - b.slot : a.at - b.at;
}

export type PostKind = 'original' | 'reply' | 'repost' | 'quote';

/** A post as it was written: nothing here changes after `at`. */
export interface Post extends PostReference {
  /** Decimal, 64 bit. */
  readonly id: string;
  readonly kind: PostKind;
  /** What it replies to, reposts or quotes; undefined for originals. */
  readonly about: PostReference | undefined;
  /** A reply may quote as well. */
  readonly alsoQuotes: PostReference | undefined;
  /** First post of its conversation (may be itself). */
  readonly thread: PostReference;
  readonly language: string;
  /** The body as typed, without links to its media or to what it quotes; of a repost: the body of what it reposts. */
  readonly body: readonly Piece[];
  /** More than 280 characters: platforms show a cut version first. */
  readonly long: boolean;
  /** Name of the program it was written with. */
  readonly program: string;
  readonly media: readonly Media[];
  readonly poll: Poll | undefined;
  /** Where it was written. Its author can take that back: `World.placeAt` says what is left. */
  readonly place: Place | undefined;
  /** Only where a device told it exactly; then `place` is set, too. */
  readonly coordinates: Coordinates | undefined;
  /** All versions of the post that will ever be, oldest first, itself among them; one alone for a post that is never edited. */
  readonly versions: readonly PostReference[];
  readonly sensitive: boolean;
  /** Who may reply. */
  readonly audience: 'everyone' | 'following' | 'mentioned';
}

export interface Media {
  readonly kind: 'photo' | 'video' | 'animation';
  /** Unique in the world; 64-bit decimal. */
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly alternativeText: string | undefined;
  /** Of videos. */
  readonly durationMs: number | undefined;
}

export interface Poll {
  /** 64-bit decimal. */
  readonly id: string;
  readonly options: readonly string[];
  readonly durationMinutes: number;
  readonly closesAt: number;
}

export interface Coordinates {
  readonly longitude: number;
  readonly latitude: number;
}

export interface Place {
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly fullName: string;
  readonly country: string;
  /** Two letters. */
  readonly countryCode: string;
  readonly kind: 'city' | 'admin' | 'country';
  /** west, south, east, north in degrees. */
  readonly box: readonly [number, number, number, number];
}

export interface Withholding {
  /** Two letters each; empty when withheld everywhere for copyright alone. */
  readonly countries: readonly string[];
  readonly forCopyright: boolean;
}

/** Where a post says it was written. */
export interface PostPlace {
  readonly place: Place;
  readonly coordinates: Coordinates | undefined;
}

/** What is left to see of an account at an instant. Deactivated accounts may come back, deleted ones don't. */
export type AccountState = 'public' | 'protected' | 'suspended' | 'deleted' | 'deactivated';

/**
 * What is left to see of a post at an instant: `public`; `protected` (its author is); `suspended` (its author is);
 * `gone` (its author deleted or deactivated the account); `deleted` (it, or what it reposts); `dropped` (likewise: the platform has
 * taken it out of sight, perhaps for a while); `unborn` (not made yet).
 */
export type PostState = 'public' | 'protected' | 'suspended' | 'gone' | 'deleted' | 'dropped' | 'unborn';

/** An account as it stands, without what moves (`handleAt`, `stateAt`, `countsAt`). The low numbers write most and are followed most. */
export interface Account {
  readonly number: number;
  /** Decimal, 64 bit. */
  readonly id: string;
  readonly createdAt: number;
  /** Handle that it began with; use `World.handleAt` for what it's called now. */
  readonly handle: string;
  readonly displayName: string;
  readonly description: string;
  /** Free text that its owner wrote. */
  readonly place: string | undefined;
  /** Full address of its home page. */
  readonly link: string | undefined;
  readonly verified: boolean;
  /** What it mostly writes in: code. */
  readonly language: string;
}

/** What moves about an account, at one instant. */
export interface AccountCounts {
  readonly followers: number;
  readonly following: number;
  /** Posts ever made; those deleted since are counted, too. */
  readonly posts: number;
  readonly listed: number;
  readonly likes: number;
  readonly media: number;
}

/** All of these only grow, but for deletions and unreposting. */
export interface PostMetrics {
  readonly reposts: number;
  readonly replies: number;
  readonly likes: number;
  readonly quotes: number;
  readonly bookmarks: number;
  readonly impressions: number;
  /** Votes per option, when there is a poll. */
  readonly votes: readonly number[];
}

/** One follow as a list shows it. Positions are anchored: a new follow gets a higher one, none ever moves. */
export interface Follow {
  /** Account number of the other side. */
  readonly account: number;
  readonly position: number;
}

export interface FollowRange {
  /** Only positions below (exclusive). */
  readonly before?: number | undefined;
  /** Only positions above (exclusive). */
  readonly after?: number | undefined;
}

/** Something that happened to what was there already, in order of time. */
export type Change = { readonly at: number; readonly account: number } & (
  | { readonly kind: 'post-deleted'; readonly post: PostReference }
  | { readonly kind: 'post-edited'; readonly post: PostReference }
  | { readonly kind: 'post-dropped' | 'post-undropped'; readonly post: PostReference }
  | { readonly kind: 'post-withheld'; readonly post: PostReference; readonly withholding: Withholding }
  /** Its author has taken back the places of all posts up to that one, the newest by then. */
  | { readonly kind: 'geo-scrubbed'; readonly upTo: PostReference }
  | { readonly kind: 'withheld'; readonly countries: readonly string[] }
  | { readonly kind: 'state'; readonly from: AccountState; readonly to: AccountState }
  | { readonly kind: 'renamed'; readonly from: string; readonly to: string }
);

/** What a reader of many posts has no use for: the world may leave out what a sieve says no to, and leaves out no other posts. */
export interface Sieve {
  /** Whether a post of that kind and language can be wanted; of reposts, and at first, the language is not known. */
  readonly mayBe: (kind: PostKind, language: string | undefined) => boolean;
  /** Whether `mayHold` is worth asking. */
  readonly readsBodies: boolean;
  /** Whether one with that body can be wanted. The accounts that it names are not among the pieces. Not asked of reposts. */
  readonly mayHold: (kind: PostKind, language: string, body: readonly Piece[]) => boolean;
}

/** A post that a sieve let through, or a mark: all posts from that place on have been gone through, with so much work since the last mark. */
export type Sifted =
  | { readonly post: Post }
  | {
      /** As the exclusive `before` of what is left. */
      readonly passed: PostTime;
      /** In posts that were skipped at once. */
      readonly work: number;
    };

/** What a short link stands for, inside: a page of the invented web, or a post, its media, or the rest of its text. */
export type Link =
  | { readonly kind: 'page'; readonly key: number }
  | { readonly kind: 'post' | 'media' | 'rest'; readonly number: number };

/** What a short link leads to. */
export type LinkTarget =
  | { readonly kind: 'page'; readonly address: string }
  | { readonly kind: 'post' | 'media' | 'rest'; readonly post: PostTime };

export type Order = 'newest-first' | 'oldest-first';

/**
 * The seeded truth, as faces see it. Every question about what moves names its instant (`at`, Unix ms; usually
 * `now()`), and the same question always has the same answer. Iterables are lazy: take what you need.
 */
export interface World {
  readonly seed: number;
  /** Seeded accounts have numbers 0 .. accounts-1; imported ones come after. */
  readonly accounts: number;
  /** Unix ms of the world's own time. */
  now(): number;

  // Accounts
  /** Throws RangeError for a number that no account has. */
  account(number: number): Account;
  /** Number of the account that bears the id (decimal), whatever its state; undefined when there never was one by then. */
  accountById(id: string, at: number): number | undefined;
  /** Number of the account that was called so at that instant, case ignored, whatever its state. */
  accountByHandle(handle: string, at: number): number | undefined;
  handleAt(account: number, at: number): string;
  stateAt(account: number, at: number): AccountState;
  countsAt(account: number, at: number): AccountCounts;
  /** Countries in which the account and all its posts are withheld: two letters each; empty for nearly all. */
  withheldInAt(account: number, at: number): readonly string[];
  /** The post pinned to the account's page. */
  pinnedAt(account: number, at: number): PostReference | undefined;

  // Posts
  /** The post of that place in time, whatever its state and even when `unborn`; undefined when there is none. */
  post(time: PostTime): Post | undefined;
  postStateAt(post: Post, at: number): PostState;
  /** Whether it was replaced by a later version by then. */
  isSuperseded(post: Post, at: number): boolean;
  metricsAt(post: Post, at: number): PostMetrics;
  /** How often it was reposted by then: `metricsAt(…).reposts` of the post of that place in time, without making the post. */
  repostsAt(post: PostTime, at: number): number;
  /** Where it was written, as far as that was told and not taken back by then. */
  placeAt(post: Post, at: number): PostPlace | undefined;
  /** Where it is withheld, be it the post alone, what it reposts, or its author with all posts. */
  withholdingAt(post: Post, at: number): Withholding | undefined;
  /** All posts in sight at `at` (public; each version of an edited one that existed by then), in order of ids. */
  posts(range: PostRange, order: Order, at: number): Iterable<Post>;
  /** Those of `posts` that a sieve lets through, newest first, with marks between them. */
  sifted(range: PostRange, sieve: Sieve, at: number): Iterable<Sifted>;
  /** All words that posts in a language are made of, as they are written; but for names of accounts and addresses. */
  wordsIn(language: string): readonly string[];
  /** An account's posts, newest first, whatever the account's state; without deleted and superseded ones. */
  postsOf(account: number, range: PostRange, at: number): Iterable<Post>;
  /** The next five: in sight at `at`, newest first. */
  repliesTo(post: PostTime, range: PostRange, at: number): Iterable<Post>;
  quotesOf(post: PostTime, range: PostRange, at: number): Iterable<Post>;
  repostsOf(post: PostTime, range: PostRange, at: number): Iterable<Post>;
  /** Posts of others that name the account, each once, in its first version: answers to its posts, and others. */
  mentionsOf(account: number, range: PostRange, at: number): Iterable<Post>;
  /** All posts of the conversation that began with this one, itself included. */
  conversation(thread: PostTime, range: PostRange, at: number): Iterable<Post>;

  // Follows
  /** Newest first; without accounts that are suspended, deleted or deactivated. */
  followers(account: number, range: FollowRange, at: number): Iterable<Follow>;
  following(account: number, range: FollowRange, at: number): Iterable<Follow>;
  follows(follower: number, followed: number, at: number): boolean;

  // Changes, for compliance and control messages: after < change.at <= until, oldest first
  changes(after: number, until: number): Iterable<Change>;

  // Links: short ones have codes, of ten letters and digits here
  /** Code of the short link to a page, or to a post, its media or the rest of its text. */
  linkCode(link: Extract<Link, { kind: 'page' }> | Extract<LinkTarget, { post: PostTime }>): string;
  /** Where the page of a key is. */
  pageAddress(key: number): string;
  /** What a short link leads to. */
  linkTarget(code: string): LinkTarget | undefined;
}
