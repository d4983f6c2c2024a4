import type { Viewer } from './sight.ts';
import { accountSight } from './sight.ts';
import { isoSecond } from '../iso-second.ts';
import { postId } from '../../world/ids.ts';
import type { AccountCounts, World } from '../../world/model.ts';

/**
 * A v2 `user` object as of `viewer.at` with just `fields`; id, name and username always. What an account hasn't got is
 * absent, never null.
 */
export function userObject(
  world: World,
  number: number,
  fields: ReadonlySet<string>,
  viewer: Viewer,
): Record<string, unknown> {
  const { at } = viewer;
  const account = world.account(number);
  const object: Record<string, unknown> = {};
  if (fields.has('created_at')) object['created_at'] = isoSecond(account.createdAt);
  if (fields.has('description')) object['description'] = account.description;
  if (fields.has('entities') && account.link !== undefined)
    object['entities'] = { url: { urls: [linkEntity(account.link)] } };
  object['id'] = account.id;
  if (fields.has('location') && account.place !== undefined) object['location'] = account.place;
  if (fields.has('most_recent_tweet_id')) put(object, 'most_recent_tweet_id', mostRecentPost(world, number, viewer));
  object['name'] = account.displayName;
  if (fields.has('pinned_tweet_id')) put(object, 'pinned_tweet_id', pinnedPost(world, number, viewer));
  if (fields.has('profile_image_url')) object['profile_image_url'] = imageAddress(account.id);
  if (fields.has('protected')) object['protected'] = world.stateAt(number, at) === 'protected';
  if (fields.has('public_metrics')) object['public_metrics'] = metricsOf(world.countsAt(number, at));
  if (fields.has('url') && account.link !== undefined) object['url'] = account.link;
  object['username'] = world.handleAt(number, at);
  if (fields.has('verified')) object['verified'] = account.verified;
  if (fields.has('verified_type')) object['verified_type'] = account.verified ? 'blue' : 'none';
  const withheld = fields.has('withheld') ? world.withheldInAt(number, at) : [];
  if (withheld.length > 0) object['withheld'] = { country_codes: withheld };
  if (fields.has('connection_status') && viewer.account !== undefined) {
    object['connection_status'] = connectionsOf(world, number, viewer.account, at);
  }
  return object;
}

/** Id of the account's newest post; undefined when there is none to see. */
export function mostRecentPost(world: World, account: number, viewer: Viewer): string | undefined {
  if (accountSight(world, account, viewer) !== 'visible') return undefined;
  const [newest] = world.postsOf(account, {}, viewer.at);
  return newest?.id;
}

export function pinnedPost(world: World, account: number, { at }: Viewer): string | undefined {
  const pinned = world.pinnedAt(account, at);
  return pinned && postId(pinned);
}

function imageAddress(accountId: string): string {
  return `https://pbs.twimg.com/profile_images/${accountId}/x_normal.jpg`;
}

function metricsOf({ followers, following, posts, listed, likes, media }: AccountCounts): object {
  return {
    followers_count: followers,
    following_count: following,
    tweet_count: posts,
    listed_count: listed,
    like_count: likes,
    media_count: media,
  };
}

function linkEntity(link: string): object {
  const display_url = link.replace(/^https?:\/\/(?:www\.)?/, '').replace(/\/$/, '');
  return { start: 0, end: link.length, url: link, expanded_url: link, display_url };
}

function connectionsOf(world: World, account: number, viewer: number, at: number): string[] {
  const found: string[] = [];
  if (world.follows(account, viewer, at)) found.push('followed_by');
  if (world.follows(viewer, account, at)) found.push('following');
  return found;
}

function put(object: Record<string, unknown>, key: string, value: string | undefined): void {
  if (value !== undefined) object[key] = value;
}
