/** Which streams one credential may hold side by side. What runs with any credential that will do is never in the way: it takes another one. */
import { MistnetError } from '../../core/errors.ts';
import type { FilterApi } from '../../core/rules/compile.ts';
import type { Queryable } from '../db.ts';

/** Sold with more than one connection; all others have one for an app, and v1.1 has one for an account. */
const LEVELS_WITH_ROOM = ['academic', 'enterprise'];

type Use = { credential: string; api: FilterApi };

/** Before a filter begins to use a credential. Throws `filter.refused` where an active sample collection names it as well and the platform has no room for both. */
export async function refuseSampled(tx: Queryable, { credential, api }: Use): Promise<void> {
  const hasRoom = await holdCredential(tx, credential);
  const [sample] = await tx.query<{ name: string }>(
    `select c.name from collections c join plans p using (collection_id)
      where c.kind = 'sample' and c.wanted = 'active' and p.body->>'credential' = $1
        and not ($2 and $3 = 'v2' and c.api = 'v2') order by c.name limit 1`,
    [credential, hasRoom, api],
  );
  if (sample !== undefined)
    throw new MistnetError(
      'filter.refused',
      `Streamsample is also configured to authenticate as "${credential}" (collection "${sample.name}"). Stop it, or give this collection another credential.`,
    );
}

/** Before a sample collection begins to use a credential. Throws `collection.invalid` where a filter is active with it and the platform has no room for both. */
export async function refuseFiltered(tx: Queryable, { credential, api }: Use): Promise<void> {
  const hasRoom = await holdCredential(tx, credential);
  const [filter] = await tx.query<{ name: string }>(
    `select c.name from filter_members m join filter_streams f using (plan) join collections c using (collection_id)
      where f.credential = $1 and m.to_at is null and not ($2 and $3 = 'v2' and f.api = 'v2') order by c.name limit 1`,
    [credential, hasRoom, api],
  );
  if (filter !== undefined)
    throw new MistnetError(
      'collection.invalid',
      `Filter ${filter.name} is active and is configured to authenticate as "${credential}". Stop it, or give this collection another credential.`,
    );
}

/** Nobody else begins to use it until the transaction ends. Answers whether what was bought with it has room for streams of two kinds on v2. */
async function holdCredential(tx: Queryable, credential: string): Promise<boolean> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`mistnet stream credential ${credential}`]);
  const [row] = await tx.query<{ level: string | null }>('select level from credentials where label = $1', [
    credential,
  ]);
  return LEVELS_WITH_ROOM.includes(row?.level ?? '');
}
