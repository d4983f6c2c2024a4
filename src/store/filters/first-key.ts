/** Filters that were made before there was any key. */
import { MistnetError } from '../../core/errors.ts';
import { ENVIRONMENT_LABEL } from '../credentials/credentials.ts';
import type { Database } from '../db.ts';
import { setCredential } from '../queries/set-credential.ts';
import { usualFilterCredential } from './filter-collections.ts';

/**
 * Nobody could name a key for them, so they wait for the token of the environment; where there is none, and their stream was never asked for, they
 * take what a new one would take now. Answers which took which.
 */
export async function takeFirstKey(db: Database): Promise<{ collection: string; credential: string }[]> {
  const waiting = await db.query<{ name: string; api: 'v2' | 'v1.1'; owner: string | null }>(
    `select c.name, c.api, u.email as owner
      from collections c join plans p using (collection_id) left join auth."user" u on u.id = c.owner_id
      where c.kind = 'filter' and p.body->>'credential' = $1
        and not exists (select from filter_streams f where f.credential = $1 and f.synced_revision > 0)
      order by c.name`,
    [ENVIRONMENT_LABEL],
  );
  const taken: { collection: string; credential: string }[] = [];
  for (const { name, api, owner } of waiting) {
    const credential = await usualFilterCredential(db, { api, hasEnvironmentToken: false, owner: owner ?? '' });
    if (credential === undefined) continue;
    try {
      await setCredential(db, name, credential);
      taken.push({ collection: name, credential });
    } catch (error) {
      if (!(error instanceof MistnetError)) throw error; // another stream has the key: a person chooses
    }
  }
  return taken;
}
