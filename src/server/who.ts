/** Who did something, in words for the record. */
import type { FastifyRequest } from 'fastify';
import type { Caller } from './caller.ts';

export function nameOfCaller({ user, via }: Caller): string {
  if (user !== undefined) return user.name === '' ? user.email : user.name;
  return via === 'loopback' ? 'somebody on this machine' : 'somebody';
}

export type Deed = { action: string; target: string; details?: object };

/** An entry of the audit log, as the store takes it. */
export function auditEntry(request: FastifyRequest, { action, target, details = {} }: Deed) {
  const { caller } = request;
  return {
    ...{ userId: caller.user?.userId ?? null, who: nameOfCaller(caller), via: caller.via, address: request.ip },
    ...{ action, target, details: { ...details } },
  };
}
