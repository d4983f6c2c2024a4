/**
 * What a command changes goes into the audit log, as what the page changes does: by whom of this machine, at a terminal. No change is without its row:
 * either both are one transaction, or a row says what is begun before anything is done.
 */
import { userInfo } from 'node:os';
import { MistnetError } from '../core/errors.ts';
import { systemClock } from '../core/time.ts';
import type { Database, Queryable, Transaction } from '../store/db.ts';
import { addAuditEntry } from '../store/users/audit-log.ts';
import { inStages } from '../store/users/staged-deed.ts';

/** `action`: `thing.verb`, as the page's. `target`: its name. `details`: what changed; never a secret. */
export type Deed = { action: string; target: string | null; details?: Record<string, unknown> };

/**
 * Runs the work and writes its row in one transaction: both are there, or neither is. `deed` may go by what came of the work, and be several; undefined where nothing
 * was changed after all. The work must do everything by `tx`, and ask nobody outside.
 */
export async function changeWithDeed<T>(
  db: Database,
  deed: Deed | ((result: T) => Deed | readonly Deed[] | undefined),
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return await db.transaction(async (tx) => {
    const result = await work(tx);
    const done = typeof deed === 'function' ? deed(result) : deed;
    for (const each of done === undefined ? [] : [done].flat()) await noteDeed(tx, each);
    return result;
  });
}

/**
 * For what is many transactions, or asks others, see `inStages`. `outcome`: what is worth telling of the result.
 */
export async function longDeed<T>(
  db: Database,
  deed: Deed,
  work: () => Promise<T>,
  outcome: (result: T) => Record<string, unknown> = () => ({}),
): Promise<T> {
  return await inStages((more) => noteDeed(db, { ...deed, details: { ...deed.details, ...more } }), work, {
    outcome,
    codeOf: (error) => (error instanceof MistnetError ? error.code : undefined),
  });
}

/** For work that answers whether it changed anything. */
export function ifChanged(deed: Deed): (hasChanged: boolean) => Deed | undefined {
  return (hasChanged) => (hasChanged ? deed : undefined);
}

/** Of what changes nothing here and is to be known all the same. Written before it is done. */
export async function noteDeed(db: Queryable, { action, target, details = {} }: Deed): Promise<void> {
  await addAuditEntry(db, systemClock, {
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
