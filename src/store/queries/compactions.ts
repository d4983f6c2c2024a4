/** What nodes put together and what they could not. The files and their manifests are the truth; this is how people see it from anywhere. */
import type { Queryable } from '../db.ts';

/** A compacted file. `segmentsBytes`: what the packed files of its segments took; `compressedBytes`: what it takes. */
export type CompactedRecord = {
  plan: string;
  node: string;
  file: string;
  hour: string;
  segments: number;
  bytes: number;
  segmentsBytes: number;
  compressedBytes: number;
  compactedAt: string;
};

export type CompactionTrouble = { node: string; hour: string; segment: string; reason: string; noticedAt: string };

/** All of a collection that was put together: `hours` counts the hours of nodes. `lastAt`: when it was done last. */
export type Compaction = {
  collection: string;
  hours: number;
  segments: number;
  bytes: number;
  segmentsBytes: number;
  compressedBytes: number;
  lastAt: string | null;
  troubles: CompactionTrouble[];
};

/** Of troubles so many are shown, newest hour first. */
const SHOWN_TROUBLES = 100;

export async function recordCompaction(db: Queryable, record: CompactedRecord): Promise<void> {
  const { plan, node, file, hour, segments, bytes, segmentsBytes, compressedBytes, compactedAt } = record;
  await db.query(
    `insert into compactions (plan, node, file, hour, segments, bytes, segments_bytes, compressed_bytes, compacted_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
    [plan, node, file, hour, segments, bytes, segmentsBytes, compressedBytes, compactedAt],
  );
}

/** What is known of a node's plan, if it is one: names of its compacted files, and the hours that gave trouble (ms). */
export async function knownCompactions(
  db: Queryable,
  { plan, node }: { plan: string; node: string },
): Promise<{ isPlan: boolean; files: Set<string>; troubledHoursMs: Set<number> }> {
  const plans = await db.query('select from plans where plan = $1', [plan]);
  const files = await db.query<{ file: string }>('select file from compactions where plan = $1 and node = $2', [
    plan,
    node,
  ]);
  const hours = await db.query<{ hour: string }>(
    'select distinct hour from compaction_troubles where plan = $1 and node = $2',
    [plan, node],
  );
  return {
    isPlan: plans.length > 0,
    files: new Set(files.map(({ file }) => file)),
    troubledHoursMs: new Set(hours.map(({ hour }) => Date.parse(hour))),
  };
}

/** What an hour's troubles are now; those of before are forgotten. */
export async function setCompactionTroubles(
  db: Queryable,
  { plan, node, hour }: { plan: string; node: string; hour: string },
  troubles: { segment: string; reason: string }[],
  noticedAt: string,
): Promise<void> {
  await db.query(
    `with gone as (
        delete from compaction_troubles where plan = $1 and node = $2 and hour = $3 and segment <> all($4::text[]))
      insert into compaction_troubles (plan, node, hour, segment, reason, noticed_at)
        select $1, $2, $3, *, $6 from unnest($4::text[], $5::text[])
      on conflict (plan, node, hour, segment) do update set reason = excluded.reason`,
    [plan, node, hour, troubles.map(({ segment }) => segment), troubles.map(({ reason }) => reason), noticedAt],
  );
}

/** Of all collections by name, or of one. */
export async function compactionsOfCollections(db: Queryable, only?: string): Promise<Compaction[]> {
  const rows = await db.query<Row>(
    `select c.name as collection, done.*,
        (select coalesce(jsonb_agg(jsonb_build_object('node', t.node, 'hour', t.hour, 'segment', t.segment,
              'reason', t.reason, 'noticedAt', t.noticed_at) order by t.hour desc, t.segment), '[]')
          from (select t.* from compaction_troubles t join (select distinct collection_id, plan from collection_plans) p using (plan) where p.collection_id = c.collection_id
            order by t.hour desc, t.segment limit ${SHOWN_TROUBLES}) t) as troubles
      from collections c cross join lateral (
          select count(distinct (f.node, f.hour)) as hours, coalesce(sum(f.segments), 0)::bigint as segments,
            coalesce(sum(f.bytes), 0)::bigint as bytes, coalesce(sum(f.segments_bytes), 0)::bigint as segments_bytes,
            coalesce(sum(f.compressed_bytes), 0)::bigint as compressed_bytes, max(f.compacted_at) as last_at
          from compactions f join (select distinct collection_id, plan from collection_plans) p using (plan) where p.collection_id = c.collection_id) done
      where $1::text is null or c.name = $1 order by c.name`,
    [only ?? null],
  );
  return rows.map((row) => ({
    collection: row.collection,
    hours: Number(row.hours),
    segments: Number(row.segments),
    bytes: Number(row.bytes),
    segmentsBytes: Number(row.segments_bytes),
    compressedBytes: Number(row.compressed_bytes),
    lastAt: row.last_at,
    troubles: row.troubles.map(({ hour, noticedAt, ...trouble }) => ({
      ...trouble,
      hour: new Date(hour).toISOString(),
      noticedAt: new Date(noticedAt).toISOString(),
    })),
  }));
}

type Row = {
  collection: string;
  hours: string;
  segments: string;
  bytes: string;
  segments_bytes: string;
  compressed_bytes: string;
  last_at: string | null;
  troubles: CompactionTrouble[];
};
