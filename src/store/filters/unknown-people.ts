import type { FilterDefinition } from '../../core/rules/definition.ts';
import { ENVIRONMENT_LABEL } from '../credentials/credentials.ts';
import type { Queryable } from '../db.ts';

/** Active filter collections whose newest version names people without an id, and the credential that each is asked with. */
export async function filtersWithUnknownPeople(
  db: Queryable,
): Promise<{ name: string; credential: string; definition: FilterDefinition }[]> {
  return await db.query<{ name: string; credential: string; definition: FilterDefinition }>(
    `select c.name, coalesce(p.body->>'credential', $1) as credential, v.definition from collections c
        join plans p using (collection_id)
        join lateral (select definition from filter_versions v where v.collection_id = c.collection_id
          order by version desc limit 1) v on true
      where c.kind = 'filter' and c.wanted = 'active'
        and jsonb_path_exists(v.definition, '$.people[*] ? (!exists(@.accountId))') order by c.name`,
    [ENVIRONMENT_LABEL],
  );
}
