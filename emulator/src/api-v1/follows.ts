import { type LegacyCall, type LegacyEndpoint, shapeOf } from './endpoint.ts';
import { PAGE_MISSING, SOURCE_USER_UNKNOWN, USER_MISSING } from './errors.ts';
import { bothIds, exactNumber } from './exact-number.ts';
import { namedAccount, readableAccount } from './find-account.ts';
import { followPage } from './id-page.ts';
import { renderUser } from './render-user.ts';
import { newestStatus } from './newest-status.ts';
import type { Answer } from '../http/exchange.ts';
import type { Follow, FollowRange } from '../world/model.ts';

type Side = 'followers' | 'following';

const MOST_IDS = 5000;
const DEFAULT_USERS = 20;
const MOST_USERS = 200;

export const FOLLOW_ENDPOINTS: readonly LegacyEndpoint[] = [
  { methods: ['GET'], path: 'followers/ids', handle: (call) => ids(call, 'followers') },
  { methods: ['GET'], path: 'friends/ids', handle: (call) => ids(call, 'following') },
  { methods: ['GET'], path: 'followers/list', handle: (call) => users(call, 'followers') },
  { methods: ['GET'], path: 'friends/list', handle: (call) => users(call, 'following') },
  { methods: ['GET'], path: 'friendships/show', handle: friendship },
];

function ids(call: LegacyCall, side: Side): Answer {
  const { world, parameters } = call;
  const most = parameters.count('count', MOST_IDS, MOST_IDS);
  const { follows, keys } = followPage(call, Math.max(1, most), listOf(call, side));
  const found = follows.map(({ account }) => world.account(account).id);
  const shown = parameters.flag('stringify_ids', false) ? found : found.map(exactNumber);
  return { status: 200, body: { ids: shown, ...keys } };
}

function users(call: LegacyCall, side: Side): Answer {
  const { world, at, parameters } = call;
  const most = parameters.count('count', DEFAULT_USERS, MOST_USERS);
  const withStatus = !parameters.flag('skip_status', false);
  const shape = { ...shapeOf(call), includeEntities: parameters.flag('include_user_entities', true) };
  const { follows, keys } = followPage(call, Math.max(1, most), listOf(call, side));
  const shown = follows.map(({ account }) => {
    const status = withStatus ? newestStatus(call, account, shape) : undefined;
    return renderUser(world, account, at, shape, { status, relations: true });
  });
  return { status: 200, body: { users: shown, ...keys } };
}

function listOf(call: LegacyCall, side: Side): (range: FollowRange) => Iterable<Follow> {
  const { world, at, choices } = call;
  const account = readableAccount(call, choices['v1-suspended-follows'] === '404' ? PAGE_MISSING : undefined);
  return (range) => world[side](account, range, at);
}

/** How two accounts stand to each other. The source is the caller when it isn't named. */
function friendship(call: LegacyCall): Answer {
  const { world, at, parameters, viewer } = call;
  const namesSource = parameters.text('source_id') ?? parameters.text('source_screen_name');
  if (namesSource === undefined && viewer === undefined) return SOURCE_USER_UNKNOWN;
  const source = namesSource === undefined ? viewer : namedAccount(call, 'source');
  const target = namedAccount(call, 'target');
  for (const account of [source, target]) {
    const state = account === undefined ? 'deleted' : world.stateAt(account, at);
    if (state === 'deleted' || state === 'deactivated' || state === 'suspended') return USER_MISSING;
  }
  if (source === undefined || target === undefined) return PAGE_MISSING;
  const follows = world.follows(source, target, at);
  const isFollowed = world.follows(target, source, at);
  const name = (account: number) => {
    const { id, id_str } = bothIds(world.account(account).id);
    return { id, id_str, screen_name: world.handleAt(account, at) };
  };
  const relationship = {
    source: {
      ...name(source),
      following: follows,
      followed_by: isFollowed,
      live_following: false,
      following_received: null,
      following_requested: null,
      notifications_enabled: null,
      can_dm: isFollowed,
      blocking: null,
      blocked_by: null,
      muting: null,
      want_retweets: null,
      all_replies: null,
      marked_spam: null,
    },
    target: {
      ...name(target),
      following: isFollowed,
      followed_by: follows,
      following_received: null,
      following_requested: null,
    },
  };
  return { status: 200, body: { relationship } };
}
