/** What the loader says to the index of posts: that rows of a segment were written, and no more, for loading must stay as fast as it is. */
import type { Queryable } from '../db.ts';

/** Rows of observations: content between two offsets of a segment, captured between two instants, ends included. */
export type LoadedRows = {
  segmentId: number;
  start: number;
  end: number;
  firstCapturedMs: number;
  lastCapturedMs: number;
};

/** To be called in the transaction that writes the rows. */
export async function noteLoaded(tx: Queryable, rows: LoadedRows): Promise<void> {
  await tx.query(
    'insert into search_backlog (segment_id, from_offset, to_offset, captured_from, captured_to) values ($1, $2, $3, $4, $5)',
    [
      ...[rows.segmentId, rows.start, rows.end],
      ...[new Date(rows.firstCapturedMs).toISOString(), new Date(rows.lastCapturedMs).toISOString()],
    ],
  );
}
