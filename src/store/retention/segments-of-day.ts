import type { Queryable } from '../db.ts';

/** A segment whose rows are to go; `bytes` of content by its manifest, absent while the ledger knows it as open. */
export type SegmentOfDay = {
  segmentId: string;
  collectionId: number;
  plan: string;
  node: string;
  segment: string;
  hourMs: number;
  bytes?: number;
};

/** The segments of all nodes that collections captured on a UTC day; one of a shared stream comes once for each collection that was ever on it. */
export async function segmentsOfDay(
  db: Queryable,
  { day, collectionIds }: { day: string; collectionIds: number[] },
): Promise<SegmentOfDay[]> {
  const rows = await db.query<{
    segment_id: string;
    collection_id: number;
    plan: string;
    node: string;
    segment: string;
    hour: string;
    bytes: string | null;
  }>(
    `select s.segment_id, p.collection_id, s.plan, s.node, s.segment, s.hour, s.bytes from segments s join (select distinct collection_id, plan from collection_plans) p using (plan)
      where p.collection_id = any($2) and s.hour >= $1::timestamptz and s.hour < $1::timestamptz + interval '24 hours'
      order by s.plan, s.hour, s.segment_id`,
    [`${day}T00:00:00Z`, collectionIds],
  );
  return rows.map(({ segment_id, collection_id, plan, node, segment, hour, bytes }) => ({
    ...{ segmentId: segment_id, collectionId: collection_id, plan, node, segment, hourMs: Date.parse(hour) },
    ...(bytes === null ? {} : { bytes: Number(bytes) }),
  }));
}

/** Notes which segments were found whole just now, and that others were not. */
export async function markVerified(db: Queryable, found: { whole: string[]; lacking: string[] }): Promise<void> {
  await db.query(
    `update segments set verified_at = case when segment_id = any($1::bigint[]) then now() end
      where segment_id = any($1::bigint[]) or segment_id = any($2::bigint[])`,
    [found.whole, found.lacking],
  );
}

/** Those of the segments that a node found whole within the last two days: each node looks at its own. */
export async function verifiedOf(db: Queryable, segmentIds: string[]): Promise<string[]> {
  const rows = await db.query<{ segment_id: string }>(
    "select segment_id from segments where segment_id = any($1::bigint[]) and verified_at > now() - interval '2 days'",
    [segmentIds],
  );
  return rows.map(({ segment_id }) => segment_id);
}
