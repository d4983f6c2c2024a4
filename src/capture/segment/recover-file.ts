/**
 * One segment put right by hand, without capture: an open one is sealed, a sealed one whose manifest is missing gets it back. What capture
 * does at its start for a whole plan; this is for files of a node that will not start again.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { causeText, MistnetError } from '../../core/errors.ts';
import type { LineClass } from '../../platforms/adapter.ts';
import { writeDurably } from '../durable-file.ts';
import { lockPlan } from '../plan-lock.ts';
import { readContent } from './content.ts';
import { countFrame, noFrames } from './frame-counts.ts';
import { MANIFEST_SUFFIX, OPEN_SUFFIX, parseCompactedName, parseSegmentName, SEALED_SUFFIX } from './layout.ts';
import { type CompactedManifest, type Manifest, readCompactedManifest, readManifest } from './manifest.ts';
import { readFrames } from './read-frames.ts';
import { recoverOpen } from './recover.ts';
import { readPartsTrailer } from './parts-trailer.ts';
import { digestParts, verifySegment } from './verify.ts';

/** `sealed` from an open file; `described`: a lost manifest was made anew; `whole`: nothing was to be done; `empty`: no whole frame was in it. */
export type FileRecovery = { tornBytes: number; quarantineFolder: string } & (
  | { outcome: 'sealed' | 'described' | 'whole'; manifest: Manifest | CompactedManifest }
  | { outcome: 'empty' }
);

/**
 * Recovers the segment that the file (`….jsonl` or `….jsonl.zst`) is a form of. Throws `segment.unreadable` when it does not lie in a
 * plan's folder, `home.in-use` while capture runs as its node there, `segment.damaged` when a sealed file does not unpack to whole frames or
 * is not what its manifest says: then nothing is touched.
 */
export async function recoverFile(path: string, classifyLine: (line: Buffer) => LineClass): Promise<FileRecovery> {
  const stem = path.slice(0, -(path.endsWith(SEALED_SUFFIX) ? SEALED_SUFFIX : OPEN_SUFFIX).length);
  if (parseCompactedName(basename(stem)) !== undefined) return await recoverCompacted(path, classifyLine);
  const name = parseSegmentName(basename(stem));
  const planFolder = planFolderOf(stem);
  if (name === undefined || planFolder === undefined)
    throw new MistnetError(
      'segment.unreadable',
      `${path} does not lie where segments lie (…/PLAN/YYYY/MM/DD/HH/NODE-INSTANT-NUMBER.jsonl), so its plan is not known.`,
    );
  const plan = basename(planFolder);
  const quarantineFolder =
    basename(dirname(planFolder)) === 'segments'
      ? join(dirname(dirname(planFolder)), 'quarantine')
      : join(planFolder, 'quarantine');
  await using _lock = await lockPlan(planFolder, name.node);
  const sealed = await exists(`${stem}${SEALED_SUFFIX}`);
  if (await exists(`${stem}${OPEN_SUFFIX}`)) {
    const told = { tornBytes: 0 };
    const manifest = await recoverOpen({ stem, sealed }, { plan, quarantineFolder, classifyLine }, told);
    const { tornBytes } = told;
    return manifest === undefined
      ? { outcome: 'empty', tornBytes, quarantineFolder }
      : { outcome: 'sealed', manifest, tornBytes, quarantineFolder };
  }
  const manifestPath = `${stem}${MANIFEST_SUFFIX}`;
  const outcome = (await exists(manifestPath)) ? 'whole' : 'described';
  if (outcome === 'described') await describe({ stem, plan, classifyLine });
  const { differences } = await verifySegment(`${stem}${SEALED_SUFFIX}`, classifyLine);
  if (differences.length > 0)
    throw new MistnetError(
      'segment.damaged',
      `${stem}${SEALED_SUFFIX} is not what its manifest says (${differences[0]}); it was left as it is. A copy of it, or the open file, is needed.`,
    );
  return { outcome, manifest: await readManifest(manifestPath), tornBytes: 0, quarantineFolder };
}

/** A compacted file is whole or it is not. A lost manifest is made anew of what the file says of itself, where its content agrees. */
async function recoverCompacted(path: string, classifyLine: (line: Buffer) => LineClass): Promise<FileRecovery> {
  const manifestPath = `${path.slice(0, -SEALED_SUFFIX.length)}${MANIFEST_SUFFIX}`;
  const outcome = (await exists(manifestPath)) ? 'whole' : 'described';
  if (outcome === 'described') await describeCompacted(path, manifestPath);
  const { differences } = await verifySegment(path, classifyLine);
  if (differences.length > 0)
    throw new MistnetError(
      'segment.damaged',
      `${path} is not what its manifest says (${differences[0]}); it was left as it is. A copy of it and of its manifest is needed.`,
    );
  return { outcome, manifest: await readCompactedManifest(manifestPath), tornBytes: 0, quarantineFolder: '' };
}

/** Writes a lost manifest. Throws `segment.damaged`, with nothing written, unless the content is to the byte what the file says of itself. */
async function describeCompacted(path: string, manifestPath: string): Promise<void> {
  const fail = (why: string) => new MistnetError('segment.damaged', `${path} has no manifest, and ${why}.`);
  const known = await readPartsTrailer(path);
  if (known === undefined) throw fail('does not say either where its segments begin. A copy of the manifest is needed');
  if (known.segment !== basename(path, SEALED_SUFFIX)) throw fail(`says of itself that it is ${known.segment}`);
  const found = await digestParts(readContent(path), known.parts).catch((error: unknown) => [causeText(error)]);
  const wrong = known.parts.find((part, at) => found[at] !== part.contentSha256);
  if (wrong !== undefined || found.length !== known.parts.length)
    throw fail(`${wrong?.segment ?? 'what follows its segments'} is not what it says of itself`);
  const packed = createHash('sha256');
  for await (const chunk of createReadStream(path)) packed.update(chunk as Buffer);
  const manifest: CompactedManifest = {
    ...known,
    compressedBytes: (await stat(path)).size,
    sha256: packed.digest('hex'),
  };
  await writeDurably(manifestPath, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** The folder four above the segment's, when these are named like an hour's. */
function planFolderOf(stem: string): string | undefined {
  const parts = dirname(stem).split('/');
  const isHour = /^\d{4}\/\d\d\/\d\d\/\d\d$/.test(parts.slice(-4).join('/'));
  return isHour && parts.length > 4 ? parts.slice(0, -4).join('/') : undefined;
}

/** Writes the manifest of a sealed file that proves itself: zstd's own checksum, and frames to its very end. */
async function describe({
  stem,
  plan,
  classifyLine,
}: {
  stem: string;
  plan: string;
  classifyLine: (line: Buffer) => LineClass;
}): Promise<void> {
  const path = `${stem}${SEALED_SUFFIX}`;
  const name = parseSegmentName(basename(stem));
  if (name === undefined) return; // looked at by the caller
  const counts = noFrames();
  const content = createHash('sha256');
  let bytes = 0;
  try {
    const frames = readFrames(path);
    let step = await frames.next();
    for (; !step.done; step = await frames.next())
      for (const frame of step.value) countFrame(counts, frame.at, classifyLine(frame.payload));
    const { torn, damaged } = step.value;
    if (torn > 0 || damaged !== undefined)
      throw new Error(`no whole frame at byte ${damaged?.offset ?? step.value.end}`);
    for await (const chunk of readContent(path)) {
      content.update(chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    throw new MistnetError('segment.damaged', `${path} has no manifest and is not whole: ${causeText(error)}.`, {
      cause: error,
    });
  }
  const manifest: Manifest = {
    format: 1,
    segment: name.segment,
    plan,
    node: name.node,
    sequence: name.sequence,
    ...counts,
    bytes,
    compressedBytes: (await stat(path)).size,
    sha256: createHash('sha256')
      .update(await readFile(path))
      .digest('hex'),
    contentSha256: content.digest('hex'),
    sealedBecause: 'recovery',
  };
  await writeDurably(`${stem}${MANIFEST_SUFFIX}`, `${JSON.stringify(manifest, null, 2)}\n`);
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
