import type { FilterDefinition } from '../../core/rules/definition.ts';
import type { Queryable } from '../db.ts';

/** Active filter collections whose newest version names people without an id. */
export async function filtersWithUnknownPeople(
  db: Queryable,
): Promise<{ name: string; definition: FilterDefinition }[]> {
  return await db.query<{ name: string; definition: FilterDefinition }>(
    `select c.name, v.definition from collections c
        join lateral (select definition from filter_versions v where v.collection_id = c.collection_id
          order by version desc limit 1) v on true
      where c.kind = 'filter' and c.wanted = 'active'
        and jsonb_path_exists(v.definition, '$.people[*] ? (!exists(@.accountId))') order by c.name`,
  );
}
