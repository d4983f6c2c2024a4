import type { Queryable } from '../db.ts';

/** `rows`: how many of its frames the database holds, those in quarantine too. */
export type LoadedSegment = { plan: string; segment: string; hourMs: number; rows: number };

/** The segments of a node, also those of streams that it shares, that a collection has rows of or had when they were loaded; oldest first. */
export async function loadedSegments(
  db: Queryable,
  { collection, node }: { collection: string; node: string },
): Promise<LoadedSegment[]> {
  const rows = await db.query<{ plan: string; segment: string; hour: string; rows: string }>(
    `select s.plan, s.segment, s.hour, s.loaded + s.quarantined as rows from segments s
      where s.node = $2 and s.loaded + s.quarantined > 0
        and s.plan in (select p.plan from collection_plans p join collections c using (collection_id) where c.name = $1)
      order by s.hour, s.segment_id`,
    [collection, node],
  );
  return rows.map(({ plan, segment, hour, rows: held }) => ({
    plan,
    segment,
    hourMs: Date.parse(hour),
    rows: Number(held),
  }));
}
