import { join } from 'node:path';
import { hourFolder, listHourSegments } from '../capture/segment/layout.ts';
import { MistnetError } from '../core/errors.ts';
import type { LoadedSegment } from '../store/queries/loaded-segments.ts';
import { formatCount } from './format.ts';

/** Throws `segment.missing` unless each of them lies below the folder, open, sealed or within a compacted file. */
export async function requireSegments(segmentsFolder: string, segments: readonly LoadedSegment[]): Promise<void> {
  const listed = new Map<string, Set<string>>();
  const missing: string[] = [];
  for (const { plan, segment, hourMs } of segments) {
    const folder = hourFolder(join(segmentsFolder, plan), hourMs);
    const found = listed.get(folder) ?? new Set((await listHourSegments(plan, folder)).map((files) => files.segment));
    listed.set(folder, found);
    if (!found.has(segment)) missing.push(join(folder, segment));
  }
  if (missing.length > 0)
    throw new MistnetError(
      'segment.missing',
      `Nothing was removed: of ${formatCount(segments.length)} segments that rows were loaded from ${formatCount(missing.length)} are not there, ` +
        `the first ${missing[0]}. Put them back, or rebuild --without-missing and lose their rows until they are.`,
    );
}
