/** What capture says of one plan, each second, in `run/<plan>.json`; the worker stores it, the server shows it. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

export const captureStates = ['starting', 'connected', 'reconnecting', 'paused', 'stopped', 'failed'] as const;
export type CaptureState = (typeof captureStates)[number];

const count = z.number().int().nonnegative();

/**
 * Counts are since the plan began on this node, over all restarts. `captured`: post frames kept, malformed and repeated ones
 * included. `bytes`: payload bytes. `reason`: why it is paused, reconnecting or failed, one sentence.
 * `postsPerSecond`: mean of the last ten seconds. Instants ISO 8601 with Z.
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
