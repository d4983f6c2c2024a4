import type { Buckets } from './count-buckets.ts';
import type { PostSearch } from './post-search.ts';
import { comparePosts, type PostRange, type PostTime, startOf } from '../../world/model.ts';

/** How many posts are looked at. */
export interface Effort {
  /** So many are counted one by one, the newest of the range; of what is older, samples are taken. */
  readonly counted: number;
  readonly samples: number;
  readonly postsASample: number;
}

const ESTIMATE: Effort = { counted: 25_000, samples: 120, postsASample: 200 };
export const EXACTLY: Effort = { ...ESTIMATE, counted: Number.POSITIVE_INFINITY };
const LOOKED_AT_A_TURN = 500;

interface Range {
  readonly after: PostTime;
  readonly before: PostTime;
}

/**
 * Puts into the buckets how many posts match. What a query pins down is counted post by post, likewise all of a range that isn't
 * too long. Otherwise the older part is an estimate: it is cut into even spans, the last posts of each
 * span are looked at, and what matched among them is taken to hold for the whole span. The same question gets the same answer.
 */
export async function countPosts(
  search: PostSearch,
  range: Range,
  buckets: Buckets,
  effort: Effort = ESTIMATE,
): Promise<void> {
  const most = search.isPinned ? Number.POSITIVE_INFINITY : effort.counted;
  const stoppedAt = await look(search, range, most, (at) => buckets.add(at));
  if (stoppedAt === undefined) return;
  const rest = { after: range.after, before: stoppedAt };
  for (const span of spansOf(rest, effort.samples)) await estimate(search, span, buckets, effort.postsASample);
  buckets.round();
}

/** Tells of the matches among the newest posts of a range; gives back the last one looked at when there may be more. */
async function look(
  search: PostSearch,
  range: PostRange,
  most: number,
  found: (at: number) => void,
): Promise<PostTime | undefined> {
  let looked = 0;
  for (const post of search.candidates(range)) {
    if (search.matches(post)) found(post.at);
    if (++looked >= most) return post;
    if (looked % LOOKED_AT_A_TURN === 0) await search.nextTurn();
  }
  return undefined;
}

function spansOf({ after, before }: Range, count: number): Range[] {
  const cut = (n: number): PostTime => {
    if (n === 0) return after;
    if (n === count) return before;
    return startOf(Math.round(after.at + ((before.at - after.at) * n) / count));
  };
  return Array.from({ length: count }, (_, n) => ({ after: cut(n), before: cut(n + 1) })).filter(
    (span) => comparePosts(span.after, span.before) < 0,
  );
}

async function estimate(search: PostSearch, span: Range, buckets: Buckets, most: number): Promise<void> {
  const matched: number[] = [];
  const stoppedAt = await look(search, span, most, (at) => matched.push(at));
  if (stoppedAt === undefined) for (const at of matched) buckets.add(at);
  else {
    const lookedMs = Math.max(1, span.before.at - stoppedAt.at);
    buckets.spread(span.after.at, span.before.at, matched.length / lookedMs);
  }
}
