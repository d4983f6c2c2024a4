import type { UtcHour } from '../../core/time.ts';
import { utcHourToMs } from '../../core/time.ts';
import type { Queryable } from '../db.ts';

/** How many segments of an hour are in which state, and what they hold by their manifests (open ones count nothing there). */
export type HourSegments = { open: number; sealed: number; frames: number; bytes: number };

/**
 * The segments of a collection's hour as the ledger of one node knows them; loaded ones count as sealed. The hour is ready for
 * its final dataset when none is open.
 */
export async function segmentsOfHour(
  db: Queryable,
  { collectionId, node, hour }: { collectionId: number; node: string; hour: UtcHour },
): Promise<HourSegments> {
  const rows = await db.query<{ open: string; sealed: string; frames: string; bytes: string }>(
    `select count(*) filter (where s.state = 'open') as open, count(*) filter (where s.state <> 'open') as sealed,
        coalesce(sum(s.frames), 0)::bigint as frames, coalesce(sum(s.bytes), 0)::bigint as bytes
      from segments s join plans p using (plan) where p.collection_id = $1 and s.node = $2 and s.hour = $3`,
    [collectionId, node, new Date(utcHourToMs(hour)).toISOString()],
  );
  const { open = '0', sealed = '0', frames = '0', bytes = '0' } = rows[0] ?? {};
  return { open: Number(open), sealed: Number(sealed), frames: Number(frames), bytes: Number(bytes) };
}
