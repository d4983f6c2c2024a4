/** Watches for what is worth an alert, and sends it, until the signal aborts. Of several workers one does it at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { causeText } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { Clock } from '../../core/time.ts';
import { asOnlyEvaluator } from '../../store/alerts/evaluator-lock.ts';
import type { Database } from '../../store/db.ts';
import { evaluateAlerts } from './evaluate-alerts.ts';
import { type AlertPost, sendAlerts } from './send-alerts.ts';

export type AlertKeeperOptions = {
  db: Database;
  post: AlertPost;
  /** Where people see alerts, for what is sent; null when not known. */
  page: string | null;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
};

const EVALUATE_EVERY_MS = 15_000;
/** A test button is answered within this. */
const SEND_EVERY_MS = 2_000;
/** At a start nothing is as it will be: streams connect, nodes say that they are there. */
const FIRST_AFTER_MS = 20_000;

export async function keepAlerts(options: AlertKeeperOptions): Promise<void> {
  const { db, signal, log, clock } = options;
  let evaluateAt = clock.now() + FIRST_AFTER_MS;
  let isTroubled = false;
  while (!signal.aborted) {
    try {
      await asOnlyEvaluator(db, async () => {
        if (clock.now() >= evaluateAt) {
          evaluateAt = clock.now() + EVALUATE_EVERY_MS;
          await lookOnce(options);
        }
        await sendAlerts(db, options.post, { nowMs: clock.now(), signal, log });
      });
      isTroubled = false;
    } catch (error) {
      if (signal.aborted) return;
      if (!isTroubled) log.warn({ cause: causeText(error) }, 'alerts.trouble');
      isTroubled = true;
    }
    await sleep(SEND_EVERY_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
  }
}

async function lookOnce({ db, page, clock, log }: AlertKeeperOptions): Promise<void> {
  for (const change of await evaluateAlerts(db, clock.now(), page)) {
    if (change.do === 'renew') log.warn({ alert: change.alertId }, 'alert.renewed');
    else if (change.do === 'open') log.warn({ kind: change.kind, subject: change.condition.subject }, 'alert.opened');
    else if (change.do === 'close') log.info({ alert: change.alertId, as: change.state }, 'alert.closed');
  }
}
