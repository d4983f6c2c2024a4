import type { Post, PostRange } from './model.ts';
import type { NumberedPosts } from './numbered-posts.ts';

/** Posts of others that name an account, newest first: replies to its posts, and those that name it out of the blue; each once, in its first version. */
export function* mentionsOf(posts: NumberedPosts, account: number, range: PostRange, at: number): Generator<Post> {
  const firstAt = posts.calendar.firstSince(posts.accounts.writesSince(account));
  const first = Math.max(firstAt, range.after === undefined ? firstAt : posts.firstAfter(range.after));
  const last = posts.lastBefore(range.before, at);
  for (const number of falling(repliesToPostsOf(posts, account, first, last), namings(posts, account, first, last))) {
    if (posts.activity.authorOf(number) === account) continue;
    if (posts.exists(number) && posts.isInSight(number, at)) yield posts.write(number, 0);
  }
}

/** Numbers of the replies first .. last to an account's posts, falling. */
function* repliesToPostsOf(posts: NumberedPosts, account: number, first: number, last: number): Generator<number> {
  const { relations } = posts;
  const reach = relations.longestReach;
  let waiting: number[] = [];
  for (const own of posts.activity.postsBefore(account, last)) {
    if (own < first - reach) break;
    // What is still to be found answers posts before this one.
    const settled = waiting.findIndex((reply) => reply <= own + reach);
    yield* waiting.splice(0, settled < 0 ? waiting.length : settled);
    if (!relations.isAnswered(own)) continue;
    const replies = relations.answersTo(own).replies.filter((reply) => reply >= first && reply <= last);
    if (replies.length > 0) waiting = [...waiting, ...replies].sort((a, b) => b - a);
  }
  yield* waiting;
}

function* namings(posts: NumberedPosts, account: number, first: number, last: number): Generator<number> {
  const { mentions, relations, calendar } = posts;
  for (const number of mentions.candidates(account, last + 1)) {
    if (number < first) return;
    const kind = relations.likelyKindOf(number);
    if (kind === 'repost' && number >= posts.allBornAt) continue;
    const certain = number >= posts.allBornAt ? kind : relations.of(number).kind;
    if (mentions.namedIn(number, certain, calendar.timeOf(number).at) === account) yield number;
  }
}

/** Two falling lists as one, each number once. */
function* falling(one: Iterator<number>, other: Iterator<number>): Generator<number> {
  let [a, b] = [one.next(), other.next()];
  while (a.done !== true || b.done !== true) {
    const next = Math.max(
      a.done === true ? Number.NEGATIVE_INFINITY : a.value,
      b.done === true ? Number.NEGATIVE_INFINITY : b.value,
    );
    yield next;
    while (a.done !== true && a.value === next) a = one.next();
    while (b.done !== true && b.value === next) b = other.next();
  }
}
