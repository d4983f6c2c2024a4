/** What people set about alerts: rules that differ from the known ones, channels, quiet hours. */
import type { SealedSecret } from '../credentials/sealed-secret.ts';
import type { Queryable } from '../db.ts';

/** `channels`: by id; null: all that are on. */
export type StoredRule = {
  kind: string;
  isOn: boolean;
  threshold: number;
  isUrgent: boolean;
  channels: string[] | null;
  changedBy: string;
  changedAt: string;
};

export async function storedRules(db: Queryable): Promise<StoredRule[]> {
  const rows = await db.query<{
    kind: string;
    is_on: boolean;
    threshold: number;
    is_urgent: boolean;
    channels: string[] | null;
    changed_by: string;
    changed_at: string;
  }>('select * from alert_rules order by kind');
  return rows.map((row) => ({
    ...{ kind: row.kind, isOn: row.is_on, threshold: row.threshold, isUrgent: row.is_urgent },
    ...{ channels: row.channels, changedBy: row.changed_by, changedAt: row.changed_at },
  }));
}

/** `null` instead of a rule: the known one holds again. */
export async function storeRule(db: Queryable, kind: string, rule: Omit<StoredRule, 'kind'> | null): Promise<void> {
  if (rule === null) {
    await db.query('delete from alert_rules where kind = $1', [kind]);
    return;
  }
  const { isOn, threshold, isUrgent, channels, changedBy, changedAt } = rule;
  await db.query(
    `insert into alert_rules (kind, is_on, threshold, is_urgent, channels, changed_by, changed_at) values ($1, $2, $3, $4, $5, $6, $7)
      on conflict (kind) do update set is_on = excluded.is_on, threshold = excluded.threshold, is_urgent = excluded.is_urgent,
        channels = excluded.channels, changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
    [kind, isOn, threshold, isUrgent, channels, changedBy, changedAt],
  );
}

/** `quietFrom`, `quietUntil`: minutes after midnight in the zone; null: no quiet hours. */
export type StoredAlertSettings = {
  zone: string;
  quietFrom: number | null;
  quietUntil: number | null;
  remindHours: number;
};

const FIRST_SETTINGS: StoredAlertSettings = { zone: 'UTC', quietFrom: null, quietUntil: null, remindHours: 24 };

export async function alertSettings(db: Queryable): Promise<StoredAlertSettings> {
  const [row] = await db.query<{
    zone: string;
    quiet_from: number | null;
    quiet_until: number | null;
    remind_hours: number;
  }>('select * from alert_settings');
  if (row === undefined) return FIRST_SETTINGS;
  const { zone, quiet_from: quietFrom, quiet_until: quietUntil, remind_hours: remindHours } = row;
  return { zone, quietFrom, quietUntil, remindHours };
}

export async function storeAlertSettings(db: Queryable, settings: StoredAlertSettings): Promise<void> {
  const { zone, quietFrom, quietUntil, remindHours } = settings;
  await db.query(
    `insert into alert_settings (zone, quiet_from, quiet_until, remind_hours) values ($1, $2, $3, $4)
      on conflict (single) do update set zone = excluded.zone, quiet_from = excluded.quiet_from,
        quiet_until = excluded.quiet_until, remind_hours = excluded.remind_hours`,
    [zone, quietFrom, quietUntil, remindHours],
  );
}

/** A channel without its secret. `failure`: of the newest try; null when that went well. `waiting`: deliveries in line. */
export type AlertChannel = {
  channelId: string;
  kind: 'mail' | 'webhook';
  address: string;
  isOn: boolean;
  addedBy: string;
  addedAt: string;
  triedAt: string | null;
  failure: string | null;
  waiting: number;
  waitingSince: string | null;
};

export async function alertChannels(db: Queryable): Promise<AlertChannel[]> {
  const rows = await db.query<{
    channel_id: string;
    kind: AlertChannel['kind'];
    address: string;
    is_on: boolean;
    added_by: string;
    added_at: string;
    tried_at: string | null;
    failure: string | null;
    waiting: number;
    waiting_since: string | null;
  }>(
    `select c.channel_id, c.kind, c.address, c.is_on, c.added_by, c.added_at, c.tried_at, c.failure,
        count(d.delivery_id)::integer as waiting, min(d.made_at) as waiting_since
      from alert_channels c left join alert_deliveries d on d.channel_id = c.channel_id and d.state = 'waiting'
      group by c.channel_id order by c.channel_id`,
  );
  return rows.map((row) => ({
    ...{ channelId: row.channel_id, kind: row.kind, address: row.address, isOn: row.is_on },
    ...{ addedBy: row.added_by, addedAt: row.added_at, triedAt: row.tried_at, failure: row.failure },
    ...{ waiting: row.waiting, waitingSince: row.waiting_since },
  }));
}

/** Undefined when there is one of this kind and address already. `secret`: of a webhook. */
export async function addChannel(
  db: Queryable,
  wish: { kind: 'mail' | 'webhook'; address: string; secret?: SealedSecret; by: string; at: string },
): Promise<string | undefined> {
  const { kind, address, secret, by, at } = wish;
  const [row] = await db.query<{ channel_id: string }>(
    `insert into alert_channels (kind, address, key_id, nonce, sealed, added_by, added_at) values ($1, $2, $3, $4, $5, $6, $7)
      on conflict (kind, address) do nothing returning channel_id`,
    [kind, address, secret?.keyId ?? null, secret?.nonce ?? null, secret?.sealed ?? null, by, at],
  );
  return row?.channel_id;
}

/** False when there is none. What waits for a channel that is turned off waits on. */
export async function turnChannel(db: Queryable, channelId: string, isOn: boolean): Promise<boolean> {
  const rows = await db.query('update alert_channels set is_on = $2 where channel_id = $1 returning 1', [
    channelId,
    isOn,
  ]);
  return rows.length > 0;
}

/** With all that waits for it. False when there is none. */
export async function removeChannel(db: Queryable, channelId: string): Promise<boolean> {
  return (await db.query('delete from alert_channels where channel_id = $1 returning 1', [channelId])).length > 0;
}
