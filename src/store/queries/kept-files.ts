import type { Queryable } from '../db.ts';

/** What a collection has in files. `day`: UTC, like 2026-11-22; `bytes`: of payload, unpacked. Newest first. */
export type SegmentDay = { day: string; segments: number; posts: number; bytes: number; nodes: string[] };

/** What is there of a collection, in numbers: to be said before it is deleted. `firstHour`, `lastHour`: ISO 8601 with Z, null without segments. */
export type Kept = {
  observations: number;
  segments: number;
  bytes: number;
  datasets: number;
  nodes: string[];
  firstHour: string | null;
  lastHour: string | null;
};

export async function segmentDays(
  db: Queryable,
  collectionId: number,
  { before, limit }: { before?: string; limit: number },
): Promise<SegmentDay[]> {
  const rows = await db.query<{ day: string; segments: string; posts: string; bytes: string; nodes: string[] }>(
    `select (s.hour at time zone 'UTC')::date::text as day, count(*) as segments,
        coalesce(sum(case when c.keep = 'files' then s.frames else s.loaded + s.quarantined end), 0)::bigint as posts,
        coalesce(sum(s.bytes), 0)::bigint as bytes, array_agg(distinct s.node order by s.node) as nodes
      from plans p join collections c using (collection_id) join segments s using (plan)
      where p.collection_id = $1 and ($2::date is null or s.hour < ($2::date::timestamp at time zone 'UTC'))
      group by 1 order by 1 desc limit $3`,
    [collectionId, before ?? null, limit],
  );
  return rows.map(({ day, segments, posts, bytes, nodes }) => ({
    ...{ day, segments: Number(segments), posts: Number(posts), bytes: Number(bytes), nodes },
  }));
}

export async function keptOfCollection(db: Queryable, collectionId: number): Promise<Kept> {
  const [row] = await db.query<{
    observations: string;
    segments: string;
    bytes: string;
    datasets: string;
    nodes: string[] | null;
    first_hour: string | null;
    last_hour: string | null;
  }>(
    `select (select count(*) from observations where collection_id = $1) as observations,
        (select count(*) from datasets where collection_id = $1 and superseded_at is null) as datasets,
        count(s.segment_id) as segments, coalesce(sum(s.bytes), 0)::bigint as bytes,
        array_agg(distinct s.node) filter (where s.node is not null) as nodes, min(s.hour) as first_hour, max(s.hour) as last_hour
      from plans p left join segments s using (plan) where p.collection_id = $1`,
    [collectionId],
  );
  return {
    observations: Number(row?.observations ?? 0),
    segments: Number(row?.segments ?? 0),
    bytes: Number(row?.bytes ?? 0),
    datasets: Number(row?.datasets ?? 0),
    nodes: row?.nodes ?? [],
    firstHour: row?.first_hour ?? null,
    lastHour: row?.last_hour ?? null,
  };
}
