import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** Why a segment was sealed. */
export const sealReasons = ['age', 'size', 'hour', 'stop', 'recovery'] as const;

const instant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();

/**
 * What stands beside a sealed segment. `bytes` and `contentSha256` are of the plain content, `compressedBytes` and `sha256` of
 * the `.zst` file. Of the frames, `posts` hold a post, `malformed` could not be understood, `control` are the platform's own
 * messages. `firstId`/`lastId` are the ids met first and last, in order of arrival; absent when no frame had one.
 */
export const manifestSchema = z.strictObject({
  format: z.literal(1),
  segment: z.string(),
  plan: z.string(),
  node: z.string(),
  sequence: count,
  frames: count,
  posts: count,
  malformed: count,
  control: count,
  bytes: count,
  compressedBytes: count,
  sha256: digest,
  contentSha256: digest,
  firstAt: instant.optional(),
  lastAt: instant.optional(),
  firstId: z.string().optional(),
  lastId: z.string().optional(),
  sealedBecause: z.enum(sealReasons),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type SealReason = (typeof sealReasons)[number];

/** What a compacted file keeps of each segment in it; `offset` is where its content begins in the whole content. */
const partSchema = manifestSchema.omit({ format: true, plan: true, node: true }).extend({ offset: count });

/**
 * What stands beside a compacted file: counts and digests of the whole, as of a segment, and the manifests of the segments that it was
 * made from, in the order of their content. `sha256` and `compressedBytes` of a part are those of the file it was.
 */
const compactedManifestSchema = manifestSchema.omit({ sequence: true }).extend({
  firstSequence: count,
  lastSequence: count,
  sealedBecause: z.literal('compaction'),
  parts: z.array(partSchema).min(2),
});

export type CompactedManifest = z.infer<typeof compactedManifestSchema>;
export type CompactedPart = z.infer<typeof partSchema>;

/** The manifest that a segment had before it became part of a compacted file. */
export function partManifest({ plan, node }: CompactedManifest, part: CompactedPart): Manifest {
  const { offset: _offset, ...manifest } = part;
  return { format: 1, plan, node, ...manifest };
}

/** Like `readManifest`, for a compacted file. Throws also when the parts do not follow one another without a hole. */
export async function readCompactedManifest(path: string): Promise<CompactedManifest> {
  return parseCompactedManifest(JSON.parse(await readFile(path, 'utf8')), path);
}

/** Throws when a value is no manifest of a compacted file, or its parts have a hole; `path` is for the sentence. */
export function parseCompactedManifest(value: unknown, path = 'the manifest'): CompactedManifest {
  const manifest = compactedManifestSchema.parse(value);
  let end = 0;
  for (const { segment, offset, bytes } of manifest.parts) {
    if (offset !== end) throw new Error(`${path}: ${segment} begins at ${offset}, not at ${end}`);
    end += bytes;
  }
  if (end !== manifest.bytes) throw new Error(`${path}: the parts have ${end} bytes, the whole ${manifest.bytes}`);
  return manifest;
}

/** Reads and checks a manifest; throws with the path when it is missing, no JSON or has other fields. */
export async function readManifest(path: string): Promise<Manifest> {
  return manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
}
