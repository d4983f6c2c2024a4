import type { Queryable } from '../db.ts';

/** Interruptions of a collection with missing time, and that time, since an instant. */
export type GapTotal = { collection: string; gaps: number; uncoveredMs: number };

/** Of every collection that missed something: gaps that ended after `since`. */
export async function gapTotalsSince(db: Queryable, since: string): Promise<GapTotal[]> {
  const rows = await db.query<{ name: string; gaps: string; uncovered_ms: string }>(
    `select c.name, count(*) as gaps, sum(g.uncovered_ms)::bigint as uncovered_ms
      from gaps g join plans p using (plan) join collections c using (collection_id)
      where g.to_at > $1 and g.uncovered_ms > 0 group by c.name`,
    [since],
  );
  return rows.map(({ name, gaps, uncovered_ms }) => ({
    collection: name,
    gaps: Number(gaps),
    uncoveredMs: Number(uncovered_ms),
  }));
}
