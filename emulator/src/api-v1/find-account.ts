import type { LegacyCall } from './endpoint.ts';
import { notAuthorized, PAGE_MISSING, PARAMETERS_MISSING, Refused } from './errors.ts';
import type { Answer } from '../http/exchange.ts';
import type { World } from '../world/model.ts';

/** The account that `user_id` (which wins) or `screen_name` names, whatever its state; undefined when there is none. Throws Refused when neither is given. */
export function namedAccount({ world, parameters, at }: LegacyCall, prefix = ''): number | undefined {
  const id = parameters.text(prefix === '' ? 'user_id' : `${prefix}_id`);
  const name = parameters.text(`${prefix === '' ? '' : `${prefix}_`}screen_name`);
  if (id !== undefined) return world.accountById(id, at);
  if (name === undefined) throw new Refused(PARAMETERS_MISSING);
  return world.accountByHandle(name.replace(/^@/, ''), at);
}

/**
 * The account whose posts or follows are asked for, by default the caller's own. Throws Refused as the platform refuses: 404
 * when it is gone, 401 when it is protected and not followed by the caller, and as given when it is suspended (default: 401).
 */
export function readableAccount(call: LegacyCall, whenSuspended?: Answer): number {
  const { world, at, viewer, parameters, exchange } = call;
  const isNamed = parameters.text('user_id') !== undefined || parameters.text('screen_name') !== undefined;
  const account = isNamed || viewer === undefined ? namedAccount(call) : viewer;
  const state = account === undefined ? 'deleted' : world.stateAt(account, at);
  if (account === undefined || state === 'deleted' || state === 'deactivated') throw new Refused(PAGE_MISSING);
  const closed = notAuthorized(exchange.url.pathname);
  if (state === 'suspended') throw new Refused(whenSuspended ?? closed);
  if (!isOpenTo(world, account, viewer, at)) throw new Refused(closed);
  return account;
}

/** Whether the caller may read what a protected account writes; public ones are open to all. */
export function isOpenTo(world: World, account: number, viewer: number | undefined, at: number): boolean {
  if (world.stateAt(account, at) !== 'protected') return true;
  return viewer !== undefined && (viewer === account || world.follows(viewer, account, at));
}
