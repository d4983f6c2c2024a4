/** One look: measures the facts, asks the rules, writes what follows. */
import { budgetReport } from '../../store/permits/budgets.ts';
import { type AlertRow, forgetOldAlerts, knownAlerts } from '../../store/alerts/alert-rows.ts';
import { alertChannels, alertSettings, storedRules } from '../../store/alerts/alert-settings.ts';
import { applyAlertChanges } from '../../store/alerts/apply-changes.ts';
import {
  failedJobs,
  failingPlans,
  lateHours,
  type QueueRow,
  recentGaps,
  refusedCredentials,
  wantedStreams,
} from '../../store/alerts/measure-facts.ts';
import { recentServerFailures } from '../../store/alerts/server-failures.ts';
import type { Database } from '../../store/db.ts';
import { dataSince, lastBackup } from '../../store/nodes/backups.ts';
import { diskPaces } from '../../store/nodes/node-samples.ts';
import { listNodes } from '../../store/nodes/node-status.ts';
import { JOB_KINDS, parseQueueName } from '../job-kinds.ts';
import { isAlertKind, messageOf } from './alert-words.ts';
import { type AlertKind, alertKinds, alertRules } from './alert-rules.ts';
import type { AlertFacts } from './facts.ts';
import { type AlertChange, type KnownAlert, REOPEN_MS, type RuleInForce, tick } from './tick.ts';

/** Closed alerts are kept for a year. */
const KEPT_MS = 366 * 86_400_000;

/** Returns what changed, for the log; alerts that merely go on are not among it. */
export async function evaluateAlerts(db: Database, nowMs: number, page: string | null): Promise<AlertChange[]> {
  const [facts, rules, settings, channels, known] = await Promise.all([
    measureFacts(db, nowMs),
    rulesInForce(db),
    alertSettings(db),
    alertChannels(db),
    knownAlerts(db, new Date(nowMs - REOPEN_MS).toISOString()),
  ]);
  const { zone, quietFrom, quietUntil, remindHours } = settings;
  const quiet = quietFrom === null || quietUntil === null ? null : { zone, from: quietFrom, until: quietUntil };
  const changes = tick(nowMs, facts, {
    rules,
    settings: { quiet, remindHours },
    channels: channels.filter(({ isOn }) => isOn).map(({ channelId }) => channelId),
    known: known.flatMap(toKnown),
  });
  await applyAlertChanges(db, nowMs, changes, (alert) => messageOf(alert, page));
  await forgetOldAlerts(db, new Date(nowMs - KEPT_MS).toISOString());
  return changes.filter((change) => change.do !== 'keep');
}

/** The known rules with what people set differently. */
export async function rulesInForce(db: Database): Promise<Record<AlertKind, RuleInForce>> {
  const stored = new Map((await storedRules(db)).map((rule) => [rule.kind, rule]));
  const inForce = alertKinds.map((kind): [AlertKind, RuleInForce] => {
    const { threshold, isUrgent } = alertRules[kind];
    const own = stored.get(kind);
    if (own === undefined) return [kind, { isOn: true, threshold: threshold.fallback, isUrgent, channels: null }];
    return [kind, { isOn: own.isOn, threshold: own.threshold, isUrgent: own.isUrgent, channels: own.channels }];
  });
  return Object.fromEntries(inForce) as Record<AlertKind, RuleInForce>;
}

export async function measureFacts(db: Database, nowMs: number): Promise<AlertFacts> {
  const [
    streams,
    failing,
    gaps,
    nodes,
    paces,
    report,
    failed,
    late,
    credentials,
    channels,
    backup,
    since,
    serverFailures,
  ] = await Promise.all([
    wantedStreams(db, nowMs),
    failingPlans(db, nowMs),
    recentGaps(db, nowMs),
    listNodes(db),
    diskPaces(db),
    budgetReport(db),
    failedJobs(db, nowMs),
    lateHours(db, nowMs),
    refusedCredentials(db),
    alertChannels(db),
    lastBackup(db),
    dataSince(db),
    recentServerFailures(db, nowMs),
  ]);
  const ageOf = (at: string | undefined) => (at === undefined ? null : Math.max(0, nowMs - Date.parse(at)));
  return {
    backup: { ageMs: ageOf(backup?.at), dataAgeMs: ageOf(since) },
    ...{ streams, failing, gaps, lateHours: late, credentials, budgets: report.budgets, serverFailures },
    nodes: nodes.map(({ node, ageMs }) => ({ node, ageMs })),
    disks: nodes.map(({ node, disk: { folder, freeBytes, totalBytes } }) => {
      const perDay = paces.get(node)?.bytesPerDay ?? null;
      return {
        node,
        folder,
        freeBytes,
        totalBytes,
        fullInDays: perDay === null || perDay === 0 ? null : freeBytes / perDay,
      };
    }),
    failedJobs: failed.flatMap(toFailedJob),
    failingChannels: channels.flatMap(({ channelId, address, failure, waitingSince, triedAt, isOn }) =>
      failure === null || !isOn
        ? []
        : [
            {
              channelId,
              address,
              failure,
              sinceMs: Math.max(0, nowMs - Date.parse(waitingSince ?? triedAt ?? '')) || 0,
            },
          ],
    ),
  };
}

function toFailedJob({ id, queue, data, output }: QueueRow): AlertFacts['failedJobs'][number][] {
  const parsed = parseQueueName(queue);
  if (parsed === undefined) return [];
  const { message } = (output ?? {}) as { message?: unknown };
  const what = JOB_KINDS[parsed.kind].keyOf(data as never);
  return [{ id, kind: parsed.kind, what, cause: typeof message === 'string' ? message : 'no cause was noted' }];
}

function toKnown(row: AlertRow): KnownAlert[] {
  const { alertId, kind, subject, state, isUrgent, sentence, openedAt, remindedAt, closedAt, events } = row;
  // A kind of a newer version: left alone.
  if (!isAlertKind(kind)) return [];
  return [
    {
      ...{ alertId, kind, subject, state, isUrgent, sentence, events },
      openedAt: Date.parse(openedAt),
      remindedAt: Date.parse(remindedAt),
      closedAt: closedAt === null ? null : Date.parse(closedAt),
    },
  ];
}
