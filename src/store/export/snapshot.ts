/** One look at the database that stays the same however long it takes. */
import { causeText } from '../../core/errors.ts';
import type { Database, Queryable } from '../db.ts';

/**
 * Runs the work in one read-only transaction that sees the database as of its first statement. The signal's abort cancels a statement
 * under way, too. Throws what the work throws, or the signal's reason.
 */
export async function withSnapshot<Result>(
  db: Database,
  signal: AbortSignal,
  work: (snapshot: Queryable) => Promise<Result>,
): Promise<Result> {
  return await db.withClient(async (client) => {
    signal.throwIfAborted();
    await client.query('begin transaction isolation level repeatable read, read only');
    const { rows } = await client.query<{ pid: number }>(`select pg_backend_pid() as pid, ${SETTINGS}`);
    const pid = rows[0]?.pid;
    let cancelled: Promise<unknown> = Promise.resolve();
    const cancel = () => {
      // When the server cannot be asked, the transaction ends with its connection all the same.
      cancelled = db.query('select pg_cancel_backend($1)', [pid]).catch((error: unknown) => causeText(error));
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await work({
        query: async <Row>(text: string, values: unknown[] = []) => (await client.query(text, values)).rows as Row[],
      });
    } catch (error) {
      signal.throwIfAborted(); // what a cancelled statement says is the signal's doing
      throw error;
    } finally {
      signal.removeEventListener('abort', cancel);
      await cancelled;
      await client.query('rollback').catch(() => {}); // the connection is gone, and the transaction with it
    }
  });
}

/** A sort of narrow rows may spill to disk; compiling a query takes longer than it saves; nobody may end a long export but its owner. */
const SETTINGS = [
  ['jit', 'off'],
  ['work_mem', '64MB'],
  ['cursor_tuple_fraction', '1'],
  ['statement_timeout', '0'],
  ['idle_in_transaction_session_timeout', '0'],
]
  .map(([name, value]) => `set_config('${name}', '${value}', true)`)
  .join(', ');
