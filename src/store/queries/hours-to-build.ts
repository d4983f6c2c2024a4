import { type Clock, HOUR_MS, type UtcHour, msToUtcHour } from '../../core/time.ts';
import type { Queryable } from '../db.ts';

/** `missing`: never built; `partial`: built before it was finished; `late`: segments came after the build. */
export type HourToBuild = {
  collectionId: number;
  collection: string;
  zone: string;
  hour: UtcHour;
  why: 'missing' | 'partial' | 'late';
};

/** An hour is finished this long after its end: what was missed at its end may still be back-filled until then. */
export const FINISHED_AFTER_MS = 6 * 60_000;

/**
 * Hours that are finished, whose segments on this node are all sealed, and whose current dataset is missing or outdated; oldest
 * first. `since` bounds how far back it looks (the first instant of an hour).
 */
export async function hoursToBuild(
  db: Queryable,
  { node, clock, since }: { node: string; clock: Clock; since: string },
): Promise<HourToBuild[]> {
  const newestStart = new Date(clock.now() - FINISHED_AFTER_MS - HOUR_MS).toISOString();
  const rows = await db.query<{
    collection_id: number;
    name: string;
    zone: string;
    hour: string;
    why: HourToBuild['why'];
  }>(
    `with hours as (
        select p.collection_id, s.hour, max(s.sealed_at) as sealed_at
          from segments s join collection_plans p
            on p.plan = s.plan and s.hour < p.to_at and s.hour + interval '1 hour' > p.from_at
          where s.node = $1 and s.hour >= $2 and s.hour <= $3
          group by p.collection_id, s.hour
          having count(*) filter (where s.state = 'open') = 0 and sum(s.frames) > 0
      )
      select h.collection_id, c.name, c.zone, h.hour,
          case when d.dataset_id is null then 'missing' when d.partial then 'partial' else 'late' end as why
        from hours h join collections c using (collection_id)
          left join datasets d on d.collection_id = h.collection_id and d.hour = h.hour and d.superseded_at is null
        where c.kind in ('sample', 'filter') and (d.dataset_id is null or d.partial or h.sealed_at > d.built_at)
        order by h.hour, c.name`,
    [node, since, newestStart],
  );
  return rows.map((row) => ({
    collectionId: row.collection_id,
    collection: row.name,
    zone: row.zone,
    hour: msToUtcHour(Date.parse(row.hour)),
    why: row.why,
  }));
}
