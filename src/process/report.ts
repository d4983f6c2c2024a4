/** The day's report: a line an hour, tab-separated, as `YYYY-MM-DD_report.txt` holds it. */

/** Distinct ids per node, all together, and how many of those at least one node lacks. */
export type HourCounts = { perNode: number[]; total: number; difference: number };

/** `hour tweets` for one node, `hour serv 1 … serv N total diff diff %` for more. */
export function reportHeader(nodes: number): string {
  if (nodes === 1) return 'hour\ttweets';
  const servers = Array.from({ length: nodes }, (_, index) => `serv ${index + 1}`);
  return ['hour', ...servers, 'total', 'diff', 'diff %'].join('\t');
}

/**
 * One hour's line, without line end. In the report of a day with more nodes (`width`) the cells of those that the hour did not have
 * stay empty, and an hour of one node has nothing to differ from.
 */
export function reportLine(cell: string, { perNode, total, difference }: HourCounts, width = perNode.length): string {
  if (width === 1) return `${cell}\t${total}`;
  const nodes = Array.from({ length: width }, (_, index) => perNode[index] ?? '');
  const differs = perNode.length === 1 ? ['', ''] : [difference, `${percentText(difference, total)}%`];
  return [cell, ...nodes, total, ...differs].join('\t');
}

/**
 * `difference / total * 100` to two decimals as Python's `round` and `str` write it: `7.0`, `6.96`, ties to the even digit;
 * `0.0` when there is nothing at all.
 */
export function percentText(difference: number, total: number): string {
  if (total === 0) return '0.0';
  const percent = (difference / total) * 100;
  // Only eighths lie exactly between two hundredths; toFixed rounds those up, Python to even.
  const hundredths = percent * 100;
  const isTie = Number.isInteger(percent * 8) && !Number.isInteger(percent * 4);
  const rounded = isTie ? 2 * Math.round(hundredths / 2) : Number(percent.toFixed(2)) * 100;
  const text = (Math.round(rounded) / 100).toString();
  return text.includes('.') ? text : `${text}.0`;
}

/**
 * The whole file from the hours' lines: `lines` (cell → line) replace those of the same hours in `previous`, a report of before; other
 * lines stay as they are. The header is that of the largest number of nodes. Sorted by hour, the earlier of a repeated hour first.
 */
export function mergeReport(previous: string, lines: ReadonlyMap<string, string>, nodes: number): string {
  const merged = new Map<string, string>();
  const [oldHeader = '', ...oldLines] = previous.split('\n');
  for (const line of oldLines) if (line !== '') merged.set(line.split('\t', 1)[0] ?? '', line);
  for (const [cell, line] of lines) merged.set(cell, line);
  const header = reportHeader(nodes);
  const sorted = [...merged.keys()].sort(compareCells).map((cell) => merged.get(cell));
  return `${[oldHeader.length > header.length ? oldHeader : header, ...sorted].join('\n')}\n`;
}

/** `2`, `2+0200`, `2+0100`: by hour, then the greater offset first, for that is the earlier instant. */
function compareCells(a: string, b: string): number {
  const [hourA, offsetA] = splitCell(a);
  const [hourB, offsetB] = splitCell(b);
  return hourA - hourB || offsetB - offsetA;
}

function splitCell(cell: string): [hour: number, offset: number] {
  const parts = /^(\d+)([+-]\d{4})?/.exec(cell);
  return parts === null ? [99, 0] : [Number(parts[1]), Number(parts[2] ?? 0)];
}
