/** Brings a plan's folder into order after a crash: finishes cut seals, moves torn tails into quarantine, seals what was left open. */
import { createReadStream, createWriteStream } from 'node:fs';
import { open, readdir, rm, truncate } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crashPoint } from '../../core/crash-point.ts';
import { causeText } from '../../core/errors.ts';
import type { LineClass } from '../../platforms/adapter.ts';
import { addSealed, type Checkpoint, isCounted } from '../checkpoint.ts';
import { makeFolder, syncFolder } from '../durable-file.ts';
import { countFrame, type FrameCounts, noFrames } from './frame-counts.ts';
import {
  type CompactedName,
  listCompacted,
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
  /** Segments that are sealed and not counted, because their manifest is missing or damaged; they stay as they are. */
  unreadable: { segment: string; reason: string }[];
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
  const recovery: Recovery = { checkpoint: request.checkpoint, sealed: [], tornBytes: 0, unreadable: [] };
  const uncounted: number[] = [];
  let lastSequence = 0;
  // Years of compacted hours need not be read to know that all in them is counted.
  const isDone = (file: CompactedName) => file.node !== node || isRangeCounted(request.checkpoint, file);
  for (const folder of await listHourFolders(planFolder)) {
    await removeTemporaryFiles(folder, node);
    for (const files of await listHourSegments(plan, folder, isDone)) {
      if (files.node !== node) continue;
      lastSequence = Math.max(lastSequence, files.sequence);
      if (files.open && files.part === undefined) {
        const manifest = await recoverOpen(files, request, recovery);
        if (manifest === undefined) continue;
        recovery.sealed.push(manifest);
        recovery.checkpoint = addSealed(recovery.checkpoint, manifest);
      } else if (!isCounted(request.checkpoint, files.sequence)) {
        try {
          const manifest = files.part?.manifest ?? (await readManifest(`${files.stem}${MANIFEST_SUFFIX}`));
          recovery.checkpoint = addSealed(recovery.checkpoint, manifest);
        } catch (error) {
          recovery.unreadable.push({ segment: files.segment, reason: causeText(error) });
          uncounted.push(files.sequence);
        }
      }
    }
    for (const { name, reason, ...compacted } of (await listCompacted(folder, isDone)).unreadable) {
      lastSequence = Math.max(lastSequence, compacted.lastSequence);
      recovery.unreadable.push({ segment: name, reason: causeText(reason) });
    }
  }
  const sequence = Math.max(recovery.checkpoint.sequence, lastSequence); // a name is never given twice
  recovery.checkpoint = { ...recovery.checkpoint, sequence, uncounted };
  return recovery;
}

function isRangeCounted({ sequence, uncounted }: Checkpoint, { firstSequence, lastSequence }: CompactedName): boolean {
  return lastSequence <= sequence && !uncounted.some((number) => firstSequence <= number && number <= lastSequence);
}

/** What sealing an open segment after a crash needs to know. */
export type OpenRecoverRequest = Pick<RecoverRequest, 'plan' | 'quarantineFolder' | 'classifyLine'>;

/**
 * Finishes or repeats the seal of one open segment; its torn tail is moved to quarantine and told in `tornBytes`. Returns the manifest,
 * or undefined when there was no whole frame: then no file is left of it.
 */
export async function recoverOpen(
  files: Pick<SegmentFiles, 'stem' | 'sealed'>,
  request: OpenRecoverRequest,
  recovery: Pick<Recovery, 'tornBytes'>,
): Promise<Manifest | undefined> {
  const { stem } = files;
  const finished = files.sealed ? await existingManifest(stem) : undefined;
  if (finished !== undefined) {
    await rm(`${stem}${OPEN_SUFFIX}`); // the seal was complete but for this
    await syncFolder(dirname(stem));
    // crash point recover.finished: the next recovery must count the segment by its manifest, once.
    crashPoint('recover.finished');
    return finished;
  }
  await rm(`${stem}${SEALED_SUFFIX}`, { force: true }); // a packed file without its manifest proves nothing; the open file has it all
  // crash point recover.unproven-removed: the next recovery must seal from the open file, which is still whole.
  crashPoint('recover.unproven-removed');
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
async function cutTornTail(stem: string, { quarantineFolder, classifyLine }: OpenRecoverRequest) {
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
    await makeFolder(quarantineFolder);
    const target = join(quarantineFolder, `${basename(stem)}-${end}.torn`);
    await pipeline(createReadStream(path, { start: end }), createWriteStream(target, { flush: true }));
    await syncFolder(quarantineFolder);
    // crash point recover.torn-kept: the next recovery must keep the torn bytes once more under the same name, and then cut them off.
    crashPoint('recover.torn-kept');
    await truncate(path, end);
    // crash point recover.torn-cut: the next recovery must seal what is left and leave the quarantine as it is.
    crashPoint('recover.torn-cut');
  }
  await using file = await open(path, 'r+');
  await file.sync();
  return { counts, bytes: end, tornBytes };
}

/** Temporary files are half-written copies by definition; their source is still there. Another node may be writing its own. */
async function removeTemporaryFiles(folder: string, node: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith(`${node}-`) && name.endsWith('.tmp')) await rm(join(folder, name), { force: true });
}
