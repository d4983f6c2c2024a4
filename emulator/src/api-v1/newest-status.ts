import type { LegacyCall } from './endpoint.ts';
import { isOpenTo } from './find-account.ts';
import { renderUserStatus } from './render-status.ts';
import type { Shape } from './shape.ts';

/** The `status` of a user: its newest post; undefined when there is none, or none that the caller may read. */
export function newestStatus({ world, at, viewer }: LegacyCall, account: number, shape: Shape): object | undefined {
  if (!isOpenTo(world, account, viewer, at)) return undefined;
  for (const post of world.postsOf(account, {}, at)) {
    const state = world.postStateAt(post, at);
    if (state === 'public' || state === 'protected') return renderUserStatus(world, post, at, shape);
  }
  return undefined;
}
