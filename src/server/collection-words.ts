/** Collections in plain words. */
import type { TimelineSchedule } from '../jobs/timelines/schedule.ts';
import type { Kept } from '../store/queries/kept-files.ts';
import type { CollectionSummary } from '../store/queries/collection-summaries.ts';

/** What a collection collects, in a few words; `-` when it is stopped and tracks nothing now. */
export function tracksWords({
  kind,
  wanted,
  seeds,
  accounts,
  filterWords,
}: Pick<CollectionSummary, 'kind' | 'wanted' | 'seeds' | 'accounts' | 'filterWords'>): string {
  if (wanted === 'stopped') return '-';
  if (kind === 'sample') return 'a random sample of all public posts';
  if (kind === 'timeline')
    return seeds === 0
      ? `all active accounts, ${accounts} now`
      : `${accounts} ${accounts === 1 ? 'account' : 'accounts'}`;
  if (kind === 'filter') return filterWords.length === 0 ? 'nothing yet' : filterWords.join(' ');
  return 'what is imported';
}

/** The schedule of a plan as it is shown; null for none of ours. */
export function scheduleOf(value: unknown): TimelineSchedule | null {
  if (value === null || typeof value !== 'object' || !('kind' in value)) return null;
  return value as TimelineSchedule;
}

export function isEmpty({ observations, segments, datasets }: Kept): boolean {
  return observations + segments + datasets === 0;
}

/** What deleting does to each kind of thing that there is, a sentence each. */
export function fateWords(kept: Kept): string[] {
  if (isEmpty(kept)) return ['Nothing was collected: it disappears altogether, and its name is free again.'];
  const { observations, segments, datasets, nodes } = kept;
  const where = nodes.length === 0 ? '' : ` on ${nodes.length === 1 ? 'node' : 'nodes'} ${nodes.join(', ')}`;
  return [
    'Nothing more is collected.',
    ...(observations === 0
      ? []
      : [
          `${quantity(observations, 'row')} of it leave${observations === 1 ? 's' : ''} the database with the next daily retention, and with them the posts that no other collection has; rows whose files are not found whole stay until they are.`,
        ]),
    ...(segments === 0
      ? []
      : [
          `${quantity(segments, 'segment')}${where} stay${segments === 1 ? 's' : ''} in the data folder until somebody removes them there.`,
        ]),
    ...(datasets === 0 ? [] : [`${quantity(datasets, 'hourly dataset')} and its exports stay, too.`]),
    'It stays in the list as stopped, so that nobody wonders whose files these are, and its name stays taken.',
  ];
}

function quantity(count: number, one: string): string {
  return `${count.toLocaleString('en-US')} ${one}${count === 1 ? '' : 's'}`;
}
