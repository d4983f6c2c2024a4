import type { Gap } from '../../capture/gap.ts';
import type { Queryable } from '../db.ts';

type Row = {
  gap_id: string;
  plan: string;
  node: string;
  from_at: string;
  to_at: string;
  cause: Gap['cause'];
  evidence: string;
  backfilled_from: string | null;
  uncovered_ms: string;
};

/** A page goes on after this gap. */
export type GapCursor = { from: string; gapId: string };

/**
 * A collection's gaps, newest first, back-filled ones included (their `uncoveredMs` is 0). `within`: only those that overlap an
 * interval, start inclusive, end exclusive.
 */
export async function gapsOfCollection(
  db: Queryable,
  collectionId: number,
  options: { before?: GapCursor; limit?: number; within?: { from: string; to: string } } = {},
): Promise<Gap[]> {
  const { before, limit = 100, within } = options;
  const rows = await db.query<Row>(
    `select gap_id, plan, node, from_at, to_at, cause, evidence, backfilled_from, uncovered_ms
      from gaps
      where exists (select from collection_plans p where p.collection_id = $1 and p.plan = gaps.plan
          and gaps.from_at < p.to_at and gaps.to_at > p.from_at)
        and ($2::timestamptz is null or (from_at, gap_id) < ($2, $3 collate "C"))
        and ($4::timestamptz is null or (from_at < $5::timestamptz and to_at > $4))
      order by from_at desc, gap_id desc limit $6`,
    [collectionId, before?.from ?? null, before?.gapId ?? null, within?.from ?? null, within?.to ?? null, limit],
  );
  return rows.map((row) => ({
    gapId: row.gap_id,
    plan: row.plan,
    node: row.node,
    from: row.from_at,
    to: row.to_at,
    cause: row.cause,
    evidence: row.evidence,
    ...(row.backfilled_from === null ? {} : { backfilledFrom: row.backfilled_from }),
    uncoveredMs: Number(row.uncovered_ms),
  }));
}
