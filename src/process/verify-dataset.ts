/** Whether a published hour is what its manifest says. */
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MistnetError, causeText } from '../core/errors.ts';
import { type DatasetManifest, type DatasetOutput, readDatasetManifest } from './dataset-manifest.ts';
import { digestFile } from './input-lines.ts';

/** A file that is not what the manifest says: gone, of another size, or of other content. */
export type DatasetDifference = {
  file: string;
  problem: 'missing' | 'size' | 'content';
  expected: string;
  found?: string;
};

/**
 * Compares the files of a manifest (the current one or one in `revisions/`) with its sizes and digests. Returns the differences,
 * none when all is well. Throws `dataset.damaged` when the manifest itself is missing or unreadable.
 */
export async function verifyDataset(
  manifestPath: string,
): Promise<{ manifest: DatasetManifest; differences: DatasetDifference[] }> {
  let manifest: DatasetManifest | undefined;
  try {
    manifest = await readDatasetManifest(manifestPath);
  } catch (error) {
    throw new MistnetError('dataset.damaged', `${manifestPath} cannot be read as a manifest: ${causeText(error)}.`, {
      cause: error,
    });
  }
  if (manifest === undefined) throw new MistnetError('dataset.damaged', `There is no manifest ${manifestPath}.`);
  const isOld = basename(manifestPath).startsWith(`${manifest.label}_r${manifest.revision}_`);
  const differences: DatasetDifference[] = [];
  for (const output of Object.values(manifest.outputs)) {
    const file = isOld ? revisionName(output.file, manifest) : output.file;
    const difference = await compare(join(dirname(manifestPath), file), output);
    if (difference !== undefined) differences.push({ file, ...difference });
  }
  return { manifest, differences };
}

/** `2022-10-01_13_tweets.csv.xz` of revision 2 in `revisions/`: `2022-10-01_13_r2_tweets.csv.xz`. */
export function revisionName(file: string, { label, revision }: { label: string; revision: number }): string {
  return `${label}_r${revision}${file.slice(label.length)}`;
}

async function compare(path: string, expected: DatasetOutput): Promise<Omit<DatasetDifference, 'file'> | undefined> {
  try {
    const { size } = await stat(path);
    if (size !== expected.bytes) return { problem: 'size', expected: String(expected.bytes), found: String(size) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { problem: 'missing', expected: expected.sha256 };
  }
  const { sha256 } = await digestFile(path);
  return sha256 === expected.sha256 ? undefined : { problem: 'content', expected: expected.sha256, found: sha256 };
}
