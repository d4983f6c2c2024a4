import { type LegacyCall, type LegacyEndpoint, shapeOf } from './endpoint.ts';
import { USER_SUSPENDED } from './errors.ts';
import { readableAccount } from './find-account.ts';
import { renderStatus } from './render-status.ts';
import type { Answer } from '../http/exchange.ts';
import { comparePosts, type Post } from '../world/model.ts';

const DEFAULT_COUNT = 20;
const MOST_COUNT = 200;
/** Older posts of an account can't be had. */
const HORIZON = 3200;

export const TIMELINE_ENDPOINTS: readonly LegacyEndpoint[] = [
  { methods: ['GET'], path: 'statuses/user_timeline', handle: userTimeline },
];

/**
 * An account's posts, newest first. `count` is how many are looked at: what `exclude_replies` and `include_rts=false` leave out
 * is missing from the page, so that pages can be short, even empty, before the end.
 */
function userTimeline(call: LegacyCall): Answer {
  const { world, at, parameters, choices } = call;
  const account = readableAccount(call, choices['v1-suspended-timeline'] === '403' ? USER_SUSPENDED : undefined);
  const count = parameters.count('count', DEFAULT_COUNT, MOST_COUNT);
  const maxId = parameters.id('max_id');
  const sinceId = parameters.id('since_id');
  const replies = !parameters.flag('exclude_replies', false);
  const reposts = parameters.flag('include_rts', true);
  const shape = shapeOf(call);
  const page: Post[] = [];
  let seen = 0;
  for (const post of world.postsOf(account, {}, at)) {
    if (++seen > HORIZON || page.length === count || (sinceId !== undefined && comparePosts(post, sinceId) <= 0)) break;
    if (maxId !== undefined && comparePosts(post, maxId) > 0) continue;
    page.push(post);
  }
  const keepsOwn = choices['v1-own-replies'] === 'kept';
  const isWanted = ({ kind, author, about }: Post): boolean =>
    kind === 'reply' ? replies || (keepsOwn && about?.author === author) : reposts || kind !== 'repost';
  const wanted = page.filter(isWanted);
  return { status: 200, body: wanted.map((post) => renderStatus(world, post, at, shape)) };
}
