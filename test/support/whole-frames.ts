/** Frames that are whole on the disk now, also of a segment that is being written. */
import { join } from 'node:path';
import { listHourFolders, listHourSegments, OPEN_SUFFIX, SEALED_SUFFIX } from '../../src/capture/segment/layout.ts';
import { readFrames } from '../../src/capture/segment/read-frames.ts';

/** Payloads by place, `segment@offset`, in order. Capture must not run, or not seal meanwhile. */
export async function wholeFrames(home: string, plan: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const planFolder = join(home, 'segments', plan);
  for (const folder of await listHourFolders(planFolder))
    for (const { segment, stem, open } of await listHourSegments(plan, folder))
      for await (const frames of readFrames(`${stem}${open ? OPEN_SUFFIX : SEALED_SUFFIX}`))
        for (const { offset, payload } of frames) found.set(`${segment}@${offset}`, payload.toString('latin1'));
  return found;
}
