/** What is sent of an alert: a subject and a text for mail, fields for a webhook. */
import { z } from 'zod';
import { type AlertKind, alertKinds, alertRules } from './alert-rules.ts';

/** What a delivery holds. `page`: where the alerts are, when that is known. */
export const alertMessageSchema = z.object({
  event: z.enum(['opened', 'reminder', 'resolved', 'test']),
  kind: z.string(),
  title: z.string(),
  /** Which collection, node, key or kind of job; null: the title says all. Deliveries of before it was told have none. */
  about: z.string().nullable().default(null),
  sentence: z.string(),
  isUrgent: z.boolean(),
  alertId: z.string().nullable(),
  openedAt: z.string().nullable(),
  page: z.string().nullable(),
});
export type AlertMessage = z.infer<typeof alertMessageSchema>;

/** Kinds whose subject is a name that people know. */
const NAMED = new Set<string>([
  'stream-silent',
  'disk-low',
  'disk-filling',
  'job-dead',
  'node-gone',
  'credential-refused',
] satisfies AlertKind[]);

export function messageOf(
  alert: {
    alertId: string;
    kind: string;
    subject: string;
    collection: string | null;
    sentence: string;
    isUrgent: boolean;
    openedAt: string;
    event: 'opened' | 'reminder' | 'resolved';
  },
  page: string | null,
): AlertMessage {
  const { event, kind, subject, collection, sentence, isUrgent, alertId, openedAt } = alert;
  const about = collection ?? (NAMED.has(kind) ? subject : null);
  return { event, kind, title: titleOf(kind), about, sentence, isUrgent, alertId, openedAt, page };
}

export function testMessage(by: string, page: string | null): AlertMessage {
  return {
    ...{
      event: 'test',
      kind: 'test',
      title: 'A test',
      about: null,
      isUrgent: false,
      alertId: null,
      openedAt: null,
      page,
    },
    sentence: `${by} asked for this test. Alerts of mistnet arrive here.`,
  };
}

/** A subject of one line and a plain text. */
export function mailOf(message: AlertMessage): { subject: string; text: string } {
  const { event, title, about, sentence, openedAt, page } = message;
  const prefix = { opened: '', reminder: 'Still: ', resolved: 'Over: ', test: '' }[event];
  const since = openedAt === null ? [] : [`Since ${openedAt.slice(0, 10)} ${openedAt.slice(11, 19)} UTC.`];
  const after = event === 'resolved' ? ['It is over now.'] : [];
  const how = event === 'opened' || event === 'reminder' ? ['Acknowledge it, and nobody is reminded of it again.'] : [];
  return {
    subject: `[mistnet] ${prefix}${title}${about === null ? '' : `: ${about}`}`,
    text: [sentence, ...since, ...after, ...how, ...(page === null ? [] : ['', page]), ''].join('\n'),
  };
}

export function titleOf(kind: string): string {
  return isAlertKind(kind) ? alertRules[kind].title : kind;
}

export function isAlertKind(kind: string): kind is AlertKind {
  return (alertKinds as readonly string[]).includes(kind);
}
