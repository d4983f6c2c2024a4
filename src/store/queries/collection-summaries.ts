import type { FilterDefinition } from '../../core/rules/definition.ts';
import { plainWords } from '../../core/rules/plain-words.ts';
import type { Queryable } from '../db.ts';
import { FOLLOWED_BY } from '../timelines/timeline-collections.ts';
import { type Collection, type CollectionRow, toCollection } from './collection.ts';

/**
 * A collection with what a list shows of it. `credential`: the label that it is to be asked with, null: any. `seeds`, `accounts`: of timelines, its
 * seeds and how many active accounts it follows now. `schedule`: as its plan has it, null: as each author posts.
 */
export type CollectionSummary = Collection & {
  credential: string | null;
  schedule: unknown;
  seeds: number;
  accounts: number;
  /** Of filters: what it asks for, in sentences. */
  filterWords: string[];
};

type Row = CollectionRow & {
  credential: string | null;
  schedule: unknown;
  seeds: string;
  accounts: string;
  definition: FilterDefinition | null;
};

/** All collections by name, or one of them; stopped ones are there, too. */
export async function collectionSummaries(db: Queryable, only?: string): Promise<CollectionSummary[]> {
  const rows = await db.query<Row>(
    `select c.collection_id, c.name, c.kind, c.platform, c.api, c.keep, c.zone, c.wanted, c.created_at,
        (select v.definition from filter_versions v where v.collection_id = c.collection_id order by v.version desc limit 1) as definition,
        b.body->>'credential' as credential, b.body->'schedule' as schedule,
        (select count(*) from collection_seeds s where s.collection_id = c.collection_id and s.removed_at is null) as seeds,
        case when c.kind <> 'timeline' then 0
          else (select count(*) from followed_accounts f where f.platform = c.platform and f.active and ${FOLLOWED_BY}) end as accounts
      from collections c left join lateral (select body from plans p where p.collection_id = c.collection_id order by plan limit 1) b on true
      where $1::text is null or c.name = $1 order by c.name`,
    [only ?? null],
  );
  return rows.map(({ credential, schedule, seeds, accounts, definition, ...row }) => ({
    ...toCollection(row),
    ...{ credential, schedule: schedule ?? null, seeds: Number(seeds), accounts: Number(accounts) },
    filterWords: definition === null ? [] : plainWords(definition, row.api === 'v1.1' ? 'v1.1' : 'v2'),
  }));
}
