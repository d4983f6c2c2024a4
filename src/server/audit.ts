/**
 * What people do goes into the audit log: a row a change, in the transaction of the change, so that neither is without the other. What asks others on the way, or is
 * many transactions, says what it begins and how that ended. What only happened (somebody signed in, or was refused) is noted as it happens.
 */
import type { FastifyRequest } from 'fastify';
import { MistnetError } from '../core/errors.ts';
import type { AuditEntry } from '../store/users/audit-log.ts';
import { inStages } from '../store/users/staged-deed.ts';
import { ProblemError } from './problems.ts';
import { askSource } from './source-call.ts';
import type { ChangingSources, ServerSources } from './sources.ts';

/**
 * `action`: `thing.verb`, `collection.stop`. `target`: its name. `details`: what changed; never a secret. `who` when the caller is not the one who did it: somebody who
 * is just becoming a user.
 */
export type Deed = {
  action: string;
  target?: string | null;
  details?: Record<string, unknown>;
  who?: { userId: string | null; name: string };
};

/** Waited for with more patience than a question: whoever hears that the database is away would make the change twice. */
const CHANGE_MS = 5_000;

/**
 * Runs the work and writes its row in one transaction. `deed` may go by what came of the work, and be several; undefined where nothing was changed after all. The work
 * must do everything by the sources that it is given, one after the other, and ask nobody outside. Waits as `askSource` does.
 */
export async function changeWithDeed<T>(
  request: FastifyRequest,
  deed: Deed | ((result: T) => Deed | readonly Deed[] | undefined),
  work: (inside: ChangingSources) => Promise<T>,
  deadlineMs = CHANGE_MS,
): Promise<T> {
  const change = request.sources.inTransaction(async (inside) => {
    const result = await work(inside);
    const done = typeof deed === 'function' ? deed(result) : deed;
    for (const each of done === undefined ? [] : [done].flat()) await inside.users.addAudit(entryOf(request, each));
    return result;
  });
  return await askSource(change, deadlineMs);
}

/**
 * For what cannot be one transaction, see `inStages`. `outcome`: what is worth telling of the result.
 */
export async function longDeed<T>(
  request: FastifyRequest,
  deed: Deed,
  work: () => Promise<T>,
  outcome: (result: T) => Record<string, unknown> = () => ({}),
): Promise<T> {
  return await inStages((more) => noteDeed(request, { ...deed, details: { ...deed.details, ...more } }), work, {
    outcome,
    codeOf: (error) => (error instanceof MistnetError || error instanceof ProblemError ? error.code : undefined),
  });
}

/** Of what changes nothing of ours and is to be known all the same. Resolves when it is written. */
export async function noteDeed(request: FastifyRequest, deed: Deed): Promise<void> {
  await askSource(request.sources.users.addAudit(entryOf(request, deed)));
}

function entryOf({ caller, ip }: FastifyRequest, { action, target = null, details = {}, who }: Deed): AuditEntry {
  const { user, via } = caller;
  return {
    userId: who?.userId ?? user?.userId ?? null,
    who: who?.name ?? user?.name ?? via,
    ...{ via, address: ip, action, target, details },
  };
}

declare module 'fastify' {
  interface FastifyRequest {
    sources: Pick<ServerSources, 'inTransaction' | 'users'>;
  }
}
