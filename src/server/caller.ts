/** Who a request comes from and what of the collections they may see and change. The guard fills it in before any route runs. */
import type { FastifyRequest } from 'fastify';
import { mayCall, type Role } from './permissions.ts';
import { ProblemError } from './problems.ts';

/** What an API token was made for; a session has all that its role allows. */
export const scopes = ['read', 'collect', 'administer'] as const;
export type Scope = (typeof scopes)[number];

export type User = { userId: string; name: string; email: string };

/**
 * `loopback`: nobody signed in, but the request comes from this machine while that is enough (see docs/users.md).
 * `none`: nobody is known; `role` is then `nobody`.
 */
export type Caller = {
  role: Role;
  via: 'session' | 'token' | 'loopback' | 'none';
  user?: User;
  /** Of an API token only. */
  scopes?: readonly Scope[];
  /** Of a session only: names it, opens nothing. */
  sessionId?: string;
};

/** From least to most; each holds those before it. `own`: also share it, hand it on and delete it. */
export const accessLevels = ['none', 'view', 'edit', 'own'] as const;
export type Access = (typeof accessLevels)[number];

/** The names of the collections that a caller may see, or all of them. */
export type Sight = 'all' | ReadonlySet<string>;

/** Where callers and their rights come from. */
export type CallerSource = {
  callerOf(request: FastifyRequest): Promise<Caller>;
  /** A collection that does not exist gives `none`. */
  accessTo(caller: Caller, collection: string): Promise<Access>;
  sightOf(caller: Caller): Promise<Sight>;
};

/** Whoever reaches the server is a viewer who sees everything and changes nothing: right on loopback as long as there is no user. */
export const everybodyViews: CallerSource = {
  callerOf: async () => ({ role: 'viewer', via: 'loopback' }),
  accessTo: async () => 'view',
  sightOf: async () => 'all',
};

/**
 * Returns when the caller may do that with the collection. Throws `collection.unknown` when they may not even see it, as if it
 * were not there, and `access.denied` when they see it but may do less.
 */
export async function requireAccess(request: FastifyRequest, collection: string, needed: Access): Promise<void> {
  const access = await request.callers.accessTo(request.caller, collection);
  if (access === 'none') throw new ProblemError('collection.unknown', `No collection is named "${collection}".`);
  if (accessLevels.indexOf(access) < accessLevels.indexOf(needed))
    throw new ProblemError('access.denied', `This needs the right to ${needed} the collection "${collection}".`);
}

/** The names that the caller sees. */
export function sightOf(request: FastifyRequest): Promise<Sight> {
  return request.callers.sightOf(request.caller);
}

export function sees(sight: Sight, collection: string): boolean {
  return sight === 'all' || sight.has(collection);
}

/** The least role a token's scope stands for. */
export const roleOfScope: Record<Scope, Role> = { read: 'viewer', collect: 'collector', administer: 'administrator' };

/** The role itself, or less when the caller's token was made for less. */
export function effectiveRole({ role, scopes: granted }: Caller): Role {
  if (granted === undefined) return role;
  const best = granted.map((scope) => roleOfScope[scope]).toSorted((a, b) => (mayCall(a, b) ? -1 : 1))[0] ?? 'nobody';
  return mayCall(role, best) ? best : role;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller;
    callers: CallerSource;
  }
}
