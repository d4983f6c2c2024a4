/** What is worth an alert: one pure rule each, from facts to conditions that hold now. */
import { formatMoney } from '../../core/permits/price-table.ts';
import type { AlertFacts } from './facts.ts';

export const alertKinds = [
  'stream-silent',
  'collection-failing',
  'gap-opened',
  'disk-low',
  'disk-filling',
  'budget-near',
  'job-dead',
  'node-gone',
  'dataset-late',
  'credential-refused',
  'backup-old',
  'server-failing',
  'delivery-failing',
] as const;
export type AlertKind = (typeof alertKinds)[number];

/**
 * `subject` names it within its kind: while the same holds it stays one alert. `collection`: whose rights decide who sees it. `events`: how many
 * it tells of (one by default); when they become more than somebody acknowledged, that is news.
 */
export type Condition = { subject: string; sentence: string; collection?: string; events?: number };

export type AlertRule = {
  /** For people. */
  title: string;
  /** What it watches; ends before the threshold's own words. */
  explanation: string;
  threshold: { fallback: number; unit: string; least: number; most: number };
  isUrgent: boolean;
  /** What it becomes when its condition is gone: what lasts is resolved, what happened once expires. */
  ends: 'resolved' | 'expired';
  holds: (facts: AlertFacts, threshold: number) => Condition[];
};

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** How long an event that is over stays an alert when nobody acknowledges it. */
const EVENT_LASTS_MS = DAY_MS;

export const alertRules: { readonly [Kind in AlertKind]: AlertRule } = {
  'stream-silent': {
    title: 'A stream is silent',
    explanation: 'No byte came, not even a keep-alive, though the collection is to run',
    threshold: { fallback: 5, unit: 'minutes', least: 1, most: 10_080 },
    isUrgent: true,
    ends: 'resolved',
    holds: ({ streams }, minutes) =>
      streams
        .filter(({ silentMs, wantedMs }) => (silentMs ?? wantedMs) >= minutes * MINUTE_MS)
        .map(({ stream, named, collection, state, reason, silentMs }) => ({
          subject: stream,
          ...(collection === null ? {} : { collection }),
          sentence: `${named ?? stream}: ${silentMs === null ? 'no byte ever came' : `no byte for ${words(silentMs)}`}; it ${state === 'stopped' ? 'waits' : `is ${state}`}.${reason === undefined ? '' : ` ${reason}`}`,
        })),
  },
  'collection-failing': {
    title: 'A collection cannot be written',
    explanation: 'A node cannot open or write the folder of a collection that is to run',
    threshold: { fallback: 1, unit: 'collections', least: 1, most: 1 },
    isUrgent: true,
    ends: 'resolved',
    holds: ({ failing }) =>
      failing.map(({ stream, collection, node, reason }) => ({
        subject: `${stream} ${node}`,
        ...(collection === null ? {} : { collection }),
        sentence: `${stream} on node ${node}: ${cut(reason)}`,
      })),
  },
  'gap-opened': {
    title: 'Posts are missing',
    explanation: 'An interruption left time uncovered that could not be back-filled',
    threshold: { fallback: 10, unit: 'seconds', least: 1, most: 86_400 },
    isUrgent: false,
    ends: 'expired',
    holds: ({ gaps }, seconds) => {
      const told = gaps.filter(
        ({ uncoveredMs, endedMs }) => uncoveredMs >= seconds * 1000 && (endedMs ?? 0) < EVENT_LASTS_MS,
      );
      // A stream that breaks off every minute is one trouble an hour, not sixty messages.
      return [...Map.groupBy(told, ({ stream, node, from }) => `${stream} ${node} ${from.slice(0, 13)}`)].map(
        ([subject, ofHour]) => ({ subject, events: ofHour.length, ...gapsOfHour(ofHour) }),
      );
    },
  },
  'disk-low': {
    title: 'A disk is nearly full',
    explanation: 'So little of the disk with the data folder is free',
    threshold: { fallback: 10, unit: 'percent', least: 0.1, most: 90 },
    isUrgent: true,
    ends: 'resolved',
    holds: ({ disks }, percent) =>
      disks
        .filter(({ freeBytes, totalBytes }) => totalBytes > 0 && (freeBytes / totalBytes) * 100 < percent)
        .map(({ node, folder, freeBytes, totalBytes }) => ({
          subject: node,
          sentence: `Node ${node}: ${bytes(freeBytes)} of ${bytes(totalBytes)} are free (${((freeBytes / totalBytes) * 100).toFixed(1)} %) where ${folder} lies.`,
        })),
  },
  'disk-filling': {
    title: 'A disk fills up soon',
    explanation: 'At the pace of the last day the disk is full within so many days',
    threshold: { fallback: 7, unit: 'days', least: 0.1, most: 3650 },
    isUrgent: false,
    ends: 'resolved',
    holds: ({ disks }, days) =>
      disks
        .filter(({ fullInDays }) => fullInDays !== null && fullInDays < days)
        .map(({ node, fullInDays, freeBytes }) => ({
          subject: node,
          sentence: `Node ${node}: the disk is full in about ${(fullInDays ?? 0).toFixed(1)} days (${bytes(freeBytes)} are free).`,
        })),
  },
  'budget-near': {
    title: 'A budget is nearly spent',
    explanation: 'So much of a month’s budget is spent',
    threshold: { fallback: 80, unit: 'percent', least: 1, most: 100 },
    isUrgent: false,
    ends: 'resolved',
    holds: ({ budgets }, percent) =>
      budgets
        .filter(({ budgetMicros, spentMicros }) => budgetMicros > 0 && (spentMicros / budgetMicros) * 100 >= percent)
        .map(({ scope, budgetMicros, spentMicros }) => ({
          subject: scope === '' ? 'all' : scope,
          ...(scope.startsWith('collection:') ? { collection: scope.slice('collection:'.length) } : {}),
          sentence: `${scope === '' ? 'All together' : scope.replace(':', ' ')}: ${formatMoney(spentMicros)} of this month's ${formatMoney(budgetMicros)} are spent${spentMicros >= budgetMicros ? '; reading is paused' : ''}.`,
        })),
  },
  'job-dead': {
    title: 'Jobs failed for good',
    explanation: 'So many jobs of one kind failed in the last week after all tries, and nobody retried them',
    threshold: { fallback: 1, unit: 'jobs', least: 1, most: 100_000 },
    isUrgent: false,
    ends: 'resolved',
    holds: ({ failedJobs }, least) =>
      [...Map.groupBy(failedJobs, ({ kind }) => kind)]
        .filter(([, jobs]) => jobs.length >= least)
        .map(([kind, jobs]) => ({
          subject: kind,
          events: jobs.length,
          sentence: `${jobs.length === 1 ? `A ${kind} job` : `${jobs.length} ${kind} jobs`} failed for good; the newest (${cut(jobs[0]?.what ?? '')}): ${cut(jobs[0]?.cause ?? '')}`,
        })),
  },
  'node-gone': {
    title: 'A node is gone',
    explanation: 'A machine said nothing of itself',
    threshold: { fallback: 3, unit: 'minutes', least: 1, most: 10_080 },
    isUrgent: true,
    ends: 'resolved',
    holds: ({ nodes }, minutes) =>
      nodes
        .filter(({ ageMs }) => ageMs >= minutes * MINUTE_MS)
        .map(({ node, ageMs }) => ({ subject: node, sentence: `Node ${node} has said nothing for ${words(ageMs)}.` })),
  },
  'dataset-late': {
    title: 'A dataset is late',
    explanation: 'A finished hour with posts has no whole dataset, so long after it was due',
    threshold: { fallback: 60, unit: 'minutes', least: 5, most: 100_000 },
    isUrgent: false,
    ends: 'resolved',
    holds: ({ lateHours }, minutes) =>
      [...Map.groupBy(lateHours, ({ collection }) => collection)].flatMap(([collection, hours]) => {
        const late = hours.filter(({ lateMs }) => lateMs >= minutes * MINUTE_MS);
        const oldest = late.toSorted((a, b) => b.lateMs - a.lateMs)[0];
        if (oldest === undefined) return [];
        const rest = late.length === 1 ? '' : `, and ${late.length - 1} more`;
        const sentence = `${collection}: the dataset of ${oldest.hour} is ${words(oldest.lateMs)} late${rest}.`;
        return [{ subject: collection, collection, sentence }];
      }),
  },
  'credential-refused': {
    title: 'A credential is refused',
    explanation: 'The platform lets a key in nowhere, so that it is not used',
    threshold: { fallback: 1, unit: 'keys', least: 1, most: 1 },
    isUrgent: true,
    ends: 'resolved',
    holds: ({ credentials }) =>
      credentials.map(({ label, owner, refused }) => ({
        subject: label,
        sentence: `The credential ${label}${owner === '' ? '' : ` of ${owner}`} is not used: ${cut(refused)}`,
      })),
  },
  'backup-old': {
    title: 'No backup was noted for long',
    explanation: 'Whoever copies the data notes it: on the page under Storage, or at the end of the copying program',
    threshold: { fallback: 30, unit: 'days', least: 1, most: 3_650 },
    isUrgent: false,
    ends: 'resolved',
    holds: ({ backup: { ageMs, dataAgeMs } }, days) =>
      dataAgeMs === null || (ageMs ?? dataAgeMs) < days * DAY_MS
        ? []
        : [
            {
              subject: 'backup',
              sentence: `${ageMs === null ? `There are data since ${words(dataAgeMs)}, and no backup of them was ever noted` : `The last backup was noted ${words(ageMs)} ago`}. What to copy, and how: on the page under Administration, Storage.`,
            },
          ],
  },
  'server-failing': {
    title: 'The server failed',
    explanation:
      'So many requests of one kind ended within an hour with HTTP 500, which is a fault of mistnet, not of who asked',
    threshold: { fallback: 1, unit: 'requests', least: 1, most: 1_000_000 },
    isUrgent: false,
    ends: 'expired',
    holds: ({ serverFailures }, least) =>
      serverFailures
        .filter(({ failures, agoMs }) => failures >= least && agoMs < EVENT_LASTS_MS)
        .map(({ node, route, hour, failures, cause }) => ({
          subject: `${node} ${route} ${hour.slice(0, 13)}`,
          sentence: `${route}: ${failures === 1 ? 'a request' : `${failures} requests`} failed in the hour of ${instant(hour)} (node ${node}): ${ended(cut(cause))} The log of the server there says more.`,
        })),
  },
  'delivery-failing': {
    title: 'Alerts cannot be sent',
    explanation: 'A channel takes nothing, so that alerts wait',
    threshold: { fallback: 15, unit: 'minutes', least: 1, most: 10_080 },
    isUrgent: true,
    ends: 'resolved',
    holds: ({ failingChannels }, minutes) =>
      failingChannels
        .filter(({ sinceMs }) => sinceMs >= minutes * MINUTE_MS)
        .map(({ channelId, address, failure, sinceMs }) => ({
          subject: channelId,
          sentence: `Nothing could be sent to ${address} for ${words(sinceMs)}: ${cut(failure)}`,
        })),
  },
};

/** With a point, whoever wrote it. */
function ended(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** One sentence on gaps of one stream in one hour. */
function gapsOfHour(gaps: AlertFacts['gaps']): Pick<Condition, 'sentence' | 'collection'> {
  const [first, ...more] = gaps.toSorted((a, b) => (a.from < b.from ? -1 : 1));
  if (first === undefined) return { sentence: '' };
  const missing = words(gaps.reduce((sum, { uncoveredMs }) => sum + uncoveredMs, 0));
  const causes = [...new Set(gaps.map(({ cause }) => cause))].join(', ');
  const many = more.length === 0 ? '' : ` in ${gaps.length} gaps`;
  return {
    ...(first.collection === null ? {} : { collection: first.collection }),
    sentence: `${first.stream}: ${missing} are missing${many} since ${instant(first.from)} (${causes}, node ${first.node}).`,
  };
}

/** `90 s`, `12 min`, `3.5 h`, `2.1 d`. */
function words(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${(ms / 3_600_000).toFixed(1)} h`;
  return `${(ms / DAY_MS).toFixed(1)} d`;
}

function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(count) / 3));
  return `${Number((count / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

function instant(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** Words of others: bounded, on one line. */
function cut(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= 300 ? line : `${line.slice(0, 300)}…`;
}
