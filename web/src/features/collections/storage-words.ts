import type { Compaction, RetentionRun } from '../../api/types.ts';
import { formatBytes, formatCount, formatQuantity } from '../../format.ts';

/** What `keep` means, as a sentence without its point. */
export function describeKeep(keep: string | undefined): string {
  if (keep === 'files') return 'Posts are kept in files only';
  const days = /^days:(\d+)$/.exec(keep ?? '')?.[1];
  if (days !== undefined)
    return `Posts stay in the database for ${formatQuantity(Number(days), 'day')}, in files for good`;
  return 'Posts stay in the database and in files for good';
}

/** The newest run of each node, and older ones that did something for the collection. */
export function runsWorthShowing(runs: readonly RetentionRun[]): RetentionRun[] {
  const seen = new Set<string>();
  return runs.filter((run) => {
    const isNewest = !seen.has(run.node);
    seen.add(run.node);
    return isNewest || run.collections.some(({ observations, unverified }) => observations > 0 || unverified > 0);
  });
}

/** What a run did for the one collection that it was asked about. */
export function describeRun({ collections: [share] }: Pick<RetentionRun, 'collections'>): string {
  if (share === undefined || share.observations + share.unverified === 0) return 'nothing had to go';
  const went = `${formatQuantity(share.observations, 'row')} left the database`;
  if (share.unverified === 0) return went;
  const whose = `${formatQuantity(share.unverified, 'segment')} stayed`;
  return `${went}; those of ${whose}: ${share.unverified === 1 ? 'it was' : 'they were'} not found whole`;
}

/** How far files were put together, and what that saved. */
export function describeCompaction({
  hours,
  segments,
  segmentsBytes,
  compressedBytes,
}: Pick<Compaction, 'hours' | 'segments' | 'segmentsBytes' | 'compressedBytes'>): string {
  if (hours === 0) return 'No hour was put together yet: that happens when an hour is finished and loaded.';
  const size = `${formatBytes(segmentsBytes)} became ${formatBytes(compressedBytes)}`;
  const what = segments === 1 ? 'The one segment' : `The ${formatCount(segments)} segments`;
  return `${what} of ${formatQuantity(hours, 'finished hour')} ${segments === 1 ? 'lies' : 'lie'} in one file an hour; ${size}.`;
}

/** How many things somebody should look at; the newest run of each node tells how it is now. */
export function countTroubles(
  runs: readonly RetentionRun[] | undefined,
  compaction: Pick<Compaction, 'troubles'> | undefined,
): number {
  const newest = new Map((runs ?? []).toReversed().map((run) => [run.node, run]));
  // A segment of one node is lacking for all of them.
  const lacking = new Set([...newest.values()].flatMap((run) => run.lacking.map(({ segment }) => segment)));
  for (const { segment } of compaction?.troubles ?? []) lacking.add(segment);
  return lacking.size;
}
