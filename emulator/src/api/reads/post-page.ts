import { type PageTokens, type PostAnchor, TIMELINE_TOKENS } from '../page-token.ts';
import { comparePosts, type Post, type PostRange, type PostTime } from '../../world/model.ts';

/** A list of posts to page through. */
export interface PostList {
  /** Newest first between exclusive bounds; lazy. */
  readonly between: (range: PostRange) => Iterable<Post>;
  /** Which of them are shown; the others count towards the horizon all the same. Default: all. */
  readonly shows?: (post: Post) => boolean;
  /** Whether pages are filled up in place of what isn't shown; default true. */
  readonly makesUp?: boolean;
  /** How many of the newest can be reached at all; default: no end. */
  readonly horizon?: number;
  /** What the list is of: tokens of another purpose are broken ones. */
  readonly purpose: string;
}

export interface PostPage {
  /** Newest first. */
  readonly posts: readonly Post[];
  readonly next_token: string | undefined;
  readonly previous_token: string | undefined;
}

/**
 * One page of a list of posts. Pages hang on the posts at their ends, so that whatever is made in the meantime neither
 * doubles nor hides anything. Returns undefined when the token is broken.
 */
export function pageOfPosts(
  tokens: PageTokens,
  list: PostList,
  range: PostRange,
  size: number,
  token: string | undefined,
): PostPage | undefined {
  const anchor = token === undefined ? undefined : tokens.readPosts(TIMELINE_TOKENS, list.purpose, token);
  if (token !== undefined && anchor === undefined) return undefined;
  const tokenAt = (direction: PostAnchor['direction'], { at, slot }: PostTime, seen: number): string =>
    tokens.ofPosts(TIMELINE_TOKENS, list.purpose, { direction, at, slot, seen });
  const page = anchor?.direction === 'previous' ? newer(list, range, size, anchor) : older(list, range, size, anchor);
  const { first, last } = page;
  return {
    posts: page.posts,
    next_token: last && tokenAt('next', last.post, last.seen),
    previous_token: first && tokenAt('previous', first.post, first.seen),
  };
}

interface Walk {
  readonly posts: readonly Post[];
  /** Ends with something beyond them; `seen` counts the posts before the end. */
  readonly first: { readonly post: PostTime; readonly seen: number } | undefined;
  readonly last: { readonly post: PostTime; readonly seen: number } | undefined;
}

function older(list: PostList, range: PostRange, size: number, anchor: PostAnchor | undefined): Walk {
  const { between, shows = () => true, makesUp = true, horizon = Number.POSITIVE_INFINITY } = list;
  const before = anchor === undefined ? range.before : earliest(range.before, anchor);
  let seen = anchor?.seen ?? newerThan(list, range.before);
  const seenAtFirst = seen;
  let seenAtLast = seen;
  const posts: Post[] = [];
  let hasMore = false;
  for (const post of between({ after: range.after, before })) {
    if (++seen > horizon) break;
    if (makesUp && !shows(post)) continue;
    if (posts.length === size) {
      hasMore = true;
      break;
    }
    posts.push(post);
    seenAtLast = seen;
  }
  const last = posts.at(-1);
  return {
    posts: posts.filter(shows),
    first: anchor && { post: posts[0] ?? anchor, seen: seenAtFirst },
    last: hasMore && last !== undefined ? { post: last, seen: seenAtLast } : undefined,
  };
}

/** The posts next above the anchor: the list is walked from its top, of which only the last `size` are kept. */
function newer(list: PostList, range: PostRange, size: number, anchor: PostAnchor): Walk {
  const { between, shows = () => true, makesUp = true } = list;
  const found: { post: Post; nth: number }[] = [];
  let count = 0;
  let hasMore = false;
  for (const post of between({ after: latest(range.after, anchor), before: range.before })) {
    count++;
    if (makesUp && !shows(post)) continue;
    found.push({ post, nth: count });
    if (found.length <= size) continue;
    found.shift();
    hasMore = true;
  }
  // Counted from the anchor, for the top may have grown.
  const seenBefore = (nth: number): number => Math.max(0, anchor.seen - (count - nth + 1));
  const first = found[0];
  const last = found.at(-1);
  return {
    posts: found.map(({ post }) => post).filter(shows),
    first: hasMore && first !== undefined ? { post: first.post, seen: seenBefore(first.nth) } : undefined,
    last:
      last === undefined
        ? { post: { at: anchor.at, slot: anchor.slot + 1 }, seen: anchor.seen }
        : { post: last.post, seen: seenBefore(last.nth) + 1 },
  };
}

/** How many posts stand above a bound, as far as the horizon cares. */
function newerThan({ between, horizon }: PostList, bound: PostTime | undefined): number {
  if (bound === undefined || horizon === undefined) return 0;
  let count = 0;
  for (const _ of between({ after: { at: bound.at, slot: bound.slot - 1 } })) if (++count >= horizon) break;
  return count;
}

/** The tighter of two upper bounds. */
export function earliest(a: PostTime | undefined, b: PostTime | undefined): PostTime | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return comparePosts(a, b) < 0 ? a : b;
}

/** The tighter of two lower bounds. */
export function latest(a: PostTime | undefined, b: PostTime | undefined): PostTime | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return comparePosts(a, b) > 0 ? a : b;
}
