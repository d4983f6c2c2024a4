/** The frames that a node wrote last, for those who have to find out how far they had come. */
import { listHourFolders, listHourSegments, sealedPlace, type SegmentFiles } from './segment/layout.ts';
import { readFrames } from './segment/read-frames.ts';
import type { Frame } from './segment/format.ts';

/**
 * The frames of the newest `count` sealed segments of a node, oldest segment first. Payloads point into a buffer: use or copy them before
 * asking for the next batch.
 */
export async function* newestFrames(planFolder: string, node: string, count: number): AsyncGenerator<Frame[]> {
  const found: SegmentFiles[] = [];
  const folders = await listHourFolders(planFolder);
  for (const folder of folders.reverse()) {
    const here = (await listHourSegments('', folder)).filter((files) => files.node === node && files.sealed);
    found.push(...here);
    if (found.length >= count) break;
  }
  const newest = found.sort((a, b) => b.sequence - a.sequence).slice(0, count);
  for (const files of newest.reverse()) {
    const { path, within } = sealedPlace(files);
    yield* readFrames(path, 0, within);
  }
}
