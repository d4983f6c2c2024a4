/** Writes what a look at the facts decided, each change together with what is to be sent of it: a process that dies leaves both or neither. */
import type { Database, Queryable } from '../db.ts';

/** `send`: absent when nobody is told. */
type Send = { event: 'opened' | 'reminder' | 'resolved'; notBefore: number; channels: readonly string[] };

export type StoredChange =
  | {
      do: 'open';
      kind: string;
      condition: { subject: string; sentence: string; collection?: string; events?: number };
      isUrgent: boolean;
      send?: Send;
    }
  | { do: 'reopen'; alertId: string; sentence: string }
  | { do: 'keep'; alertId: string; sentence: string; events: number }
  | { do: 'renew'; alertId: string; sentence: string; events: number; send?: Send }
  | { do: 'remind'; alertId: string; sentence: string; send: Send }
  | { do: 'close'; alertId: string; state: 'resolved' | 'expired'; send?: Send };

/** What is said of an alert: made when it is sent, from the row as it is then. */
export type AlertWords = (alert: {
  alertId: string;
  kind: string;
  subject: string;
  collection: string | null;
  sentence: string;
  isUrgent: boolean;
  openedAt: string;
  event: 'opened' | 'reminder' | 'resolved';
}) => object;

export async function applyAlertChanges(
  db: Database,
  nowMs: number,
  changes: readonly StoredChange[],
  words: AlertWords,
): Promise<void> {
  const now = new Date(nowMs).toISOString();
  const kept = changes.filter((change) => change.do === 'keep');
  const rest = changes.filter((change) => change.do !== 'keep');
  if (kept.length > 0)
    await db.query(
      `update alerts a set seen_at = $1, sentence = k.sentence, events = k.events
        from unnest($2::bigint[], $3::text[], $4::int[]) as k (alert_id, sentence, events) where a.alert_id = k.alert_id and a.closed_at is null`,
      [
        ...[now, kept.map(({ alertId }) => alertId), kept.map(({ sentence }) => sentence)],
        kept.map(({ events }) => events),
      ],
    );
  for (const change of rest) await db.transaction((tx) => apply(tx, now, change, words));
}

type Told = {
  alert_id: string;
  kind: string;
  subject: string;
  collection: string | null;
  sentence: string;
  is_urgent: boolean;
  opened_at: string;
};
const TOLD = 'alert_id, kind, subject, collection, sentence, is_urgent, opened_at';

async function apply(
  tx: Queryable,
  now: string,
  change: Exclude<StoredChange, { do: 'keep' }>,
  words: AlertWords,
): Promise<void> {
  const [row] = await changedRow(tx, now, change);
  // It was not over after all, and nobody was told so yet.
  if (change.do === 'reopen')
    await tx.query(`delete from alert_deliveries where alert_id = $1 and event = 'resolved' and state = 'waiting'`, [
      change.alertId,
    ]);
  const send = 'send' in change ? change.send : undefined;
  if (row === undefined || send === undefined) return;
  const { alert_id: alertId, kind, subject, collection, sentence, is_urgent: isUrgent, opened_at: openedAt } = row;
  const body = words({ alertId, kind, subject, collection, sentence, isUrgent, openedAt, event: send.event });
  await tx.query(
    `insert into alert_deliveries (alert_id, event, channel_id, body, made_at, not_before)
      select $1, $2, c.channel_id, $3, $4, $5 from alert_channels c where c.channel_id = any($6::bigint[])`,
    [alertId, send.event, JSON.stringify(body), now, new Date(send.notBefore).toISOString(), send.channels],
  );
}

async function changedRow(tx: Queryable, now: string, change: Exclude<StoredChange, { do: 'keep' }>): Promise<Told[]> {
  switch (change.do) {
    case 'open':
      return await tx.query<Told>(
        `insert into alerts (kind, subject, collection, state, is_urgent, sentence, opened_at, seen_at, reminded_at, events)
          values ($1, $2, $3, 'open', $4, $5, $6, $6, $6, $7) on conflict do nothing returning ${TOLD}`,
        [
          ...[change.kind, change.condition.subject, change.condition.collection ?? null],
          ...[change.isUrgent, change.condition.sentence, now, change.condition.events ?? 1],
        ],
      );
    case 'reopen':
      return await tx.query<Told>(
        `update alerts a set state = case when acknowledged_at is null then 'open' else 'acknowledged' end, closed_at = null,
            seen_at = $2, sentence = $3
          where alert_id = $1 and not exists (
            select from alerts b where b.kind = a.kind and b.subject = a.subject and b.closed_at is null) returning ${TOLD}`,
        [change.alertId, now, change.sentence],
      );
    case 'renew':
      return await tx.query<Told>(
        `update alerts set state = 'open', acknowledged_by = null, acknowledged_at = null, reminded_at = $2, seen_at = $2, sentence = $3,
            events = $4
          where alert_id = $1 and state = 'acknowledged' returning ${TOLD}`,
        [change.alertId, now, change.sentence, change.events],
      );
    case 'remind':
      return await tx.query<Told>(
        `update alerts set reminded_at = $2, seen_at = $2, sentence = $3 where alert_id = $1 and state = 'open' returning ${TOLD}`,
        [change.alertId, now, change.sentence],
      );
    case 'close':
      return await tx.query<Told>(
        `update alerts set state = $3, closed_at = $2 where alert_id = $1 and closed_at is null returning ${TOLD}`,
        [change.alertId, now, change.state],
      );
  }
}
