/** Whether a file of an hour may be downloaded: the manifest beside it alone says what is published. */
import { join } from 'node:path';
import { z } from 'zod';
import { readDatasetManifest } from '../process/dataset-manifest.ts';
import { manifestName } from './dataset-names.ts';

/** True when the hour's manifest is in place and names the file, or is the file. */
export async function isPublishedFile(folder: string, label: string, name: string): Promise<boolean> {
  try {
    const manifest = await readDatasetManifest(join(folder, manifestName(label)));
    if (manifest === undefined) return false;
    return name === manifestName(label) || Object.values(manifest.outputs).some(({ file }) => file === name);
  } catch (error) {
    // A manifest that can't be understood publishes nothing; `dataset verify` tells what is wrong with it.
    if (error instanceof SyntaxError || error instanceof z.ZodError) return false;
    throw error;
  }
}
