/** What a command changed goes into the audit log, as what the page changes does: by whom of this machine, at a terminal. */
import { userInfo } from 'node:os';
import type { Clock } from '../core/time.ts';
import type { Queryable } from '../store/db.ts';
import { addAuditEntry } from '../store/users/audit-log.ts';

/** `action`: `thing.verb`, as the page's. `target`: its name. `details`: what changed; never a secret. */
export type Deed = { action: string; target: string | null; details?: Record<string, unknown> };

/** Resolves when it is written. */
export async function noteDeed(db: Queryable, clock: Clock, { action, target, details = {} }: Deed): Promise<void> {
  await addAuditEntry(db, clock, {
    ...{ userId: null, who: terminalUser(), via: 'terminal', address: null },
    ...{ action, target, details },
  });
}

/** Who sits at the terminal, as the machine knows them. */
export function terminalUser(): string {
  try {
    return `${userInfo().username} (terminal)`;
  } catch {
    return 'terminal'; // containers run as users without a name
  }
}
