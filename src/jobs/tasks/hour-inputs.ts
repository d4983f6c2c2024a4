/** The segments of one hour, held still while a dataset is built from them: capture seals and removes open files meanwhile. */
import { constants, copyFile, link, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  hourFolder,
  listHourSegments,
  MANIFEST_SUFFIX,
  OPEN_SUFFIX,
  SEALED_SUFFIX,
  type SegmentFiles,
} from '../../capture/segment/layout.ts';
import { MistnetError } from '../../core/errors.ts';
import { type UtcHour, utcHourToMs } from '../../core/time.ts';

export type HeldNode = { name: string; files: string[] };
export type HeldInputs = AsyncDisposable & { nodes: HeldNode[]; open: number };

/** An hour is compacted once, or once more for what came late. */
const LOOKS = 5;

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
  const hourOfPlan = hourFolder(planFolder, utcHourToMs(hour));
  try {
    for (let look = 0; look < LOOKS; look++) {
      const held = await holdOnce(await listHourSegments(plan, hourOfPlan), folder);
      if (held !== undefined) return { ...held, [Symbol.asyncDispose]: dispose };
      // What was sealed a moment ago is in a compacted file now: the hour is looked at anew.
      for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
    }
    throw new MistnetError('folder.unreadable', `Segments in ${hourOfPlan} come and go; nothing was built from them.`);
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Links what was listed; undefined when a sealed segment went meanwhile. */
async function holdOnce(segments: SegmentFiles[], folder: string): Promise<Omit<HeldInputs, symbol> | undefined> {
  const byNode = new Map<string, Set<string>>();
  let open = 0;
  for (const segment of segments) {
    const file = await hold(segment, join(folder, segment.node));
    if (file === undefined && segment.sealed) return undefined;
    if (file === undefined) continue; // it was open, held no frame, and went
    if (file.endsWith(OPEN_SUFFIX)) open++;
    byNode.set(segment.node, (byNode.get(segment.node) ?? new Set()).add(file));
  }
  const nodes = [...byNode].map(([name, files]) => ({ name, files: [...files] }));
  return { nodes: nodes.sort((a, b) => (a.name < b.name ? -1 : 1)), open };
}

/** The compacted file it lies in, else the sealed form, else the open one; tried again because a seal may fall between the two looks. */
async function hold(segment: SegmentFiles, folder: string): Promise<string | undefined> {
  await mkdir(folder, { recursive: true });
  if (segment.part !== undefined) return await holdCompacted(segment.part.path, folder);
  for (let look = 0; look < 3; look++) {
    for (const suffix of [SEALED_SUFFIX, OPEN_SUFFIX]) {
      const held = join(folder, `${basename(segment.stem)}${suffix}`);
      if (await linkOrCopy(`${segment.stem}${suffix}`, held)) return held;
    }
  }
  return undefined;
}

/** With its manifest, by which its segments are found in it. */
async function holdCompacted(path: string, folder: string): Promise<string | undefined> {
  const held = join(folder, basename(path));
  const manifest = (file: string) => `${file.slice(0, -SEALED_SUFFIX.length)}${MANIFEST_SUFFIX}`;
  return (await linkOrCopy(manifest(path), manifest(held))) && (await linkOrCopy(path, held)) ? held : undefined;
}

async function linkOrCopy(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    if (code === 'EEXIST') return true; // a compacted file is held once for all its segments
    if (code !== 'EPERM' && code !== 'EXDEV' && code !== 'ENOTSUP' && code !== 'EMLINK') throw error;
  }
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL); // a filesystem without links
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return true;
}
