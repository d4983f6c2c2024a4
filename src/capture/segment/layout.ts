/** Where segments lie: `segments/<plan>/YYYY/MM/DD/HH/<node>-<YYYYMMDDTHHMMSSZ>-<n>.jsonl`, sealed `.jsonl.zst` + `.manifest.json`. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { msToCompactInstant } from '../../core/time.ts';

export const OPEN_SUFFIX = '.jsonl';
export const SEALED_SUFFIX = '.jsonl.zst';
export const MANIFEST_SUFFIX = '.manifest.json';

/** A segment's name, its identity in the ledger: open and sealed form share it. */
export type SegmentName = { segment: string; node: string; openedAtMs: number; sequence: number };

/** A segment found on disk. `stem` is the path without any suffix; both forms may exist between a seal's rename and its removal of the open file. */
export type SegmentFiles = SegmentName & { plan: string; stem: string; open: boolean; sealed: boolean };

const NAME = /^([a-z0-9_]{1,32})-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-(\d+)$/;

/** `node-20261122T130500Z-17`. */
export function makeSegmentName(node: string, openedAtMs: number, sequence: number): string {
  return `${node}-${msToCompactInstant(openedAtMs)}-${sequence}`;
}

/** Reads a segment's name; undefined when it is none. */
export function parseSegmentName(segment: string): SegmentName | undefined {
  const parts = NAME.exec(segment);
  if (parts === null) return undefined;
  const [, node = '', year, month, day, hour, minute, second, sequence] = parts;
  const openedAtMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(openedAtMs) ? undefined : { segment, node, openedAtMs, sequence: Number(sequence) };
}

/** `<plan folder>/2026/11/22/13` for an instant. */
export function hourFolder(planFolder: string, ms: number): string {
  const [year = '', month = '', day = '', hour = ''] = new Date(ms).toISOString().split(/[-T:]/);
  return join(planFolder, year, month, day, hour);
}

/** The segments in one folder of an hour, by name; a folder that does not exist holds none. */
export async function listHourSegments(plan: string, folder: string): Promise<SegmentFiles[]> {
  const found = new Map<string, SegmentFiles>();
  for (const file of await readdirOrNone(folder)) {
    const suffix = file.endsWith(SEALED_SUFFIX) ? SEALED_SUFFIX : file.endsWith(OPEN_SUFFIX) ? OPEN_SUFFIX : undefined;
    const name = suffix === undefined ? undefined : parseSegmentName(file.slice(0, -suffix.length));
    if (name === undefined) continue;
    const files = found.get(name.segment) ?? {
      ...name,
      plan,
      stem: join(folder, name.segment),
      open: false,
      sealed: false,
    };
    if (suffix === OPEN_SUFFIX) files.open = true;
    else files.sealed = true;
    found.set(name.segment, files);
  }
  return [...found.values()].sort((a, b) => a.openedAtMs - b.openedAtMs || a.sequence - b.sequence);
}

/** The folders of hours below a plan's folder, oldest first, as paths; `since` (a UTC hour's first ms) leaves out older ones. */
export async function listHourFolders(planFolder: string, since = Number.NEGATIVE_INFINITY): Promise<string[]> {
  let folders = [planFolder];
  for (const shape of [/^\d{4}$/, /^\d{2}$/, /^\d{2}$/, /^\d{2}$/]) {
    const next: string[] = [];
    for (const folder of folders) {
      for (const name of (await readdirOrNone(folder)).sort()) if (shape.test(name)) next.push(join(folder, name));
    }
    folders = next;
  }
  return folders.filter((folder) => hourFolderMs(folder) >= since);
}

/** First millisecond of the hour whose folder this is. */
export function hourFolderMs(folder: string): number {
  const [hour = '', day = '', month = '', year = ''] = folder.split('/').reverse();
  return Date.parse(`${year}-${month}-${day}T${hour}:00:00Z`);
}

async function readdirOrNone(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
