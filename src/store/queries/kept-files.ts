import type { Queryable } from '../db.ts';

/**
 * What lies in files of a collection. `day`: UTC, like 2026-11-22; `bytes`: of payload, unpacked. Newest first. A filter shares its stream: segments
 * and bytes are those of the stream, `posts` its own.
 */
export type SegmentDay = { day: string; segments: number; posts: number; bytes: number; nodes: string[] };

/** What there is of a collection, in numbers. `firstHour`, `lastHour`: ISO 8601 with Z, null without any. */
export type Kept = {
  observations: number;
  segments: number;
  bytes: number;
  datasets: number;
  nodes: string[];
  firstHour: string | null;
  lastHour: string | null;
};

/** The segments that may hold posts of a collection. */
const SEGMENTS_OF = `collection_plans p join segments s on s.plan = p.plan
  and s.hour + interval '1 hour' > p.from_at and s.hour < p.to_at`;

export async function segmentDays(
  db: Queryable,
  collectionId: number,
  { before, limit }: { before?: string; limit: number },
): Promise<SegmentDay[]> {
  const rows = await db.query<{ day: string; segments: string; posts: string; bytes: string; nodes: string[] }>(
    `select d.day::text, d.segments, d.bytes, d.nodes, case when $4 then (select count(*) from observations
          where collection_id = $1 and captured_at >= d.day::timestamp at time zone 'UTC'
            and captured_at < (d.day + 1)::timestamp at time zone 'UTC') else d.posts end as posts
      from (select (s.hour at time zone 'UTC')::date as day, count(distinct s.segment_id) as segments,
          coalesce(sum(case when c.keep = 'files' then coalesce(s.posts, s.frames) else s.loaded + s.quarantined end), 0)::bigint as posts,
          coalesce(sum(s.bytes), 0)::bigint as bytes, array_agg(distinct s.node order by s.node) as nodes
        from ${SEGMENTS_OF} join collections c using (collection_id)
        where p.collection_id = $1 and ($2::date is null or s.hour < ($2::date::timestamp at time zone 'UTC'))
        group by 1 order by 1 desc limit $3) d order by d.day desc`,
    [collectionId, before ?? null, limit, await isFilter(db, collectionId)],
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
        array_agg(distinct s.node) as nodes, min(s.hour) as first_hour, max(s.hour) as last_hour
      from ${SEGMENTS_OF} where p.collection_id = $1 and not p.is_shared`,
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

async function isFilter(db: Queryable, collectionId: number): Promise<boolean> {
  const rows = await db.query(`select from collections where collection_id = $1 and kind = 'filter'`, [collectionId]);
  return rows.length > 0;
}
