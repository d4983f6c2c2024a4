import type { Caller } from '../../credentials/caller.ts';
import { postTime } from '../../world/ids.ts';
import type { Post, PostReference, World } from '../../world/model.ts';

/** Who looks, and when: what can be seen depends on both. */
export interface Viewer {
  /** Account number that the caller acts for; undefined for apps. */
  readonly account: number | undefined;
  /** Instant of the world, Unix ms. */
  readonly at: number;
}

export function viewerOf(caller: Caller, at: number): Viewer {
  return { account: caller.kind === 'user1' || caller.kind === 'user2' ? caller.account : undefined, at };
}

/** What is to be seen of an account's posts and follows; `gone` is deleted or deactivated, which look the same. */
export type AccountSight = 'visible' | 'protected' | 'suspended' | 'gone';

/** Protected accounts are open to themselves and to their followers. */
export function accountSight(world: World, account: number, { account: viewer, at }: Viewer): AccountSight {
  const state = world.stateAt(account, at);
  if (state === 'public') return 'visible';
  if (state === 'deleted' || state === 'deactivated') return 'gone';
  if (state === 'suspended') return 'suspended';
  if (viewer === undefined) return 'protected';
  return viewer === account || world.follows(viewer, account, at) ? 'visible' : 'protected';
}

/** A post as a viewer gets it, or why not: `missing` covers deleted ones, those not made yet and those of gone accounts; `suspended` is the author. */
export type PostSight = { readonly post: Post } | 'missing' | 'suspended' | 'protected';

export function postSight(world: World, post: Post | undefined, viewer: Viewer): PostSight {
  if (post === undefined) return 'missing';
  const state = world.postStateAt(post, viewer.at);
  if (state === 'public') return { post };
  if (state !== 'protected') return state === 'suspended' ? 'suspended' : 'missing';
  const authors = post.kind === 'repost' && post.about !== undefined ? [post.author, post.about.author] : [post.author];
  const sights = authors.map((author) => accountSight(world, author, viewer));
  return sights.every((sight) => sight === 'visible') ? { post } : 'protected';
}

/** The post of a decimal id, as far as the viewer may see it. */
export function postById(world: World, id: string, viewer: Viewer): PostSight {
  const time = postTime(id);
  return postSight(world, time && world.post(time), viewer);
}

export function referencedPost(world: World, reference: PostReference, viewer: Viewer): PostSight {
  return postSight(world, world.post(reference), viewer);
}
