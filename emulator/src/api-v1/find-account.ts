import type { LegacyCall } from './endpoint.ts';
import { notAuthorized, PAGE_MISSING, PARAMETERS_MISSING, Refused } from './errors.ts';
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
 * when it is gone, 401 when it is suspended, or protected and not followed by the caller.
 */
export function readableAccount(call: LegacyCall): number {
  const { world, at, viewer, parameters, exchange } = call;
  const isNamed = parameters.text('user_id') !== undefined || parameters.text('screen_name') !== undefined;
  const account = isNamed || viewer === undefined ? namedAccount(call) : viewer;
  const state = account === undefined ? 'deleted' : world.stateAt(account, at);
  if (account === undefined || state === 'deleted' || state === 'deactivated') throw new Refused(PAGE_MISSING);
  if (state === 'suspended' || !isOpenTo(world, account, viewer, at)) {
    throw new Refused(notAuthorized(exchange.url.pathname));
  }
  return account;
}

/** Whether the caller may read what a protected account writes; public ones are open to all. */
export function isOpenTo(world: World, account: number, viewer: number | undefined, at: number): boolean {
  if (world.stateAt(account, at) !== 'protected') return true;
  return viewer !== undefined && (viewer === account || world.follows(viewer, account, at));
}
