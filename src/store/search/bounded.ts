/** Questions that may take long, but not longer: PostgreSQL gives up on them by itself. */
import type { Database, Queryable } from '../db.ts';
import { errorCode } from '../database-errors.ts';

/** A search that took longer than it may. */
export class SearchTooSlow extends Error {
  readonly seconds: number;

  constructor(seconds: number, cause: unknown) {
    super(`The search took longer than ${seconds} s.`, { cause });
    this.name = 'SearchTooSlow';
    this.seconds = seconds;
  }
}

const QUERY_CANCELED = '57014';

/**
 * One connection, of which each statement may take so long; they all see the same state. The planner may use the index of tokens or that of time, but never reads a whole
 * month in the order of the disk. Throws `SearchTooSlow`.
 */
export async function bounded<Result>(
  db: Pick<Database, 'transaction'>,
  seconds: number,
  work: (tx: Queryable) => Promise<Result>,
): Promise<Result> {
  try {
    return await db.transaction(async (tx) => {
      await tx.query(
        `select set_config('statement_timeout', $1, true), set_config('enable_seqscan', 'off', true), set_config('work_mem', '64MB', true),
          set_config('timezone', 'UTC', true)`,
        [String(Math.round(seconds * 1000))],
      );
      return await work(tx);
    });
  } catch (error) {
    if (errorCode(error) === QUERY_CANCELED) throw new SearchTooSlow(seconds, error);
    throw error;
  }
}
