import { postId, postTime } from '../world/ids.ts';
import {
  type Account,
  type AccountCounts,
  type AccountState,
  type Change,
  comparePosts,
  type Follow,
  type FollowRange,
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
} from '../world/model.ts';
import type { Piece } from '../world/prose.ts';
import type { Imported, ImportedPost } from './read-import.ts';

/**
 * A world with imported accounts and posts beside its own. Their ids are kept; their accounts have the numbers from
 * `inner.accounts` on. What they refer to must be imported, too, or they count as originals. They don't appear in the sample.
 */
export class ImportedWorld implements World {
  readonly seed: number;
  readonly accounts: number;
  readonly #inner: World;
  readonly #accounts: Account[] = [];
  readonly #protected = new Set<number>();
  readonly #numbersById = new Map<string, number>();
  readonly #numbersByHandle = new Map<string, number>();
  readonly #likes = new Map<string, number>();
  /** Oldest first. */
  readonly #posts: Post[];
  readonly #postsById = new Map<string, Post>();
  readonly #postsByAuthor = new Map<number, Post[]>();
  readonly #answers = new Map<string, Post[]>();
  /** Newest first. */
  readonly #followers = new Map<number, number[]>();
  readonly #following = new Map<number, number[]>();

  constructor(inner: World, imported: Imported) {
    this.seed = inner.seed;
    this.accounts = inner.accounts;
    this.#inner = inner;
    for (const account of imported.accounts.values()) {
      const { handle, name, description, place, verified, isProtected } = account;
      const number = this.#addAccount(account.id, account.createdAt, handle, { name, description, place, verified });
      if (isProtected) this.#protected.add(number);
    }
    for (const post of imported.posts.values()) this.#make(post, imported);
    this.#posts = [...this.#postsById.values()].sort(comparePosts);
    for (const post of this.#posts) {
      append(this.#postsByAuthor, post.author, post);
      if (post.about !== undefined) append(this.#answers, postId(post.about), post);
    }
    for (const [id, followers] of imported.followers) {
      const followed = this.#numberOf(id);
      const numbers = followers.map((follower) => this.#numberOf(follower));
      this.#followers.set(followed, numbers);
      for (const follower of numbers) append(this.#following, follower, followed);
    }
  }

  now(): number {
    return this.#inner.now();
  }

  account(number: number): Account {
    return this.#accounts[number - this.accounts] ?? this.#inner.account(number);
  }

  accountById(id: string, at: number): number | undefined {
    return this.#numbersById.get(id) ?? this.#inner.accountById(id, at);
  }

  accountByHandle(handle: string, at: number): number | undefined {
    return this.#numbersByHandle.get(handle.toLowerCase()) ?? this.#inner.accountByHandle(handle, at);
  }

  handleAt(account: number, at: number): string {
    return this.#accounts[account - this.accounts]?.handle ?? this.#inner.handleAt(account, at);
  }

  stateAt(account: number, at: number): AccountState {
    if (account < this.accounts) return this.#inner.stateAt(account, at);
    return this.#protected.has(account) ? 'protected' : 'public';
  }

  countsAt(account: number, at: number): AccountCounts {
    if (account < this.accounts) return this.#inner.countsAt(account, at);
    const followers = this.#followers.get(account)?.length ?? 0;
    const following = this.#following.get(account)?.length ?? 0;
    const posts = this.#postsByAuthor.get(account)?.length ?? 0;
    return { followers, following, posts, listed: 0, likes: 0, media: 0 };
  }

  pinnedAt(account: number, at: number): PostReference | undefined {
    return account < this.accounts ? this.#inner.pinnedAt(account, at) : undefined;
  }

  post(time: PostTime): Post | undefined {
    return this.#postsById.get(postId(time)) ?? this.#inner.post(time);
  }

  postStateAt(post: Post, at: number): PostState {
    if (!this.#postsById.has(post.id)) return this.#inner.postStateAt(post, at);
    if (post.at > at) return 'unborn';
    return this.#protected.has(post.author) ? 'protected' : 'public';
  }

  isSuperseded(post: Post, at: number): boolean {
    return !this.#postsById.has(post.id) && this.#inner.isSuperseded(post, at);
  }

  metricsAt(post: Post, at: number): PostMetrics {
    if (!this.#postsById.has(post.id)) return this.#inner.metricsAt(post, at);
    const answers = this.#answers.get(post.id) ?? [];
    const count = (kind: Post['kind']): number =>
      answers.filter((answer) => answer.kind === kind && this.#isInSight(answer, at)).length;
    return {
      reposts: count('repost'),
      replies: count('reply'),
      quotes: count('quote'),
      likes: this.#likes.get(post.id) ?? 0,
      bookmarks: 0,
      impressions: 0,
      votes: [],
    };
  }

  repostsAt(post: PostTime, at: number): number {
    const own = this.#postsById.get(postId(post));
    return own === undefined ? this.#inner.repostsAt(post, at) : this.metricsAt(own, at).reposts;
  }

  placeAt(post: Post, at: number): PostPlace | undefined {
    return this.#postsById.has(post.id) ? undefined : this.#inner.placeAt(post, at);
  }

  withholdingAt(post: Post, at: number): Withholding | undefined {
    return this.#postsById.has(post.id) ? undefined : this.#inner.withholdingAt(post, at);
  }

  withheldInAt(account: number, at: number): readonly string[] {
    return account < this.accounts ? this.#inner.withheldInAt(account, at) : [];
  }

  posts(range: PostRange, order: Order, at: number): Iterable<Post> {
    const own = this.#select(this.#posts, range, at);
    return merge(order === 'newest-first' ? own.toReversed() : own, this.#inner.posts(range, order, at), order);
  }

  *sifted(range: PostRange, sieve: Sieve, at: number): Generator<Sifted> {
    const own = this.#select(this.#posts, range, at).toReversed();
    let n = 0;
    for (const sifted of this.#inner.sifted(range, sieve, at)) {
      const place = 'post' in sifted ? sifted.post : sifted.passed;
      for (let next = own[n]; next !== undefined && comparePosts(next, place) > 0; next = own[n]) {
        n++;
        yield { post: next };
      }
      yield sifted;
    }
    for (const post of own.slice(n)) yield { post };
  }

  wordsIn(language: string): readonly string[] {
    return this.#inner.wordsIn(language);
  }

  postsOf(account: number, range: PostRange, at: number): Iterable<Post> {
    if (account < this.accounts) return this.#inner.postsOf(account, range, at);
    const bounded = (this.#postsByAuthor.get(account) ?? []).filter((post) => isWithin(post, range) && post.at <= at);
    return bounded.toReversed();
  }

  repliesTo(post: PostTime, range: PostRange, at: number): Iterable<Post> {
    return this.#answersOf(post, 'reply', range, at) ?? this.#inner.repliesTo(post, range, at);
  }

  quotesOf(post: PostTime, range: PostRange, at: number): Iterable<Post> {
    return this.#answersOf(post, 'quote', range, at) ?? this.#inner.quotesOf(post, range, at);
  }

  repostsOf(post: PostTime, range: PostRange, at: number): Iterable<Post> {
    return this.#answersOf(post, 'repost', range, at) ?? this.#inner.repostsOf(post, range, at);
  }

  mentionsOf(account: number, range: PostRange, at: number): Iterable<Post> {
    if (account < this.accounts) return this.#inner.mentionsOf(account, range, at);
    const names = ({ author, body }: Post): boolean =>
      author !== account && body.some((piece) => piece.kind === 'mention' && piece.account === account);
    return this.#select(this.#posts.filter(names), range, at).toReversed();
  }

  conversation(thread: PostTime, range: PostRange, at: number): Iterable<Post> {
    const first = this.#postsById.get(postId(thread));
    if (first === undefined) return this.#inner.conversation(thread, range, at);
    const own = this.#posts.filter((post) => comparePosts(post.thread, thread) === 0);
    return this.#select(own, range, at).toReversed();
  }

  followers(account: number, range: FollowRange, at: number): Iterable<Follow> {
    if (account < this.accounts) return this.#inner.followers(account, range, at);
    return positioned(this.#followers.get(account) ?? [], range);
  }

  following(account: number, range: FollowRange, at: number): Iterable<Follow> {
    if (account < this.accounts) return this.#inner.following(account, range, at);
    return positioned(this.#following.get(account) ?? [], range);
  }

  follows(follower: number, followed: number, at: number): boolean {
    if (Math.max(follower, followed) < this.accounts) return this.#inner.follows(follower, followed, at);
    return this.#followers.get(followed)?.includes(follower) ?? false;
  }

  changes(after: number, until: number): Iterable<Change> {
    return this.#inner.changes(after, until);
  }

  linkCode(link: Parameters<World['linkCode']>[0]): string {
    return this.#inner.linkCode(link);
  }

  pageAddress(key: number): string {
    return this.#inner.pageAddress(key);
  }

  linkTarget(code: string): LinkTarget | undefined {
    return this.#inner.linkTarget(code);
  }

  /** The account of that id; one that is only named somewhere gets a handle made of its id. */
  #numberOf(id: string): number {
    const known = this.#numbersById.get(id);
    if (known !== undefined) return known;
    const handle = `u${BigInt(id).toString(36)}`;
    return this.#addAccount(id, Date.UTC(2010, 0, 1), handle, {
      name: handle,
      description: '',
      place: undefined,
      verified: false,
    });
  }

  #addAccount(
    id: string,
    createdAt: number,
    handle: string,
    said: { name: string; description: string; place: string | undefined; verified: boolean },
  ): number {
    const number = this.accounts + this.#accounts.length;
    const { name, description, place, verified } = said;
    this.#accounts.push({
      number,
      id,
      createdAt,
      handle,
      displayName: name,
      description,
      place,
      link: undefined,
      verified,
      language: 'und',
    });
    this.#numbersById.set(id, number);
    this.#numbersByHandle.set(handle.toLowerCase(), number);
    return number;
  }

  #make(given: ImportedPost, imported: Imported): Post | undefined {
    const known = this.#postsById.get(given.id);
    if (known !== undefined) return known;
    const time = postTime(given.id);
    if (time === undefined) return undefined;
    const self: PostReference = { ...time, author: this.#numberOf(given.authorId) };
    const about =
      given.aboutId === undefined || given.aboutId === given.id ? undefined : imported.posts.get(given.aboutId);
    const target = about && this.#reference(about);
    const thread = given.threadId === undefined ? undefined : imported.posts.get(given.threadId);
    const body = given.kind === 'repost' && about !== undefined ? about.text : given.text;
    const post: Post = {
      ...self,
      id: given.id,
      kind: target === undefined ? 'original' : given.kind,
      about: target,
      alsoQuotes: undefined,
      thread: (thread && this.#reference(thread)) ?? (given.kind === 'reply' ? target : undefined) ?? self,
      language: given.language,
      body: this.#pieces(body),
      long: false,
      program: given.program,
      media: [],
      poll: undefined,
      place: undefined,
      coordinates: undefined,
      versions: [self],
      sensitive: false,
      audience: 'everyone',
    };
    this.#postsById.set(post.id, post);
    this.#likes.set(post.id, given.likes);
    return post;
  }

  #reference(post: ImportedPost): PostReference | undefined {
    const time = postTime(post.id);
    return time && { ...time, author: this.#numberOf(post.authorId) };
  }

  /** Tags and names of imported accounts stand out; everything else, links too, is text. */
  #pieces(text: string): Piece[] {
    return text.split(/(?<!\w)([#@]\w+)/u).flatMap((part): Piece[] => {
      if (part === '') return [];
      if (/^#\w*[A-Za-z_]\w*$/.test(part)) return [{ kind: 'tag', tag: part.slice(1) }];
      const account = part.startsWith('@') ? this.#numbersByHandle.get(part.slice(1).toLowerCase()) : undefined;
      const isSame = account !== undefined && this.account(account).handle === part.slice(1);
      return isSame ? [{ kind: 'mention', account }] : [{ kind: 'text', text: part }];
    });
  }

  #isInSight(post: Post, at: number): boolean {
    return post.at <= at && !this.#protected.has(post.author);
  }

  #select(posts: readonly Post[], range: PostRange, at: number): Post[] {
    return posts.filter((post) => isWithin(post, range) && this.#isInSight(post, at));
  }

  #answersOf(post: PostTime, kind: Post['kind'], range: PostRange, at: number): Post[] | undefined {
    const id = postId(post);
    if (!this.#postsById.has(id)) return undefined;
    const answers = (this.#answers.get(id) ?? []).filter((answer) => answer.kind === kind);
    return this.#select(answers, range, at).toReversed();
  }
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function isWithin(post: PostTime, { after, before }: PostRange): boolean {
  if (after !== undefined && comparePosts(post, after) <= 0) return false;
  return before === undefined || comparePosts(post, before) < 0;
}

/** @param accounts newest first */
function* positioned(accounts: readonly number[], { before, after }: FollowRange): Generator<Follow> {
  for (const [n, account] of accounts.entries()) {
    const position = accounts.length - 1 - n;
    if (before !== undefined && position >= before) continue;
    if (after !== undefined && position <= after) return;
    yield { account, position };
  }
}

function* merge(own: readonly Post[], others: Iterable<Post>, order: Order): Generator<Post> {
  const sign = order === 'newest-first' ? -1 : 1;
  let n = 0;
  for (const other of others) {
    for (let next = own[n]; next !== undefined && comparePosts(next, other) * sign < 0; next = own[n]) {
      n++;
      yield next;
    }
    yield other;
  }
  yield* own.slice(n);
}
