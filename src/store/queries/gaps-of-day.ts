import type { Queryable } from '../db.ts';

/** Interruptions of a collection with missing time, and that time, since an instant. */
export type GapTotal = { collection: string; gaps: number; uncoveredMs: number };

/** Of every collection that missed something while it was meant to listen: gaps that ended after `since`. */
export async function gapTotalsSince(db: Queryable, since: string): Promise<GapTotal[]> {
  const rows = await db.query<{ name: string; gaps: string; uncovered_ms: string }>(
    `select c.name, count(*) as gaps, sum(g.uncovered_ms)::bigint as uncovered_ms
      from gaps g join collection_plans p on p.plan = g.plan and g.from_at < p.to_at and g.to_at > p.from_at
        join collections c using (collection_id)
      where g.to_at > $1 and g.uncovered_ms > 0 group by c.name`,
    [since],
  );
  return rows.map(({ name, gaps, uncovered_ms }) => ({
    ...{ collection: name, gaps: Number(gaps), uncoveredMs: Number(uncovered_ms) },
  }));
}
