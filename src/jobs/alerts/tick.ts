/** What is to happen to alerts, from facts and from what there is: pure, so that weeks can be tried in milliseconds. */
import { type AlertKind, alertKinds, alertRules, type Condition } from './alert-rules.ts';
import type { AlertFacts } from './facts.ts';
import { quietUntil, type QuietHours } from './quiet-hours.ts';

/** A rule as it is in force. `channels`: by id; null: all that are on. */
export type RuleInForce = { isOn: boolean; threshold: number; isUrgent: boolean; channels: readonly string[] | null };

export type AlertSettings = {
  quiet: QuietHours | null;
  /** Of what nobody acknowledged; 0: never. */
  remindHours: number;
};

/** An alert as the tick knows it: all that are current, and those that closed a short while ago. Instants in ms. */
export type KnownAlert = {
  alertId: string;
  kind: AlertKind;
  subject: string;
  state: 'open' | 'acknowledged' | 'resolved' | 'expired';
  isUrgent: boolean;
  sentence: string;
  events: number;
  openedAt: number;
  remindedAt: number;
  closedAt: number | null;
};

export type AlertEvent = 'opened' | 'reminder' | 'resolved';

/** `send`: when the event is to be sent, and where to; absent: it is only noted. */
export type Send = { event: AlertEvent; notBefore: number; channels: readonly string[] };

export type AlertChange =
  | { do: 'open'; kind: AlertKind; condition: Condition; isUrgent: boolean; send?: Send }
  /** It came back shortly after it was over: the same alert goes on, and nobody is told twice. */
  | { do: 'reopen'; alertId: string; sentence: string }
  | { do: 'keep'; alertId: string; sentence: string; events: number }
  /** More happened since somebody acknowledged it: it is open again, and told as at first. */
  | { do: 'renew'; alertId: string; sentence: string; events: number; send?: Send }
  | { do: 'remind'; alertId: string; sentence: string; send: Send }
  | { do: 'close'; alertId: string; state: 'resolved' | 'expired'; send?: Send };

/** What comes back within this time was never over: that it is over is told only when this time has passed. */
export const REOPEN_MS = 5 * 60_000;
/** At most so many alerts of one kind are opened at once; the rest comes with the next looks. */
const MOST_AT_ONCE = 50;

/**
 * `known` has at most one alert that is not closed for each kind and subject. A rule that is off closes what it had opened. An alert
 * whose condition holds is kept whoever acknowledged it; acknowledged ones are not reminded of, and open again when more happens.
 */
export function tick(
  now: number,
  facts: AlertFacts,
  {
    rules,
    settings,
    channels,
    known,
  }: {
    rules: Readonly<Record<AlertKind, RuleInForce>>;
    settings: AlertSettings;
    /** Ids of those that are on. */
    channels: readonly string[];
    known: readonly KnownAlert[];
  },
): AlertChange[] {
  const changes: AlertChange[] = [];
  for (const kind of alertKinds) {
    const rule = rules[kind];
    const { ends, holds } = alertRules[kind];
    const conditions = new Map(
      (rule.isOn ? holds(facts, rule.threshold) : []).map((condition) => [condition.subject, condition]),
    );
    const mine = known.filter((alert) => alert.kind === kind);
    const current = new Map(mine.filter(({ closedAt }) => closedAt === null).map((alert) => [alert.subject, alert]));
    const send = (event: AlertEvent, isUrgent: boolean, subject: string): { send?: Send } => {
      const targets = (rule.channels ?? channels).filter(
        (each) => channels.includes(each) && !isAboutItself(kind, subject, each),
      );
      if (targets.length === 0) return {};
      const at = event === 'resolved' ? now + REOPEN_MS : now;
      const quiet = isUrgent || settings.quiet === null ? undefined : quietUntil(at, settings.quiet);
      return { send: { event, notBefore: quiet ?? at, channels: targets } };
    };
    let opened = 0;
    for (const [subject, condition] of conditions) {
      const { sentence, events = 1 } = condition;
      const alert = current.get(subject);
      if (alert === undefined) {
        const before = mine
          .filter((each) => each.subject === subject && each.closedAt !== null && now - each.closedAt < REOPEN_MS)
          .toSorted((a, b) => (b.closedAt ?? 0) - (a.closedAt ?? 0))[0];
        if (before !== undefined) changes.push({ do: 'reopen', alertId: before.alertId, sentence });
        else if (opened++ < MOST_AT_ONCE)
          changes.push({
            ...{ do: 'open', kind, condition, isUrgent: rule.isUrgent },
            ...send('opened', rule.isUrgent, subject),
          });
        continue;
      }
      if (alert.state === 'acknowledged' && events > alert.events) {
        const news = send('opened', alert.isUrgent, subject);
        changes.push({ do: 'renew', alertId: alert.alertId, sentence, events, ...news });
        continue;
      }
      const remindMs = settings.remindHours * 3_600_000;
      const isDue = alert.state === 'open' && remindMs > 0 && now - alert.remindedAt >= remindMs;
      const reminder = isDue ? send('reminder', alert.isUrgent, subject).send : undefined;
      if (reminder !== undefined) changes.push({ do: 'remind', alertId: alert.alertId, sentence, send: reminder });
      else changes.push({ do: 'keep', alertId: alert.alertId, sentence, events });
    }
    for (const alert of current.values()) {
      if (conditions.has(alert.subject)) continue;
      // What happened once and is over is no news; that something lasting is over is.
      const news = ends === 'resolved' && rule.isOn ? send('resolved', alert.isUrgent, alert.subject) : {};
      changes.push({ do: 'close', alertId: alert.alertId, state: ends, ...news });
    }
  }
  return changes;
}

/** That a channel takes nothing need not be sent to that channel. */
function isAboutItself(kind: AlertKind, subject: string, channel: string): boolean {
  return kind === 'delivery-failing' && subject === channel;
}
