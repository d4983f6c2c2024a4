/** The tables of the sign-in library, on the connections that everything else uses. */
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Database } from '../db.ts';

/**
 * What better-auth's `database` wants. Disposing of it is not needed: the pool stays its owner's. Values arrive as the library expects them
 * (instants as `Date`), whatever the pool's own ways are.
 */
export function signInDatabase({ pool }: Database) {
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({
      pool: {
        async connect() {
          const client = await pool.connect();
          return {
            query: (text: string, values: readonly unknown[]) =>
              client.query({ text, values: [...values], types: pg.types }),
            release: () => client.release(),
          };
        },
        end: async () => {},
      } as never,
    }),
  });
  return { db, type: 'postgres', schemaName: 'auth', transaction: true } as const;
}
