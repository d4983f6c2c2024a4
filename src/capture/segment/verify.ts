import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { causeText } from '../../core/errors.ts';
import type { LineClass } from '../../platforms/adapter.ts';
import { countFrame, noFrames } from './frame-counts.ts';
import { MANIFEST_SUFFIX, SEALED_SUFFIX } from './layout.ts';
import { readManifest } from './manifest.ts';
import { readFrames } from './read-frames.ts';

/** What a verify found: `differences` empty means that the segment is what its manifest says. */
export type SegmentCheck = { frames: number; bytes: number; differences: string[] };

/**
 * Reads a whole segment and compares it with its manifest: digests of the packed file and of the content, and every count.
 * An open segment has no manifest: only its frames are read, and a torn last line is named.
 */
export async function verifySegment(path: string, classifyLine: (line: Buffer) => LineClass): Promise<SegmentCheck> {
  const counts = noFrames();
  const differences: string[] = [];
  let bytes = 0;
  try {
    const frames = readFrames(path);
    let step = await frames.next();
    for (; !step.done; step = await frames.next()) {
      for (const frame of step.value) countFrame(counts, frame.at, classifyLine(frame.payload));
    }
    bytes = step.value.end;
    if (step.value.torn > 0) differences.push(`${step.value.torn} bytes of a torn last line at ${bytes}`);
    if (step.value.damaged)
      differences.push(`no frame at byte ${step.value.damaged.offset}: ${step.value.damaged.reason}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
    differences.push(`cannot be unpacked: ${causeText(error)}`);
  }
  if (path.endsWith(SEALED_SUFFIX)) differences.push(...(await manifestDifferences(path, { ...counts, bytes })));
  return { frames: counts.frames, bytes, differences };
}

async function manifestDifferences(path: string, found: Record<string, unknown>): Promise<string[]> {
  const manifestPath = `${path.slice(0, -SEALED_SUFFIX.length)}${MANIFEST_SUFFIX}`;
  let manifest: Record<string, unknown>;
  try {
    manifest = await readManifest(manifestPath);
  } catch (error) {
    return [`its manifest cannot be read: ${causeText(error)}`];
  }
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  const facts: Record<string, unknown> = { ...found, sha256: hash.digest('hex') };
  return Object.entries(facts)
    .filter(([name, value]) => manifest[name] !== value)
    .map(([name, value]) => `${name}: manifest says ${String(manifest[name])}, the file holds ${String(value)}`);
}
