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

/** Reads and checks a manifest; throws with the path when it is missing, no JSON or has other fields. */
export async function readManifest(path: string): Promise<Manifest> {
  return manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
}
