import type { CollectionGap } from './export-facts.ts';

const HEAD = 'collection,node,from,to,minutes,uncovered_minutes,backfilled_from,cause,evidence';

/** One row an interruption: when nothing was heard, and how much of it is missing for good. */
export function gapsCsv(gaps: readonly CollectionGap[]): string {
  const rows = gaps.map(({ collection, node, from, to, uncoveredMs, backfilledFrom = '', cause, evidence }) => [
    collection,
    node,
    from,
    to,
    minutes(Date.parse(to) - Date.parse(from)),
    minutes(uncoveredMs),
    backfilledFrom,
    cause,
    evidence,
  ]);
  return `${[HEAD, ...rows.map((row) => row.map(csvField).join(','))].join('\n')}\n`;
}

export function minutes(ms: number): string {
  return (ms / 60_000).toFixed(1);
}

export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
