import { bothIds } from './exact-number.ts';
import { oldTime } from './old-time.ts';
import type { Shape } from './shape.ts';
import type { Account, World } from '../world/model.ts';

/** Keys that only some endpoints have. */
export interface UserExtras {
  /** Its newest post, rendered without `user`. */
  readonly status?: object | undefined;
  /** `users/show` alone. */
  readonly profileLocation?: boolean;
  /** `followers/list` and `friends/list`. */
  readonly relations?: boolean;
  /** `account/verify_credentials`: whether the caller is suspended, and its address when asked for. */
  readonly self?: { readonly email: string | undefined };
}

/** A v1.1 `user` with all its keys, in the order of the recordings. @param at instant of counts, handle and state */
export function renderUser(world: World, number: number, at: number, shape: Shape, extras: UserExtras = {}): object {
  const account = world.account(number);
  if (shape.mode === 'stream') return streamUser(world, account, at);
  const { self } = extras;
  return {
    ...bothIds(account.id),
    name: account.displayName,
    screen_name: world.handleAt(number, at),
    ...(self?.email !== undefined && { email: self.email }),
    location: account.place ?? '',
    ...(extras.profileLocation === true && { profile_location: null }),
    description: account.description,
    url: account.link ?? null,
    ...(shape.includeEntities && { entities: entitiesOf(account) }),
    ...countsOf(world, number, at),
    ...(extras.status !== undefined && { status: extras.status }),
    contributors_enabled: false,
    is_translator: false,
    is_translation_enabled: false,
    ...coloursOf(),
    ...picturesOf(account),
    ...stylesOf(),
    has_extended_profile: false,
    default_profile: true,
    default_profile_image: false,
    ...relationsTo(world, number, at, shape.viewer, extras.relations === true),
    translator_type: 'none',
    withheld_in_countries: world.withheldInAt(number, at),
    ...(self !== undefined && { suspended: false, needs_phone_verification: false }),
  };
}

/** What is left of a user with `trim_user`. */
export function trimmedUser(world: World, number: number): object {
  return bothIds(world.account(number).id);
}

/** Streams have an order of their own, say null instead of an empty place, and know no caller. */
function streamUser(world: World, account: Account, at: number): object {
  const counts = world.countsAt(account.number, at);
  return {
    ...bothIds(account.id),
    name: account.displayName,
    screen_name: world.handleAt(account.number, at),
    location: account.place ?? null,
    url: account.link ?? null,
    description: account.description === '' ? null : account.description,
    translator_type: 'none',
    protected: world.stateAt(account.number, at) === 'protected',
    verified: account.verified,
    followers_count: counts.followers,
    friends_count: counts.following,
    listed_count: counts.listed,
    favourites_count: counts.likes,
    statuses_count: counts.posts,
    created_at: oldTime(account.createdAt),
    utc_offset: null,
    time_zone: null,
    geo_enabled: false,
    lang: null,
    contributors_enabled: false,
    is_translator: false,
    ...coloursOf(),
    ...stylesOf(),
    ...picturesOf(account),
    default_profile: true,
    default_profile_image: false,
    following: null,
    follow_request_sent: null,
    notifications: null,
    withheld_in_countries: world.withheldInAt(account.number, at),
  };
}

function countsOf(world: World, number: number, at: number): object {
  const { createdAt, verified } = world.account(number);
  const counts = world.countsAt(number, at);
  return {
    protected: world.stateAt(number, at) === 'protected',
    followers_count: counts.followers,
    friends_count: counts.following,
    listed_count: counts.listed,
    created_at: oldTime(createdAt),
    favourites_count: counts.likes,
    utc_offset: null,
    time_zone: null,
    geo_enabled: false,
    verified,
    statuses_count: counts.posts,
    lang: null,
  };
}

function entitiesOf({ link }: Account): object {
  const description = { urls: [] };
  if (link === undefined) return { description };
  const display_url = link.replace(/^https?:\/\//, '').replace(/\/$/, '');
  return { url: { urls: [{ url: link, expanded_url: link, display_url, indices: [0, link.length] }] }, description };
}

function relationsTo(world: World, number: number, at: number, viewer: number | undefined, more: boolean): object {
  const following = viewer === undefined ? null : world.follows(viewer, number, at);
  const no = viewer === undefined ? null : false;
  return {
    following,
    ...(more && { live_following: no }),
    follow_request_sent: no,
    notifications: no,
    ...(more && { muting: no, blocking: no, blocked_by: no }),
  };
}

function coloursOf(): object {
  return {
    profile_background_color: 'F5F8FA',
    profile_background_image_url: null,
    profile_background_image_url_https: null,
    profile_background_tile: false,
  };
}

function picturesOf({ id }: Account): object {
  const path = `pbs.twimg.com/profile_images/${id}/x_normal.jpg`;
  return {
    profile_image_url: `http://${path}`,
    profile_image_url_https: `https://${path}`,
  };
}

function stylesOf(): object {
  return {
    profile_link_color: '1DA1F2',
    profile_sidebar_border_color: 'C0DEED',
    profile_sidebar_fill_color: 'DDEEF6',
    profile_text_color: '333333',
    profile_use_background_image: true,
  };
}
