/** Which credentials of a pool can make a call, and how often. */
import { MistnetError } from '../core/errors.ts';
import type { EndpointLimit, PermitWish, PooledCredential } from './permit-source.ts';

const WHERE = 'Credentials on the page, or mistnet credential list, shows those there are.';

/** Those that will do, in the order of the pool. Throws `credential.unusable` when there are none. */
export function eligibleFor(
  { limit, credential, as }: PermitWish,
  pool: readonly PooledCredential[],
): [PooledCredential, ...PooledCredential[]] {
  const [first, ...rest] = pool.filter(
    (each) =>
      (credential === undefined ? each.isPersonal !== true : each.label === credential) &&
      (as === undefined || each.kind === as) &&
      limitAt(limit, each)[each.kind] !== undefined,
  );
  if (first !== undefined) return [first, ...rest];
  if (pool.length === 0) throw noneYet(limit, as);
  const named = pool.find(({ label }) => label === credential);
  if (named !== undefined) throw unfit(named, limit);
  const wanted = [
    ...(credential === undefined ? [] : [`it must be "${credential}"`]),
    ...(as === undefined ? [] : [`it takes the token of ${as === 'app' ? 'an app' : 'a user'}`]),
    ...(limit.app === undefined ? ['an app may not call it'] : []),
    ...(limit.user === undefined ? ['a user may not call it'] : []),
  ];
  if (wanted.length === 0) wanted.push('those there are belong to people and must be named');
  const why = wanted.join(', ');
  throw new MistnetError('credential.unusable', `No credential can call ${limit.endpoint}: ${why}. ${WHERE}`);
}

/** For whoever is new: what is missing, and where to add it, before what the endpoint is called. */
function noneYet({ endpoint, app, user }: EndpointLimit, as: PermitWish['as']): MistnetError {
  const takes = as ?? (user === undefined ? 'app' : app === undefined ? 'user' : undefined);
  const kind = takes === undefined ? '' : takes === 'app' ? ', the token of an app' : ', the token of a person';
  return new MistnetError(
    'credential.unusable',
    `There is no key to the platform yet. Add one${kind}: Credentials on the page, or mistnet credential add (it is for ${endpoint}).`,
  );
}

/** Of a credential that was chosen and is of the kind that the endpoint does not take. */
function unfit({ label, kind }: PooledCredential, { endpoint }: EndpointLimit): MistnetError {
  const [is, takes] = kind === 'app' ? ['an app', 'a person'] : ['a person', 'an app'];
  return new MistnetError(
    'credential.unusable',
    `The key "${label}" cannot be used for ${endpoint}: it is the token of ${is}, and that takes the token of ${takes}. Choose another key. ${WHERE}`,
  );
}

/** The published window of an endpoint for a credential, which must be let in. */
export function limitOf(
  limit: EndpointLimit,
  credential: Pick<PooledCredential, 'kind' | 'level'>,
): { limit: number; windowMs: number; spacingMs: number } {
  const { windowMs, ...limits } = limitAt(limit, credential);
  return { limit: limits[credential.kind] ?? 0, windowMs, spacingMs: limit.spacingMs ?? 0 };
}

function limitAt(limit: EndpointLimit, { level }: Pick<PooledCredential, 'level'>) {
  return (level === undefined ? undefined : limit.levels?.[level]) ?? limit;
}
