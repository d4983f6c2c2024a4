import { LANGUAGES } from './languages.ts';
import type { PostKind, PostRange, Sieve, Sifted } from './model.ts';
import type { NumberedPosts } from './numbered-posts.ts';
import { allPosts, EARLIEST } from './post-lists.ts';

/** How many posts are gone through before the reader is told how far. */
const BLOCK = 2048;
/** What reading a body costs, in posts that are skipped for their kind or language. */
const BODY_WORK = 8;
const KINDS: readonly PostKind[] = ['original', 'reply', 'quote', 'repost'];

/** All posts in sight that a sieve lets through, newest first, and marks between them. */
export function* siftedPosts(posts: NumberedPosts, range: PostRange, sieve: Sieve, at: number): Generator<Sifted> {
  const { calendar } = posts;
  const first = range.after === undefined ? calendar.firstSince(EARLIEST) : posts.firstAfter(range.after);
  const last = posts.lastBefore(range.before, at);
  const test = new PostSieve(posts, sieve);
  if (test.stopsAll) return;
  const wants = (number: number): boolean => test.letsThrough(number);
  if (first > last) for (const post of allPosts(posts, range, 'newest-first', at)) yield { post };
  for (let high = last; high >= first; high -= BLOCK) {
    const low = Math.max(first, high - BLOCK + 1);
    const { at: lowAt, slot } = calendar.timeOf(low);
    const after = low === first ? range.after : { at: lowAt, slot: slot - 1 };
    const before = high === last ? range.before : calendar.timeOf(high + 1);
    for (const post of allPosts(posts, { after, before }, 'newest-first', at, wants)) yield { post };
    yield { passed: { at: lowAt, slot }, work: high - low + 1 + test.takeBodies() * BODY_WORK };
  }
}

/** Says of posts, from as little of them as it takes, whether a sieve lets them through. */
class PostSieve {
  readonly #posts: NumberedPosts;
  readonly #sieve: Sieve;
  /** What `mayBe` said, by kind and language. */
  readonly #known = new Map<string, boolean>();
  readonly #ofKind = new Map<PostKind, boolean>();
  /** From here on what a post refers to is there: its likely kind is its kind. */
  readonly #certainFrom: number;
  #bodies = 0;

  constructor(posts: NumberedPosts, sieve: Sieve) {
    this.#posts = posts;
    this.#sieve = sieve;
    this.#certainFrom = posts.allBornAt + posts.relations.longestReach;
  }

  takeBodies(): number {
    const bodies = this.#bodies;
    this.#bodies = 0;
    return bodies;
  }

  letsThrough(number: number): boolean {
    const { relations, writer, calendar } = this.#posts;
    const likely = relations.likelyKindOf(number);
    const isCertain = likely === 'original' || number >= this.#certainFrom;
    if (!this.#mayBeAny(likely) && (isCertain || !this.#mayBeAny('original'))) return false;
    // The language of a repost is that of another post.
    const language = writer.languageOf(number, this.#posts.activity.authorOf(number));
    const mayBeOriginal = !isCertain && this.#mayBe('original', language);
    if (!(likely === 'repost' ? this.#mayBe('repost', undefined) : this.#mayBe(likely, language)) && !mayBeOriginal)
      return false;
    const kind = isCertain ? likely : relations.of(number).kind;
    if (kind === 'repost') return this.#mayBe('repost', undefined);
    if (!this.#mayBe(kind, language)) return false;
    const { at } = calendar.timeOf(number);
    if (!this.#sieve.readsBodies || writer.editionsOf(number, at) > 0) return true;
    this.#bodies++;
    return this.#sieve.mayHold(
      kind,
      language,
      writer.ownWords(number, kind, { at, author: this.#posts.activity.authorOf(number) }),
    );
  }

  /** Whether nothing that anybody writes gets through. */
  get stopsAll(): boolean {
    return !KINDS.some((kind) => this.#mayBeAny(kind));
  }

  /** In whatever language it is. */
  #mayBeAny(kind: PostKind): boolean {
    if (kind === 'repost') return this.#mayBe(kind, undefined);
    let known = this.#ofKind.get(kind);
    if (known === undefined) {
      known = LANGUAGES.some(({ code }) => this.#mayBe(kind, code));
      this.#ofKind.set(kind, known);
    }
    return known;
  }

  #mayBe(kind: PostKind, language: string | undefined): boolean {
    const key = `${kind} ${language}`;
    let known = this.#known.get(key);
    if (known === undefined) this.#known.set(key, (known = this.#sieve.mayBe(kind, language)));
    return known;
  }
}
