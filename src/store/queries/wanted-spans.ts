/** When collections were meant to collect, and how much of that time they heard. */
import type { Queryable } from '../db.ts';
import type { Wanted } from './collection.ts';

/** Notes that a collection is meant to collect from now on, or is not any more. Call it in the transaction that changes the wish. */
export async function noteWanted(tx: Queryable, collectionId: number, wanted: Wanted): Promise<void> {
  if (wanted === 'active')
    await tx.query(
      `insert into wanted_spans (collection_id, from_at) select $1, clock_timestamp()
        where not exists (select from wanted_spans where collection_id = $1 and to_at is null)`,
      [collectionId],
    );
  else
    await tx.query(
      'update wanted_spans set to_at = greatest(from_at, clock_timestamp()) where collection_id = $1 and to_at is null',
      [collectionId],
    );
}

/** Seconds without a word from a node after which nothing is known of its streams. */
const FRESH_S = 10;

/**
 * Two columns of a query over `collections c`: `wanted_s`, the time within [from, to) in which it was meant to listen (null for kinds that do
 * not), and `missed_s`, how much of that lies in gaps that no back-fill closed. `from` and `to` are SQL of the type timestamptz.
 */
export function heardColumns({ from, to }: { from: string; to: string }): string {
  return `(select sum(extract(epoch from least(coalesce(w.to_at, now()), now(), ${to}) - greatest(w.from_at, ${from})))
        from wanted_spans w where w.collection_id = c.collection_id and c.kind in ('sample', 'filter')
          and w.from_at < least(now(), ${to}) and coalesce(w.to_at, now()) > ${from}) as wanted_s,
      (select coalesce(sum(extract(epoch from missed.until - missed.since)), 0)
        from collection_plans p join gaps g on g.plan = p.plan join wanted_spans w on w.collection_id = c.collection_id
          cross join lateral (select greatest(g.from_at, p.from_at, w.from_at, ${from}) as since,
            least(g.from_at + g.uncovered_ms * interval '1 millisecond', p.to_at, coalesce(w.to_at, now()), ${to}) as until) missed
        where p.collection_id = c.collection_id and g.uncovered_ms > 0 and missed.since < missed.until) as missed_s`;
}

/** The column `silent_s`: how long nothing has been heard until now, of what is wanted and not connected by the word of nodes that speak. */
export function silentColumn({ from }: { from: string }): string {
  return `(select case when bool_or(s.status->>'state' = 'connected') is not false then 0 else greatest(0, extract(epoch from
          now() - greatest(max((s.status->>'lastByteAt')::timestamptz), max(w.from_at), ${from}))) end
        from plan_status s join collection_plans p on p.plan = s.plan and p.collection_id = c.collection_id and p.to_at = 'infinity'
          join wanted_spans w on w.collection_id = c.collection_id and w.to_at is null
        where s.stored_at > now() - interval '${FRESH_S} s') as silent_s`;
}

export type HeardRow = { wanted_s: string | null; missed_s: string; silent_s: string };

/**
 * How much of the time was heard, in percent with two decimals, cut and not rounded: what lacks anything is never said to be whole. Null
 * where there was nothing to hear.
 */
export function heardPercent({ wanted_s, missed_s, silent_s }: HeardRow): number | null {
  const wanted = Number(wanted_s ?? 0);
  if (wanted <= 0) return null;
  const missed = Number(missed_s) + Number(silent_s);
  return Math.min(100, Math.max(0, Math.floor((1 - missed / wanted) * 10_000) / 100));
}

/** Of each collection that listens, by its name: how much of [from, to) was heard; without `to` up to now. */
export async function heardWithin(
  db: Queryable,
  { from, to }: { from: string; to?: string },
): Promise<{ collection: string; percent: number | null }[]> {
  const since = '$1::timestamptz';
  const rows = await db.query<HeardRow & { name: string }>(
    `select c.name, ${heardColumns({ from: since, to: '$2::timestamptz' })},
        ${to === undefined ? silentColumn({ from: since }) : '0 as silent_s'}
      from collections c where c.kind in ('sample', 'filter')`,
    [from, to ?? 'infinity'],
  );
  return rows.map((row) => ({ collection: row.name, percent: heardPercent(row) }));
}
