import { setImmediate as nextTurn } from 'node:timers/promises';
import { pinnedPosts } from './pinned-posts.ts';
import { roughMatch } from './rough-match.ts';
import { sieveOf } from './sieve.ts';
import { queryablePost } from '../queryable-post.ts';
import type { QueryNode } from '../../query/ast.ts';
import { compileQuery } from '../../query/compile-query.ts';
import type { QueryOptions } from '../../query/query-options.ts';
import type { Post, PostRange, PostTime, Sieve, Sifted, World } from '../../world/model.ts';

/** How much work a page may cost, in posts that are skipped at once for their kind or language. */
const MOST_WORK = 4_000_000;
/** Clients take an empty page for the end: before one is given, so many times as much is done. */
const PATIENCE = 2;
/** What it costs to hold a post against a query. */
const LOOK_WORK = 40;
/** Other calls get their turn after so much work. */
const WORK_A_TURN = 20_000;

/** What a walk found. */
export interface SearchPage {
  /** Newest first. */
  readonly posts: readonly Post[];
  /** Where the next page goes on (exclusive `before`); undefined at the end of the range. */
  readonly next: PostTime | undefined;
}

/**
 * A query over the world as it stands at one instant. Of edited posts the latest version is looked at. What a query pins
 * down (an account, a conversation, a post) is found by the world's own lists, all else by walking through all posts.
 */
export class PostSearch {
  readonly #world: World;
  readonly #at: number;
  readonly #pinned: ((range: PostRange) => Iterable<Post>) | undefined;
  readonly #sieve: Sieve | undefined;
  readonly #mayMatch: ReturnType<typeof roughMatch>;
  readonly #matches: ReturnType<typeof compileQuery>;
  readonly #isAbandoned: () => boolean;

  /** @param at Unix ms of the world; @param isAbandoned whether nobody waits for the result any more */
  constructor(world: World, root: QueryNode, options: QueryOptions, at: number, isAbandoned: () => boolean) {
    this.#world = world;
    this.#at = at;
    this.#pinned = pinnedPosts(world, root, at);
    this.#sieve = sieveOf(world, root, options);
    this.#mayMatch = roughMatch(root, options);
    this.#matches = compileQuery(root, options);
    this.#isAbandoned = isAbandoned;
  }

  /** Whether only the posts of some accounts or conversations can match, or answers to some posts. */
  get isPinned(): boolean {
    return this.#pinned !== undefined;
  }

  /** All that could match, newest first. */
  candidates(range: PostRange): Iterable<Post> {
    return this.#pinned?.(range) ?? this.#world.posts(range, 'newest-first', this.#at);
  }

  matches(post: Post): boolean {
    if (this.#world.isSuperseded(post, this.#at)) return false;
    const seen = queryablePost(this.#world, post, this.#at);
    return (this.#mayMatch === undefined || this.#mayMatch(seen)) && this.#matches(seen);
  }

  /**
   * The newest matches in the range, up to `size`. Only where that would cost too much a page is short, or even empty, and yet has
   * a `next`; how much doesn't depend on the machine, so that the same question has the same answer.
   */
  async page(range: PostRange, size: number, mostWork = MOST_WORK): Promise<SearchPage> {
    const posts: Post[] = [];
    let last: PostTime | undefined;
    let work = 0;
    let turnAt = WORK_A_TURN;
    for (const step of this.#steps(range)) {
      if ('post' in step) {
        if (this.matches(step.post)) {
          if (posts.length === size) return { posts, next: last };
          posts.push(step.post);
        }
        last = step.post;
        work += LOOK_WORK;
      } else {
        last = step.passed;
        work += step.work;
      }
      if (work >= (posts.length > 0 ? mostWork : PATIENCE * mostWork)) return { posts, next: last };
      if (work < turnAt) continue;
      turnAt = work + WORK_A_TURN;
      await this.nextTurn();
    }
    return { posts, next: undefined };
  }

  *#steps(range: PostRange): Iterable<Sifted> {
    if (this.#pinned === undefined && this.#sieve !== undefined)
      yield* this.#world.sifted(range, this.#sieve, this.#at);
    else for (const post of this.candidates(range)) yield { post };
  }

  /** Lets others have their turn. Throws Abandoned when nobody waits any more. */
  async nextTurn(): Promise<void> {
    await nextTurn();
    if (this.#isAbandoned()) throw new Abandoned();
  }
}

/** The client has gone; there is nobody to answer. */
export class Abandoned extends Error {
  constructor() {
    super('the client has gone');
  }
}
