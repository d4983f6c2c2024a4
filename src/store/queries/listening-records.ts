/** What collections missed since they began: grows with the years, so that it is asked for less often than how they stand now. */
import type { Queryable } from '../db.ts';
import { HELD_BACK_COLUMN } from './held-back.ts';
import { heardColumns, type HeardRow } from './wanted-spans.ts';

/**
 * `gaps`: interruptions with time that stays uncovered, `uncoveredMs` all that time; `interruptions`: back-filled ones too. What the platform
 * does not show of the past (cause `horizon`) is no gap. `heldBack`: posts that fitted and were not delivered, by the platform's own count.
 */
export type ListeningRecord = Omit<HeardRow, 'silent_s'> & {
  gaps: number;
  uncoveredMs: number;
  interruptions: number;
  heldBack: number;
};

type Row = Omit<HeardRow, 'silent_s'> & {
  name: string;
  gaps: string;
  uncovered_ms: string;
  interruptions: string;
  held_back: string;
};

/** By collection; of all, or of one. Reads every gap that there is. */
export async function listeningRecords(db: Queryable, only?: string): Promise<ReadonlyMap<string, ListeningRecord>> {
  const rows = await db.query<Row>(
    `select c.name, g.gaps, g.uncovered_ms, g.interruptions, ${HELD_BACK_COLUMN},
        ${heardColumns({ from: "'-infinity'::timestamptz", to: "'infinity'::timestamptz" })}
      from collections c cross join lateral (
        select count(*) as interruptions, count(*) filter (where uncovered_ms > 0 and cause <> 'horizon') as gaps,
          coalesce(sum(uncovered_ms) filter (where cause <> 'horizon'), 0)::bigint as uncovered_ms
        from (select distinct on (g.gap_id) g.uncovered_ms, g.cause from collection_plans p
          join gaps g on g.plan = p.plan and g.from_at < p.to_at and g.to_at > p.from_at
          where p.collection_id = c.collection_id) own) g
      where $1::text is null or c.name = $1`,
    [only ?? null],
  );
  return new Map(
    rows.map(({ name, gaps, uncovered_ms, interruptions, held_back, ...heard }) => [
      name,
      {
        ...heard,
        gaps: Number(gaps),
        uncoveredMs: Number(uncovered_ms),
        interruptions: Number(interruptions),
        heldBack: Number(held_back),
      },
    ]),
  );
}
