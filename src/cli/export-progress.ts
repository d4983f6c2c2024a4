/** One line about an export under way: how many rows, how fast, how long still. */
import type { ExportProgress } from '../share/run-export.ts';
import { formatCount, formatDuration } from './format.ts';

const SHOW_EVERY_MS = 200;

/** On a terminal a line that changes; in a pipe nothing. */
export function showExportProgress(): { show: (progress: ExportProgress) => void; clear: () => void } {
  if (!process.stderr.isTTY) return { show: () => {}, clear: () => {} };
  let began: { atMs: number; rows: number } | undefined;
  let shownMs = 0;
  return {
    show: ({ rowsDone, rowsTotal, resumedFrom }) => {
      const nowMs = performance.now();
      began ??= { atMs: nowMs, rows: Math.max(rowsDone, resumedFrom) };
      if (nowMs - shownMs < SHOW_EVERY_MS) return;
      shownMs = nowMs;
      process.stderr.write(
        `\r\x1b[K${progressText({ rowsDone, rowsTotal, sinceMs: nowMs - began.atMs, since: rowsDone - began.rows })}`,
      );
    },
    clear: () => void process.stderr.write('\r\x1b[K'),
  };
}

/** `since` rows were written in the last `sinceMs`. */
export function progressText(at: { rowsDone: number; rowsTotal: number; since: number; sinceMs: number }): string {
  const { rowsDone, rowsTotal, since, sinceMs } = at;
  const perMs = sinceMs <= 0 ? 0 : since / sinceMs;
  const left = perMs <= 0 ? '' : `, ${formatDuration((rowsTotal - rowsDone) / perMs)} left`;
  return `${formatCount(rowsDone)} of ${formatCount(rowsTotal)} rows, ${formatCount(Math.round(perMs * 1000))}/s${left}`;
}
