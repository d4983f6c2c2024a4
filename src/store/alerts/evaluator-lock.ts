/** Who looks at the facts and sends: one worker at a time in the whole installation. */
import type { Database } from '../db.ts';

/** Any fixed number that nobody else locks: "mist" and "alrt". */
const LOCK = [0x6d697374, 0x616c7274];

/** Runs the work with the lock in hand, which a process that is killed loses with its connection; false when another has it. */
export async function asOnlyEvaluator(db: Database, work: () => Promise<void>): Promise<boolean> {
  return await db.withClient(async (client) => {
    const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, $2) as got', LOCK);
    if (rows[0]?.got !== true) return false;
    try {
      await work();
      return true;
    } finally {
      await client.query('select pg_advisory_unlock($1, $2)', LOCK).catch(() => {}); // gone with its connection
    }
  });
}
