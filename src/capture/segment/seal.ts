/**
 * The one-way step: an open segment becomes one zstd frame and a manifest, and only then does the open file go.
 * After a crash at any line of it, `recover` finishes or repeats it from what is on the disk.
 */
import { hash } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { causeText, MistnetError } from '../../core/errors.ts';
import { syncFolder, writeDurably } from '../durable-file.ts';
import type { FrameCounts } from './frame-counts.ts';
import { MANIFEST_SUFFIX, OPEN_SUFFIX, parseSegmentName, SEALED_SUFFIX } from './layout.ts';
import type { Manifest, SealReason } from './manifest.ts';

/** The usual level, and the one for a stream so fast that packing would hold it up: docs/decisions/0011-packing-keeps-up.md. */
export type ZstdLevel = 3 | 1;
/** Room for what a segment of the usual size packs to, so that one piece is all. */
const PACKED_PIECE_BYTES = 4 * 1024 * 1024;

/** Called at each border that a crash may fall on; tests kill the process there. */
export type CrashPoint = (name: 'seal.packed' | 'seal.renamed' | 'seal.manifest' | 'seal.removed') => void;

export type SealRequest = {
  stem: string;
  plan: string;
  counts: FrameCounts;
  because: SealReason;
  level?: ZstdLevel;
  crashPoint?: CrashPoint;
};

/**
 * Seals `<stem>.jsonl`, which must be complete. Returns the manifest. Throws without removing anything when the packed file,
 * read back, does not unpack to the bytes of the open one. Holds the segment in memory twice: a segment is bounded by
 * the size at which it is sealed and one line.
 */
export async function sealSegment({
  stem,
  plan,
  counts,
  because,
  level = 3,
  crashPoint,
}: SealRequest): Promise<Manifest> {
  const openPath = `${stem}${OPEN_SUFFIX}`;
  const sealedPath = `${stem}${SEALED_SUFFIX}`;
  const temporary = `${sealedPath}.tmp`;
  const segment = basename(stem);
  const name = parseSegmentName(segment);
  if (name === undefined) throw new MistnetError('segment.unreadable', `"${segment}" is not the name of a segment.`);
  const content = await readFile(openPath);
  const packed = await packTo(temporary, content, level);
  crashPoint?.('seal.packed');
  await rename(temporary, sealedPath);
  await syncFolder(dirname(stem));
  crashPoint?.('seal.renamed');
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
  release(content);
  release(packed);
  await writeDurably(`${stem}${MANIFEST_SUFFIX}`, `${JSON.stringify(manifest, null, 2)}\n`);
  crashPoint?.('seal.manifest');
  await rm(openPath);
  await syncFolder(dirname(stem));
  crashPoint?.('seal.removed');
  return manifest;
}

/** Writes `content` as one zstd frame, durably, and returns what was read back of it, proven to hold `content`. */
async function packTo(path: string, content: Buffer, level: ZstdLevel): Promise<Buffer> {
  const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 };
  try {
    await using file = await open(path, 'w+', 0o644);
    const written = zstdCompressSync(content, { chunkSize: PACKED_PIECE_BYTES, params });
    await file.writeFile(written);
    release(written);
    await file.sync();
    const packed = await readFile(path);
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

/** Frees a large buffer at once: the garbage collector counts few objects and lets them pile up to hundreds of MB. */
function release(buffer: Buffer): void {
  const memory = buffer.buffer;
  if (memory instanceof ArrayBuffer && memory.byteLength > Buffer.poolSize) memory.transfer(0); // small ones share theirs
}
