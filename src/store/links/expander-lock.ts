/** Who follows links: one at a time in the whole installation, for manners towards hosts cannot be kept by two who do not know of each other. */
import type { Database } from '../db.ts';

/** Any fixed number that nobody else locks: "mist" and "link". */
const LOCK = [0x6d697374, 0x6c696e6b];

/** Runs the work with the lock in hand, which a process that is killed loses with its connection; undefined when another has it. */
export async function asOnlyExpander<Result>(
  db: Database,
  work: () => Promise<Result>,
): Promise<{ result: Result } | undefined> {
  return await db.withClient(async (client) => {
    const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, $2) as got', LOCK);
    if (rows[0]?.got !== true) return undefined;
    try {
      return { result: await work() };
    } finally {
      await client.query('select pg_advisory_unlock($1, $2)', LOCK).catch(() => {}); // gone with its connection
    }
  });
}
