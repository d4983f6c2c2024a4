import type { FollowAnchor } from '../page-token.ts';
import type { Follow, FollowRange } from '../../world/model.ts';

export interface FollowPage {
  readonly follows: readonly Follow[];
  readonly next: FollowAnchor | undefined;
  readonly previous: FollowAnchor | undefined;
}

/**
 * One page of a list of follows, newest first. Pages hang on positions, which never move.
 * @param list follows between exclusive positions, newest first
 */
export function pageOfFollows(
  list: (range: FollowRange) => Iterable<Follow>,
  size: number,
  anchor: FollowAnchor | undefined,
): FollowPage {
  if (anchor?.direction === 'previous') return newer(list, size, anchor.position);
  const { taken, hasMore } = take(list({ before: anchor?.position }), size);
  const last = taken.at(-1);
  return {
    follows: taken,
    next: hasMore && last !== undefined ? { direction: 'next', position: last.position } : undefined,
    // Beside an empty page the anchor itself is the only place there is.
    previous: anchor && { direction: 'previous', position: taken[0]?.position ?? Math.max(0, anchor.position - 1) },
  };
}

/** The follows next above a position. Lists are walked from above, so that a window is widened until it holds enough. */
function newer(list: (range: FollowRange) => Iterable<Follow>, size: number, position: number): FollowPage {
  const [top] = list({ after: position });
  let follows: Follow[] = [];
  for (let width = size + 1; top !== undefined; width *= 2) {
    follows = [...list({ after: position, before: position + width + 1 })];
    if (follows.length > size || position + width >= top.position) break;
  }
  const kept = follows.slice(-size);
  const first = kept[0];
  const last = kept.at(-1);
  return {
    follows: kept,
    next: { direction: 'next', position: last?.position ?? position + 1 },
    previous: follows.length > size && first ? { direction: 'previous', position: first.position } : undefined,
  };
}

/** Above all positions that a token can hold. */
const TOP = 2 ** 38 - 1;
const LEAST_WIDTH = 64;

/** The same list from its other end, lazily. Its positions are counted from above, so that pages hang on them as they do else. */
export function oldestFirst(list: (range: FollowRange) => Iterable<Follow>): (range: FollowRange) => Iterable<Follow> {
  return function* ({ before, after }) {
    let above = before === undefined ? -1 : TOP - before;
    const below = after === undefined ? undefined : TOP - after;
    const [newest] = list({ after: above, before: below });
    for (let width = LEAST_WIDTH; newest !== undefined && above < newest.position; width *= 2) {
      const end = Math.min(above + width, newest.position) + 1;
      for (const { account, position } of [...list({ after: above, before: end })].reverse()) {
        yield { account, position: TOP - position };
      }
      above = end - 1;
    }
  };
}

function take(follows: Iterable<Follow>, size: number): { taken: Follow[]; hasMore: boolean } {
  const taken: Follow[] = [];
  for (const follow of follows) {
    if (taken.length === size) return { taken, hasMore: true };
    taken.push(follow);
  }
  return { taken, hasMore: false };
}
