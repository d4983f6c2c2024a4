/** Who did something, in words for the record. */
import type { Caller } from './caller.ts';

export function nameOfCaller({ user, via }: Caller): string {
  if (user !== undefined) return user.name === '' ? user.email : user.name;
  return via === 'loopback' ? 'somebody on this machine' : 'somebody';
}
