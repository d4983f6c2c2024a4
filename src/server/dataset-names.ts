/** Names of published dataset files, as they stand in `datasets/<collection>/<day>/`. Anything else is never served. */

const COLLECTION = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
// The repeated hour of autumn carries its offset. Without xz the text files lose their ending.
const HOUR_FILE =
  /^(\d{4}-\d{2}-\d{2}_\d{2}(?:[+-]\d{4})?)_(IDs\.txt(?:\.xz)?|(?:tweets|users)\.csv(?:\.xz)?|posts\.parquet|manifest\.json)$/;
const REPORT = /^(\d{4}-\d{2}-\d{2})_report\.txt$/;

const contentTypes: readonly (readonly [ending: string, type: string])[] = [
  ['.json', 'application/json; charset=utf-8'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.csv', 'text/csv; charset=utf-8'],
  ['.xz', 'application/x-xz'],
  ['.parquet', 'application/vnd.apache.parquet'],
];

export type DatasetFileName = { kind: 'hour'; label: string } | { kind: 'report' };

export function isCollectionName(name: string): boolean {
  return COLLECTION.test(name);
}

export function isDayName(name: string): boolean {
  return DAY.test(name);
}

/** What a file name says: a file of the hour `label` (`2022-10-01_15`), the report of its day, or undefined: not ours. */
export function parseDatasetFileName(day: string, name: string): DatasetFileName | undefined {
  const hour = HOUR_FILE.exec(name)?.[1];
  if (hour !== undefined) return hour.startsWith(`${day}_`) ? { kind: 'hour', label: hour } : undefined;
  return REPORT.exec(name)?.[1] === day ? { kind: 'report' } : undefined;
}

export function manifestName(label: string): string {
  return `${label}_manifest.json`;
}

export function reportName(day: string): string {
  return `${day}_report.txt`;
}

export function contentTypeOf(name: string): string {
  return contentTypes.find(([ending]) => name.endsWith(ending))?.[1] ?? 'application/octet-stream';
}

export function datasetHref(collection: string, day: string, name: string): string {
  return `/files/datasets/${collection}/${day}/${encodeURIComponent(name)}`;
}
