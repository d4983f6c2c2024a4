import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { crashPoint } from '../core/crash-point.ts';
import { MistnetError } from '../core/errors.ts';
import { writeDurably } from './durable-file.ts';
import { type BackfillFacts, heardUntil } from './heard-until.ts';
import type { Manifest } from './segment/manifest.ts';

const count = z.number().int().nonnegative();

/** What this node has sealed of a plan since it began. */
const totalsSchema = z.object({
  segments: count,
  frames: count,
  posts: count,
  malformed: count,
  control: count,
  bytes: count,
});
export type Totals = z.infer<typeof totalsSchema>;

/**
 * "Done up to here": totals of all segments up to `sequence` but for those in `uncounted`, written after each seal. A seal that a crash
 * cut before this was written is found by that and added at the next start. `restful`: capture was stopped by a person's
 * wish, so the silence that follows is no gap. `lastAt`: our clock at the last frame; `lastId`: the last post's; `wantedAt`: since when posts are wanted again.
 */
const checkpointSchema = z.object({
  format: z.literal(1),
  node: z.string(),
  sequence: count,
  uncounted: z.array(count).default([]),
  totals: totalsSchema,
  lastAt: z.string().optional(),
  lastId: z.string().optional(),
  wantedAt: z.string().optional(),
  restful: z.boolean(),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** The checkpoint of a node that has sealed nothing yet; sequences begin at 1. */
export function emptyCheckpoint(node: string): Checkpoint {
  return {
    format: 1,
    node,
    sequence: 0,
    uncounted: [],
    totals: { segments: 0, frames: 0, posts: 0, malformed: 0, control: 0, bytes: 0 },
    restful: true,
  };
}

/** The checkpoint with one more sealed segment in it. */
export function addSealed(checkpoint: Checkpoint, manifest: Manifest): Checkpoint {
  const { totals } = checkpoint;
  const lastAt = manifest.lastAt ?? checkpoint.lastAt;
  const lastId = manifest.lastId ?? checkpoint.lastId;
  return {
    ...checkpoint,
    sequence: Math.max(checkpoint.sequence, manifest.sequence),
    uncounted: checkpoint.uncounted.filter((sequence) => sequence !== manifest.sequence),
    ...(lastAt === undefined ? {} : { lastAt }),
    ...(lastId === undefined ? {} : { lastId }),
    restful: false,
    totals: {
      segments: totals.segments + 1,
      frames: totals.frames + manifest.frames,
      posts: totals.posts + manifest.posts,
      malformed: totals.malformed + manifest.malformed,
      control: totals.control + manifest.control,
      bytes: totals.bytes + manifest.bytes,
    },
  };
}

/** Whether the totals hold the segment of this number. */
export function isCounted(checkpoint: Checkpoint, sequence: number): boolean {
  return sequence <= checkpoint.sequence && !checkpoint.uncounted.includes(sequence);
}

/** Since when nothing was captured although posts were wanted, ms since 1970; undefined after a stop that a person wished. */
export function silentSince(
  { restful, lastAt, lastId, wantedAt }: Checkpoint,
  adapter: BackfillFacts,
): number | undefined {
  if (restful) return undefined;
  const heardMs = lastAt === undefined ? undefined : heardUntil(Date.parse(lastAt), lastId, adapter);
  const wantedMs = wantedAt === undefined ? undefined : Date.parse(wantedAt);
  return heardMs === undefined || wantedMs === undefined ? (heardMs ?? wantedMs) : Math.max(heardMs, wantedMs);
}

/** Reads the node's checkpoint; undefined when there is none. A folder brought from another node has one per node. */
export async function readCheckpoint(planFolder: string, node: string): Promise<Checkpoint | undefined> {
  const path = checkpointPath(planFolder, node);
  try {
    return checkpointSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code !== undefined) throw error;
    const sentence = `${path} is damaged. Remove it to have everything counted anew from the segments that are here.`;
    throw new MistnetError('folder.unreadable', sentence, { cause: error });
  }
}

export async function saveCheckpoint(planFolder: string, checkpoint: Checkpoint): Promise<void> {
  await writeDurably(checkpointPath(planFolder, checkpoint.node), `${JSON.stringify(checkpoint)}\n`);
  // crash point checkpoint.saved: recovery must not count again what the checkpoint holds.
  crashPoint('checkpoint.saved');
}

function checkpointPath(planFolder: string, node: string): string {
  return join(planFolder, `checkpoint-${node}.json`);
}
