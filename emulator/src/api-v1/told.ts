import { Timeline } from '../feed/timeline.ts';
import { TimelineFeed } from '../feed/timeline-feed.ts';
import type { FaceParts } from '../face-parts.ts';
import { type Change, type Post, startOf, type World } from '../world/model.ts';

/** What a stream of v1.1 can tell: a post, or what became of one or of its author. */
export type Told =
  | { readonly kind: 'post'; readonly at: number; readonly post: Post }
  | { readonly kind: 'change'; readonly at: number; readonly change: Change };

const SLICE_MS = 1000;

/** All posts and changes of the world in order of time, at the pace of all other streams. */
export function toldFeed({ world, posts }: FaceParts): TimelineFeed<Told> {
  return new TimelineFeed(new Timeline((from, to) => toldBetween(world, from, to), SLICE_MS), posts.pace);
}

/** Posts are in sight as they were when the slice ended; a change comes after the posts of its millisecond. */
function toldBetween(world: World, from: number, to: number): Told[] {
  const posts: Told[] = [];
  for (const post of world.posts({ after: startOf(from), before: startOf(to) }, 'oldest-first', to - 1)) {
    posts.push({ kind: 'post', at: post.at, post });
  }
  const changes: Told[] = Array.from(world.changes(from - 1, to - 1), (change) => ({
    kind: 'change' as const,
    at: change.at,
    change,
  }));
  if (changes.length === 0) return posts;
  return [...posts, ...changes].sort((a, b) => a.at - b.at);
}
