/**
 * Puts a node's sealed segments of one closed hour together in one packed file. Their content stays byte for byte, and where each of them
 * begins stands in the manifest, so that a segment and an offset in it name the same frame as before.
 * The steps: pack into a temporary file, read it back and compare every part; write the manifest; give the packed file its name, from
 * which moment on readers take all parts from there; remove the files of the segments. After a crash at any line the next call finishes
 * what was decided and forgets what was not.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { syncFolder, writeDurably } from '../capture/durable-file.ts';
import { readContent } from '../capture/segment/content.ts';
import {
  listCompacted,
  listHourSegments,
  makeCompactedName,
  MANIFEST_SUFFIX,
  parseCompactedName,
  SEALED_SUFFIX,
  type SegmentFiles,
} from '../capture/segment/layout.ts';
import { encodePartsTrailer, type KnownParts } from '../capture/segment/parts-trailer.ts';
import {
  type CompactedManifest,
  type Manifest,
  readCompactedManifest,
  readManifest,
} from '../capture/segment/manifest.ts';
import { digestParts } from '../capture/segment/verify.ts';
import { crashPoint } from '../core/crash-point.ts';
import { causeText, MistnetError } from '../core/errors.ts';

export type CompactRequest = {
  /** The folder of the hour. */
  folder: string;
  plan: string;
  node: string;
  /** Whether nobody needs a segment's own file any more; the hour stays as it is until that is so for all of them. */
  isReady: (segment: { segment: string; sequence: number }) => boolean;
  signal: AbortSignal;
};

/**
 * `waiting`: a segment is open or not ready, ask again later. `nothing`: fewer than two segments have files of their own. `damaged` ones are
 * no longer what their manifests say; they keep their files.
 */
export type Compaction = { damaged: { segment: string; reason: string }[] } & (
  | { outcome: 'compacted'; manifest: CompactedManifest }
  | { outcome: 'nothing' | 'waiting' }
);

/** A packed file that is not finished; not `.tmp`, for capture removes those of its node when it starts. */
export const TEMPORARY_SUFFIX = '.compacting';
/** After each segment it rests as long as that took, at most so long: capture and load come first. */
const LONGEST_REST_MS = 1000;

type Sealed = { files: SegmentFiles; manifest: Manifest };

/** One at a time per node and plan. Throws what the disk throws, and the signal's reason; either leaves all as it was. */
export async function compactHour(request: CompactRequest): Promise<Compaction> {
  const { folder, node } = request;
  await finishInterrupted(request);
  const damaged: { segment: string; reason: string }[] = [];
  const own = (await listHourSegments(request.plan, folder)).filter((files) => files.node === node);
  if (own.some((files) => files.open)) return { outcome: 'waiting', damaged };
  let sealed: Sealed[] = [];
  for (const files of own.filter(({ part }) => part === undefined)) {
    if (!request.isReady(files)) return { outcome: 'waiting', damaged };
    try {
      sealed.push({ files, manifest: await readManifest(`${files.stem}${MANIFEST_SUFFIX}`) });
    } catch (error) {
      damaged.push({ segment: files.segment, reason: causeText(error) });
    }
  }
  while (sealed.length >= 2) {
    const result = await pack(request, sealed);
    if (!('reason' in result)) return { outcome: 'compacted', manifest: result, damaged };
    damaged.push(result);
    sealed = sealed.filter(({ files }) => files.segment !== result.segment);
  }
  return { outcome: 'nothing', damaged };
}

/**
 * Removes half-written packed files, manifests that were never followed by one, and what is left of segments that are compacted: the last only
 * where the compacted file, looked at again, holds them. Else somebody may have put them back because it is damaged.
 */
async function finishInterrupted({ folder, plan, node }: CompactRequest): Promise<void> {
  const names = await readdir(folder);
  const there = new Set(names);
  for (const name of names.filter((one) => one.startsWith(`${node}-`))) {
    if (name.endsWith(TEMPORARY_SUFFIX)) await rm(join(folder, name), { force: true });
    const stem = name.endsWith(MANIFEST_SUFFIX) ? name.slice(0, -MANIFEST_SUFFIX.length) : '';
    if (parseCompactedName(stem) === undefined || there.has(`${stem}${SEALED_SUFFIX}`)) continue;
    const { parts } = await readCompactedManifest(join(folder, name));
    if (parts.every(({ segment }) => there.has(`${segment}${SEALED_SUFFIX}`))) await rm(join(folder, name));
  }
  for (const { path, manifest } of (await listCompacted(folder)).files) {
    if (manifest.plan !== plan || manifest.node !== node || filesOfParts(manifest, there).length === 0) continue;
    await requireParts(path, manifest.parts);
    await removeSegments(folder, manifest, there);
  }
}

/** The compacted manifest, or which segment is damaged. */
async function pack(
  { folder, plan, node, signal }: CompactRequest,
  sealed: Sealed[],
): Promise<CompactedManifest | { segment: string; reason: string }> {
  const sequences = sealed.map(({ files }) => files.sequence);
  const range = { first: Math.min(...sequences), last: Math.max(...sequences) };
  const name = makeCompactedName(node, (sealed[0] as Sealed).files.openedAtMs, range);
  const stem = join(folder, name);
  const temporary = `${stem}${TEMPORARY_SUFFIX}`;
  const content = createHash('sha256');
  // Each segment's content is compared with its manifest while it is packed, so what they say of the whole is known beforehand.
  const parts = partsOf(sealed);
  const known = (): KnownParts => ({
    ...{ format: 1, segment: name, plan, node, firstSequence: range.first, lastSequence: range.last },
    ...sums(parts),
    contentSha256,
    ...ends(parts),
    sealedBecause: 'compaction',
    parts,
  });
  let contentSha256 = '';
  try {
    await pipeline(
      Readable.from(contents(sealed, content, signal), { objectMode: false }),
      createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 } }),
      async function* (packed: AsyncIterable<Buffer>) {
        yield* packed;
        contentSha256 = content.digest('hex');
        yield encodePartsTrailer(known());
      },
      createWriteStream(temporary, { flush: true }),
      { signal },
    );
    const manifest = await describe(temporary, known());
    // crash point compact.packed: recovery must remove the packed file, which has no name yet.
    crashPoint('compact.packed');
    await writeDurably(`${stem}${MANIFEST_SUFFIX}`, `${JSON.stringify(manifest, null, 2)}\n`);
    // crash point compact.described: recovery must remove the manifest too; all segments still have their own files.
    crashPoint('compact.described');
    await rename(temporary, `${stem}${SEALED_SUFFIX}`);
    await syncFolder(folder);
    // crash point compact.renamed: recovery must prove the compacted file anew and then remove the segments' own files.
    crashPoint('compact.renamed');
    await removeSegments(folder, manifest, new Set(await readdir(folder)));
    // crash point compact.removed: recovery must find nothing to do.
    crashPoint('compact.removed');
    return manifest;
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof DamagedSegment) return { segment: error.segment, reason: error.message };
    throw error;
  }
}

class DamagedSegment extends Error {
  readonly segment: string;
  constructor(segment: string, reason: string) {
    super(reason);
    this.segment = segment;
  }
}

/** The contents of all segments, one after the other, each compared with its manifest. */
async function* contents(
  sealed: Sealed[],
  whole: ReturnType<typeof createHash>,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  for (const { files, manifest } of sealed) {
    const beganMs = performance.now();
    const hash = createHash('sha256');
    try {
      for await (const chunk of readContent(`${files.stem}${SEALED_SUFFIX}`)) {
        hash.update(chunk);
        whole.update(chunk);
        yield chunk;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!/^(Z_|ZSTD_)/.test(String((error as { code?: unknown }).code))) throw error;
      throw new DamagedSegment(files.segment, `cannot be unpacked: ${causeText(error)}`);
    }
    if (hash.digest('hex') !== manifest.contentSha256)
      throw new DamagedSegment(files.segment, 'its content is not what its manifest says');
    await sleep(Math.min(LONGEST_REST_MS, performance.now() - beganMs), undefined, { signal });
  }
}

/** The manifest of a packed file, read back from the disk: throws `segment.damaged` unless it unpacks to every part. */
async function describe(path: string, known: KnownParts): Promise<CompactedManifest> {
  await requireParts(path, known.parts);
  const packed = createHash('sha256');
  for await (const chunk of createReadStream(path)) packed.update(chunk as Buffer);
  return { ...known, compressedBytes: (await stat(path)).size, sha256: packed.digest('hex') };
}

/** The segments' manifests, each with the place of its content in the whole. */
function partsOf(sealed: Sealed[]): CompactedManifest['parts'] {
  let offset = 0;
  return sealed.map(({ manifest: { format: _format, plan: _plan, node: _node, ...part } }) => {
    const placed = { offset, ...part };
    offset += part.bytes;
    return placed;
  });
}

function sums(parts: CompactedManifest['parts']) {
  const total = { frames: 0, posts: 0, malformed: 0, control: 0, bytes: 0 };
  for (const part of parts) for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += part[key];
  return total;
}

/** Throws `segment.damaged` unless the packed file unpacks to exactly these parts. */
async function requireParts(path: string, parts: CompactedManifest['parts']): Promise<void> {
  const found = await digestParts(readContent(path, 'zst'), parts).catch((error: unknown) => causeText(error));
  const wrong = Array.isArray(found) ? parts.find((part, at) => found[at] !== part.contentSha256)?.segment : found;
  if (wrong === undefined && found.length === parts.length) return;
  throw new MistnetError(
    'segment.damaged',
    `${path} does not hold its segments as they were (${wrong ?? 'it holds more'}); the segments' own files stay.`,
  );
}

/** First and last instant and id over all parts, as far as there are any. */
function ends(parts: CompactedManifest['parts']): Partial<Pick<Manifest, 'firstAt' | 'lastAt' | 'firstId' | 'lastId'>> {
  const found = {
    firstAt: parts.find(({ firstAt }) => firstAt !== undefined)?.firstAt,
    lastAt: parts.findLast(({ lastAt }) => lastAt !== undefined)?.lastAt,
    firstId: parts.find(({ firstId }) => firstId !== undefined)?.firstId,
    lastId: parts.findLast(({ lastId }) => lastId !== undefined)?.lastId,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** Names of the files, among those that are there, that segments of a compacted file had of their own. */
function filesOfParts(manifest: CompactedManifest, there: ReadonlySet<string>): string[] {
  return manifest.parts
    .flatMap(({ segment }) => [`${segment}${SEALED_SUFFIX}`, `${segment}${MANIFEST_SUFFIX}`])
    .filter((name) => there.has(name));
}

async function removeSegments(folder: string, manifest: CompactedManifest, there: ReadonlySet<string>): Promise<void> {
  for (const [at, name] of filesOfParts(manifest, there).entries()) {
    await rm(join(folder, name), { force: true });
    // crash point compact.first-removed: recovery must remove the other files of the segments; each is read from the compacted file.
    if (at === 0) crashPoint('compact.first-removed');
  }
  await syncFolder(folder);
}
