/** What capture says of one plan, each second, in `run/<plan>.json`; the worker stores it, the server shows it. */
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Checkpoint } from './checkpoint.ts';
import { gapCauses } from './gap.ts';

export const captureStates = ['starting', 'connected', 'reconnecting', 'paused', 'stopped', 'failed'] as const;
export type CaptureState = (typeof captureStates)[number];

const count = z.number().int().nonnegative();

/**
 * Counts are since the plan began on this node, over all restarts. `captured`: post frames kept, malformed and repeated ones
 * included. `bytes`: payload bytes. `reason`: why it is paused, reconnecting or failed, one sentence.
 * `silence`: since when nothing is heard, and what began it; the next start goes on from it. `postsPerSecond`: mean of the last ten seconds. Instants ISO 8601 with Z.
 */
export const captureStatusSchema = z.object({
  plan: z.string(),
  node: z.string(),
  state: z.enum(captureStates),
  reason: z.string().optional(),
  captured: count,
  malformed: count,
  control: count,
  bytes: count,
  openSegments: count,
  sealedSegments: count,
  postsPerSecond: z.number().nonnegative(),
  connectedAt: z.string().optional(),
  lastByteAt: z.string().optional(),
  lastPostAt: z.string().optional(),
  silence: z.object({ since: z.string(), cause: z.enum(gapCauses), evidence: z.string() }).optional(),
  observedAt: z.string(),
});

export type CaptureStatus = z.infer<typeof captureStatusSchema>;

/** Reads one status file; undefined when it is missing or half written by a program that is not ours. */
export async function readCaptureStatus(path: string): Promise<CaptureStatus | undefined> {
  try {
    return captureStatusSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined; // it is written anew each second; the next reading will tell
  }
}

/** How it stands before a stream runs: what the checkpoint knows, and why nothing happens. */
export function restingStatus(
  { totals, lastAt }: Checkpoint,
  { nowMs, ...known }: Pick<CaptureStatus, 'plan' | 'node' | 'state' | 'reason'> & { nowMs: number },
): CaptureStatus {
  return {
    ...known,
    captured: totals.posts + totals.malformed,
    malformed: totals.malformed,
    control: totals.control,
    bytes: totals.bytes,
    openSegments: 0,
    sealedSegments: totals.segments,
    postsPerSecond: 0,
    ...(lastAt === undefined ? {} : { lastByteAt: lastAt }),
    observedAt: new Date(nowMs).toISOString(),
  };
}

/** `run/<plan>.json`: replaced whole, so a reader never sees half of it; not fsynced, for it is worth a second. */
export class StatusFile {
  readonly #path: string;
  readonly #temporary: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(runFolder: string, plan: string, node: string) {
    this.#path = join(runFolder, `${plan}.json`);
    this.#temporary = `${this.#path}.${node}.tmp`;
  }

  /** Never rejects: a status that could not be written grows old, which its reader sees; capture goes on. */
  write(status: CaptureStatus): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      try {
        await writeFile(this.#temporary, JSON.stringify(status));
        await rename(this.#temporary, this.#path);
      } catch {
        // The alarm of a full disk must not fail for want of room. What cannot be said even so, the next second tries again.
        await overwrite(this.#path, JSON.stringify(status)).catch(() => undefined);
      }
    });
    return this.#writing;
  }
}

/** In the room that the file has: filled up by blanks, which end a JSON text as well as its end does. */
async function overwrite(path: string, text: string): Promise<void> {
  await using file = await open(path, 'r+');
  const { size } = await file.stat();
  await file.write(Buffer.from(text.padEnd(size)), 0, undefined, 0);
}
