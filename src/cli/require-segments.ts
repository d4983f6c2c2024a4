import { join } from 'node:path';
import { hourFolder, listHourSegments } from '../capture/segment/layout.ts';
import { MistnetError } from '../core/errors.ts';
import type { LoadedSegment } from '../store/queries/loaded-segments.ts';
import { formatCount } from './format.ts';

/** Those that lie nowhere below the folder, neither open nor sealed nor within a compacted file; with where they should. */
export async function missingSegments(
  segmentsFolder: string,
  segments: readonly LoadedSegment[],
): Promise<(LoadedSegment & { path: string })[]> {
  const listed = new Map<string, Set<string>>();
  const missing: (LoadedSegment & { path: string })[] = [];
  for (const each of segments) {
    const { plan, segment, hourMs } = each;
    const folder = hourFolder(join(segmentsFolder, plan), hourMs);
    const found = listed.get(folder) ?? new Set((await listHourSegments(plan, folder)).map((files) => files.segment));
    listed.set(folder, found);
    if (!found.has(segment)) missing.push({ ...each, path: join(folder, segment) });
  }
  return missing;
}

/** Before rows are removed that were loaded from `of` segments. Throws `segment.missing` when any is. */
export function requireNoneMissing(missing: readonly { path: string }[], of: number): void {
  const [first] = missing;
  if (first === undefined) return;
  throw new MistnetError(
    'segment.missing',
    `Nothing was removed: of ${formatCount(of)} segments that rows were loaded from ${formatCount(missing.length)} are not there, ` +
      `the first ${first.path}. Put them back, or rebuild --without-missing and lose their rows until they are.`,
  );
}
