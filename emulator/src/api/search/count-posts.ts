import type { Buckets } from './count-buckets.ts';
import type { PostSearch } from './post-search.ts';
import { comparePosts, type PostRange, type PostTime, startOf } from '../../world/model.ts';

/** So many posts are counted one by one, the newest of the range; of what is older, samples are taken. */
const COUNTED = 25_000;
const SAMPLES = 120;
const SAMPLE_POSTS = 200;
const LOOKED_AT_A_TURN = 500;

interface Range {
  readonly after: PostTime;
  readonly before: PostTime;
}

/**
 * Puts into the buckets how many posts match. What a query pins down is counted post by post, likewise all of a range that isn't
 * too long, or of any range when `exact`. Otherwise the older part is an estimate: it is cut into even spans, the last posts of each
 * span are looked at, and what matched among them is taken to hold for the whole span. The same question gets the same answer.
 */
export async function countPosts(search: PostSearch, range: Range, buckets: Buckets, exact: boolean): Promise<void> {
  const most = exact || search.isPinned ? Number.POSITIVE_INFINITY : COUNTED;
  const stoppedAt = await look(search, range, most, (at) => buckets.add(at));
  if (stoppedAt === undefined) return;
  for (const span of spansOf({ after: range.after, before: stoppedAt })) await estimate(search, span, buckets);
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

function spansOf({ after, before }: Range): Range[] {
  const cut = (n: number): PostTime => {
    if (n === 0) return after;
    if (n === SAMPLES) return before;
    return startOf(Math.round(after.at + ((before.at - after.at) * n) / SAMPLES));
  };
  return Array.from({ length: SAMPLES }, (_, n) => ({ after: cut(n), before: cut(n + 1) })).filter(
    (span) => comparePosts(span.after, span.before) < 0,
  );
}

async function estimate(search: PostSearch, span: Range, buckets: Buckets): Promise<void> {
  const matched: number[] = [];
  const stoppedAt = await look(search, span, SAMPLE_POSTS, (at) => matched.push(at));
  if (stoppedAt === undefined) for (const at of matched) buckets.add(at);
  else {
    const lookedMs = Math.max(1, span.before.at - stoppedAt.at);
    buckets.spread(span.after.at, span.before.at, matched.length / lookedMs);
  }
}
