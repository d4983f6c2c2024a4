/**
 * What a compacted file knows of itself: behind its zstd frame stands a skippable one, which every zstd reader passes over, with the manifest
 * but for what only the finished file has (`compressedBytes`, `sha256`). So a lost manifest can be made anew.
 *
 *     50 2a 4d 18 | length of what follows, 4 bytes | the JSON, packed by zstd | length of that, 4 bytes | "MNPARTS1"
 */
import { open } from 'node:fs/promises';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type CompactedManifest, parseCompactedManifest } from './manifest.ts';

const SKIPPABLE_MAGIC = 0x184d2a50;
const TAG = Buffer.from('MNPARTS1');
const HEAD_BYTES = 8;
const TAIL_BYTES = 4 + TAG.length;

export type KnownParts = Omit<CompactedManifest, 'compressedBytes' | 'sha256'>;

export function encodePartsTrailer(known: KnownParts): Buffer {
  const packed = zstdCompressSync(Buffer.from(JSON.stringify(known)));
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(SKIPPABLE_MAGIC, 0);
  head.writeUInt32LE(packed.length + TAIL_BYTES, 4);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(packed.length, 0);
  return Buffer.concat([head, packed, length, TAG]);
}

/** Undefined where the file has none, or one that is damaged; nothing of it is compared with the content. */
export async function readPartsTrailer(path: string): Promise<KnownParts | undefined> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const read = async (from: number, bytes: number): Promise<Buffer | undefined> => {
    if (from < 0 || bytes < 0) return undefined;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, from);
    return bytesRead === bytes ? buffer : undefined;
  };
  const tail = await read(size - TAIL_BYTES, TAIL_BYTES);
  if (tail === undefined || !tail.subarray(4).equals(TAG)) return undefined;
  const bytes = tail.readUInt32LE(0);
  const whole = await read(size - TAIL_BYTES - bytes - HEAD_BYTES, HEAD_BYTES + bytes);
  if (whole?.readUInt32LE(0) !== SKIPPABLE_MAGIC || whole.readUInt32LE(4) !== bytes + TAIL_BYTES) return undefined;
  try {
    const known = JSON.parse(zstdDecompressSync(whole.subarray(HEAD_BYTES)).toString()) as object;
    const {
      compressedBytes: _bytes,
      sha256: _sha256,
      ...parts
    } = parseCompactedManifest({
      ...known,
      compressedBytes: 0,
      sha256: '0'.repeat(64),
    });
    return parts;
  } catch {
    return undefined; // damaged: the caller says what that means
  }
}
