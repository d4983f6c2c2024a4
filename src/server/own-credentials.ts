/** Whose credentials are whose: one without an owner serves everybody, one with an owner only what its owner or an administrator lets it serve. */
import type { FastifyRequest } from 'fastify';
import { type Credential, ENVIRONMENT_LABEL } from '../store/credentials/credentials.ts';
import { type Caller, effectiveRole } from './caller.ts';
import { FieldErrors } from './field-errors.ts';
import { mayCall } from './permissions.ts';
import { askSource } from './source-call.ts';
import type { ServerSources } from './sources.ts';

export function isOwn({ user }: Caller, owner: string): boolean {
  return user !== undefined && owner !== '' && (owner === user.email || owner === user.userId);
}

/** Whether it is shown to somebody: administrators see all of them, others their own. */
export function maySee(caller: Caller, { owner }: Pick<Credential, 'owner'>): boolean {
  return mayCall(effectiveRole(caller), 'administrator') || isOwn(caller, owner);
}

/**
 * Throws unless somebody may have a collection asked for with this credential: one that serves everybody, their own, or `present`, which the
 * collection has already. Somebody else's is unknown to them, and nothing near its label is told.
 */
export async function requireNameable(
  operations: ServerSources['operations'],
  { caller }: FastifyRequest,
  label: string,
  present?: string | null,
): Promise<void> {
  if (label === ENVIRONMENT_LABEL || label === present) return;
  const found = (await askSource(operations.credentials())).find((each) => each.label === label);
  if (found !== undefined && (found.owner === '' || maySee(caller, found))) return;
  throw new FieldErrors([{ field: 'credential', message: `There is no credential "${label}" that you may use.` }]);
}
