/** What there is to read below a folder. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { placeOf } from '../archive/organize.ts';
import { type CompactedName, parseCompactedName, parseSegmentName, SEALED_SUFFIX } from '../capture/segment/layout.ts';
import { MistnetError, causeText } from '../core/errors.ts';
import { partsOfFile } from './part-lines.ts';

const INPUT = /\.jsonl(\.gz|\.zst)?$/;

/**
 * The paths of all `*.jsonl`, `*.jsonl.gz` and `*.jsonl.zst` below a folder, and of files that Social Feed Manager's collectors
 * wrote (`streamsample-2016-03-01T14-30-00Z.gz`), sorted by path, byte for byte. Of a segment that is there
 * both open and sealed only the sealed form is taken, of one that a compacted file holds too only that. Throws `folder.unreadable` when any folder below cannot be read, and
 * `dataset.empty` when there are no such files.
 */
export async function collectInputFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  await collect(folder, found);
  const all = new Set(found);
  const doubled = await doubledStems(found);
  const files = found.filter(
    (path) => !(all.has(`${path}.zst`) && isOpenSegment(path)) && !doubled.has(path.replace(/\.jsonl(\.zst)?$/, '')),
  );
  if (files.length === 0)
    throw new MistnetError('dataset.empty', `There is no *.jsonl, *.jsonl.gz or *.jsonl.zst file below ${folder}.`);
  return files.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/**
 * Paths, without suffix, that hold what others hold too: of segments in compacted files, and of compacted files whose manifest is missing
 * while files of their segments are there (a copy made at the wrong moment).
 */
async function doubledStems(found: readonly string[]): Promise<Set<string>> {
  const doubled = new Set<string>();
  for (const path of found) {
    const stem = path.endsWith(SEALED_SUFFIX) ? path.slice(0, -SEALED_SUFFIX.length) : '';
    const range = parseCompactedName(basename(stem));
    if (range === undefined) continue;
    const parts = await partsOfFile(path);
    for (const { segment } of parts ?? []) doubled.add(join(dirname(path), segment));
    if (parts === undefined && found.some((other) => isOfRange(other, dirname(path), range))) doubled.add(stem);
  }
  return doubled;
}

function isOfRange(path: string, folder: string, range: CompactedName): boolean {
  const name = dirname(path) === folder ? parseSegmentName(basename(path).replace(/\.jsonl(\.zst)?$/, '')) : undefined;
  if (name === undefined || name.node !== range.node) return false;
  return range.firstSequence <= name.sequence && name.sequence <= range.lastSequence;
}

/** The innermost folder that holds all the files, by their paths alone; the manifest names inputs from there. */
export function commonFolder(files: readonly string[]): string {
  let common = files[0] === undefined ? '.' : dirname(files[0]);
  for (const file of files) while (!isBelow(file, common)) common = dirname(common);
  return common;
}

function isBelow(file: string, folder: string): boolean {
  return folder === '.' || folder === dirname(folder) || file.startsWith(folder + sep);
}

async function collect(folder: string, found: string[]): Promise<void> {
  try {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await collect(path, found);
      else if (isInput(entry.name) && (entry.isFile() || (await stat(path)).isFile())) found.push(path);
    }
  } catch (error) {
    if (error instanceof MistnetError) throw error;
    throw new MistnetError('folder.unreadable', `Cannot read the folder ${folder}: ${causeText(error)}.`, {
      cause: error,
    });
  }
}

function isInput(name: string): boolean {
  return INPUT.test(name) || placeOf(name) !== undefined;
}

function isOpenSegment(path: string): boolean {
  const name = path.slice(path.lastIndexOf(sep) + 1, -'.jsonl'.length);
  return path.endsWith('.jsonl') && parseSegmentName(name) !== undefined;
}
