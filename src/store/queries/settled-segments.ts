import type { Queryable } from '../db.ts';

/** Names of a node's segments of one hour that the loader needs no more: loaded, or sealed where nothing is to be loaded. */
export async function settledSegments(
  db: Queryable,
  { plan, node, hourMs }: { plan: string; node: string; hourMs: number },
): Promise<Set<string>> {
  const rows = await db.query<{ segment: string }>(
    `select s.segment from segments s join plans p using (plan) left join collections c using (collection_id)
      where s.plan = $1 and s.node = $2 and s.hour = $3 and (s.state = 'loaded' or (s.state = 'sealed' and c.keep = 'files'))`,
    [plan, node, new Date(hourMs).toISOString()],
  );
  return new Set(rows.map(({ segment }) => segment));
}
