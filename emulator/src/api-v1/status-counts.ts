import type { Post, PostMetrics, World } from '../world/model.ts';

/** Enough for the posts that everybody reposts at the moment. */
const MOST_KEPT = 4096;
const keptByWorld = new WeakMap<World, Map<string, PostMetrics>>();

/**
 * What `World.metricsAt` says. Kept, because counting thousands of reposts takes half a millisecond, and a page of a timeline, and a
 * stream even more, has the same famous posts in it again and again.
 */
export function statusCounts(world: World, post: Post, at: number): PostMetrics {
  let kept = keptByWorld.get(world);
  if (kept === undefined) keptByWorld.set(world, (kept = new Map()));
  const key = `${post.id} ${at}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  if (kept.size >= MOST_KEPT) kept.clear();
  const counts = world.metricsAt(post, at);
  kept.set(key, counts);
  return counts;
}
