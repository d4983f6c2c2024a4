/** Which credentials of a pool can make a call, and how often. */
import { MistnetError } from '../core/errors.ts';
import type { EndpointLimit, PermitWish, PooledCredential } from './permit-source.ts';

/** Those that will do, in the order of the pool. Throws `credential.unusable` when there are none. */
export function eligibleFor(
  { limit, credential, as }: PermitWish,
  pool: readonly PooledCredential[],
): [PooledCredential, ...PooledCredential[]] {
  const [first, ...rest] = pool.filter(
    ({ label, kind }) =>
      (credential === undefined || label === credential) &&
      (as === undefined || kind === as) &&
      limit[kind] !== undefined,
  );
  if (first !== undefined) return [first, ...rest];
  const wanted = [
    ...(credential === undefined ? [] : [`it must be "${credential}"`]),
    ...(as === undefined ? [] : [`it takes the token of ${as === 'app' ? 'an app' : 'a user'}`]),
    ...(limit.app === undefined ? ['an app may not call it'] : []),
    ...(limit.user === undefined ? ['a user may not call it'] : []),
  ];
  const why = wanted.length === 0 ? 'there is none' : wanted.join(', ');
  throw new MistnetError(
    'credential.unusable',
    `No credential can call ${limit.endpoint}: ${why}. mistnet credential list shows those there are.`,
  );
}

/** The published window of an endpoint for one kind of credential, which must be let in. */
export function limitOf(
  { windowMs, spacingMs, ...limits }: EndpointLimit,
  kind: PooledCredential['kind'],
): { limit: number; windowMs: number; spacingMs: number } {
  return { limit: limits[kind] ?? 0, windowMs, spacingMs: spacingMs ?? 0 };
}
