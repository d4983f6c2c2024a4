import type { CollectionStatus } from '../../api/types.ts';
import { formatDuration, formatQuantity } from '../../format.ts';
import { listensToStream } from './state-words.ts';

/** What was missed of a collection, in a line; of one that does not listen, what could not be read: `2 gaps, 4 min 7 s uncovered; 3 more interruptions back-filled; 99.98 % of its time heard`. */
export function summariseGaps({
  gaps,
  uncoveredMs,
  interruptions = gaps,
  heardPercent,
  kind,
}: Pick<CollectionStatus, 'gaps' | 'uncoveredMs' | 'interruptions' | 'heardPercent' | 'kind'>): string {
  const covered = interruptions - gaps;
  if (!listensToStream(kind)) {
    const notes = `${formatQuantity(covered, 'note')} on what the platform no longer shows or what was filled later`;
    if (gaps === 0) return `No gaps; ${notes}`;
    const missing = uncoveredMs === undefined ? '' : `, ${formatDuration(uncoveredMs)} missing`;
    return `${formatQuantity(gaps, 'gap')}${missing}${covered === 0 ? '' : `; ${notes}`}`;
  }
  if (gaps === 0) return `${formatQuantity(covered, 'interruption')}, all back-filled`;
  const missing = uncoveredMs === undefined ? '' : `, ${formatDuration(uncoveredMs)} uncovered`;
  const more = covered === 0 ? '' : `; ${formatQuantity(covered, 'more interruption')} back-filled`;
  const heard = heardPercent == null ? '' : `; ${heardWords(heardPercent)} of its time heard`;
  return `${formatQuantity(gaps, 'gap')}${missing}${more}${heard}`;
}

/** Of a collection without any interruption in the ledger: one that lasts is written there when it is over. */
export function noGapsWords({ state, kind }: Pick<CollectionStatus, 'state' | 'kind'>): string {
  if (!listensToStream(kind)) return 'No gaps: whatever was to be read was read.';
  if (state === 'connected' || state === 'stopped') return 'No gaps: as long as it was meant to listen, it did.';
  return 'No gaps until now. What is missed at present is written down once it listens again.';
}

/** How much of its time a collection heard: `99.98 %`; a dash for what does not listen. */
export function heardWords(percent: number | null | undefined): string {
  return percent === null || percent === undefined ? '–' : `${percent} %`;
}

/** Below what was missed: `in 2 gaps; 99.98 % of its time heard`. */
export function missedRemark({ gaps, heardPercent }: Pick<CollectionStatus, 'gaps' | 'heardPercent'>): string {
  const heard =
    heardPercent === null || heardPercent === undefined ? '' : `; ${heardWords(heardPercent)} of its time heard`;
  return `${gaps === 0 ? 'no gaps' : `in ${formatQuantity(gaps, 'gap')}`}${heard}`;
}

/** That the platform did not deliver all that fitted: its own count. Undefined where it said nothing of the kind. */
export function heldBackWords({ heldBack = 0 }: Pick<CollectionStatus, 'heldBack'>): string | undefined {
  if (heldBack === 0) return undefined;
  return `The platform held back at least ${formatQuantity(heldBack, 'post')} that fitted, by its own count: this stream carries no more than a share of all posts. Fewer or rarer words bring more of them.`;
}

/** What was seen, with a capital and a point whoever wrote it. */
export function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
