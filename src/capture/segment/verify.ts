import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { causeText } from '../../core/errors.ts';
import type { LineClass } from '../../platforms/adapter.ts';
import { countFrame, noFrames } from './frame-counts.ts';
import { readContent } from './content.ts';
import { MANIFEST_SUFFIX, parseCompactedName, SEALED_SUFFIX } from './layout.ts';
import { type CompactedManifest, readCompactedManifest, readManifest } from './manifest.ts';
import { readFrames } from './read-frames.ts';

/** What a verify found: `differences` empty means that the segment is what its manifest says. */
export type SegmentCheck = { frames: number; bytes: number; differences: string[] };

/**
 * Reads a whole segment and compares it with its manifest: digests of the packed file and of the content, and every count.
 * An open segment has no manifest: only its frames are read, and a torn last line is named. Of a compacted file every part is compared too.
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
      bytes = step.value.at(-1)?.end ?? bytes;
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
  const compacted = parseCompactedName(basename(path.slice(0, -SEALED_SUFFIX.length))) !== undefined;
  let manifest: Record<string, unknown>;
  try {
    manifest = compacted ? await readCompactedManifest(manifestPath) : await readManifest(manifestPath);
  } catch (error) {
    return [`its manifest cannot be read: ${causeText(error)}`];
  }
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  const facts: Record<string, unknown> = { ...found, sha256: hash.digest('hex') };
  const differences = Object.entries(facts)
    .filter(([name, value]) => manifest[name] !== value)
    .map(([name, value]) => `${name}: manifest says ${String(manifest[name])}, the file holds ${String(value)}`);
  return compacted ? [...differences, ...(await partDifferences(path, manifest as CompactedManifest))] : differences;
}

/** The content of a compacted file against the digest of each of its parts; undamaged parts of a damaged file are not named. */
async function partDifferences(path: string, manifest: CompactedManifest): Promise<string[]> {
  try {
    const found = await digestParts(readContent(path), manifest.parts);
    return manifest.parts
      .filter((part, at) => found[at] !== part.contentSha256)
      .map(({ segment, offset }) => `${segment}, from byte ${offset} on, is not what the manifest says`);
  } catch {
    return []; // that it cannot be unpacked was said already
  }
}

/** SHA-256 of each part of a content, in order; fewer when it ends early, one more that is none when it does not end with the last part. */
export async function digestParts(
  content: AsyncIterable<Buffer>,
  parts: readonly { offset: number; bytes: number }[],
): Promise<string[]> {
  const digests: string[] = [];
  let hash = createHash('sha256');
  let at = 0;
  for await (const chunk of content) {
    for (let from = 0; from < chunk.length; ) {
      const part = parts[digests.length];
      if (part === undefined) return [...digests, 'more'];
      const to = Math.min(chunk.length, from + part.offset + part.bytes - at);
      hash.update(chunk.subarray(from, to));
      at += to - from;
      from = to;
      if (at < part.offset + part.bytes) continue;
      digests.push(hash.digest('hex'));
      hash = createHash('sha256');
    }
  }
  return digests;
}
