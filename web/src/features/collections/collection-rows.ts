/** Collections as rows of a table: put together, searched, filtered, sorted. */
import type { CollectionStatus } from '../../api/types.ts';
import type { Overview } from './api/use-overview.ts';
import { describeState, lastPostWords, needsAttention, type StateWords } from './state-words.ts';

/**
 * `hours`, `usualPerHour`: of the last day, undefined until known. `silentMs`: since the last byte, `postMs`: since the last post; null when none came,
 * of posts within seven days. `lastPost`: the same in words.
 */
export type CollectionRow = {
  name: string;
  kind: string | undefined;
  tracks: string | undefined;
  words: StateWords;
  postsPerSecond: number | undefined;
  captured: number;
  hours: readonly number[] | undefined;
  dayTotal: number | undefined;
  usualPerHour: number | null;
  silentMs: number | null;
  postMs: number | null | undefined;
  lastPost: string;
  gaps: number;
  uncoveredMs: number | undefined;
  heardPercent: number | null;
  spentMicros: number | undefined;
};

export type Shown = 'all' | 'running' | 'attention' | 'stopped';
export const sortKeys = ['name', 'state', 'rate', 'day', 'captured', 'silence', 'post', 'gaps'] as const;
export type SortKey = (typeof sortKeys)[number];
export type ListView = { search: string; show: Shown; kind: string; sort: SortKey; isDescending: boolean };

export const plainView: ListView = { search: '', show: 'all', kind: '', sort: 'name', isDescending: false };

/** `at`: the server's instant for the statuses. */
export function collectionRows(
  statuses: readonly CollectionStatus[],
  at: string,
  overview: Pick<Overview, 'collections'> | undefined,
): CollectionRow[] {
  const known = new Map((overview?.collections ?? []).map((each) => [each.name, each]));
  return statuses.map((status) => {
    const day = known.get(status.name);
    const postMs = ageOf(day?.lastPostAt, at);
    return {
      name: status.name,
      kind: day?.kind,
      tracks: day?.tracks,
      words: describeState(status, at),
      postsPerSecond: status.postsPerSecond,
      captured: status.captured,
      hours: day?.hours,
      dayTotal: day?.hours.reduce((sum, posts) => sum + posts, 0),
      usualPerHour: day?.usualPerHour ?? null,
      silentMs: status.lastByteAt === null ? null : Math.max(0, Date.parse(at) - Date.parse(status.lastByteAt)),
      postMs,
      lastPost: lastPostWords(postMs, status.postsPerSecond),
      gaps: status.gaps,
      uncoveredMs: status.uncoveredMs,
      heardPercent: status.heardPercent ?? null,
      spentMicros: day?.spentMicros,
    };
  });
}

/** Between two instants; what is not known or did not happen stays so. */
export function ageOf(then: string | null | undefined, at: string): number | null | undefined {
  return then === null || then === undefined ? then : Math.max(0, Date.parse(at) - Date.parse(then));
}

/** Those that fit, in the order that is wished; by name where that leaves it open. */
export function rowsInView(rows: readonly CollectionRow[], view: ListView): CollectionRow[] {
  const search = view.search.trim().toLowerCase();
  const direction = view.isDescending ? -1 : 1;
  return rows
    .filter(
      (row) =>
        (search === '' || `${row.name} ${row.tracks ?? ''}`.toLowerCase().includes(search)) &&
        (view.kind === '' || row.kind === view.kind) &&
        isShown(row, view.show),
    )
    .toSorted(
      (a, b) => direction * compare(sortValue(a, view.sort), sortValue(b, view.sort)) || compare(a.name, b.name),
    );
}

function isShown({ words }: CollectionRow, show: Shown): boolean {
  if (show === 'all') return true;
  if (show === 'attention') return needsAttention(words);
  return show === 'stopped' ? words.tone === 'idle' : words.tone !== 'idle';
}

const tones = ['bad', 'busy', 'good', 'idle'];

function sortValue(row: CollectionRow, key: SortKey): number | string {
  if (key === 'name') return row.name;
  if (key === 'state') return tones.indexOf(row.words.tone);
  if (key === 'rate') return row.postsPerSecond ?? -1;
  if (key === 'day') return row.dayTotal ?? -1;
  if (key === 'captured') return row.captured;
  if (key === 'silence') return row.silentMs ?? Number.POSITIVE_INFINITY;
  if (key === 'post') return row.postMs ?? Number.POSITIVE_INFINITY;
  return row.uncoveredMs ?? row.gaps;
}

function compare(a: number | string, b: number | string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
