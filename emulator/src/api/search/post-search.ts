import { setImmediate as nextTurn } from 'node:timers/promises';
import { pinnedPosts } from './pinned-posts.ts';
import { roughMatch } from './rough-match.ts';
import { queryablePost } from '../queryable-post.ts';
import type { QueryNode } from '../../query/ast.ts';
import { compileQuery } from '../../query/compile-query.ts';
import type { QueryOptions } from '../../query/query-options.ts';
import type { Post, PostRange, PostTime, World } from '../../world/model.ts';

/** How many posts are looked at for a page. */
export interface Budget {
  /** When it has something to show. */
  readonly enough: number;
  /** When it hasn't yet. */
  readonly most: number;
}

const BUDGET: Budget = { enough: 20_000, most: 300_000 };
/** Other calls get their turn after so many. */
const LOOKED_AT_A_TURN = 500;

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
  readonly #mayMatch: ReturnType<typeof roughMatch>;
  readonly #matches: ReturnType<typeof compileQuery>;
  readonly #isAbandoned: () => boolean;

  /** @param at Unix ms of the world; @param isAbandoned whether nobody waits for the result any more */
  constructor(world: World, root: QueryNode, options: QueryOptions, at: number, isAbandoned: () => boolean) {
    this.#world = world;
    this.#at = at;
    this.#pinned = pinnedPosts(world, root, at);
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
   * The newest matches in the range, up to `size`. So many posts are looked at, and no more, that a page may be short or even
   * empty and yet have a `next`; how many doesn't depend on the machine, so that the same question has the same answer.
   */
  async page(range: PostRange, size: number, { enough, most } = BUDGET): Promise<SearchPage> {
    const posts: Post[] = [];
    let last: PostTime | undefined;
    let looked = 0;
    for (const post of this.candidates(range)) {
      if (this.matches(post)) {
        if (posts.length === size) return { posts, next: last };
        posts.push(post);
      }
      last = post;
      if (++looked >= (posts.length === 0 ? most : enough)) return { posts, next: last };
      if (looked % LOOKED_AT_A_TURN === 0) await this.nextTurn();
    }
    return { posts, next: undefined };
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
