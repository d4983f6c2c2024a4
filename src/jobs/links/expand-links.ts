/** From stored posts to where their links lead: finds the links, notes them, follows those that are due. */
import { linksOfPost } from '../../platforms/x/links-of-post.ts';
import { type DueLink, dueOfPosts } from '../../store/links/due-links.ts';
import { makeDueAgain, noteLinks, postsWithLinks } from '../../store/links/note-links.ts';
import {
  countPostsToLookAt,
  type LinkSelection,
  type PostToLookAt,
  postsToLookAt,
} from '../../store/links/posts-to-look-at.ts';
import { type FollowCounts, followAll, type LinkWork, noCounts } from './follow-due.ts';

/** `limit`: posts whose links are followed. `refetch`: links whose end is known are followed once more. */
export type ExpandWish = { selection: LinkSelection; limit?: number; refetch: boolean };

/**
 * `posts`: of the selection, looked at so far; `postsTotal`: all of it. `expanded`: posts that had links to follow; `limit`: at how many of these it ends.
 * `waiting`: links found and not yet followed.
 */
export type ExpandProgress = FollowCounts & {
  posts: number;
  postsTotal: number;
  expanded: number;
  limit?: number;
  waiting: number;
};

const BATCH_POSTS = 500;

/**
 * Looks at the selected posts and follows their links. Each step is kept when it is made: run again after a kill, it looks at posts again,
 * but follows only what was not. Throws when the database is away or the signal aborts.
 */
export async function expandLinks(
  work: LinkWork,
  wish: ExpandWish,
  onProgress: (progress: ExpandProgress) => void = () => {},
): Promise<ExpandProgress> {
  const { db, follower } = work;
  const counts = noCounts();
  const seen = { posts: 0, expanded: 0, postsTotal: await countPostsToLookAt(db, wish.selection) };
  /** Links that this run has taken from the database and not yet put back. */
  const held = new Set<string>();
  const { limit } = wish;
  const progress = () => ({ ...counts, ...seen, ...(limit === undefined ? {} : { limit }), waiting: held.size });
  const startedMs = follower.clock.now();
  const source = async function* (): AsyncGenerator<DueLink> {
    for await (const posts of postsToLookAt(db, wish.selection, BATCH_POSTS)) {
      for (let from = 0; from < posts.length; ) {
        const room = Math.min(BATCH_POSTS, (limit ?? Number.POSITIVE_INFINITY) - seen.expanded);
        if (room <= 0) return;
        const some = posts.slice(from, from + room);
        from += some.length;
        await noteLinksOf(work, some, wish.refetch, startedMs);
        // What is under way now may have ended by the time the answer is here: it is not to be followed again.
        const before = new Set(held);
        const due = await dueOfPosts(db, some, follower.clock.now());
        const fresh = due.filter(({ linkId }) => !before.has(linkId) && !held.has(linkId));
        seen.posts += some.length;
        seen.expanded += new Set(fresh.map(({ post }) => post)).size;
        for (const link of new Map(fresh.map((each) => [each.linkId, each])).values()) held.add(link.linkId);
        onProgress(progress());
        yield* new Map(fresh.map((each) => [each.linkId, each])).values();
      }
    }
  };
  await followAll(work, source(), counts, ({ linkId }) => {
    held.delete(linkId);
    onProgress(progress());
  });
  return progress();
}

async function noteLinksOf(
  { db }: LinkWork,
  posts: readonly PostToLookAt[],
  refetch: boolean,
  startedMs: number,
): Promise<void> {
  const known = refetch ? new Set<string>() : await postsWithLinks(db, posts);
  const linked = posts
    .filter(({ platform, postId }) => !known.has(`${platform} ${postId}`))
    .map(({ platform, postId, payload }) => ({ platform, postId, links: linksOfPost(payload) }))
    .filter(({ links }) => links.length > 0);
  if (linked.length > 0) await db.transaction((tx) => noteLinks(tx, linked, startedMs));
  if (refetch) await makeDueAgain(db, posts, startedMs);
}
