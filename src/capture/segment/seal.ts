/**
 * The one-way step: an open segment becomes one zstd frame and a manifest, and only then does the open file go.
 * After a crash at any line of it, `recover` finishes or repeats it from what is on the disk.
 */
import { hash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { crashPoint } from '../../core/crash-point.ts';
import { causeText, MistnetError } from '../../core/errors.ts';
import { syncFolder, writeDurably } from '../durable-file.ts';
import { FileMemory } from './file-memory.ts';
import type { FrameCounts } from './frame-counts.ts';
import { MANIFEST_SUFFIX, OPEN_SUFFIX, parseSegmentName, SEALED_SUFFIX } from './layout.ts';
import type { Manifest, SealReason } from './manifest.ts';

/** The usual level, and the one for a stream so fast that packing would hold it up: docs/decisions/0011-packing-keeps-up.md. */
export type ZstdLevel = 3 | 1;
export type SealRequest = {
  stem: string;
  plan: string;
  counts: FrameCounts;
  because: SealReason;
  level?: ZstdLevel;
};

/** Where a seal holds the two files it reads; one seal at a time. So many bytes of each are kept for the next one. */
export function makeSealMemory(mostKeptBytes: number) {
  return { content: new FileMemory(mostKeptBytes), packed: new FileMemory(mostKeptBytes) };
}

/**
 * Seals `<stem>.jsonl`, which must be complete. Returns the manifest. Throws without removing anything when the packed file,
 * read back, does not unpack to the bytes of the open one. Holds the segment in memory twice: a segment is bounded by
 * the size at which it is sealed and one line. Who seals again and again hands in the memory.
 */
export async function sealSegment(
  { stem, plan, counts, because, level = 3 }: SealRequest,
  memory = makeSealMemory(0),
): Promise<Manifest> {
  const openPath = `${stem}${OPEN_SUFFIX}`;
  const sealedPath = `${stem}${SEALED_SUFFIX}`;
  const temporary = `${sealedPath}.tmp`;
  const segment = basename(stem);
  const name = parseSegmentName(segment);
  if (name === undefined) throw new MistnetError('segment.unreadable', `"${segment}" is not the name of a segment.`);
  const content = await readOpen(openPath, memory.content);
  const packed = await packTo(temporary, content, level, memory.packed);
  // crash point seal.packed: recovery must forget the packed copy, for it has no name yet, and seal the open file anew.
  crashPoint('seal.packed');
  await rename(temporary, sealedPath);
  await syncFolder(dirname(stem));
  // crash point seal.renamed: recovery must not trust the packed file, which nothing describes, and seal the open file anew.
  crashPoint('seal.renamed');
  const manifest: Manifest = {
    format: 1,
    segment,
    plan,
    node: name.node,
    sequence: name.sequence,
    ...counts,
    bytes: content.length,
    compressedBytes: packed.length,
    sha256: hash('sha256', packed),
    contentSha256: hash('sha256', content),
    sealedBecause: because,
  };
  memory.content.release();
  memory.packed.release();
  await writeDurably(`${stem}${MANIFEST_SUFFIX}`, `${JSON.stringify(manifest, null, 2)}\n`);
  // crash point seal.manifest: recovery must remove the open file and count the segment once.
  crashPoint('seal.manifest');
  await rm(openPath);
  await syncFolder(dirname(stem));
  // crash point seal.removed: recovery must find the segment by its manifest and count it once.
  crashPoint('seal.removed');
  return manifest;
}

async function readOpen(path: string, memory: FileMemory): Promise<Buffer> {
  await using file = await open(path, 'r');
  return await memory.read(file);
}

/** Writes `content` as one zstd frame, durably, and returns what was read back of it, proven to hold `content`. */
async function packTo(path: string, content: Buffer, level: ZstdLevel, memory: FileMemory): Promise<Buffer> {
  const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 };
  try {
    await using file = await open(path, 'w+', 0o644);
    const written = zstdCompressSync(content, { chunkSize: packedBound(content.length), params });
    await file.writeFile(written);
    release(written);
    await file.sync();
    const packed = await memory.read(file);
    const room = Math.max(1024, content.length + 1); // one byte more than expected: a frame that holds too much shows itself
    const unpacked = zstdDecompressSync(packed, { chunkSize: room, maxOutputLength: room });
    const isSame = unpacked.equals(content);
    release(unpacked);
    if (isSame) return packed;
    throw new Error('it unpacks to other bytes');
  } catch (error) {
    await rm(path, { force: true });
    if (
      typeof (error as NodeJS.ErrnoException).errno === 'number' &&
      (error as NodeJS.ErrnoException).syscall !== undefined
    )
      throw error;
    const sentence = `${path} does not hold what was captured (${causeText(error)}); the open file stays as it is.`;
    throw new MistnetError('segment.damaged', sentence, { cause: error });
  }
}

/** As ZSTD_COMPRESSBOUND: with room for the worst zstd packs from memory to memory, at level 3 a fifth quicker than piece by piece. */
function packedBound(bytes: number): number {
  return bytes + (bytes >> 8) + 1024;
}

/** Frees a large buffer at once: the garbage collector counts few objects and lets them pile up to hundreds of MB. */
function release(buffer: Buffer): void {
  const memory = buffer.buffer;
  if (memory instanceof ArrayBuffer && memory.byteLength > Buffer.poolSize) memory.transfer(0); // small ones share theirs
}
