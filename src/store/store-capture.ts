/** Brings what capture says into the database: the worker calls these a few times a second with what it read from the disk. */
import type { Gap } from '../capture/gap.ts';
import type { CaptureStatus } from '../capture/status.ts';
import type { Queryable } from './db.ts';
import { keepableText } from './load/keepable-text.ts';

/**
 * Stores the newest status of each plan and node; of plans that the database does not know nothing is kept. A status that
 * was stored before changes nothing, so that one which capture has stopped writing grows old.
 */
export async function storeCaptureStatus(db: Queryable, statuses: CaptureStatus[]): Promise<void> {
  if (statuses.length === 0) return;
  await db.query(
    `insert into plan_status as s (plan, node, status, observed_at, stored_at)
      select g.plan, g.node, g.status, g.observed_at, now()
        from unnest($1::text[], $2::text[], $3::jsonb[], $4::timestamptz[]) as g (plan, node, status, observed_at)
          join plans using (plan)
      on conflict (plan, node) do update set status = excluded.status, observed_at = excluded.observed_at,
        stored_at = excluded.stored_at
      where s.observed_at <> excluded.observed_at`,
    [
      statuses.map(({ plan }) => plan),
      statuses.map(({ node }) => node),
      statuses.map((status) => JSON.stringify(keepable(status))),
      statuses.map(({ observedAt }) => observedAt),
    ],
  );
}

/**
 * Stores gaps; one that is there already is replaced only by news of the same (it may have been back-filled since); what another node
 * says of it counts only when less is missing by that, in whatever order the nodes tell.
 */
export async function storeGaps(db: Queryable, gaps: Gap[]): Promise<void> {
  if (gaps.length === 0) return;
  const latest = [...new Map(gaps.map((gap) => [gap.gapId, gap])).values()];
  await db.query(
    `insert into gaps as o (gap_id, plan, node, from_at, to_at, cause, evidence, backfilled_from, uncovered_ms)
      select g.* from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[],
          $8::timestamptz[], $9::bigint[])
          as g (gap_id, plan, node, from_at, to_at, cause, evidence, backfilled_from, uncovered_ms)
        join plans p on p.plan = g.plan
      on conflict (gap_id) do update set node = excluded.node, to_at = excluded.to_at, cause = excluded.cause, evidence = excluded.evidence,
        backfilled_from = excluded.backfilled_from, uncovered_ms = excluded.uncovered_ms
      where (o.to_at, o.cause, o.evidence, o.backfilled_from, o.uncovered_ms) is distinct from
        (excluded.to_at, excluded.cause, excluded.evidence, excluded.backfilled_from, excluded.uncovered_ms)
        and (o.node = excluded.node or excluded.uncovered_ms < o.uncovered_ms)`,
    [
      latest.map(({ gapId }) => gapId),
      latest.map(({ plan }) => plan),
      latest.map(({ node }) => node),
      latest.map(({ from }) => from),
      latest.map(({ to }) => to),
      latest.map(({ cause }) => cause),
      latest.map(({ evidence }) => keepableText(evidence, 'evidence', [])),
      latest.map(({ backfilledFrom }) => backfilledFrom ?? null),
      latest.map(({ uncoveredMs }) => uncoveredMs),
    ],
  );
}

/** A reason may quote what a platform said. */
function keepable(status: CaptureStatus): CaptureStatus {
  const reason = keepableText(status.reason, 'reason', []);
  return reason === undefined ? status : { ...status, reason };
}
