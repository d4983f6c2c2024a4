/** What stands beside an hour's files and alone says what is published. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { parseUtcHour } from '../core/time.ts';

const count = z.number().int().nonnegative();
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const countsByReason = z.record(z.string(), count);

const output = z.strictObject({ file: z.string(), bytes: count, sha256: digest, rows: count });

const node = z.strictObject({
  name: z.string(),
  inputs: z.array(z.strictObject({ file: z.string(), bytes: count, sha256: digest, damaged: z.string().optional() })),
  lines: count,
  tweets: count,
  unique: count,
  duplicates: count,
  control: count,
  blank: count,
  outside: count,
  malformed: countsByReason,
  malformedSamples: z.array(z.strictObject({ file: z.string(), line: count, reason: z.string() })),
  repaired: count,
  unusable: countsByReason,
});

/**
 * One revision of an hour. `inputs` are named from the innermost folder that holds all of a node's files; `counts.difference` are the
 * posts that at least one node lacks, `counts.percent` their share as the report writes it. `outputs` are files beside the manifest;
 * of an older revision, in `revisions/`, with `_r<revision>_` in their names.
 */
export const datasetManifestSchema = z.strictObject({
  schema: z.literal(1),
  collection: z.string().optional(),
  hour: z.string().transform(parseUtcHour),
  zone: z.string(),
  day: z.string(),
  label: z.string(),
  revision: z.number().int().positive(),
  partial: z.boolean(),
  mode: z.enum(['whole', 'cut']),
  xzLevel: z.union([z.number().int().min(0).max(9), z.literal('none')]),
  nodes: z.array(node),
  counts: z.strictObject({ tweets: count, users: count, difference: count, percent: z.string() }),
  report: z.strictObject({ cell: z.string(), line: z.string() }),
  outputs: z.strictObject({ ids: output, tweets: output, users: output, posts: output }),
  builtAt: z.string(),
  mistnet: z.string(),
});

export type DatasetManifest = z.output<typeof datasetManifestSchema>;
export type DatasetOutput = z.infer<typeof output>;

export const DATASET_MANIFEST_SUFFIX = '_manifest.json';

/** Reads and checks a manifest; undefined when there is none. Throws what zod or the file system throws for any other trouble. */
export async function readDatasetManifest(path: string): Promise<DatasetManifest | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return datasetManifestSchema.parse(JSON.parse(text));
}

/** What of a build makes its outputs what they are: two manifests with equal fingerprints describe equal data. */
export function fingerprint(
  manifest: Pick<DatasetManifest, 'collection' | 'hour' | 'zone' | 'partial' | 'mode' | 'xzLevel' | 'nodes'>,
): string {
  const { collection, hour, zone, partial, mode, xzLevel, nodes } = manifest;
  const inputs = nodes.map(({ name, inputs: files }) => [name, files.map(({ file, sha256 }) => [file, sha256])]);
  return JSON.stringify([collection ?? null, hour, zone, partial, mode, xzLevel, inputs]);
}
