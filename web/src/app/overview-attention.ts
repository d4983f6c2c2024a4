/** What needs a person, and where it is put right. Worst first. Pure. */
import type { components } from '../api/openapi.d.ts';
import type { CollectionStatus, DiskUsage } from '../api/types.ts';
import { type AlertPlace, placeOfAlert } from '../features/admin/alert-places.ts';
import type { Overview } from '../features/collections/api/use-overview.ts';
import { describeState, needsAttention, needsKey } from '../features/collections/state-words.ts';
import { formatBytes, formatCount, formatDuration, formatForecast, formatQuantity } from '../format.ts';

export type Attention = AlertPlace & {
  key: string;
  tone: 'bad' | 'busy';
  title: string;
  sentence: string;
};

type OpenAlert = Pick<
  components['schemas']['Alert'],
  'alertId' | 'kind' | 'title' | 'sentence' | 'isUrgent' | 'collection' | 'state' | 'subject'
>;

const FULL_SOON_DAYS = 14;
const BUDGET_SHARE = 0.8;
/** A whole hour with less than this part of what is usual is worth a look. It may as well be night: only a warning. */
const QUIET_SHARE = 0.1;
const LEAST_USUAL = 20;
const NODE_SILENT_MS = 180_000;

export function whatNeedsAttention(
  known: {
    at: string;
    collections: readonly CollectionStatus[];
    overview: Overview | undefined;
    disk: DiskUsage | undefined;
    alerts: readonly OpenAlert[];
  },
  { isAdministrator }: { isAdministrator: boolean },
): Attention[] {
  const { at, collections, overview, disk, alerts } = known;
  const found: Attention[] = [
    ...collections
      .filter((each) => !isPausedByBudget(each, overview))
      .flatMap((each) => ofState(each, at, isAdministrator)),
    ...(overview?.collections ?? []).flatMap((each) => ofDay(each, collections)),
    ...(overview === undefined ? [] : ofMoney(overview)),
    ...(overview?.nodes ?? []).flatMap((node) => ofNode(node, at)),
    ...(disk === undefined || overview?.nodes.some(({ diskFreeBytes }) => diskFreeBytes !== null) ? [] : ofDisk(disk)),
  ];
  return found
    .concat(alerts.filter((alert) => !isSaid(alert, found)).map(ofAlert))
    .map((each) => (!isAdministrator && each.to.startsWith('/admin/') ? withoutButton(each) : each))
    .toSorted((a, b) => Number(a.tone === 'busy') - Number(b.tone === 'busy'));
}

/** The figures of this page say it already, in more words: an alert beside them would say it twice. */
function isSaid({ kind, collection, subject, state }: OpenAlert, found: readonly Attention[]): boolean {
  if (state === 'acknowledged') return true;
  const has = (key: string) => found.some((each) => each.key === key);
  const beginning = (start: string) => found.some((each) => each.key.startsWith(start));
  if (kind === 'stream-silent' || kind === 'collection-failing')
    return collection !== null && has(`state ${collection}`);
  if (kind === 'gap-opened') return beginning('gaps ');
  if (kind === 'budget-near') return beginning('money ');
  if (kind === 'disk-low' || kind === 'disk-filling') return beginning('disk ');
  if (kind === 'node-gone') return has(`node ${subject}`);
  return false;
}

function ofAlert({ alertId, kind, title, sentence, isUrgent, collection }: OpenAlert): Attention {
  const place = placeOfAlert({ kind, collection });
  return { key: `alert ${alertId}`, tone: isUrgent ? 'bad' : 'busy', title, sentence, ...place };
}

/** Who may not put it right shall know all the same whom to tell. */
function withoutButton(attention: Attention): Attention {
  return { ...attention, action: '', sentence: `${attention.sentence} An administrator can put that right.` };
}

/** Its budget is said below, with the button that helps. */
function isPausedByBudget({ name, state, reason }: CollectionStatus, overview: Overview | undefined): boolean {
  const own = overview?.collections.find((each) => each.name === name);
  return (
    state === 'paused' &&
    /budget/i.test(reason ?? '') &&
    own?.budgetMicros != null &&
    own.spentMicros >= own.budgetMicros * BUDGET_SHARE
  );
}

function ofState(status: CollectionStatus, at: string, isAdministrator: boolean): Attention[] {
  const words = describeState(status, at);
  if (!needsAttention(words) || status.state === 'starting') return [];
  return [
    {
      key: `state ${status.name}`,
      tone: words.tone === 'bad' ? 'bad' : 'busy',
      title: `${status.name}: ${words.label.toLowerCase()}`,
      sentence: words.sentence,
      ...(needsKey(status.state, words) && isAdministrator
        ? ({ action: 'Credentials', to: '/admin/credentials' } as const)
        : ({ action: 'Open', to: '/collections/$name', collection: status.name } as const)),
    },
  ];
}

function ofDay(day: Overview['collections'][number], statuses: readonly CollectionStatus[]): Attention[] {
  const { name, hours, usualPerHour, gapsDay, uncoveredDayMs, heardDayPercent } = day;
  const found: Attention[] = [];
  const place = { tone: 'busy', action: 'Open', to: '/collections/$name', collection: name } as const;
  if (gapsDay > 0)
    found.push({
      ...place,
      key: `gaps ${name}`,
      title: `${name}: ${formatDuration(uncoveredDayMs)} missed`,
      sentence: `${formatQuantity(gapsDay, 'gap')} of the last 24 hours could not be back-filled${heardDayPercent === null ? '' : `; ${heardDayPercent} % of the time was heard`}.`,
    });
  const lastWhole = hours.at(-2);
  const runs = statuses.some((status) => status.name === name && status.state === 'connected');
  if (runs && lastWhole !== undefined && usualPerHour !== null && usualPerHour >= LEAST_USUAL)
    if (lastWhole < usualPerHour * QUIET_SHARE)
      found.push({
        ...place,
        key: `quiet ${name}`,
        title: `${name}: quieter than usual`,
        sentence: `${formatQuantity(lastWhole, 'post')} in the last whole hour; ${formatCount(Math.round(usualPerHour))} are usual. The connection itself is well.`,
      });
  return found;
}

function ofMoney({ money, collections }: Overview): Attention[] {
  const budgets = [
    { name: 'all collections together', ...money },
    ...collections.map(({ name, spentMicros, budgetMicros }) => ({ name, spentMicros, budgetMicros })),
  ];
  return budgets.flatMap(({ name, spentMicros, budgetMicros }): Attention[] => {
    if (budgetMicros === null || budgetMicros === 0 || spentMicros < budgetMicros * BUDGET_SHARE) return [];
    const isReached = spentMicros >= budgetMicros;
    return [
      {
        key: `money ${name}`,
        tone: isReached ? 'bad' : 'busy',
        title: isReached ? 'A budget is reached' : 'A budget is nearly reached',
        sentence: `The budget of ${name} is used up to ${Math.floor((spentMicros / budgetMicros) * 100)} %.${isReached ? ' Paid calls wait for the next month.' : ''}`,
        ...{ action: 'Budgets', to: '/admin/budgets' as const },
      },
    ];
  });
}

function ofNode(node: Overview['nodes'][number], at: string): Attention[] {
  const silentMs = Date.parse(at) - Date.parse(node.sampledAt);
  if (silentMs > NODE_SILENT_MS)
    return [
      {
        ...{ key: `node ${node.node}`, tone: 'bad', title: `Node ${node.node} is silent` },
        sentence: `It has said nothing for ${formatDuration(silentMs)}. What it captures is unknown until it does.`,
        ...{ action: 'Nodes', to: '/admin/nodes' },
      },
    ];
  const { diskFreeBytes, diskTotalBytes, fullInDays } = node;
  if (diskFreeBytes === null || diskTotalBytes === null) return [];
  return ofSpace(`of node ${node.node}`, { freeBytes: diskFreeBytes, totalBytes: diskTotalBytes, fullInDays });
}

function ofDisk({ freeBytes, totalBytes, fullInDays }: DiskUsage): Attention[] {
  return ofSpace('of this machine', { freeBytes, totalBytes, fullInDays });
}

function ofSpace(
  whose: string,
  { freeBytes, totalBytes, fullInDays }: { freeBytes: number; totalBytes: number; fullInDays: number | null },
): Attention[] {
  const isSoon = fullInDays !== null && fullInDays < FULL_SOON_DAYS;
  const isFull = freeBytes < totalBytes * 0.05;
  if (!isSoon && !isFull) return [];
  const when = isSoon ? `, full in about ${formatForecast(fullInDays)}` : '';
  return [
    {
      key: `disk ${whose}`,
      tone: isFull || (fullInDays ?? Number.POSITIVE_INFINITY) < 2 ? 'bad' : 'busy',
      title: `The disk ${whose} fills up`,
      sentence: `${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} are free${when}.`,
      ...{ action: 'Storage', to: '/admin/storage' },
    },
  ];
}
