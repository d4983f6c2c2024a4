import { type LegacyCall, type LegacyEndpoint, shapeOf } from './endpoint.ts';
import { NO_USER_MATCHES, PARAMETERS_MISSING, TOO_MANY_TERMS, USER_MISSING, USER_SUSPENDED } from './errors.ts';
import { namedAccount } from './find-account.ts';
import { newestStatus } from './newest-status.ts';
import { renderUser } from './render-user.ts';
import type { Answer } from '../http/exchange.ts';

/** Names and ids together. */
const MOST_USERS = 100;

export const USER_ENDPOINTS: readonly LegacyEndpoint[] = [
  { methods: ['GET', 'POST'], path: 'users/lookup', handle: lookup },
  { methods: ['GET'], path: 'users/show', handle: (call) => show(call) },
  { methods: ['GET'], path: 'account/verify_credentials', callers: ['user1'], handle: verifyCredentials },
];

/** Accounts that are gone or suspended are left out; when none is left the answer is 404. In no order that means anything. */
function lookup(call: LegacyCall): Answer {
  const { world, at, parameters } = call;
  const ids = parameters.list('user_id');
  const names = parameters.list('screen_name');
  if (ids.length + names.length === 0) return PARAMETERS_MISSING;
  if (ids.length + names.length > MOST_USERS) return TOO_MANY_TERMS;
  const asked = [
    ...ids.map((id) => world.accountById(id, at)),
    ...names.map((name) => world.accountByHandle(name.replace(/^@/, ''), at)),
  ];
  const found = [...new Set(asked)].flatMap((account) => account ?? []).filter((account) => isThere(call, account));
  if (found.length === 0) return NO_USER_MATCHES;
  const withStatus = parameters.flag('include_status', !parameters.flag('skip_status', false));
  const shape = shapeOf(call);
  const users = found.map((account) => {
    const status = withStatus ? newestStatus(call, account, shape) : undefined;
    return renderUser(world, account, at, shape, { status });
  });
  return { status: 200, body: users };
}

function isThere({ world, at }: LegacyCall, account: number): boolean {
  const state = world.stateAt(account, at);
  return state === 'public' || state === 'protected';
}

function show(call: LegacyCall): Answer {
  const account = namedAccount(call);
  if (account === undefined) return USER_MISSING;
  if (call.world.stateAt(account, call.at) === 'suspended') return USER_SUSPENDED;
  if (!isThere(call, account)) return USER_MISSING;
  return { status: 200, body: oneUser(call, account, { profileLocation: true }) };
}

/** The account that signed the call. */
function verifyCredentials(call: LegacyCall): Answer {
  const { viewer, parameters, world, at } = call;
  if (viewer === undefined) return USER_MISSING;
  const email = parameters.flag('include_email', false) ? `${world.handleAt(viewer, at)}@mail.example` : undefined;
  return { status: 200, body: oneUser(call, viewer, { self: { email } }) };
}

function oneUser(call: LegacyCall, account: number, extras: Parameters<typeof renderUser>[4]): object {
  const shape = shapeOf(call);
  const status = call.parameters.flag('skip_status', false) ? undefined : newestStatus(call, account, shape);
  return renderUser(call.world, account, call.at, shape, { ...extras, status });
}
