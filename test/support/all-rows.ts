import type { Queryable } from '../../src/store/db.ts';

/** Every row of every table that loading fills, without the instant of loading. */
export async function allRows(db: Queryable) {
  const read = async (table: string, order: string) =>
    db.query(`select to_jsonb(t) - 'loaded_at' - 'payload' as row from ${table} t order by ${order}`);
  return {
    posts: await read('posts', 'post_id'),
    payloads: await db.query('select payload::text as payload from posts order by post_id'),
    observations: await read('observations', 'collection_id, captured_at, segment_id, content_offset'),
    accounts: await read('accounts', 'account_id'),
    quarantined: await read('quarantined_frames', 'segment_id, content_offset'),
    segments: await read('segments', 'segment_id'),
    totals: await db.query(
      'select plan, sum(loaded) as loaded, sum(quarantined) as quarantined, sum(control) as control from load_totals group by plan order by plan',
    ),
  };
}
