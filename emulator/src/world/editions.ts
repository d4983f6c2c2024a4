import { comparePosts, type Post, type PostTime } from './model.ts';
import type { NumberedPosts, Numbered } from './numbered-posts.ts';
import { EDITABLE_STEP, editionTime, LONGEST_EDIT_MS, lastEditable } from './writing.ts';

/** A later version of a post, by its own place in time. */
export interface EditionPlace extends PostTime, Numbered {}

/** Later versions of edited posts in sight at `at` between two exclusive bounds, oldest first. */
export function editionsBetween(posts: NumberedPosts, after: PostTime, until: PostTime, at: number): EditionPlace[] {
  const { calendar, writer } = posts;
  const found: EditionPlace[] = [];
  const first = calendar.firstSince(after.at - LONGEST_EDIT_MS);
  for (let number = lastEditable(calendar.firstSince(until.at + 1)); number >= first; number -= EDITABLE_STEP) {
    const base = calendar.timeOf(number);
    for (let edition = writer.editionsOf(number, base.at); edition >= 1; edition--) {
      const time = editionTime(base, edition);
      if (time.at > at || comparePosts(time, until) >= 0 || comparePosts(time, after) <= 0) continue;
      if (posts.exists(number) && posts.isInSight(number, at)) found.push({ ...time, number, edition });
    }
  }
  return found.sort(comparePosts);
}

/** Takes editions off the end of a list for as long as they come next, and writes them. */
export function* popEditions(
  posts: NumberedPosts,
  editions: EditionPlace[],
  isNext: (time: PostTime) => boolean,
): Generator<Post> {
  for (let next = editions.at(-1); next !== undefined && isNext(next); next = editions.at(-1)) {
    editions.pop();
    yield posts.write(next.number, next.edition);
  }
}
