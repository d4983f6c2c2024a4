/** An alert by POST to an address that an administrator gave: signed, bounded in time, never into private networks unless the machine's operator allows it. */
import { createHmac } from 'node:crypto';
import type { Secret } from '../../core/secret.ts';
import { askForHeaders } from '../../platforms/links/ask-for-headers.ts';
import { type AllowedHosts, mayReach, type Resolve } from '../../platforms/links/may-reach.ts';

export type WebhookWay = { allowed: AllowedHosts; resolve: Resolve; userAgent: string; nowMs: () => number };

const PATIENCE_MS = 15_000;

/**
 * Resolves when it was taken (2xx). Throws why not otherwise; redirects are not followed. The receiver checks
 * `x-mistnet-signature: sha256=HEX`, HMAC-SHA-256 under the secret over `TIMESTAMP.BODY`, with `x-mistnet-timestamp` in Unix seconds.
 */
export async function sendWebhook(
  way: WebhookWay,
  wish: { url: string; secret: Secret; deliveryId: string; body: object; signal: AbortSignal },
): Promise<void> {
  const url = new URL(wish.url);
  const signal = AbortSignal.any([wish.signal, AbortSignal.timeout(PATIENCE_MS)]);
  const reach = await mayReach(url, { allowed: way.allowed, resolve: way.resolve, signal });
  if (reach.kind === 'refused') throw new Error(`not asked: ${reach.why}`);
  if (reach.kind === 'unknown') throw new Error(reach.cause);
  const body = JSON.stringify({ deliveryId: wish.deliveryId, ...wish.body });
  const timestamp = String(Math.floor(way.nowMs() / 1000));
  const end = await askForHeaders({
    ...{ method: 'POST', url, addresses: reach.addresses, userAgent: way.userAgent, signal },
    content: {
      body,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'content-length': String(Buffer.byteLength(body)),
        'x-mistnet-delivery': wish.deliveryId,
        'x-mistnet-timestamp': timestamp,
        'x-mistnet-signature': `sha256=${signatureOf(wish.secret, timestamp, body)}`,
      },
    },
  });
  if (end.kind === 'lost') throw new Error(end.cause);
  if (end.status < 200 || end.status > 299) throw new Error(`the receiver answered ${end.status}`);
}

/** Hex. */
export function signatureOf(secret: Secret, timestamp: string, body: string): string {
  return createHmac('sha256', secret.reveal()).update(`${timestamp}.${body}`).digest('hex');
}
