/** Collections in plain words. */
import type { TimelineSchedule } from '../jobs/timelines/schedule.ts';
import type { CollectionSummary } from '../store/queries/collection-summaries.ts';

/** What a collection collects, in a few words; `-` when it is stopped and tracks nothing now. */
export function tracksWords({
  kind,
  wanted,
  seeds,
  accounts,
}: Pick<CollectionSummary, 'kind' | 'wanted' | 'seeds' | 'accounts'>): string {
  if (wanted === 'stopped') return '-';
  if (kind === 'sample') return 'a random sample of all public posts';
  if (kind === 'timeline')
    return seeds === 0
      ? `all active accounts, ${accounts} now`
      : `${accounts} ${accounts === 1 ? 'account' : 'accounts'}`;
  return 'what is imported';
}

/** The schedule of a plan as it is shown; null for none of ours. */
export function scheduleOf(value: unknown): TimelineSchedule | null {
  if (value === null || typeof value !== 'object' || !('kind' in value)) return null;
  return value as TimelineSchedule;
}
