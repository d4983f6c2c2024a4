import type { CollectionStatus } from '../../api/types.ts';
import { formatDuration, formatQuantity } from '../../format.ts';

/** What was missed of a collection, in a line: `2 gaps, 4 min 7 s uncovered; 3 more interruptions back-filled`. */
export function summariseGaps({
  gaps,
  uncoveredMs,
  interruptions = gaps,
}: Pick<CollectionStatus, 'gaps' | 'uncoveredMs' | 'interruptions'>): string {
  const covered = interruptions - gaps;
  if (gaps === 0) return `${formatQuantity(covered, 'interruption')}, all back-filled`;
  const missing = uncoveredMs === undefined ? '' : `, ${formatDuration(uncoveredMs)} uncovered`;
  const more = covered === 0 ? '' : `; ${formatQuantity(covered, 'more interruption')} back-filled`;
  return `${formatQuantity(gaps, 'gap')}${missing}${more}`;
}

/** What was seen, with a capital and a point whoever wrote it. */
export function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
