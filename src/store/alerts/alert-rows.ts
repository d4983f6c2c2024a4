/** Alerts as rows: what is current, what was, and what people said of it. */
import type { Queryable } from '../db.ts';

export type AlertState = 'open' | 'acknowledged' | 'resolved' | 'expired';

/** Instants ISO 8601 with Z. `collection`: whose rights decide who sees it; null: administrators alone. */
export type AlertRow = {
  alertId: string;
  kind: string;
  subject: string;
  collection: string | null;
  state: AlertState;
  isUrgent: boolean;
  sentence: string;
  openedAt: string;
  seenAt: string;
  remindedAt: string;
  acknowledgedBy: string | null;
  acknowledgedAt: string | null;
  note: string | null;
  closedAt: string | null;
  events: number;
};

type Row = {
  alert_id: string;
  kind: string;
  subject: string;
  collection: string | null;
  state: AlertState;
  is_urgent: boolean;
  sentence: string;
  opened_at: string;
  seen_at: string;
  reminded_at: string;
  acknowledged_by: string | null;
  acknowledged_at: string | null;
  note: string | null;
  closed_at: string | null;
  events: number;
};

/** Those that are not closed, and those that closed since. */
export async function knownAlerts(db: Queryable, closedSince: string): Promise<AlertRow[]> {
  return (
    await db.query<Row>('select * from alerts where closed_at is null or closed_at >= $1 order by alert_id', [
      closedSince,
    ])
  ).map(toAlert);
}

/** Not closed, urgent ones first, then the newest; at most 500. `only`: of these collections. */
export async function currentAlerts(db: Queryable, only?: readonly string[]): Promise<AlertRow[]> {
  const rows = await db.query<Row>(
    `select * from alerts where closed_at is null and ($1::text[] is null or collection = any($1))
      order by state = 'acknowledged', is_urgent desc, opened_at desc, alert_id desc limit 500`,
    [only ?? null],
  );
  return rows.map(toAlert);
}

/** A page of closed ones, the newest first; `before`: the last of the page before. */
export async function closedAlerts(
  db: Queryable,
  page: { before?: string; limit: number; only?: readonly string[] },
): Promise<AlertRow[]> {
  const rows = await db.query<Row>(
    `select * from alerts where closed_at is not null and ($1::bigint is null or alert_id < $1)
        and ($3::text[] is null or collection = any($3))
      order by alert_id desc limit $2`,
    [page.before ?? null, page.limit, page.only ?? null],
  );
  return rows.map(toAlert);
}

export async function findAlert(db: Queryable, alertId: string): Promise<AlertRow | undefined> {
  const [row] = await db.query<Row>('select * from alerts where alert_id = $1', [alertId]);
  return row === undefined ? undefined : toAlert(row);
}

/** Undefined when there is none that could be acknowledged: unknown, or closed by now. Saying it again replaces the note. */
export async function acknowledgeAlert(
  db: Queryable,
  wish: { alertId: string; by: string; at: string; note: string },
): Promise<AlertRow | undefined> {
  const [row] = await db.query<Row>(
    `update alerts set state = 'acknowledged', acknowledged_by = $2, acknowledged_at = $3, note = nullif($4, '')
      where alert_id = $1 and closed_at is null returning *`,
    [wish.alertId, wish.by, wish.at, wish.note],
  );
  return row === undefined ? undefined : toAlert(row);
}

/** Closed alerts and deliveries that ended go when they are older than this. */
export async function forgetOldAlerts(db: Queryable, before: string): Promise<void> {
  await db.query('delete from alerts where closed_at < $1', [before]);
  await db.query('delete from alert_deliveries where ended_at < $1', [before]);
}

function toAlert(row: Row): AlertRow {
  return {
    alertId: row.alert_id,
    kind: row.kind,
    subject: row.subject,
    collection: row.collection,
    state: row.state,
    isUrgent: row.is_urgent,
    sentence: row.sentence,
    openedAt: row.opened_at,
    seenAt: row.seen_at,
    remindedAt: row.reminded_at,
    acknowledgedBy: row.acknowledged_by,
    acknowledgedAt: row.acknowledged_at,
    note: row.note,
    closedAt: row.closed_at,
    events: row.events,
  };
}
