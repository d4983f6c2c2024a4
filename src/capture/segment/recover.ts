/** Brings a plan's folder into order after a crash: finishes cut seals, moves torn tails into quarantine, seals what was left open. */
import { mkdir, open, readdir, rm, truncate } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import type { LineClass } from '../../platforms/adapter.ts';
import { addSealed, type Checkpoint } from '../checkpoint.ts';
import { syncFolder } from '../durable-file.ts';
import { countFrame, type FrameCounts, noFrames } from './frame-counts.ts';
import {
  listHourFolders,
  listHourSegments,
  MANIFEST_SUFFIX,
  OPEN_SUFFIX,
  SEALED_SUFFIX,
  type SegmentFiles,
} from './layout.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { readFrames } from './read-frames.ts';
import { sealSegment } from './seal.ts';

export type Recovery = {
  checkpoint: Checkpoint;
  /** Segments that were open, now sealed. */
  sealed: Manifest[];
  /** Bytes of torn last lines, moved to `quarantine/`. */
  tornBytes: number;
};

export type RecoverRequest = {
  planFolder: string;
  plan: string;
  node: string;
  quarantineFolder: string;
  checkpoint: Checkpoint;
  classifyLine: (line: Buffer) => LineClass;
};

/**
 * Recovers this node's segments of a plan. Afterwards none of them is open, every manifest is counted in the checkpoint
 * returned (the caller saves it), and nothing that was whole has been removed. Running it again changes nothing.
 */
export async function recoverPlan(request: RecoverRequest): Promise<Recovery> {
  const { planFolder, plan, node } = request;
  const recovery: Recovery = { checkpoint: request.checkpoint, sealed: [], tornBytes: 0 };
  for (const folder of await listHourFolders(planFolder)) {
    await removeTemporaryFiles(folder);
    for (const files of await listHourSegments(plan, folder)) {
      if (files.node !== node) continue;
      const before = recovery.checkpoint.sequence;
      const manifest = files.open ? await recoverOpen(files, request, recovery) : await manifestAfter(files, before);
      if (manifest === undefined) continue;
      if (files.open) recovery.sealed.push(manifest);
      if (manifest.sequence > before) recovery.checkpoint = addSealed(recovery.checkpoint, manifest);
    }
  }
  return recovery;
}

/** A sealed segment that the checkpoint has not counted yet: its seal was done, the checkpoint's writing was not. */
async function manifestAfter(files: SegmentFiles, sequence: number): Promise<Manifest | undefined> {
  return files.sequence > sequence ? await readManifest(`${files.stem}${MANIFEST_SUFFIX}`) : undefined;
}

async function recoverOpen(
  files: SegmentFiles,
  request: RecoverRequest,
  recovery: Recovery,
): Promise<Manifest | undefined> {
  const { stem } = files;
  const finished = files.sealed ? await existingManifest(stem) : undefined;
  if (finished !== undefined) {
    await rm(`${stem}${OPEN_SUFFIX}`); // the seal was complete but for this
    await syncFolder(dirname(stem));
    return finished;
  }
  await rm(`${stem}${SEALED_SUFFIX}`, { force: true }); // a packed file without its manifest proves nothing; the open file has it all
  const { counts, bytes, tornBytes } = await cutTornTail(stem, request);
  recovery.tornBytes += tornBytes;
  if (bytes === 0) {
    await rm(`${stem}${OPEN_SUFFIX}`);
    return undefined;
  }
  return await sealSegment({ stem, plan: request.plan, counts, because: 'recovery' });
}

async function existingManifest(stem: string): Promise<Manifest | undefined> {
  try {
    return await readManifest(`${stem}${MANIFEST_SUFFIX}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Counts the whole frames of an open segment; what follows the last of them goes to quarantine and is cut off. */
async function cutTornTail(stem: string, { quarantineFolder, classifyLine }: RecoverRequest) {
  const path = `${stem}${OPEN_SUFFIX}`;
  const counts: FrameCounts = noFrames();
  const frames = readFrames(path);
  let step = await frames.next();
  for (; !step.done; step = await frames.next()) {
    for (const frame of step.value) countFrame(counts, frame.at, classifyLine(frame.payload));
  }
  const { end } = step.value;
  await using handle = await open(path, 'r');
  const tornBytes = (await handle.stat()).size - end;
  if (tornBytes > 0) {
    await mkdir(quarantineFolder, { recursive: true });
    const tail = Buffer.alloc(tornBytes);
    await handle.read(tail, 0, tornBytes, end);
    await writeFile(join(quarantineFolder, `${basename(stem)}-${end}.torn`), tail, { flush: true });
    await syncFolder(quarantineFolder);
    await truncate(path, end);
  }
  await using file = await open(path, 'r+');
  await file.sync();
  return { counts, bytes: end, tornBytes };
}

/** Temporary files are half-written copies by definition; their source is still there. */
async function removeTemporaryFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (name.endsWith('.tmp')) await rm(join(folder, name), { force: true });
}
