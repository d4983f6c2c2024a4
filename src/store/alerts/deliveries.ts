/** What is to be sent: an outbox. A row is taken for a while and given back by time when its taker dies, so a message is lost by no crash and doubled by one at most. */
import type { Queryable } from '../db.ts';
import type { SealedSecret } from '../credentials/sealed-secret.ts';

export type Delivery = {
  deliveryId: string;
  alertId: string | null;
  event: 'opened' | 'reminder' | 'resolved' | 'test';
  /** What was made for it when it was put in line. */
  body: unknown;
  tries: number;
  madeAt: string;
  channel: { channelId: string; kind: 'mail' | 'webhook'; address: string; secret?: SealedSecret };
};

type Row = {
  delivery_id: string;
  alert_id: string | null;
  event: Delivery['event'];
  body: unknown;
  tries: number;
  made_at: string;
  channel_id: string;
  kind: 'mail' | 'webhook';
  address: string;
  key_id: string | null;
  nonce: Buffer | null;
  sealed: Buffer | null;
};

/** Takes what is due, oldest first, for `leaseMs`; each goes to one taker. `tries` counts this one. */
export async function takeDeliveries(
  db: Queryable,
  wish: { nowMs: number; leaseMs: number; limit: number },
): Promise<Delivery[]> {
  const { nowMs, leaseMs, limit } = wish;
  const rows = await db.query<Row>(
    `with due as (
        -- what waits for a channel that is turned off waits on; a test is asked for by a person who is told of it
        select w.delivery_id from alert_deliveries w join alert_channels using (channel_id)
          where w.state = 'waiting' and w.not_before <= $1 and (is_on or w.event = 'test')
          order by w.delivery_id limit $3 for update of w skip locked
      )
      update alert_deliveries d set tries = d.tries + 1, not_before = $2 from due, alert_channels c
        where d.delivery_id = due.delivery_id and c.channel_id = d.channel_id
        returning d.delivery_id, d.alert_id, d.event, d.body, d.tries, d.made_at,
          c.channel_id, c.kind, c.address, c.key_id, c.nonce, c.sealed`,
    [new Date(nowMs).toISOString(), new Date(nowMs + leaseMs).toISOString(), limit],
  );
  return rows.map(toDelivery).sort((a, b) => Number(a.deliveryId) - Number(b.deliveryId));
}

export async function noteSent(db: Queryable, delivery: Delivery, nowMs: number): Promise<void> {
  const now = new Date(nowMs).toISOString();
  await db.query(
    `with sent as (update alert_deliveries set state = 'sent', ended_at = $2, failure = null where delivery_id = $1)
      update alert_channels set tried_at = $2, failure = null where channel_id = $3`,
    [delivery.deliveryId, now, delivery.channel.channelId],
  );
}

/** `againAt`: when it is tried again; undefined: never. */
export async function noteNotSent(
  db: Queryable,
  delivery: Delivery,
  end: { nowMs: number; failure: string; againAt: number | undefined },
): Promise<void> {
  const now = new Date(end.nowMs).toISOString();
  await db.query(
    `with tried as (
        update alert_deliveries set failure = $3, state = case when $4::timestamptz is null then 'failed' else 'waiting' end,
            not_before = coalesce($4, not_before), ended_at = case when $4::timestamptz is null then $2::timestamptz end
          where delivery_id = $1)
      update alert_channels set tried_at = $2, failure = $3 where channel_id = $5`,
    [
      ...[delivery.deliveryId, now, end.failure],
      end.againAt === undefined ? null : new Date(end.againAt).toISOString(),
      delivery.channel.channelId,
    ],
  );
}

/** Puts a test in line for a channel, to be sent at once. Undefined when there is no such channel. */
export async function enqueueTest(
  db: Queryable,
  wish: { channelId: string; body: object; nowMs: number },
): Promise<string | undefined> {
  const now = new Date(wish.nowMs).toISOString();
  const [row] = await db.query<{ delivery_id: string }>(
    `insert into alert_deliveries (event, channel_id, body, made_at, not_before)
      select 'test', channel_id, $2, $3, $3 from alert_channels where channel_id = $1 returning delivery_id`,
    [wish.channelId, JSON.stringify(wish.body), now],
  );
  return row?.delivery_id;
}

/** One line of what was sent, for people. */
export type DeliveryLine = {
  deliveryId: string;
  alertId: string | null;
  event: Delivery['event'];
  channelId: string;
  state: 'waiting' | 'sent' | 'failed';
  tries: number;
  failure: string | null;
  madeAt: string;
  notBefore: string;
  endedAt: string | null;
};

/** The newest of all channels, at most `limit`. */
export async function listDeliveries(db: Queryable, limit: number): Promise<DeliveryLine[]> {
  const rows = await db.query<
    Row & { state: DeliveryLine['state']; failure: string | null; not_before: string; ended_at: string | null }
  >('select * from alert_deliveries order by delivery_id desc limit $1', [limit]);
  return rows.map((row) => ({
    ...{ deliveryId: row.delivery_id, alertId: row.alert_id, event: row.event, channelId: row.channel_id },
    ...{ state: row.state, tries: row.tries, failure: row.failure, madeAt: row.made_at },
    ...{ notBefore: row.not_before, endedAt: row.ended_at },
  }));
}

function toDelivery(row: Row): Delivery {
  const { key_id: keyId, nonce, sealed } = row;
  const secret = keyId === null || nonce === null || sealed === null ? undefined : { keyId, nonce, sealed };
  return {
    ...{ deliveryId: row.delivery_id, alertId: row.alert_id, event: row.event, body: row.body, tries: row.tries },
    madeAt: row.made_at,
    channel: {
      ...{ channelId: row.channel_id, kind: row.kind, address: row.address },
      ...(secret === undefined ? {} : { secret }),
    },
  };
}
