/** What people do goes into the audit log: one line a change, made where the change is made. */
import type { FastifyRequest } from 'fastify';
import type { AuditEntry } from '../store/users/audit-log.ts';
import { askSource } from './source-call.ts';

/** `action`: `thing.verb`, `collection.stop`. `target`: its name. `details`: what changed; never a secret. */
export type Audited = { action: string; target?: string; details?: Record<string, unknown> };

export type AuditSink = (entry: AuditEntry) => Promise<void>;

/** Resolves when it is written. `who` when the caller is not the one who did it: somebody who is just signing in. */
export async function audit(
  request: FastifyRequest,
  { action, target, details = {} }: Audited,
  who?: { userId: string | null; name: string },
): Promise<void> {
  const { user, via } = request.caller;
  await askSource(
    request.auditSink({
      userId: who?.userId ?? user?.userId ?? null,
      who: who?.name ?? user?.name ?? via,
      ...{ via, address: request.ip, action, target: target ?? null, details },
    }),
  );
}

declare module 'fastify' {
  interface FastifyRequest {
    auditSink: AuditSink;
  }
}
