import type { Database } from '../db.ts';

/** Any fixed number that nobody else locks: "hydr". */
const CLASS = 0x68796472;

/** Runs the work as the only one who works on this list, which a process that is killed loses with its connection; undefined when another has it. */
export async function asOnlyHydrator<Result>(
  db: Database,
  hydrationId: number,
  work: () => Promise<Result>,
): Promise<{ result: Result } | undefined> {
  return await db.withClient(async (client) => {
    const key = [CLASS, hydrationId];
    const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, $2) as got', key);
    if (rows[0]?.got !== true) return undefined;
    try {
      return { result: await work() };
    } finally {
      await client.query('select pg_advisory_unlock($1, $2)', key).catch(() => {}); // gone with its connection
    }
  });
}
