import type { Database } from '../db.ts';
import { COLLECTIONS_CHANNEL } from '../listen.ts';
import { findCollection } from './find-collection.ts';

/**
 * Notes when the timelines of a collection are to be read. Those that wait are then due `afterMs` after their last reading, or `at` an instant; without
 * either when they were. Nothing is read, and paid for, only because the schedule was changed. Throws `collection.unknown`.
 */
export async function setSchedule(
  db: Pick<Database, 'transaction'>,
  name: string,
  schedule: object,
  { afterMs, at }: { afterMs?: number; at?: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const { collectionId } = await findCollection(tx, name);
    await tx.query(
      `update plans set revision = revision + 1, body = body || jsonb_build_object('schedule', $2::jsonb) where collection_id = $1`,
      [collectionId, JSON.stringify(schedule)],
    );
    await tx.query(
      `update timelines set due_at = coalesce($2::timestamptz, swept_at + $3::bigint * interval '1 millisecond', due_at)
        where collection_id = $1 and swept_at is not null`,
      [collectionId, at ?? null, afterMs ?? null],
    );
    await tx.query('select pg_notify($1, $2)', [COLLECTIONS_CHANNEL, name]);
  });
}
