import { type EditionPlace, editionsBetween, popEditions } from './editions.ts';
import { comparePosts, type Order, type Post, type PostRange, type PostTime } from './model.ts';
import type { NumberedPosts } from './numbered-posts.ts';
import { editionTime, LONGEST_EDIT_MS } from './writing.ts';

/** Before every account. */
export const EARLIEST = Date.UTC(2006, 6, 15);
/** How many posts are looked at together when editions are put in their places. */
const BLOCK = 4096;

/**
 * All posts in sight between two bounds, later versions of edited ones in their places.
 * @param wants which of the first versions are wanted, by number; later versions always are
 */
export function* allPosts(
  posts: NumberedPosts,
  range: PostRange,
  order: Order,
  at: number,
  wants: (number: number) => boolean = () => true,
): Generator<Post> {
  const { calendar } = posts;
  const first = range.after === undefined ? calendar.firstSince(EARLIEST) : posts.firstAfter(range.after);
  const last = posts.lastBefore(range.before, at);
  const step = order === 'newest-first' ? -1 : 1;
  const start = step < 0 ? last : first;
  if (first > last) {
    // In a moment without a post of its own there can be later versions of others.
    const editions = editionsBetween(posts, range.after ?? BEGINNING, range.before ?? endOf(at), at);
    if (step > 0) editions.reverse();
    yield* popEditions(posts, editions, () => true);
    return;
  }
  for (let block = start; step < 0 ? block >= first : block <= last; block += step * BLOCK) {
    const low = step < 0 ? Math.max(first, block - BLOCK + 1) : block;
    const high = step < 0 ? block : Math.min(last, block + BLOCK - 1);
    const editions = editionsAround(posts, low, high, { first, last, range }, at);
    if (step > 0) editions.reverse();
    // From the end, so that the next one is popped off.
    for (let number = step < 0 ? high : low; step < 0 ? number >= low : number <= high; number += step) {
      if (editions.length > 0) {
        const time = calendar.timeOf(number);
        yield* popEditions(posts, editions, (edition) => comparePosts(edition, time) * step < 0);
      }
      if (wants(number) && posts.exists(number) && posts.isInSight(number, at)) yield posts.write(number, 0);
    }
    yield* popEditions(posts, editions, () => true);
  }
}

const BEGINNING: PostTime = { at: EARLIEST, slot: 0 };

/** Bound behind all that was made by then. */
function endOf(at: number): PostTime {
  return { at: at + 1, slot: -1 };
}

/** What a walk through all posts goes by. */
interface Walk {
  /** Numbers of the first and the last post of it. */
  readonly first: number;
  readonly last: number;
  readonly range: PostRange;
}

/** Later versions, oldest first, that stand between the posts low .. high, or at the ends of the walk beside them. */
function editionsAround(
  posts: NumberedPosts,
  low: number,
  high: number,
  { first, last, range }: Walk,
  at: number,
): EditionPlace[] {
  const { calendar } = posts;
  const after = low === first ? (range.after ?? BEGINNING) : justBefore(calendar.timeOf(low));
  const until = high === last ? (range.before ?? endOf(at)) : calendar.timeOf(high + 1);
  return editionsBetween(posts, after, until, at);
}

/** An account's posts, newest first, without those taken away and superseded ones; each in its latest version. */
export function* postsOfAccount(posts: NumberedPosts, account: number, range: PostRange, at: number): Generator<Post> {
  const { calendar, activity, fates, life, writer } = posts;
  if (account >= life.publicAtStart) return;
  const firstAt = posts.accounts.writesSince(account);
  const last = posts.lastBefore(range.before, at);
  const waiting: { time: PostTime; number: number; edition: number }[] = [];
  const inRange = (time: PostTime): boolean =>
    (range.before === undefined || comparePosts(time, range.before) < 0) &&
    (range.after === undefined || comparePosts(time, range.after) > 0);
  for (const number of activity.postsBefore(account, last + 1)) {
    const time = calendar.timeOf(number);
    // Editions of older posts can be younger than this one, but not by more than the longest delay.
    const settled = time.at + LONGEST_EDIT_MS;
    for (let next = waiting[0]; next !== undefined && next.time.at > settled; next = waiting[0]) {
      waiting.shift();
      yield posts.write(next.number, next.edition);
    }
    if (time.at < firstAt) break;
    if (range.after !== undefined && settled < range.after.at) break;
    const repeated = posts.repeatedBy(number);
    if (fates.isAway(number, at) || (repeated !== undefined && fates.isAway(repeated, at))) continue;
    const editions = writer.editionsOf(number, time.at);
    let current = { time, number, edition: 0 };
    for (let edition = 1; edition <= editions; edition++) {
      const edited = editionTime(time, edition);
      if (edited.at <= at) current = { time: edited, number, edition };
    }
    if (!inRange(current.time)) continue;
    const place = waiting.findIndex((other) => comparePosts(other.time, current.time) < 0);
    waiting.splice(place < 0 ? waiting.length : place, 0, current);
  }
  for (const { number, edition } of waiting) yield posts.write(number, edition);
}

/** All posts of a conversation, newest first. */
export function conversationOf(posts: NumberedPosts, thread: PostTime, range: PostRange, at: number): Iterable<Post> {
  const place = posts.locate(thread);
  if (place === undefined) return [];
  const end = posts.calendar.firstSince(at + 1);
  const numbers = [place.number];
  for (let n = 0; n < numbers.length; n++) {
    for (const reply of posts.relations.answersTo(numbers[n] ?? 0).replies) if (reply < end) numbers.push(reply);
  }
  return posts.inSight(
    numbers.sort((a, b) => b - a),
    range,
    at,
  );
}

/** A bound just before a post: exclusive `after` of it. */
function justBefore({ at, slot }: PostTime): PostTime {
  return { at, slot: slot - 1 };
}
