/** Sends what is due from the outbox; what could not be sent is tried again with growing pauses, for two days. */
import { causeText } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import { Secret } from '../../core/secret.ts';
import type { Mail } from '../../platforms/mail/send-mail.ts';
import type { Keyring } from '../../store/credentials/keyring.ts';
import { openSecret } from '../../store/credentials/sealed-secret.ts';
import { type Delivery, noteNotSent, noteSent, takeDeliveries } from '../../store/alerts/deliveries.ts';
import type { Queryable } from '../../store/db.ts';
import { alertMessageSchema, mailOf } from './alert-words.ts';
import { sendWebhook, type WebhookWay } from './send-webhook.ts';

/** `mail`: undefined where no mail server is configured. */
export type AlertPost = {
  mail: ((mail: Mail) => Promise<void>) | undefined;
  webhooks: WebhookWay;
  openRing: () => Promise<Keyring>;
};

/** Longer than one try may take: nobody else takes it meanwhile. */
const LEASE_MS = 120_000;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** Then it is given up: who reads an alert two days later learns nothing. */
const GIVEN_UP_MS = 2 * 86_400_000;
const AT_ONCE = 20;

/** Sends one batch, one after the other. Returns how many were taken in hand. */
export async function sendAlerts(
  db: Queryable,
  post: AlertPost,
  { nowMs, signal, log }: { nowMs: number; signal: AbortSignal; log: Log },
): Promise<number> {
  const deliveries = await takeDeliveries(db, { nowMs, leaseMs: LEASE_MS, limit: AT_ONCE });
  for (const delivery of deliveries) {
    signal.throwIfAborted();
    try {
      await send(post, delivery, signal);
    } catch (error) {
      const againAt = nextTry(nowMs, delivery);
      const failure = causeText(error);
      await noteNotSent(db, delivery, { nowMs, failure, againAt });
      log.warn(
        { delivery: delivery.deliveryId, channel: delivery.channel.channelId, cause: failure },
        'alert.not-sent',
      );
      continue;
    }
    await noteSent(db, delivery, nowMs);
    log.info({ delivery: delivery.deliveryId, channel: delivery.channel.channelId }, 'alert.sent');
  }
  return deliveries.length;
}

async function send(post: AlertPost, delivery: Delivery, signal: AbortSignal): Promise<void> {
  const { channel, deliveryId } = delivery;
  const message = alertMessageSchema.parse(delivery.body);
  if (channel.kind === 'mail') {
    if (post.mail === undefined) throw new Error('no mail server is configured: set MISTNET_SMTP_URL');
    const mail = mailOf(message);
    return await post.mail({ to: channel.address, ...mail, messageId: `<alert-delivery-${deliveryId}@mistnet>` });
  }
  if (channel.secret === undefined) throw new Error('the webhook has no secret');
  const secret = new Secret(openSecret(await post.openRing(), webhookLabel(channel.address), channel.secret));
  await sendWebhook(post.webhooks, { url: channel.address, secret, deliveryId, body: message, signal });
}

/** What a webhook's secret is sealed under: it opens for no other address. */
export function webhookLabel(address: string): string {
  return `webhook ${address}`;
}

/** 30 s, 1 min, 2 min … an hour; undefined when it is given up. A test is tried once: somebody waits for its answer. */
function nextTry(nowMs: number, { event, tries, madeAt }: Delivery): number | undefined {
  if (event === 'test' || nowMs - Date.parse(madeAt) > GIVEN_UP_MS) return undefined;
  return nowMs + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(10, tries - 1));
}
