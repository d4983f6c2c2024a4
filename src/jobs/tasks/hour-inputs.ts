/** The segments of one hour, held still while a dataset is built from them: capture seals and removes open files meanwhile. */
import { copyFile, link, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  hourFolder,
  listHourSegments,
  OPEN_SUFFIX,
  SEALED_SUFFIX,
  type SegmentFiles,
} from '../../capture/segment/layout.ts';
import { type UtcHour, utcHourToMs } from '../../core/time.ts';

export type HeldNode = { name: string; files: string[] };
export type HeldInputs = AsyncDisposable & { nodes: HeldNode[]; open: number };

/**
 * Links the hour's segments into a folder of their own, sealed ones where there are, by node and in order of capture. A link keeps
 * the content though its first name goes. The folder is removed on dispose.
 */
export async function holdHourInputs(options: {
  planFolder: string;
  plan: string;
  hour: UtcHour;
  runFolder: string;
}): Promise<HeldInputs> {
  const { planFolder, plan, hour, runFolder } = options;
  await mkdir(runFolder, { recursive: true });
  const folder = await mkdtemp(join(runFolder, 'hour-'));
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    const byNode = new Map<string, string[]>();
    let open = 0;
    for (const segment of await listHourSegments(plan, hourFolder(planFolder, utcHourToMs(hour)))) {
      const file = await hold(segment, join(folder, segment.node));
      if (file === undefined) continue;
      if (file.endsWith(OPEN_SUFFIX)) open++;
      byNode.set(segment.node, [...(byNode.get(segment.node) ?? []), file]);
    }
    const nodes = [...byNode].map(([name, files]) => ({ name, files })).sort((a, b) => (a.name < b.name ? -1 : 1));
    return { nodes, open, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The sealed form if it is there, else the open one; tried again because a seal may fall between the two looks. */
async function hold(segment: SegmentFiles, folder: string): Promise<string | undefined> {
  await mkdir(folder, { recursive: true });
  for (let look = 0; look < 3; look++) {
    for (const suffix of [SEALED_SUFFIX, OPEN_SUFFIX]) {
      const held = join(folder, `${basename(segment.stem)}${suffix}`);
      if (await linkOrCopy(`${segment.stem}${suffix}`, held)) return held;
    }
  }
  return undefined; // it was open, held no frame, and went
}

async function linkOrCopy(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    if (code !== 'EPERM' && code !== 'EXDEV' && code !== 'ENOTSUP' && code !== 'EMLINK') throw error;
  }
  await copyFile(from, to); // a filesystem without links
  return true;
}
