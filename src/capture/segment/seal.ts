/**
 * The one-way step: an open segment becomes one zstd frame and a manifest, and only then does the open file go.
 * After a crash at any line of it, `recover` finishes or repeats it from what is on the disk.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { MistnetError } from '../../core/errors.ts';
import { syncFolder, writeDurably } from '../durable-file.ts';
import { readContent } from './content.ts';
import type { FrameCounts } from './frame-counts.ts';
import { MANIFEST_SUFFIX, OPEN_SUFFIX, parseSegmentName, SEALED_SUFFIX } from './layout.ts';
import type { Manifest, SealReason } from './manifest.ts';

const ZSTD_LEVEL = 3;
const CHUNK_BYTES = 512 * 1024;

/** Called at each border that a crash may fall on; tests kill the process there. */
export type CrashPoint = (name: 'seal.packed' | 'seal.renamed' | 'seal.manifest' | 'seal.removed') => void;

export type SealRequest = {
  stem: string;
  plan: string;
  counts: FrameCounts;
  because: SealReason;
  crashPoint?: CrashPoint;
};

/**
 * Seals `<stem>.jsonl`, which must be complete and on the disk. Returns the manifest. Throws without removing anything when
 * the packed file does not unpack to the bytes that went in.
 */
export async function sealSegment({ stem, plan, counts, because, crashPoint }: SealRequest): Promise<Manifest> {
  const openPath = `${stem}${OPEN_SUFFIX}`;
  const sealedPath = `${stem}${SEALED_SUFFIX}`;
  const temporary = `${sealedPath}.tmp`;
  const { bytes, contentSha256, compressedBytes, sha256 } = await pack(openPath, temporary);
  await verifyPacked(temporary, sealedPath, bytes, contentSha256);
  crashPoint?.('seal.packed');
  await rename(temporary, sealedPath);
  await syncFolder(dirname(stem));
  crashPoint?.('seal.renamed');
  const segment = basename(stem);
  const name = parseSegmentName(segment);
  if (name === undefined) throw new MistnetError('segment.unreadable', `"${segment}" is not the name of a segment.`);
  const manifest: Manifest = {
    format: 1,
    segment,
    plan,
    node: name.node,
    sequence: name.sequence,
    ...counts,
    bytes,
    compressedBytes,
    sha256,
    contentSha256,
    sealedBecause: because,
  };
  await writeDurably(`${stem}${MANIFEST_SUFFIX}`, `${JSON.stringify(manifest, null, 2)}\n`);
  crashPoint?.('seal.manifest');
  await rm(openPath);
  await syncFolder(dirname(stem));
  crashPoint?.('seal.removed');
  return manifest;
}

async function pack(from: string, to: string) {
  const content = createHash('sha256');
  const packed = createHash('sha256');
  const { size } = await stat(from);
  await pipeline(
    createReadStream(from, { highWaterMark: CHUNK_BYTES }),
    hashing(content),
    createZstdCompress({
      chunkSize: CHUNK_BYTES,
      pledgedSrcSize: size,
      params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL, [constants.ZSTD_c_checksumFlag]: 1 },
    }),
    hashing(packed),
    createWriteStream(to, { highWaterMark: CHUNK_BYTES }),
  );
  await using handle = await open(to, 'r');
  await handle.sync();
  const { size: compressedBytes } = await handle.stat();
  return { bytes: size, contentSha256: content.digest('hex'), compressedBytes, sha256: packed.digest('hex') };
}

async function verifyPacked(path: string, sealedPath: string, bytes: number, contentSha256: string): Promise<void> {
  const content = createHash('sha256');
  let unpacked = 0;
  for await (const chunk of readContent(path, 'zst')) {
    content.update(chunk);
    unpacked += chunk.length;
  }
  if (unpacked === bytes && content.digest('hex') === contentSha256) return;
  throw new MistnetError(
    'segment.damaged',
    `${sealedPath} would not hold what was captured; the open file stays as it is.`,
  );
}

function hashing(hash: Hash): Transform {
  return new Transform({
    highWaterMark: CHUNK_BYTES,
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}
