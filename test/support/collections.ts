/** A server whose callers are who a test says, with collections that have something in them. */
import { join } from 'node:path';
import type { CallerSource, Caller } from '../../src/server/caller.ts';
import type { Database } from '../../src/store/db.ts';
import { rightTo, visibleCollections } from '../../src/store/users/collection-rights.ts';
import { loadAll } from './loader.ts';
import { type LineWish, sampleLine, snowflakeAt } from './sample-posts.ts';
import { writeSealedSegment } from './write-segment.ts';

/** People with rights as they are in the database: `who()` says who calls just now. */
export function callersOf(db: () => Database, who: () => Caller): CallerSource {
  return {
    callerOf: async () => who(),
    accessTo: async ({ role, user }, name) => {
      const right = await rightTo(db(), user?.userId ?? '', name);
      if (right === undefined) return 'none';
      return role === 'administrator' ? 'own' : right;
    },
    sightOf: async ({ role, user }) =>
      role === 'administrator' ? 'all' : visibleCollections(db(), user?.userId ?? ''),
  };
}

export async function addUser(db: Database, userId: string, name: string): Promise<void> {
  await db.query(
    `insert into auth."user" (id, name, email, "emailVerified", "updatedAt", role, active)
      values ($1, $2, $1 || '@example.org', true, now(), 'collector', true)`,
    [userId, name],
  );
}

let sequence = 0;

/** Lets posts arrive as capture and loader would have it: in a sealed segment, then in the database. */
export async function arrive(
  { db, home }: { db: Database; home: string },
  plan: string,
  posts: readonly (Partial<LineWish> & { text: string })[],
  atMs: number,
): Promise<void> {
  const segmentsFolder = join(home, 'segments');
  await writeSealedSegment({
    ...{ segmentsFolder, plan, node: 'n1', openedAtMs: atMs, sequence: ++sequence },
    frames: posts.map((post, index) => ({
      payload: sampleLine({ id: snowflakeAt(atMs + index, ++sequence), atMs: atMs + index, account: 1, ...post }),
      atMs: atMs + index,
    })),
  });
  await loadAll({ db, segmentsFolder });
}
