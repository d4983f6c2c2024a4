/**
 * Where segments lie: `segments/<plan>/YYYY/MM/DD/HH/<node>-<YYYYMMDDTHHMMSSZ>-<n>.jsonl`, sealed `.jsonl.zst` + `.manifest.json`; those of a
 * closed hour together in a compacted file, `<node>-<YYYYMMDDTHHMMSSZ>-<first n>-<last n>.jsonl.zst` + `.manifest.json`.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { msToCompactInstant } from '../../core/time.ts';
import { type CompactedManifest, type Manifest, partManifest, readCompactedManifest } from './manifest.ts';

export const OPEN_SUFFIX = '.jsonl';
export const SEALED_SUFFIX = '.jsonl.zst';
export const MANIFEST_SUFFIX = '.manifest.json';

/** A segment's name, its identity in the ledger: open and sealed form share it. */
export type SegmentName = { segment: string; node: string; openedAtMs: number; sequence: number };

/** Where a segment lies in a compacted file: from `start` on `manifest.bytes` bytes of its content. */
export type SegmentPart = { path: string; start: number; manifest: Manifest };

/**
 * A segment found on disk. `stem` is the path without any suffix; both forms may exist between a seal's rename and its removal of the open
 * file. One with a `part` is to be read from there alone, whether files of its own are left or not.
 */
export type SegmentFiles = SegmentName & {
  plan: string;
  stem: string;
  open: boolean;
  sealed: boolean;
  part?: SegmentPart;
};

/** A stretch of a file's unpacked content. */
export type ContentRange = { start: number; bytes: number };

/** A compacted file's name: the instant is its first segment's, the numbers the lowest and highest of its segments'. */
export type CompactedName = { name: string; node: string; firstSequence: number; lastSequence: number };

/** A compacted file that counts: both the packed file and a manifest that can be read are there. */
export type CompactedFile = CompactedName & { path: string; manifest: CompactedManifest };

const NAME = /^([a-z0-9_]{1,32})-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-(\d+)$/;
const COMPACTED_NAME = /^(([a-z0-9_]{1,32})-\d{8}T\d{6}Z-(\d+))-(\d+)$/;

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

/** `node-20261122T130000Z-17-76`. */
export function makeCompactedName(
  node: string,
  openedAtMs: number,
  { first, last }: { first: number; last: number },
): string {
  return `${makeSegmentName(node, openedAtMs, first)}-${last}`;
}

/** Reads a compacted file's name without suffix; undefined when it is none. */
export function parseCompactedName(name: string): CompactedName | undefined {
  const [, first = '', node = '', firstSequence, lastSequence] = COMPACTED_NAME.exec(name) ?? [];
  if (parseSegmentName(first) === undefined) return undefined;
  return { name, node, firstSequence: Number(firstSequence), lastSequence: Number(lastSequence) };
}

/** `<plan folder>/2026/11/22/13` for an instant. */
export function hourFolder(planFolder: string, ms: number): string {
  const [year = '', month = '', day = '', hour = ''] = new Date(ms).toISOString().split(/[-T:]/);
  return join(planFolder, year, month, day, hour);
}

/**
 * The segments in one folder of an hour, by instant and number, those in compacted files too; a folder that does not exist holds none. Compacted
 * files that do not count (`listCompacted`) are passed over, and unread those that `skips` says yes to, unless a segment of theirs is open.
 */
export async function listHourSegments(
  plan: string,
  folder: string,
  skips: (file: CompactedName) => boolean = () => false,
): Promise<SegmentFiles[]> {
  const found = new Map<string, SegmentFiles>();
  const names = await readdirOrNone(folder);
  const take = (name: SegmentName) => {
    const files = found.get(name.segment) ?? {
      ...name,
      plan,
      stem: join(folder, name.segment),
      open: false,
      sealed: false,
    };
    found.set(name.segment, files);
    return files;
  };
  for (const file of names) {
    const suffix = file.endsWith(SEALED_SUFFIX) ? SEALED_SUFFIX : file.endsWith(OPEN_SUFFIX) ? OPEN_SUFFIX : undefined;
    const name = suffix === undefined ? undefined : parseSegmentName(file.slice(0, -suffix.length));
    if (name === undefined) continue;
    if (suffix === OPEN_SUFFIX) take(name).open = true;
    else take(name).sealed = true;
  }
  const open = [...found.values()].filter((files) => files.open);
  const wanted = (file: CompactedName) => !skips(file) || open.some((files) => isWithin(files, file));
  for (const { path, manifest } of (await compactedOf(folder, names, wanted)).files) {
    for (const part of manifest.parts) {
      const name = parseSegmentName(part.segment);
      if (name === undefined) continue; // no name that any of us gave
      const files = take(name);
      files.sealed = true;
      files.part = { path, start: part.offset, manifest: partManifest(manifest, part) };
    }
  }
  return [...found.values()].sort((a, b) => a.openedAtMs - b.openedAtMs || a.sequence - b.sequence);
}

function isWithin({ node, sequence }: SegmentName, file: CompactedName): boolean {
  return node === file.node && file.firstSequence <= sequence && sequence <= file.lastSequence;
}

/** The compacted files in one folder of an hour, and the packed ones among them whose manifest is missing or damaged, with the reason. */
export async function listCompacted(
  folder: string,
  skips: (file: CompactedName) => boolean = () => false,
): Promise<{ files: CompactedFile[]; unreadable: (CompactedName & { reason: unknown })[] }> {
  return await compactedOf(folder, await readdirOrNone(folder), (file) => !skips(file));
}

async function compactedOf(folder: string, names: string[], wanted: (file: CompactedName) => boolean) {
  const files: CompactedFile[] = [];
  const unreadable: (CompactedName & { reason: unknown })[] = [];
  for (const file of names) {
    const name = file.endsWith(SEALED_SUFFIX) ? parseCompactedName(file.slice(0, -SEALED_SUFFIX.length)) : undefined;
    if (name === undefined || !wanted(name)) continue;
    try {
      const manifest = await readCompactedManifest(join(folder, `${name.name}${MANIFEST_SUFFIX}`));
      files.push({ ...name, path: join(folder, file), manifest });
    } catch (reason) {
      unreadable.push({ ...name, reason });
    }
  }
  return { files, unreadable };
}

/** Where the content of a sealed segment is: a file, and which part of its content. */
export function sealedPlace({ stem, part }: SegmentFiles): { path: string; within?: ContentRange } {
  if (part === undefined) return { path: `${stem}${SEALED_SUFFIX}` };
  return { path: part.path, within: { start: part.start, bytes: part.manifest.bytes } };
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
